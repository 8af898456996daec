import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Validation

/// A chain of two blocks whose third height was sealed twice.
struct Fork {
    let chain: SampleChain
    let blocks: [Block]

    init() throws {
        chain = try SampleChain.grown()
        let two = [
            try chain.build([chain.transfer(from: 1)]).block,
            try chain.build([chain.transfer(from: 2)], round: 1).block,
        ]
        blocks = two.sorted { $0.hash < $1.hash }
    }

    func certified(_ index: Int, round: UInt64, seats: [Int]) throws -> CertifiedHeader {
        CertifiedHeader(
            header: blocks[index].header,
            certificate: try chain.certificate(of: blocks[index], round: round, seats: seats))
    }

    func signed(_ vote: Vote, seat: Int) -> SignedVote {
        SignedVote(vote, by: chain.nodeKeys[seat], chain: chain.genesis.identity)
    }

    func address(_ seat: Int) -> Address { chain.nodeKeys[seat].publicKey.address }

    /// Sealed in round 0 by seats 0 to 2, and in round 2 by seats 1 to 3.
    func acrossRounds(lower: Int = 0) throws -> (CertifiedHeader, CertifiedHeader) {
        (try certified(lower, round: 0, seats: [0, 1, 2]), try certified(1 - lower, round: 2, seats: [1, 2, 3]))
    }

    func evidence(_ votes: [SignedVote]) throws -> ForkEvidence {
        let (lower, upper) = try acrossRounds()
        return ForkEvidence(first: lower, second: upper, votes: votes)
    }

    func verdict(_ proof: FaultProof) throws(ProofRejection) -> ProvenFault { try chain.verdict(proof) }
}

struct `A FORK proof` {
    private let fork: Fork
    private let amnesia: [SignedVote]

    init() throws {
        let fork = try Fork()
        self.fork = fork
        amnesia = [1, 2].map { fork.signed(.roundChange(height: 3, to: 2), seat: $0) }
    }

    @Test
    func `convicts whoever sealed both blocks in one round, by the seals alone`() throws {
        let one = try fork.certified(0, round: 0, seats: [0, 1, 2])
        let other = try fork.certified(1, round: 0, seats: [1, 2, 3])
        let proof = try #require(proveFork(one, other, votes: amnesia))
        #expect(proveFork(other, one, votes: []) == proof)
        #expect(try FaultProof(checking: proof.rlp) == proof)
        let fault = try fork.verdict(proof)
        #expect(fault.kind == .fork)
        #expect(fault.guilty == [fork.address(1), fork.address(2)])
        #expect(fault.height == 3)
        #expect(fault.isSealed)
        for words in ["sealed twice", "one sealed block at height 3", "E1", "\(fork.blocks[0].hash)"] {
            #expect(fault.description.contains(words), "\(fault)")
        }
        #expect(throws: ProofRejection.noContradiction("seals of one round need no further votes")) {
            try fork.verdict(.fork(ForkEvidence(first: one, second: other, votes: amnesia)))
        }
    }

    @Test(arguments: [0, 1])
    func `across rounds convicts who sealed the lower block and then forgot it`(lower: Int) throws {
        let (one, other) = try fork.acrossRounds(lower: lower)
        let idle = [
            fork.signed(.roundChange(height: 3, to: 2, prepared: (0, fork.blocks[lower].hash)), seat: 0),
            fork.signed(.prepare(height: 3, round: 2, block: fork.blocks[1 - lower].hash), seat: 1),
            fork.signed(.roundChange(height: 3, to: 1), seat: 3),
        ]
        let proof = try #require(proveFork(one, other, votes: amnesia + idle))
        #expect(proveFork(other, one, votes: idle.reversed() + amnesia.reversed()) == proof)
        let fault = try fork.verdict(proof)
        #expect(fault.guilty == [fork.address(1), fork.address(2)])
        #expect(fault.block == fork.blocks[lower].hash)
        #expect(fault.found.contains("convicted by E4"))
        #expect(proof.rlp.count < 4_096)
    }

    @Test
    func `takes one contradicting vote of each, of whatever kind`() throws {
        let (lower, upper) = try fork.acrossRounds()
        let votes = [
            fork.signed(.prepare(height: 3, round: 0, block: fork.blocks[1].hash), seat: 0),
            fork.signed(.roundChange(height: 3, to: 1), seat: 0),
            fork.signed(.commit(height: 3, round: 0, block: fork.blocks[1].hash), seat: 1),
            fork.signed(.roundChange(height: 3, to: 2, prepared: (0, fork.blocks[1].hash)), seat: 2),
        ]
        let proof = try #require(proveFork(lower, upper, votes: votes))
        guard case .fork(let evidence) = proof else { return }
        #expect(evidence.votes == [votes[0], votes[2], votes[3]])
        let fault = try fork.verdict(proof)
        #expect(fault.guilty == (0...2).map { fork.address($0) })
        #expect(fault.found.contains("convicted by E1, E3, E4"))
    }

    @Test
    func `without their votes shows the fork and convicts nobody`() throws {
        let (lower, upper) = try fork.acrossRounds()
        let fault = try fork.verdict(try #require(proveFork(lower, upper, votes: [])))
        #expect(fault.guilty.isEmpty)
        #expect(fault.description.contains("nobody yet"))
    }

    @Test
    func `is none of one block, and none of two heights`() throws {
        let block = try fork.certified(0, round: 0, seats: [0, 1, 2])
        let again = try fork.certified(0, round: 3, seats: [1, 2, 3])
        #expect(proveFork(block, again, votes: amnesia) == nil)
        #expect(throws: ProofRejection.noContradiction("the headers do not ascend by hash")) {
            try fork.verdict(.fork(ForkEvidence(first: block, second: again, votes: [])))
        }
        let parent = CertifiedHeader(
            header: fork.chain.head.header, certificate: try #require(fork.chain.certificates[2]))
        #expect(proveFork(block, parent, votes: []) == nil)
        #expect(throws: ProofRejection.noContradiction("the headers are of heights 3 and 2")) {
            try fork.verdict(.fork(ForkEvidence(first: block, second: parent, votes: [])))
        }
    }

    @Test
    func `holds nothing that is not needed, in one order`() throws {
        let innocent = fork.signed(.roundChange(height: 3, to: 2, prepared: (0, fork.blocks[0].hash)), seat: 0)
        let outsider = fork.signed(.roundChange(height: 3, to: 2), seat: 3)
        let elsewhere = fork.signed(.roundChange(height: 2, to: 2), seat: 0)
        let refused: [[SignedVote]] = [
            amnesia.reversed(), [amnesia[0], amnesia[0]], [innocent] + amnesia, amnesia + [outsider],
            [elsewhere] + amnesia,
        ]
        for votes in refused {
            let evidence = try fork.evidence(votes)
            #expect {
                try fork.verdict(.fork(evidence))
            } throws: { error in
                guard case ProofRejection.noContradiction = error else { return false }
                return true
            }
        }
        let ordered = try fork.evidence(amnesia)
        let turned = ForkEvidence(first: ordered.second, second: ordered.first, votes: amnesia)
        #expect(throws: ProofRejection.noContradiction("the headers do not ascend by hash")) {
            try fork.verdict(.fork(turned))
        }
        #expect(try fork.verdict(.fork(ordered)).guilty.count == 2)
    }

    @Test
    func `rests on seals and votes that hold`() throws {
        var forged = amnesia
        forged[0].signature = amnesia[1].signature
        #expect(throws: ProofRejection.vote(.badSignature(fork.address(1)))) {
            try fork.verdict(.fork(fork.evidence(forged)))
        }
        var evidence = try fork.evidence(amnesia)
        evidence.second.certificate.seals.removeLast()
        #expect(throws: ProofRejection.certificate(.notEnoughSeals(expected: 3, found: 2))) {
            try fork.verdict(.fork(evidence))
        }
        evidence = try fork.evidence(amnesia)
        evidence.first.certificate.seals[0].signature = evidence.first.certificate.seals[1].signature
        #expect(throws: ProofRejection.certificate(.badSignature(fork.address(0)))) {
            try fork.verdict(.fork(evidence))
        }
        evidence = try fork.evidence(amnesia)
        evidence.first.header.gasUsed += 1
        #expect(throws: ProofRejection.self) { try fork.verdict(.fork(evidence)) }
    }

    @Test
    func `is bounded by the largest council`() throws {
        var evidence = try fork.evidence(amnesia)
        evidence.votes = Array(repeating: amnesia[0], count: Council.memberMax + 1)
        let limit = Council.memberMax
        #expect {
            try FaultProof(checking: FaultProof.fork(evidence).rlp)
        } throws: { error in
            guard case ProofRejection.malformed(.tooLarge(_, limit, limit + 1)) = error else { return false }
            return true
        }
    }
}

import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Validation

/// One way to spoil a header, with the rule that a HEADER proof names.
struct HeaderFault: CustomTestStringConvertible, Sendable {
    let rule: BlockRule
    let change: @Sendable (inout Header, inout BlockExtension) -> Void

    init(_ rule: BlockRule, _ change: @escaping @Sendable (inout Header, inout BlockExtension) -> Void) {
        (self.rule, self.change) = (rule, change)
    }

    var testDescription: String { rule.rawValue }

    static let all: [HeaderFault] = [
        HeaderFault(.timestamp) { header, blockExtension in
            blockExtension.timestampMilliseconds -= 1_000
            header.timestamp -= 1
        },
        HeaderFault(.timestamp) { header, _ in header.timestamp += 3_600 },
        HeaderFault(.gasLimit) { header, _ in header.gasLimit *= 2 },
        HeaderFault(.gasUsed) { header, _ in header.gasUsed = header.gasLimit + 1 },
        HeaderFault(.baseFee) { header, _ in header.baseFeePerGas = 0 },
        HeaderFault(.fixedFields) { header, _ in header.prevRandao = .zero },
        HeaderFault(.fixedFields) { _, blockExtension in blockExtension.version = 9 },
        HeaderFault(.nextCouncil) { _, blockExtension in blockExtension.nextCouncilHash = .zero },
        HeaderFault(.proposer) { header, _ in header.beneficiary = .zero },
    ]
}

struct `A HEADER proof` {
    @Test(arguments: HeaderFault.all, Level.allCases)
    func `convicts the signers of a header that breaks a rule`(spoil: HeaderFault, level: Level) throws {
        let chain = try SampleChain.grown()
        let block = try chain.spoiled([chain.transfer(from: 0)], spoil.change)
        let accusation = try chain.accusation(level, of: block)
        let proof = try #require(chain.prove(block, by: accusation))
        let fault = try chain.verdict(proof)
        #expect(fault.kind == .header)
        #expect(fault.rule == spoil.rule.rawValue)
        #expect(fault.guilty == accusation.accused)
        #expect(fault.isSealed == (level == .sealed))
        #expect(fault.height == 3)
        #expect(try FaultProof(checking: proof.rlp) == proof)
    }

    @Test(arguments: Level.allCases)
    func `convicts who signed for one height a block of another`(level: Level) throws {
        let chain = try SampleChain.grown()
        let block = try chain.spoiled { header, _ in
            header.number = 7
            header.prevRandao = prevRandao(parentHash: header.parentHash, number: 7)
        }
        let accusation: Accusation =
            switch level {
            case .sealed: .sealed(try chain.certificate(of: block, height: 3))
            case .proposed:
                .proposed(
                    SignedVote(
                        .proposal(height: 3, round: 0, block: block.hash), by: try chain.proposer(),
                        chain: chain.genesis.identity))
            }
        let fault = try chain.verdict(try #require(chain.prove(block, by: accusation)))
        #expect(fault.rule == "number")
        #expect(fault.guilty == accusation.accused)
    }

    @Test
    func `convicts who signed a number that does not follow the parent's`() throws {
        let chain = try SampleChain.grown()
        let block = try chain.spoiled { header, _ in
            header.number = 7
            header.prevRandao = prevRandao(parentHash: header.parentHash, number: 7)
            let proposer = chain.ancestry.committee.proposer(height: 7, round: 0)
            header.beneficiary = proposer.rewardAddress
        }
        let fault = try chain.verdict(try #require(chain.prove(block, by: .sealed(chain.certificate(of: block)))))
        #expect(fault.rule == "number")
        #expect(fault.expected == "3")
    }

    // MARK: The proposer's turn

    @Test
    func `convicts who proposes out of turn, be the block as good as it may`() throws {
        let chain = try SampleChain.grown()
        let block = try chain.build([chain.transfer(from: 0)]).block
        for seat in 0..<4 where try chain.nodeKeys[seat].publicKey != chain.proposer().publicKey {
            let accusation = Accusation.proposed(try chain.proposal(of: block, seat: seat))
            let fault = try chain.verdict(try #require(chain.prove(block, by: accusation)))
            #expect(fault.rule == "proposer")
            #expect(fault.guilty == [chain.nodeKeys[seat].publicKey.address])
        }
        #expect(chain.prove(block, by: .proposed(try chain.proposal(of: block))) == nil)
    }

    @Test
    func `lets a later proposer put an earlier block forward again`() throws {
        let chain = try SampleChain.grown()
        let block = try chain.build(round: 1).block
        for round: UInt64 in 1...5 {
            for accusation in try Level.allCases.map({ try chain.accusation($0, of: block, round: round) }) {
                #expect(chain.prove(block, by: accusation) == nil)
                #expect(throws: ProofRejection.noFault) {
                    try chain.verdict(
                        .header(
                            HeaderEvidence(
                                header: block.header, extension: block.extension, accusation: accusation,
                                relation: .alone)))
                }
            }
        }
        for accusation in try Level.allCases.map({ try chain.accusation($0, of: block, round: 0) }) {
            #expect(try chain.verdict(try #require(chain.prove(block, by: accusation))).rule == "proposer")
        }
    }

    // MARK: The parent

    @Test(arguments: Level.allCases)
    func `accuses nobody for another parent, since after a fork there are two`(level: Level) throws {
        let chain = try SampleChain.grown()
        let block = try chain.spoiled { header, _ in
            header.parentHash = keccak256([1])
            header.prevRandao = prevRandao(parentHash: header.parentHash, number: header.number)
        }
        #expect(try chain.prove(block, by: chain.accusation(level, of: block)) == nil)
    }

    @Test(arguments: Level.allCases)
    func `knows the only parent of block 1`(level: Level) throws {
        let chain = try SampleChain()
        let block = try chain.spoiled { header, _ in
            header.parentHash = keccak256([1])
            header.prevRandao = prevRandao(parentHash: header.parentHash, number: header.number)
        }
        let accusation = try chain.accusation(level, of: block)
        let fault = try chain.verdict(try #require(chain.prove(block, by: accusation)))
        #expect(fault.rule == "parentHash")
        #expect(fault.expected.contains(chain.genesis.hash.hex))
    }

    @Test
    func `takes no parent but the one that the header names`() throws {
        let chain = try SampleChain.grown()
        let block = try chain.spoiled { header, _ in header.gasLimit *= 2 }
        let accusation = try chain.accusation(.sealed, of: block)
        func proof(_ parent: Block, _ parentExtension: BlockExtension) -> FaultProof {
            .header(
                HeaderEvidence(
                    header: block.header, extension: block.extension, accusation: accusation,
                    relation: .child(of: parent.header, parentExtension)))
        }
        #expect(try chain.verdict(proof(chain.head, chain.head.extension)).rule == "gasLimit")
        #expect(throws: ProofRejection.self) {
            try chain.verdict(proof(chain.blocks[1], chain.blocks[1].extension))
        }
        #expect(throws: ProofRejection.self) {
            try chain.verdict(proof(chain.head, chain.blocks[1].extension))
        }
    }

    @Test
    func `takes no extension but the one that the header carries`() throws {
        let chain = try SampleChain.grown()
        let block = try chain.build().block
        var other = block.extension
        other.version = 2
        let proof = FaultProof.header(
            HeaderEvidence(
                header: block.header, extension: other, accusation: try chain.accusation(.sealed, of: block),
                relation: .alone))
        #expect(
            throws: ProofRejection.unbound(
                part: "the extension", expected: block.extension.hash, found: other.hash)
        ) { try chain.verdict(proof) }
    }

    // MARK: The accusation

    @Test
    func `takes a quorum of seals by the committee over this very block`() throws {
        let chain = try SampleChain.grown()
        let block = try chain.spoiled { header, _ in header.gasLimit *= 2 }
        let good = try chain.certificate(of: block)
        func rejection(_ certificate: CommitCertificate) -> ProofRejection? {
            let proof = FaultProof.header(
                HeaderEvidence(
                    header: block.header, extension: block.extension, accusation: .sealed(certificate),
                    relation: .child(of: chain.head.header, chain.head.extension)))
            do throws(ProofRejection) {
                _ = try chain.verdict(proof)
                return nil
            } catch {
                return error
            }
        }
        #expect(rejection(good) == nil)
        #expect(rejection(try chain.certificate(of: block, seats: [0, 1, 2, 3])) == nil)
        #expect(
            rejection(try chain.certificate(of: block, seats: [0, 1]))
                == .certificate(.notEnoughSeals(expected: 3, found: 2)))
        var changed = good
        changed.seals[1] = changed.seals[0]
        #expect(rejection(changed) == .certificate(.duplicateSeal(good.seals[0].validator)))
        changed = good
        changed.seals.swapAt(0, 1)
        #expect(rejection(changed) == .certificate(.misplacedSeal(good.seals[0].validator)))
        changed = good
        changed.round = 1
        #expect(rejection(changed) == .certificate(.badSignature(good.seals[0].validator)))
        // A surplus seal that is none frames somebody.
        changed = try chain.certificate(of: block, seats: [0, 1, 2, 3])
        changed.seals[3].signature = changed.seals[2].signature
        #expect(rejection(changed) == .certificate(.badSignature(changed.seals[3].validator)))
        #expect(rejection(try chain.certificate(of: chain.head)) != nil)
    }

    @Test
    func `takes a proposal for a proposal only`() throws {
        let chain = try SampleChain.grown()
        let block = try chain.spoiled { header, _ in header.gasLimit *= 2 }
        for kind in [VoteKind.prepare, .commit] {
            let vote = SignedVote(
                Vote(kind: kind, height: 3, round: 0, block: block.hash), by: try chain.proposer(),
                chain: chain.genesis.identity)
            let proof = FaultProof.header(
                HeaderEvidence(
                    header: block.header, extension: block.extension, accusation: .proposed(vote),
                    relation: .child(of: chain.head.header, chain.head.extension)))
            #expect(throws: ProofRejection.wrongAccusation(expected: "a proposal", found: "a \(kind)")) {
                try chain.verdict(proof)
            }
        }
    }

    @Test
    func `of a sampled committee accuses no member outside it`() throws {
        var chain = try SampleChain(members: 7) { $0.committeeSizeMax = 4 }
        try chain.grow()
        let block = try chain.spoiled { header, _ in header.gasLimit *= 2 }
        let committee = chain.ancestry.committee
        #expect(committee.count == 4)
        let fault = try chain.verdict(try #require(chain.prove(block, by: .sealed(chain.certificate(of: block)))))
        #expect(fault.guilty.allSatisfy(committee.contains))
        let outsider = try #require(chain.nodeKeys.first { !committee.contains($0.publicKey.address) })
        let vote = SignedVote(
            .proposal(height: 2, round: 0, block: block.hash), by: outsider, chain: chain.genesis.identity)
        let proof = FaultProof.header(
            HeaderEvidence(
                header: block.header, extension: block.extension, accusation: .proposed(vote),
                relation: .child(of: chain.head.header, chain.head.extension)))
        #expect(throws: ProofRejection.vote(.foreignValidator(outsider.publicKey.address))) {
            try chain.verdict(proof)
        }
    }
}

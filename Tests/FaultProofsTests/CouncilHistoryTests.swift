import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Validation

/// A chain of sealed headers whose council goes from four to five and back to four others, built by hand.
struct ChangingCouncil {
    let chain: SampleChain
    let councils: [Council]
    private let keys: [NodeKey]
    /// The heights of the blocks that change the council.
    static let heights: [Height] = [10, 20]

    init() throws {
        chain = try SampleChain()
        let more = try (0..<2).map { try NodeKey(keccak256(Bytes("a later member \($0)".utf8))) }
        let keys = chain.nodeKeys + more
        self.keys = keys
        func council(_ indices: [Int]) throws -> Council {
            try Council(indices.map { CouncilMember(publicKey: keys[$0].publicKey, rewardAddress: .zero) })
        }
        councils = [chain.genesis.council, try council([0, 1, 2, 3, 4]), try council([0, 3, 4, 5])]
    }

    func key(_ address: Address) throws -> NodeKey {
        try #require(keys.first { $0.publicKey.address == address })
    }

    /// A header at `height` that hands over to `next`, with its extension.
    func header(_ height: Height, next: Council) -> (header: Header, extension: BlockExtension) {
        let blockExtension = BlockExtension(
            nextCouncilHash: next.hash, accessListRoot: .zero, timestampMilliseconds: height)
        return (
            Header(parentHash: keccak256([1]), number: height, extraData: blockExtension.hash.bytes), blockExtension
        )
    }

    func seal(_ header: Header, by council: Council, count: Int? = nil) throws -> CommitCertificate {
        let commit = Vote.commit(height: header.number, round: 0, block: header.hash)
        let committee = council.committee(at: header.number, parent: header.parentHash, sizeMax: 22)
        let votes = try committee.members.prefix(count ?? committee.quorum).map {
            SignedVote(commit, by: try key($0.address), chain: chain.genesis.identity)
        }
        return CommitCertificate(height: header.number, round: 0, block: header.hash, commits: votes)
    }

    func step(_ height: Height, from current: Council, to next: Council) throws -> CouncilHistory.Step {
        let (header, blockExtension) = header(height, next: next)
        return CouncilHistory.Step(
            sealed: CertifiedHeader(header: header, certificate: try seal(header, by: current)),
            extension: blockExtension, council: next)
    }

    func history() throws -> CouncilHistory {
        CouncilHistory(steps: [
            try step(Self.heights[0], from: councils[0], to: councils[1]),
            try step(Self.heights[1], from: councils[1], to: councils[2]),
        ])
    }

    func proven(_ history: CouncilHistory) throws(CouncilHistoryError) -> ProvenCouncils {
        try ProvenCouncils(chain.genesis, checking: history, scheme: P256())
    }
}

struct `A history of the council` {
    private let changing: ChangingCouncil

    init() throws {
        changing = try ChangingCouncil()
    }

    @Test
    func `leads from genesis to the council of every height`() throws {
        let history = try changing.history()
        #expect(try CouncilHistory(rlp: history.rlp) == history)
        let proven = try changing.proven(history)
        for (height, index): (Height, Int) in [(0, 0), (1, 0), (10, 0), (11, 1), (20, 1), (21, 2), (.max, 2)] {
            #expect(proven.council(at: height) == changing.councils[index], "height \(height)")
            #expect(proven.isFirst(at: height) == (index == 0))
        }
        let none = try changing.proven(.empty)
        #expect(none == ProvenCouncils(changing.chain.genesis))
        #expect(none.council(at: 1_000) == changing.councils[0])
    }

    @Test
    func `is refused where a step does not follow, with the reason`() throws {
        let (first, second) = (changing.councils[0], changing.councils[1])
        let good = try changing.history().steps
        func refusal(_ steps: [CouncilHistory.Step]) -> CouncilHistoryError? {
            do throws(CouncilHistoryError) {
                _ = try changing.proven(CouncilHistory(steps: steps))
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal(good) == nil)
        #expect(refusal([good[0], good[0]]) == .notAscending(height: 10, after: 10))
        #expect(
            refusal([good[0], try changing.step(9, from: second, to: first)]) == .notAscending(height: 9, after: 10))
        #expect(refusal([try changing.step(0, from: first, to: second)]) == .notAscending(height: 0, after: 0))
        #expect(refusal([try changing.step(5, from: first, to: first)]) == .unchanged(height: 5))
        // Sealed by the council to come, by the one before, and by too few.
        guard
            case .certificate(10, .foreignSeal) = refusal([
                try changing.step(10, from: changing.councils[2], to: second)
            ])
        else { return #expect(Bool(false), "sealed by the council to come") }
        guard
            case .certificate(20, .notEnoughSeals) = refusal([
                good[0], try changing.step(20, from: first, to: changing.councils[2]),
            ])
        else { return #expect(Bool(false), "sealed by three of five") }
        var changed = good
        changed[0].council = changing.councils[2]
        #expect(
            refusal(changed)
                == .unboundCouncil(height: 10, expected: second.hash, found: changing.councils[2].hash))
        changed = good
        changed[0].extension.timestampMilliseconds += 1
        #expect(
            refusal(changed)
                == .unboundExtension(
                    height: 10, expected: good[0].sealed.header.extraData, found: changed[0].extension.hash))
        changed = good
        changed[1].sealed.header.gasUsed = 1
        guard case .certificate(20, .wrongBlock) = refusal(changed) else {
            return #expect(Bool(false), "another header than the sealed one")
        }
        // Left out: what comes after was sealed by people whom genesis does not know.
        guard case .certificate = refusal([good[1]]) else { return #expect(Bool(false), "a step is missing") }
    }

    @Test
    func `is bounded`() throws {
        let step = try changing.history().steps[0]
        let limit = CouncilHistory.stepsMax
        let long = CouncilHistory(steps: Array(repeating: step, count: limit + 1))
        #expect(throws: CouncilHistoryError.tooManySteps(limit: limit, found: limit + 1)) { try changing.proven(long) }
        #expect {
            try CouncilHistory(rlp: long.rlp)
        } throws: { error in
            guard case RLPError.tooLarge(_, limit, limit + 1) = error else { return false }
            return true
        }
    }

    @Test
    func `holds on its own chain only`() throws {
        let history = try changing.history()
        let other = try SampleChain { $0.chainID = 99 }
        #expect(throws: CouncilHistoryError.self) {
            try ProvenCouncils(other.genesis, checking: history, scheme: P256())
        }
    }

    // MARK: Judging by it

    private func pair(_ height: Height, by address: Address) throws -> FaultProof {
        let votes = try [UInt8(1), 2].map {
            SignedVote(
                .commit(height: height, round: 0, block: keccak256([$0])), by: try changing.key(address),
                chain: changing.chain.genesis.identity)
        }
        return try #require(proveContradiction(votes[0], votes[1]))
    }

    @Test
    func `says who can be convicted at which height`() throws {
        let proven = try changing.proven(changing.history())
        for height: Height in [1, 10, 11, 20, 21, 90] {
            let council = proven.council(at: height)
            for member in Set(changing.councils.flatMap(\.members).map(\.address)).sorted() {
                let proof = try pair(height, by: member)
                if council.member(member) != nil {
                    let fault = try verify(proof, genesis: changing.chain.genesis, councils: proven, scheme: P256())
                    #expect(fault.guilty == [member])
                } else {
                    #expect(throws: ProofRejection.foreignValidator(member)) {
                        try verify(proof, genesis: changing.chain.genesis, councils: proven, scheme: P256())
                    }
                }
            }
        }
    }

    /// A proposal by whose turn it is in `council`, of a header that names `next`.
    private func proposed(_ height: Height, in council: Council, next: Council) throws -> HeaderEvidence {
        let (header, blockExtension) = changing.header(height, next: next)
        let committee = council.committee(at: height, parent: header.parentHash, sizeMax: 22)
        let vote = Vote.proposal(height: height, round: 0, block: header.hash, content: header.hash)
        let proposal = SignedVote(
            vote, by: try changing.key(committee.proposer(height: height, round: 0).address),
            chain: changing.chain.genesis.identity)
        return HeaderEvidence(
            header: header, extension: blockExtension, accusation: .proposed(proposal), relation: .alone)
    }

    @Test
    func `does not put a proposer out of turn by a council that was not his`() throws {
        let proven = try changing.proven(changing.history())
        let genesis = changing.chain.genesis
        // A quorum of liars may seal a change that never took effect. Whoever goes on with the council that he knows
        // names it in his block.
        for height in Height(21)..<29 {
            let honest = try proposed(height, in: changing.councils[1], next: changing.councils[1])
            #expect(throws: ProofRejection.self) {
                try verify(.header(honest), genesis: genesis, councils: proven, scheme: P256())
            }
        }
        var convicted = 0
        for height in Height(21)..<29 {
            // By the turn of another council, while his own block names this one.
            let liar = try proposed(height, in: changing.councils[1], next: changing.councils[2])
            guard let fault = try? verify(.header(liar), genesis: genesis, councils: proven, scheme: P256()) else {
                continue
            }
            #expect(["proposer", "fixedFields"].contains(fault.rule))
            convicted += 1
        }
        #expect(convicted > 0)
    }
}

import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Validation

/// The third height of a chain, in a round above 0.
struct Round {
    let chain: SampleChain
    let number: UInt64 = 2
    /// Built for this round, and prepared in an earlier one.
    let fresh, old: Block

    init(members: Int = 4) throws {
        var chain = try SampleChain(members: members)
        try chain.grow()
        try chain.grow()
        self.chain = chain
        fresh = try chain.build(round: 2).block
        old = try chain.build([chain.transfer(from: 1)]).block
    }

    var committee: Committee { chain.ancestry.committee }
    var quorum: Int { committee.quorum }

    /// Signed by a seat of the committee.
    func sign(_ vote: Vote, _ seat: Int) throws -> SignedVote {
        SignedVote(vote, by: try chain.key(of: committee.members[seat].address), chain: chain.genesis.identity)
    }

    func change(
        _ seat: Int, to round: UInt64 = 2, height: Height = 3, _ prepared: (UInt64, Block)? = nil
    ) throws -> SignedVote {
        try sign(
            .roundChange(height: height, to: round, prepared: prepared.map { (round: $0.0, block: $0.1.hash) }), seat)
    }

    func changes(_ prepared: (UInt64, Block)? = nil) throws -> [SignedVote] {
        try (0..<quorum).map { try change($0, $0 == 0 ? prepared : nil) }
    }

    func prepares(_ block: Block, round: UInt64 = 1, count: Int? = nil) throws -> [SignedVote] {
        try (0..<(count ?? quorum)).map { try sign(.prepare(height: 3, round: round, block: block.hash), $0) }
    }

    func proposal(_ block: Block, _ justification: Justification) throws -> SignedVote {
        SignedVote(
            .proposal(of: block, round: number, because: justification), by: try chain.proposer(round: number),
            chain: chain.genesis.identity)
    }

    func prove(_ proposal: SignedVote, _ block: Block, _ justification: Justification) -> FaultProof? {
        proveUnjustified(proposal, of: block, because: justification, genesis: chain.genesis, scheme: P256())
    }

    func evidence(_ block: Block, _ justification: Justification) throws -> JustificationEvidence {
        JustificationEvidence(
            proposal: try proposal(block, justification), header: block.header, extension: block.extension,
            justification: justification)
    }
}

struct `A JUSTIFICATION proof` {
    private let round: Round

    init() throws {
        round = try Round()
    }

    enum Flaw: CaseIterable, Sendable {
        case none, tooFew, repeated, wrongRound, wrongHeight, wrongKind, badSignature, foreign
        case notHighest, freshOverPrepared, noPrepares, fewPrepares, otherPrepares, idlePrepares, preparesOfOtherRound

        var words: String {
            switch self {
            case .none: "0 of 3 round changes"
            case .tooFew: "2 of 3 round changes"
            case .repeated: "counted twice"
            case .wrongRound: "expected a vote of round 2, found one of 1"
            case .wrongHeight: "expected height 3, found 2"
            case .wrongKind: "expected a roundChange vote, found a prepare vote"
            case .badSignature: "the signature is not that of"
            case .foreign: "is not in the committee"
            case .notHighest, .freshOverPrepared: "prepared last"
            case .noPrepares: "0 of 3 prepares"
            case .fewPrepares: "2 of 3 prepares"
            case .otherPrepares: "expected block"
            case .idlePrepares: "nothing asks for"
            case .preparesOfOtherRound: "expected a vote of round 1, found one of 0"
            }
        }
    }

    /// What somebody without a right to propose may sign as reasons, and the block that he proposes for them.
    private func example(_ flaw: Flaw) throws -> (Block, Justification) {
        var changes = try round.changes()
        let claims = try round.changes((1, round.old))
        func fresh(_ changes: [SignedVote], _ prepares: [SignedVote] = []) -> (Block, Justification) {
            (round.fresh, Justification(roundChanges: changes, prepares: prepares))
        }
        func again(_ prepares: [SignedVote]) -> (Block, Justification) {
            (round.old, Justification(roundChanges: claims, prepares: prepares))
        }
        switch flaw {
        case .none: return fresh([])
        case .tooFew: return fresh(Array(changes.dropLast()))
        case .repeated: return fresh([changes[0], changes[1], changes[1]])
        case .wrongRound: changes[1] = try round.change(1, to: 1)
        case .wrongHeight: changes[1] = try round.change(1, height: 2)
        case .wrongKind: changes[1] = try round.sign(.prepare(height: 3, round: 2, block: round.old.hash), 1)
        case .badSignature: changes[1].signature = changes[0].signature
        case .foreign:
            let vote = changes[1].vote
            changes[1] = SignedVote(vote, by: try NodeKey(keccak256([9])), chain: round.chain.genesis.identity)
        case .notHighest:
            let lower = try [round.change(0, (0, round.fresh)), round.change(1, (1, round.old)), changes[2]]
            return fresh(lower, try round.prepares(round.fresh, round: 0))
        case .freshOverPrepared: return fresh(claims)
        case .noPrepares: return again([])
        case .fewPrepares: return again(try round.prepares(round.old, count: 2))
        case .otherPrepares: return again(try round.prepares(round.fresh))
        case .idlePrepares: return fresh(changes, try round.prepares(round.fresh))
        case .preparesOfOtherRound: return again(try round.prepares(round.old, round: 0))
        }
        return fresh(changes)
    }

    @Test(arguments: Flaw.allCases)
    func `convicts who signed reasons that do not let him propose`(flaw: Flaw) throws {
        let (block, justification) = try example(flaw)
        let proposal = try round.proposal(block, justification)
        let proof = try #require(round.prove(proposal, block, justification))
        #expect(try FaultProof(checking: proof.rlp) == proof)
        let fault = try round.chain.verdict(proof)
        #expect(fault.kind == .justification)
        #expect(fault.rule == "justification")
        #expect(fault.guilty == [proposal.validator])
        #expect(fault.block == block.hash)
        #expect((fault.height, fault.round) == (3, 2))
        #expect(fault.description.contains(flaw.words), "\(fault)")
    }

    @Test
    func `convicts nobody whose reasons hold`() throws {
        let good: [(Block, Justification)] = [
            (round.fresh, Justification(roundChanges: try round.changes())),
            (round.fresh, Justification(roundChanges: try (0..<4).map { try round.change($0) })),
            (
                round.old,
                Justification(roundChanges: try round.changes((1, round.old)), prepares: try round.prepares(round.old))
            ),
            // The lower claim is of another block, and nobody asks for its prepares.
            (
                round.old,
                Justification(
                    roundChanges: try [
                        round.change(0, (0, round.fresh)), round.change(1, (1, round.old)), round.change(3),
                    ], prepares: try round.prepares(round.old))
            ),
        ]
        for (block, justification) in good {
            let proposal = try round.proposal(block, justification)
            #expect(round.prove(proposal, block, justification) == nil)
            #expect(throws: ProofRejection.noFault) {
                try round.chain.verdict(.justification(round.evidence(block, justification)))
            }
        }
    }

    @Test
    func `convicts nobody of reasons that another may have put there`() throws {
        let good = Justification(roundChanges: try round.changes())
        let bad = Justification()
        let proposal = try round.proposal(round.fresh, good)
        #expect(round.prove(proposal, round.fresh, bad) == nil)
        var evidence = try round.evidence(round.fresh, good)
        evidence.justification = bad
        #expect(throws: ProofRejection.unbound(part: "the justification", expected: good.hash, found: bad.hash)) {
            try round.chain.verdict(.justification(evidence))
        }
        // A signature in it that was exchanged for another of the same vote changes the hash as well.
        evidence.justification = good
        evidence.justification.roundChanges[0] = try round.change(0)
        try #require(evidence.justification.roundChanges[0].signature != good.roundChanges[0].signature)
        #expect(throws: ProofRejection.self) { try round.chain.verdict(.justification(evidence)) }
    }

    @Test
    func `holds what belongs together only`() throws {
        let good = try round.evidence(round.fresh, Justification())
        #expect(try round.chain.verdict(.justification(good)).guilty.count == 1)
        let changes: [(inout JustificationEvidence) -> Void] = [
            { [round] in $0.header = round.old.header },
            { [round] in $0.extension = round.chain.head.extension },
            { $0.header.parentHash = .zero },
            { $0.proposal.vote.justification = nil },
            { $0.proposal.vote.round = 0 },
            { $0.proposal.vote.kind = .commit },
            { $0.proposal.vote.height = 4 },
            { $0.proposal.vote.round = 6 },
            { [round] in $0.proposal.validator = round.committee.members[0].address },
        ]
        for change in changes {
            var evidence = good
            change(&evidence)
            #expect(throws: ProofRejection.self) { try round.chain.verdict(.justification(evidence)) }
        }
    }

    @Test
    func `takes the committee that was drawn for the parent which the proposer signed`() throws {
        let round = try Round(members: 30)
        try #require(round.committee.count == 22)
        let good = Justification(roundChanges: try round.changes())
        #expect(round.prove(try round.proposal(round.fresh, good), round.fresh, good) == nil)
        let outsider = try #require(
            round.chain.nodeKeys.first { !round.committee.contains($0.publicKey.address) })
        var bad = good
        bad.roundChanges[0] = SignedVote(
            good.roundChanges[0].vote, by: outsider, chain: round.chain.genesis.identity)
        let proof = try #require(round.prove(try round.proposal(round.fresh, bad), round.fresh, bad))
        #expect(try round.chain.verdict(proof).found.contains(outsider.publicKey.address.hex))
    }
}

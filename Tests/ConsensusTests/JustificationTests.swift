import Chain
import Consensus
import Crypto
import Primitives
import Testing

/// What a proposal of a later round must bring along, and what it must not (QBFT.md 2, 3, 10, 11).
@Suite struct JustificationTests {
    let assembly: Assembly
    let old = Assembly.block("old")
    let older = Assembly.block("older")
    let fresh = Assembly.block("fresh")

    init() throws {
        assembly = try Assembly(count: 4)
    }

    private func change(_ index: Int, to round: UInt64 = 2, prepared: (UInt64, Block)? = nil) -> SignedVote {
        assembly.sign(
            .roundChange(height: 1, to: round, prepared: prepared.map { (round: $0.0, block: $0.1.hash) }), by: index)
    }

    private func prepares(_ block: Block, round: UInt64, by members: [Int] = [0, 1, 2]) -> [SignedVote] {
        members.map { assembly.sign(.prepare(height: 1, round: round, block: block.hash), by: $0) }
    }

    private func check(
        _ block: Block, round: UInt64 = 2, by author: Int? = nil, _ changes: [SignedVote],
        _ prepares: [SignedVote] = []
    ) throws(JustificationError) {
        let justification = Justification(roundChanges: changes, prepares: prepares)
        let vote = assembly.sign(
            .proposal(of: block, round: round, because: justification), by: author ?? assembly.proposer(round))
        _ = try VerifiedProposal(
            checking: Proposal(vote: vote, block: block, roundChanges: changes, prepares: prepares),
            in: assembly.context, scheme: Assembly.scheme)
    }

    @Test func `round changes that claim nothing allow any block`() throws {
        try check(fresh, [change(0), change(1), change(2)])
    }

    @Test func `claims may differ, and the highest wins`() throws {
        let changes = [change(0, prepared: (1, old)), change(1, prepared: (0, older)), change(2)]
        try check(old, changes, prepares(old, round: 1))
        #expect(throws: JustificationError.notHighestPrepared(expected: old.hash, found: older.hash)) {
            try check(older, changes, prepares(older, round: 0))
        }
    }

    @Test func `another block than the highest prepared is refused`() {
        #expect(throws: JustificationError.notHighestPrepared(expected: old.hash, found: fresh.hash)) {
            try check(fresh, [change(0, prepared: (0, old)), change(1), change(2)])
        }
    }

    @Test func `a claim without its prepares is refused`() {
        #expect(throws: JustificationError.notEnough(.prepare, expected: 3, found: 0)) {
            try check(old, [change(0, prepared: (0, old)), change(1), change(2)])
        }
    }

    @Test func `prepares of another round or block do not support a claim`() {
        let changes = [change(0, prepared: (1, old)), change(1), change(2)]
        #expect(throws: JustificationError.wrongRound(expected: 1, found: 0)) {
            try check(old, changes, prepares(old, round: 0))
        }
        #expect(throws: JustificationError.wrongBlock(expected: old.hash, found: older.hash)) {
            try check(old, changes, prepares(older, round: 1))
        }
    }

    @Test func `a quorum means distinct authors`() {
        #expect(throws: JustificationError.repeatedVoter(assembly.committee.members[0].address)) {
            try check(fresh, [change(0), change(0), change(1)])
        }
        #expect(throws: JustificationError.notEnough(.roundChange, expected: 3, found: 2)) {
            try check(fresh, [change(0), change(1)])
        }
    }

    @Test func `round changes to another round do not count`() {
        #expect(throws: JustificationError.wrongRound(expected: 2, found: 1)) {
            try check(fresh, [change(0), change(1), change(2, to: 1)])
        }
    }

    @Test func `round 0 carries no justification`() {
        #expect(throws: JustificationError.unexpectedJustification) {
            try check(fresh, round: 0, [change(0), change(1), change(2)])
        }
    }

    @Test func `only the proposer of the round may propose`() {
        let author = (assembly.proposer(0) + 1) % 4
        #expect(
            throws: JustificationError.wrongProposer(
                expected: assembly.committee.members[assembly.proposer(0)].address,
                found: assembly.committee.members[author].address)
        ) { try check(fresh, round: 0, by: author, []) }
    }

    @Test func `a body other than the one that was signed is refused`() {
        let other = Block(header: fresh.header, transactions: [], extension: old.extension)
        let vote = assembly.sign(.proposal(of: fresh, round: 0), by: assembly.proposer(0))
        #expect(throws: JustificationError.self) {
            _ = try VerifiedProposal(
                checking: Proposal(vote: vote, block: other), in: assembly.context, scheme: Assembly.scheme)
        }
    }

    @Test func `a justification other than the one that was signed is refused`() {
        let signed = Justification(roundChanges: [change(0), change(1), change(2)])
        let swapped = Justification(roundChanges: [change(0), change(1), change(3)])
        let vote = assembly.sign(.proposal(of: fresh, round: 2, because: signed), by: assembly.proposer(2))
        #expect(throws: JustificationError.wrongJustification(expected: signed.hash, found: swapped.hash)) {
            _ = try VerifiedProposal(
                checking: Proposal(vote: vote, block: fresh, roundChanges: swapped.roundChanges),
                in: assembly.context, scheme: Assembly.scheme)
        }
    }

    @Test func `a stranger's round change is refused before its signature is looked at`() throws {
        let stranger = try NodeKey(keccak256([200])).publicKey
        let vote = Vote.roundChange(height: 1, to: 1)
        let signed = SignedVote(
            vote: vote, validator: stranger.address,
            signature: Assembly.scheme.sign(vote.digest(chain: Assembly.chain), by: stranger))
        #expect(throws: JustificationError.vote(.foreignValidator(stranger.address))) {
            _ = try VerifiedRoundChange(
                checking: RoundChange(vote: signed, prepared: nil), in: assembly.context, scheme: Assembly.scheme)
        }
    }

    @Test func `a forged prepared certificate makes the round change worthless`() {
        let claim = change(0, prepared: (0, old))
        let forged = PreparedCertificate(round: 0, block: old, prepares: prepares(old, round: 0, by: [0, 1]))
        #expect(throws: JustificationError.notEnough(.prepare, expected: 3, found: 2)) {
            _ = try VerifiedRoundChange(
                checking: RoundChange(vote: claim, prepared: forged), in: assembly.context, scheme: Assembly.scheme)
        }
    }

    @Test func `a round that nobody can reach is refused`() {
        let vote = assembly.sign(.roundChange(height: 1, to: .max), by: 0)
        #expect(throws: JustificationError.roundTooHigh(.max)) {
            _ = try VerifiedRoundChange(
                checking: RoundChange(vote: vote, prepared: nil), in: assembly.context, scheme: Assembly.scheme)
        }
    }

    @Test func `a vote of another chain, height or kind does not count here`() throws {
        let vote = Vote.prepare(height: 1, round: 0, block: old.hash)
        let key = assembly.committee.members[0].publicKey
        let elsewhere = SignedVote(
            vote: vote, validator: key.address,
            signature: Assembly.scheme.sign(vote.digest(chain: ChainIdentity(chainID: 8, genesis: .zero)), by: key))
        #expect(throws: JustificationError.vote(.badSignature(key.address))) {
            _ = try assembly.context.verified(elsewhere, as: .prepare, scheme: Assembly.scheme)
        }
        var commit = assembly.sign(vote, by: 0)
        commit.vote.kind = .commit
        #expect(throws: JustificationError.vote(.badSignature(key.address))) {
            _ = try assembly.context.verified(commit, as: .commit, scheme: Assembly.scheme)
        }
        #expect(throws: JustificationError.wrongHeight(expected: 1, found: 2)) {
            _ = try assembly.context.verified(
                assembly.sign(.prepare(height: 2, round: 0, block: old.hash), by: 0), as: .prepare,
                scheme: Assembly.scheme)
        }
    }
}

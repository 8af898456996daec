public import Crypto
public import Primitives

/// What every check of a consensus message needs to know of the height.
///
/// Validators decide with it whether to accept a proposal, and judges of fault proofs whether its proposer had a
/// right to make it: the same functions, so that nobody is accused of what validators accept.
public struct VotingContext: Sendable {
    public let height: Height
    public let committee: Committee
    public let chain: ChainIdentity

    public init(height: Height, committee: Committee, chain: ChainIdentity) {
        self.height = height
        self.committee = committee
        self.chain = chain
    }

    /// Membership first, signature second: a stranger costs no cryptography (QBFT.md 11).
    public func verified(
        _ signed: SignedVote, as kind: VoteKind, scheme: some SignatureScheme
    ) throws(JustificationError) -> Verified<SignedVote> {
        guard signed.vote.kind == kind else { throw .wrongKind(expected: kind, found: signed.vote.kind) }
        guard signed.vote.height == height else { throw .wrongHeight(expected: height, found: signed.vote.height) }
        guard signed.vote.round <= Vote.roundMax else { throw .roundTooHigh(signed.vote.round) }
        do {
            return try Verified(checking: signed, committee: committee, chain: chain, scheme: scheme)
        } catch {
            throw .vote(error)
        }
    }

    /// Whether `justification` is what the proposer signed, and gives it the right to make `proposal` (§4.4): a quorum
    /// of round changes, and where one claims a prepared block, the highest claim wins.
    ///
    /// Claims may differ: requiring one value of all round changes is a known error (QBFT.md 3). Round 0 needs no
    /// justification and carries none.
    public func check(
        _ justification: Justification, of proposal: Vote, scheme: some SignatureScheme
    ) throws(JustificationError) {
        guard proposal.round > 0 else {
            guard justification.isEmpty else { throw .unexpectedJustification }
            return
        }
        let found = justification.hash
        guard found == proposal.justification else {
            throw .wrongJustification(expected: proposal.justification, found: found)
        }
        let changes = justification.roundChanges
        try checkQuorum(changes, of: .roundChange, round: proposal.round, scheme: scheme)
        guard let highest = try highestClaim(in: changes) else {
            guard justification.prepares.isEmpty else { throw .unexpectedJustification }
            return
        }
        guard highest.block == proposal.block else {
            throw .notHighestPrepared(expected: highest.block, found: proposal.block)
        }
        try checkPrepares(justification.prepares, of: highest.block, round: highest.round, scheme: scheme)
    }

    /// A quorum of prepares for one block in one round.
    public func checkPrepares(
        _ prepares: [SignedVote], of block: Hash32, round: UInt64, scheme: some SignatureScheme
    ) throws(JustificationError) {
        for prepare in prepares where prepare.vote.block != block {
            throw .wrongBlock(expected: block, found: prepare.vote.block)
        }
        try checkQuorum(prepares, of: .prepare, round: round, scheme: scheme)
    }

    /// A quorum of distinct members' votes of one kind in one round.
    private func checkQuorum(
        _ votes: [SignedVote], of kind: VoteKind, round: UInt64, scheme: some SignatureScheme
    ) throws(JustificationError) {
        guard votes.count >= committee.quorum else {
            throw .notEnough(kind, expected: committee.quorum, found: votes.count)
        }
        var seen: [Address] = []
        for signed in votes {
            guard signed.vote.round == round else { throw .wrongRound(expected: round, found: signed.vote.round) }
            guard !seen.contains(signed.validator) else { throw .repeatedVoter(signed.validator) }
            seen.append(signed.validator)
            _ = try verified(signed, as: kind, scheme: scheme)
        }
    }

    /// The first of those that claim the highest prepared round.
    private func highestClaim(
        in changes: [SignedVote]
    ) throws(JustificationError) -> (round: UInt64, block: Hash32)? {
        var highest: (round: UInt64, block: Hash32)?
        for change in changes {
            guard let prepared = change.vote.preparedRound else {
                guard change.vote.block == .zero else { throw .inconsistentClaim }
                continue
            }
            guard prepared < change.vote.round else { throw .inconsistentClaim }
            if highest.map({ prepared > $0.round }) ?? true { highest = (prepared, change.vote.block) }
        }
        return highest
    }
}

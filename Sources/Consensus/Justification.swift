public import Chain
public import Crypto
public import Primitives

/// Why a consensus message is not acceptable, whoever sent it.
public enum JustificationError: Error, Hashable, Sendable {
    /// The signed statement itself fails: not a member, or a bad signature.
    case vote(VoteError)
    case wrongKind(expected: VoteKind, found: VoteKind)
    case wrongHeight(expected: Height, found: Height)
    case wrongRound(expected: UInt64, found: UInt64)
    /// Above `QBFT.roundMax`.
    case roundTooHigh(UInt64)
    /// The body does not hash to what the vote names, or its number is another height.
    case wrongBlock(expected: Hash32, found: Hash32)
    /// The block as a whole is not the one that the proposer signed, or the vote does not bind it.
    case wrongContent(expected: Hash32?, found: Hash32)
    /// The body does not belong to the header: it was swapped, since nobody honest prepares such a block.
    case notWhole(Hash32)
    case wrongProposer(expected: Address, found: Address)
    case notEnough(VoteKind, expected: Int, found: Int)
    case repeatedVoter(Address)
    /// What travels beside the proposal is not the justification that its proposer signed: it was swapped.
    case wrongJustification(expected: Hash32?, found: Hash32)
    /// Round 0 needs no justification and carries none.
    case unexpectedJustification
    /// The proposal is not the block with the highest prepared round among the round changes.
    case notHighestPrepared(expected: Hash32, found: Hash32)
    /// A round change claims a round that is not below its target, or claims half a thing.
    case inconsistentClaim
}

/// What every check of a consensus message needs to know of the height.
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
        guard signed.vote.round <= QBFT.roundMax else { throw .roundTooHigh(signed.vote.round) }
        do {
            return try Verified(checking: signed, committee: committee, chain: chain, scheme: scheme)
        } catch {
            throw .vote(error)
        }
    }

    /// A quorum of distinct members' votes of one kind in one round.
    func checkQuorum(
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
}

/// A proposal whose proposer, signatures, body and justification hold. Whether the block is valid is another question.
public struct VerifiedProposal: Sendable {
    public let proposal: Proposal
    public let vote: Verified<SignedVote>

    public var height: Height { proposal.vote.vote.height }
    public var round: UInt64 { proposal.vote.vote.round }
    public var hash: Hash32 { proposal.vote.vote.block }
    /// Whether the block was prepared in an earlier round and is proposed again.
    public var isReproposal: Bool { !proposal.prepares.isEmpty }

    /// Our own proposal: we have made sure of all that.
    init(own proposal: Proposal, vote: Verified<SignedVote>) {
        self.proposal = proposal
        self.vote = vote
    }

    public init(
        checking proposal: Proposal, in context: VotingContext, scheme: some SignatureScheme
    ) throws(JustificationError) {
        let vote = proposal.vote.vote
        self.proposal = proposal
        self.vote = try context.verified(proposal.vote, as: .proposal, scheme: scheme)
        let proposer = context.committee.proposer(height: vote.height, round: vote.round).address
        guard proposal.vote.validator == proposer else {
            throw .wrongProposer(expected: proposer, found: proposal.vote.validator)
        }
        let found = proposal.block.hash
        guard found == vote.block else { throw .wrongBlock(expected: vote.block, found: found) }
        let content = proposal.block.contentHash
        guard content == vote.content else { throw .wrongContent(expected: vote.content, found: content) }
        guard proposal.block.header.number == vote.height else {
            throw .wrongHeight(expected: vote.height, found: proposal.block.header.number)
        }
        try Self.checkJustification(of: proposal, in: context, scheme: scheme)
    }

    /// §4.4: a quorum of round changes, and where one claims a prepared block, the highest claim wins.
    ///
    /// Claims may differ: requiring one value of all round changes is a known error (QBFT.md 3).
    private static func checkJustification(
        of proposal: Proposal, in context: VotingContext, scheme: some SignatureScheme
    ) throws(JustificationError) {
        let vote = proposal.vote.vote
        guard vote.round > 0 else {
            guard proposal.justification.isEmpty else { throw .unexpectedJustification }
            return
        }
        let found = proposal.justification.hash
        guard found == vote.justification else {
            throw .wrongJustification(expected: vote.justification, found: found)
        }
        try context.checkQuorum(proposal.roundChanges, of: .roundChange, round: vote.round, scheme: scheme)
        guard let highest = try highestClaim(in: proposal.roundChanges) else {
            guard proposal.prepares.isEmpty else { throw .unexpectedJustification }
            return
        }
        guard highest.block == vote.block else {
            throw .notHighestPrepared(expected: highest.block, found: vote.block)
        }
        try context.checkPrepares(proposal.prepares, of: highest.block, round: highest.round, scheme: scheme)
    }

    static func highestClaim(
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

extension VotingContext {
    /// A quorum of prepares for one block in one round.
    func checkPrepares(
        _ prepares: [SignedVote], of block: Hash32, round: UInt64, scheme: some SignatureScheme
    ) throws(JustificationError) {
        for prepare in prepares where prepare.vote.block != block {
            throw .wrongBlock(expected: block, found: prepare.vote.block)
        }
        try checkQuorum(prepares, of: .prepare, round: round, scheme: scheme)
    }
}

/// A round change whose author, signature and claim hold.
public struct VerifiedRoundChange: Sendable {
    public let change: RoundChange
    public let vote: Verified<SignedVote>

    public var round: UInt64 { change.vote.vote.round }
    public var validator: Address { change.vote.validator }

    /// Our own round change: we have made sure of all that.
    init(own change: RoundChange, vote: Verified<SignedVote>) {
        self.change = change
        self.vote = vote
    }

    public init(
        checking change: RoundChange, in context: VotingContext, scheme: some SignatureScheme
    ) throws(JustificationError) {
        let vote = change.vote.vote
        self.change = change
        self.vote = try context.verified(change.vote, as: .roundChange, scheme: scheme)
        guard vote.round > 0 else { throw .wrongRound(expected: 1, found: 0) }
        guard let prepared = change.prepared else {
            guard vote.preparedRound == nil, vote.block == .zero else { throw .inconsistentClaim }
            return
        }
        guard prepared.block.isWhole else { throw .notWhole(vote.block) }
        guard let claimed = vote.preparedRound, claimed == prepared.round, claimed < vote.round else {
            throw .inconsistentClaim
        }
        let found = prepared.block.hash
        guard found == vote.block else { throw .wrongBlock(expected: vote.block, found: found) }
        guard prepared.block.header.number == vote.height else {
            throw .wrongHeight(expected: vote.height, found: prepared.block.header.number)
        }
        try context.checkPrepares(prepared.prepares, of: vote.block, round: claimed, scheme: scheme)
    }
}

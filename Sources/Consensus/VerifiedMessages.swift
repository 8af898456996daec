public import Chain
public import Crypto
public import Primitives

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
        try context.check(proposal.justification, of: vote, scheme: scheme)
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

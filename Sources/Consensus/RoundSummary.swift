import Chain
public import Primitives

/// What one validator has seen of a round: the answer to "why did this round fail".
public struct RoundSummary: Sendable, Hashable {
    public let height: Height
    public let round: UInt64
    public let proposer: Address
    /// The block that the proposer's signed proposal names, if one came.
    public let proposed: Hash32?
    public let prepares, commits, roundChanges: [Address]
    public let quorum: Int
    public let isDecided: Bool

    /// One sentence for people.
    public var verdict: String {
        if isDecided { return "sealed" }
        if proposed == nil { return "no proposal from \(proposer.short) arrived" }
        if prepares.count < quorum { return "only \(prepares.count) of \(quorum) prepares arrived" }
        if commits.count < quorum { return "only \(commits.count) of \(quorum) commits arrived" }
        return "commits are complete"
    }
}

extension QBFT {
    /// The current round as this validator sees it.
    public var summary: RoundSummary { summary(of: round) }

    /// A round of the current height as this validator sees it.
    public func summary(of round: UInt64) -> RoundSummary {
        let proposals = keeper.votes(.proposal, round: round)
        return RoundSummary(
            height: height, round: round, proposer: committee.proposer(height: height, round: round).address,
            proposed: proposals.first?.vote.block,
            prepares: keeper.votes(.prepare, round: round).map(\.validator).sorted(),
            commits: keeper.votes(.commit, round: round).map(\.validator).sorted(),
            roundChanges: keeper.roundChanges.filter { $0.round > round }.map(\.validator).sorted(),
            quorum: committee.quorum, isDecided: isDecided)
    }
}

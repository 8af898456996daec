public import Chain
public import Primitives

/// The council and the committee that seal one height.
public struct Sealers: Sendable {
    public let council: Council
    public let committee: Committee

    public init(council: Council, committee: Committee) {
        (self.council, self.committee) = (council, committee)
    }
}

/// Why a round ended as it did: what one node saw of it.
public struct RoundReport: Sendable {
    public let round: UInt64
    public let proposer: Address
    /// The hash that the proposer proposed, if its proposal arrived.
    public let proposal: Hash32?
    public let preparesFrom: [Address]
    public let commitsFrom: [Address]
    /// Who asked to leave for this round.
    public let roundChangesFrom: [Address]
    /// One sentence: "sealed", "no proposal arrived", "refused: state root …".
    public let verdict: String

    public init(
        round: UInt64, proposer: Address, proposal: Hash32?, preparesFrom: [Address], commitsFrom: [Address],
        roundChangesFrom: [Address], verdict: String
    ) {
        (self.round, self.proposer, self.proposal) = (round, proposer, proposal)
        (self.preparesFrom, self.commitsFrom) = (preparesFrom, commitsFrom)
        (self.roundChangesFrom, self.verdict) = (roundChangesFrom, verdict)
    }
}

/// The rounds of one height as one node saw them.
public struct RoundSummary: Sendable {
    public let height: Height
    /// The round the node is in, or in which the block was sealed.
    public let currentRound: UInt64
    public let isSealed: Bool
    /// By round, ascending.
    public let rounds: [RoundReport]

    public init(height: Height, currentRound: UInt64, isSealed: Bool, rounds: [RoundReport]) {
        (self.height, self.currentRound, self.isSealed, self.rounds) = (height, currentRound, isSealed, rounds)
    }
}

public import Primitives

/// Why a node goes no further: the chain itself is at fault (a wrong sealed block, or a fork).
public struct StandstillReport: Sendable {
    /// The highest block that the node vouches for, and serves as the latest.
    public let lastGoodHeight: Height
    /// The first height that is not to be trusted.
    public let height: Height
    /// "invalidBlock" or "fork".
    public let cause: String
    public let rule: String
    public let block: Hash32
    /// The proof; nil as long as there is none.
    public let fault: Hash32?
    /// Who signed it, as far as is proven.
    public let signers: [Address]
    /// "sealed block 42 breaks stateRoot".
    public let reason: String
    /// What an operator can do.
    public let advice: String

    public init(
        lastGoodHeight: Height, height: Height, cause: String, rule: String, block: Hash32, fault: Hash32?,
        signers: [Address], reason: String, advice: String
    ) {
        (self.lastGoodHeight, self.height, self.cause, self.rule) = (lastGoodHeight, height, cause, rule)
        (self.block, self.fault, self.signers) = (block, fault, signers)
        (self.reason, self.advice) = (reason, advice)
    }
}

/// How one validator has done its work over the latest sealed blocks. Nothing of it is a proof but `equivocations`.
public struct ScoreReport: Sendable {
    public let validator: Address
    /// Sealed blocks that were looked at.
    public let heights: Int
    /// Certificates without its seal: a quorum is enough, so whoever is last misses some.
    public let sealsMissed: Int
    /// Of `heightsHeard` heights, those at which no commit of it was heard at all.
    public let unheard: Int
    public let heightsHeard: Int
    public let lastUnheard: Height?
    /// Rounds that it should have led and that led to nothing.
    public let proposalsMissed: Int
    public let lastProposalMissed: Height?
    /// Contradictions that it was convicted of.
    public let equivocations: Int

    public init(
        validator: Address, heights: Int, sealsMissed: Int, unheard: Int, heightsHeard: Int, lastUnheard: Height?,
        proposalsMissed: Int, lastProposalMissed: Height?, equivocations: Int
    ) {
        (self.validator, self.heights, self.sealsMissed) = (validator, heights, sealsMissed)
        (self.unheard, self.heightsHeard, self.lastUnheard) = (unheard, heightsHeard, lastUnheard)
        (self.proposalsMissed, self.lastProposalMissed) = (proposalsMissed, lastProposalMissed)
        self.equivocations = equivocations
    }
}

/// A node key that was seen at two addresses.
public struct KeyClashReport: Sendable {
    public let node: Address
    /// Where it was seen first and where last, as host:port.
    public let first, second: String
    /// How often it was noticed.
    public let count: Int

    public init(node: Address, first: String, second: String, count: Int) {
        (self.node, self.first, self.second, self.count) = (node, first, second, count)
    }
}

/// How a node's part in the network stands, a validator's as a ranger's.
public struct WatchReport: Sendable {
    public let headHeight: Height
    /// nil while it goes on.
    public let stopped: StandstillReport?
    /// Why the node itself can go on no more, such as a disk that fails; nil while it can.
    public let haltedBecause: String?
    /// Signed votes in the forensic archive, and of how many heights.
    public let archivedVotes: Int
    public let archivedHeights: Int
    /// In the council's order.
    public let scores: [ScoreReport]
    public let keyClashes: [KeyClashReport]

    public init(
        headHeight: Height, stopped: StandstillReport?, haltedBecause: String?, archivedVotes: Int,
        archivedHeights: Int, scores: [ScoreReport], keyClashes: [KeyClashReport]
    ) {
        (self.headHeight, self.stopped, self.haltedBecause) = (headHeight, stopped, haltedBecause)
        (self.archivedVotes, self.archivedHeights) = (archivedVotes, archivedHeights)
        (self.scores, self.keyClashes) = (scores, keyClashes)
    }
}

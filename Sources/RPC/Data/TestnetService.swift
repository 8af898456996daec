public import Primitives

/// Where an injected fault strikes.
public enum FaultLevel: String, Sendable, CaseIterable {
    /// A bad proposal: honest peers refuse it.
    case proposal = "P"
    /// Sealed by a lax council.
    case sealed = "S"
    /// Two sealed blocks at one height.
    case fork = "F"
    /// Pushed to a ranger without valid seals.
    case gossip = "G"
    /// In what somebody says or does not say, not in a block.
    case conduct = "C"
}

/// A fault to commit on purpose, at a height and round, never at a time.
public struct FaultRequest: Sendable, Hashable {
    /// The fault's name in the catalogue, such as "wrong-state-root".
    public let fault: String
    /// nil: the first level that the fault has.
    public var level: FaultLevel?
    public var height: Height
    /// nil: the fault's usual one.
    public var round: UInt64?
    /// Draws whatever is free in the fault.
    public let seed: UInt64
    /// The validator or ranger that commits it; nil: whoever's turn it is.
    public let actor: Address?

    public init(
        fault: String, level: FaultLevel?, height: Height, round: UInt64?, seed: UInt64, actor: Address? = nil
    ) {
        (self.fault, self.level, self.height, self.round, self.seed) = (fault, level, height, round, seed)
        self.actor = actor
    }
}

/// A fault that this node can be told to commit.
public struct FaultDescription: Sendable {
    public let name: String
    /// Its row in the catalogue of faults, such as "B1".
    public let id: String
    /// The usual one first.
    public let levels: [FaultLevel]
    /// The rounds in which it can be committed, the usual one first.
    public let rounds: ClosedRange<UInt64>
    /// Whose deed it is: "proposer", "validator", "liars" or "ranger".
    public let deed: String
    public let summary: String
    /// What is to be seen when it happens.
    public let observable: String

    public init(
        name: String, id: String, levels: [FaultLevel], rounds: ClosedRange<UInt64>, deed: String, summary: String,
        observable: String
    ) {
        (self.name, self.id, self.levels, self.rounds) = (name, id, levels, rounds)
        (self.deed, self.summary, self.observable) = (deed, summary, observable)
    }
}

/// What became of a fault that this node was told to commit.
public struct FaultStatus: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
        /// Its height is yet to be sealed.
        case waiting
        /// It was not this node's part.
        case bystander
        case applied(height: Height, round: UInt64)
        /// It came to nothing, for this reason.
        case missed(String)
    }

    public let request: FaultRequest
    public let outcome: Outcome

    public init(_ request: FaultRequest, _ outcome: Outcome) {
        (self.request, self.outcome) = (request, outcome)
    }
}

/// Why a fault is not going to be committed.
public struct FaultRefusal: Error, Equatable, Sendable {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }
}

/// How the link to one node shall be disturbed.
public struct LinkOrder: Sendable, Hashable {
    /// The address of the node at the other end.
    public let node: Address
    public let isCut: Bool
    public let delayMilliseconds: UInt64
    public let jitterMilliseconds: UInt64
    public let lossPercent: UInt64

    public init(
        node: Address, isCut: Bool, delayMilliseconds: UInt64, jitterMilliseconds: UInt64, lossPercent: UInt64
    ) {
        (self.node, self.isCut, self.lossPercent) = (node, isCut, lossPercent)
        (self.delayMilliseconds, self.jitterMilliseconds) = (delayMilliseconds, jitterMilliseconds)
    }

    /// Larger delays, jitter included, are refused.
    public static let delayMillisecondsMax: UInt64 = 60_000
    /// Longer lists are refused.
    public static let ordersMax = 1_024
}

/// Faults on purpose. The server has it only where the manifest allows it; else `testnet_*` does not exist.
public protocol TestnetService: Sendable {
    /// Every fault that `inject` knows, in the order in which to show them.
    func faultCatalogue() async -> [FaultDescription]

    /// Arms the fault and returns it as it will be committed, with the level and height filled in.
    ///
    /// - Parameter onlyChecking: Whether to say only what would be armed.
    func inject(_ request: FaultRequest, onlyChecking: Bool) async -> Result<FaultRequest, FaultRefusal>

    /// What became of the orders that this node was given since it started, oldest first.
    func injections() async -> [FaultStatus]

    /// Disturbs exactly these links of this node, and no other any more.
    ///
    /// - Returns: How many live connections an order is about.
    func setLinks(_ orders: [LinkOrder], seed: UInt64) async -> Result<Int, FaultRefusal>
}

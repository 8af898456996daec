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
}

/// A fault to commit on purpose, at a height and round, never at a time.
public struct FaultRequest: Sendable, Hashable {
    /// The fault's name in the catalogue, such as "wrong-state-root".
    public let fault: String
    /// nil: the first level that the fault has.
    public var level: FaultLevel?
    public var height: Height
    public let round: UInt64?
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
    public let levels: [FaultLevel]
    public let summary: String

    public init(name: String, levels: [FaultLevel], summary: String) {
        (self.name, self.levels, self.summary) = (name, levels, summary)
    }
}

/// Why a fault is not going to be committed.
public struct FaultRefusal: Error, Equatable, Sendable {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }
}

/// Faults on purpose. The server has it only where the manifest allows it; else `testnet_*` does not exist.
public protocol TestnetService: Sendable {
    /// Every fault that `inject` knows, in the order in which to show them.
    func faultCatalogue() async -> [FaultDescription]

    /// Arms the fault and returns it as it will be committed, with the level and height filled in.
    func inject(_ request: FaultRequest) async -> Result<FaultRequest, FaultRefusal>
}

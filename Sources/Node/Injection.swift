public import Primitives

/// A fault that nodes commit on purpose, keyed by height and round so that a run can be repeated.
///
/// The order goes to every node, and who plays what in it is a pure function of the order and the committee
/// (`InjectionCast`): nobody has to be told his part.
public struct Injection: Sendable, Hashable {
    /// FAULTS.md; the raw value is its name on the command line.
    public enum Fault: String, Sendable, Hashable, CaseIterable {
        case wrongStateRoot = "wrong-state-root"
        case wrongTransactionsRoot = "wrong-transactions-root"
        case badTransactionSignature = "bad-transaction-signature"
        case nonceReplay = "nonce-replay"
        case overspend = "overspend"
        case wrongReward = "wrong-reward"
        case hiddenMint = "hidden-mint"
        case wrongProposer = "wrong-proposer"
        case tooFewSeals = "too-few-seals"
        case fork = "fork"
        case wrongStorageWrite = "wrong-storage-write"
        case equivocatingProposer = "equivocating-proposer"
        case doubleCommit = "double-commit"
        case amnesia = "amnesia"
        case silentValidator = "silent-validator"
        case silentProposer = "silent-proposer"
        case unjustifiedProposal = "unjustified-proposal"
        case crossRoundFork = "cross-round-fork"
        case lyingRanger = "lying-ranger"
    }

    /// How far the fault gets (FAULTS.md).
    public enum Level: String, Sendable, Hashable, CaseIterable {
        /// Refused as a proposal.
        case proposal = "P"
        /// Sealed by a quorum that looks away.
        case sealed = "S"
        /// Two sealed blocks at one height.
        case fork = "F"
        /// Pushed to rangers only.
        case ranger = "G"
        /// The fault is not in a block.
        case conduct = "C"
    }

    public let fault: Fault
    public let level: Level
    public let height: Height
    /// At most `roundMax`. To bring a round above 0 about, the proposers of the rounds before it keep silent.
    public let round: UInt64
    /// The validator or ranger that commits it; nil: whose turn it is (`InjectionCast`).
    public let actor: Address?
    /// Draws whatever is free in the fault: the same seed, the same accounts, amounts and forgeries.
    public let seed: UInt64

    /// Later rounds are not worth waiting for: each takes twice as long as the one before.
    public static let roundMax: UInt64 = 4

    /// - Parameter round: nil: the fault's usual one.
    public init(
        fault: Fault, level: Level, height: Height, round: UInt64? = nil, actor: Address? = nil, seed: UInt64 = 0
    ) {
        self.fault = fault
        self.level = level
        self.height = height
        self.round = round ?? fault.rounds.first ?? 0
        self.actor = actor
        self.seed = seed
    }

    /// The same order at another height.
    public func moved(to height: Height) -> Injection {
        Injection(fault: fault, level: level, height: height, round: round, actor: actor, seed: seed)
    }
}

/// What became of an order to misbehave, at the node that tells.
public struct InjectionReport: Sendable, Hashable {
    public enum Status: Sendable, Hashable {
        /// Its height is yet to be sealed.
        case waiting
        /// The height was sealed, and nothing of it was this node's part.
        case bystander
        /// This node has done its part. A fork counts once the second half was given its votes.
        case applied(height: Height, round: UInt64)
        /// It came to nothing here.
        case missed(String)

        public var name: String {
            switch self {
            case .waiting: "waiting"
            case .bystander: "bystander"
            case .applied: "applied"
            case .missed: "missed"
            }
        }
    }

    public let injection: Injection
    public internal(set) var status: Status = .waiting

    public init(_ injection: Injection, _ status: Status = .waiting) {
        self.injection = injection
        self.status = status
    }
}

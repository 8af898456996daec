public import Primitives

/// A fault that a node commits on purpose, keyed by height so that a run can be repeated.
public struct Injection: Sendable, Hashable {
    /// FAULTS.md; the raw value is its name on the command line.
    public enum Fault: String, Sendable, Hashable, CaseIterable {
        case wrongStateRoot = "wrong-state-root"
        case hiddenMint = "hidden-mint"
        case wrongStorageWrite = "wrong-storage-write"
        case overspend = "overspend"
        case nonceReplay = "nonce-replay"
        case badTransactionSignature = "bad-transaction-signature"
        case wrongTransactionsRoot = "wrong-transactions-root"
        case wrongProposer = "wrong-proposer"
        case tooFewSeals = "too-few-seals"
        case equivocatingProposer = "equivocating-proposer"
        case doubleCommit = "double-commit"
        case silentValidator = "silent-validator"
        case silentProposer = "silent-proposer"
        case lyingRanger = "lying-ranger"
    }

    /// How far the fault gets: refused as a proposal, sealed by a lax council, or pushed to rangers only.
    public enum Level: String, Sendable, Hashable, CaseIterable {
        case proposal = "P"
        case sealed = "S"
        case ranger = "G"
        /// The fault is not in a block.
        case conduct = "C"
    }

    public let fault: Fault
    public let level: Level
    public let height: Height
    /// The validator or ranger that commits it; nil: the proposer of `height` in round 0.
    public let actor: Address?
    public let seed: UInt64

    public init(fault: Fault, level: Level, height: Height, actor: Address? = nil, seed: UInt64 = 0) {
        self.fault = fault
        self.level = level
        self.height = height
        self.actor = actor
        self.seed = seed
    }
}

extension Injection.Fault {
    /// The levels at which the fault can be injected, the usual one first.
    public var levels: [Injection.Level] {
        switch self {
        case .wrongStateRoot: [.sealed, .proposal]
        case .hiddenMint, .wrongStorageWrite, .overspend, .nonceReplay, .badTransactionSignature: [.sealed]
        case .wrongTransactionsRoot, .wrongProposer: [.proposal]
        case .tooFewSeals: [.ranger]
        case .equivocatingProposer, .doubleCommit, .silentValidator, .silentProposer, .lyingRanger: [.conduct]
        }
    }

    /// One line for people.
    public var summary: String {
        switch self {
        case .wrongStateRoot: "the block's state root is not what its transactions lead to"
        case .hiddenMint: "the block credits an account out of nothing"
        case .wrongStorageWrite: "a storage slot holds something else than the contract wrote"
        case .overspend: "a transaction spends more than its sender has"
        case .nonceReplay: "a transaction is included a second time"
        case .badTransactionSignature: "a transaction's signature is malleated (high s)"
        case .wrongTransactionsRoot: "the header's transactions root is not the body's"
        case .wrongProposer: "a validator proposes when it is not its turn"
        case .tooFewSeals: "a block without a quorum of seals is pushed to rangers"
        case .equivocatingProposer: "the proposer signs two blocks in one round"
        case .doubleCommit: "a validator commits to two blocks in one round"
        case .silentValidator: "a validator says nothing for one height"
        case .silentProposer: "the proposer does not propose in round 0"
        case .lyingRanger: "a ranger accuses honest validators with false proofs"
        }
    }
}

public import Chain
public import EVM
public import Primitives

/// A transaction that was decoded, with its sender and that sender's account at the head.
public struct PoolEntry: Sendable, Hashable {
    public let transaction: Transaction
    public let sender: Address
    /// nil: the account does not exist yet.
    public let account: Account?
    /// Whether the sender's code is more than the name of other code: then it may send nothing (EIP-3607, EIP-7702).
    public let isFromContract: Bool
    /// Who signed its authorizations (EIP-7702), as far as they recover.
    public let authorities: [Address]

    public init(
        transaction: Transaction, sender: Address, account: Account?, isFromContract: Bool = false,
        authorities: [Address] = []
    ) {
        self.transaction = transaction
        self.sender = sender
        self.account = account
        self.isFromContract = isFromContract
        self.authorities = authorities
    }

    /// Whether the sender has lent its name to other code (EIP-7702): others can spend what it has.
    var isFromDelegated: Bool { !isFromContract && account?.hasCode == true }
}

/// What holds while a transaction is taken in.
public struct PoolConditions: Sendable, Hashable {
    /// Of a block.
    public var gasLimit: Gas
    /// Of the next block, in peb per gas.
    public var baseFee: UInt256
    /// Time since the node's start.
    public var now: Duration
    /// Whether a client handed it to this very node.
    public var isLocal: Bool

    public init(gasLimit: Gas, baseFee: UInt256, now: Duration = .zero, isLocal: Bool = false) {
        self.gasLimit = gasLimit
        self.baseFee = baseFee
        self.now = now
        self.isLocal = isLocal
    }
}

/// Every limit of a pool, by name, and what it takes at all.
public struct PoolLimits: Sendable, Hashable {
    /// Slots of all transactions that wait; each takes one for every `slotBytes` of its envelope that it begins.
    public var slotsMax = 32_768
    public var slotBytes = 4 << 10
    /// Transactions of one sender that wait.
    public var perSenderMax = 1_024
    /// Transactions of all senders that wait behind a gap of nonces.
    public var queuedMax = 16_384
    /// How long one of these waits.
    public var queuedLifetime = Duration.seconds(3 * 3_600)
    /// The longest envelope that is relayed. The longest initcode fits in twice.
    public var envelopeBytesMax = 128 << 10
    /// The least tip, in peb per gas.
    public var tipMin: UInt256 = 1
    /// A replacement pays at least this much more, in percent of both fees.
    public var replacementPercent: UInt64 = 10
    /// Authorizations of one transaction (EIP-7702): each costs everybody the recovery of a signature.
    public var authorizationsMax = 64
    /// Whether what is signed for no chain in particular (before EIP-155) is taken, from clients and peers: anybody
    /// may send it again, here and on any other chain.
    public var allowsUnprotected = false

    public init() {}
}

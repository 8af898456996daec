public import Chain
public import Primitives

/// How many transactions wait for a block.
public struct PoolCount: Hashable, Sendable {
    /// Those that could run one after the other from their sender's next nonce on.
    public let pending: Int
    /// Those behind a gap of nonces.
    public let queued: Int

    public init(pending: Int, queued: Int) {
        (self.pending, self.queued) = (pending, queued)
    }
}

/// What waits of one sender, by nonce.
public struct PoolSenderReport: Sendable {
    public let sender: Address
    public let pending: [Transaction]
    public let queued: [Transaction]

    public init(sender: Address, pending: [Transaction], queued: [Transaction]) {
        (self.sender, self.pending, self.queued) = (sender, pending, queued)
    }
}

/// What the next block could be made of, at one moment.
public struct NextBlock: Sendable {
    /// The height of the block that it would follow.
    public let parent: Height
    /// Grows with every transaction that comes into the pool or leaves it.
    public let poolVersion: UInt64
    /// The best payers first, those of one sender by nonce.
    public let candidates: [SentTransaction]
    /// Who would be paid for the block.
    public let beneficiary: Address
    /// The node's clock, in seconds since 1970.
    public let timestamp: UInt64

    public init(
        after parent: Height, poolVersion: UInt64, candidates: [SentTransaction], beneficiary: Address,
        timestamp: UInt64
    ) {
        (self.parent, self.poolVersion, self.candidates) = (parent, poolVersion, candidates)
        (self.beneficiary, self.timestamp) = (beneficiary, timestamp)
    }
}

/// What a node says about its next block.
public enum NextBlockReport: Sendable {
    /// It has no pool: its pending block is the head.
    case none
    /// Nothing has come or gone since the version that the caller knows.
    case unchanged
    case changed(NextBlock)
}

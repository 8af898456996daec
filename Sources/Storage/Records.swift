public import Chain
public import Primitives

/// What this node found when it executed a certified block itself.
public struct StoredVerdict: Hashable, Sendable {
    public var height: Height
    public var block: Hash32
    /// What is wrong with the block; nil if it is valid.
    public var fault: Fault?
    /// Milliseconds since 1970.
    public var judgedMilliseconds: UInt64

    public struct Fault: Hashable, Sendable {
        public var rule: String
        public var expected: String
        public var found: String

        public init(rule: String, expected: String, found: String) {
            self.rule = rule
            self.expected = expected
            self.found = found
        }
    }

    public init(height: Height, block: Hash32, fault: Fault?, judgedMilliseconds: UInt64) {
        self.height = height
        self.block = block
        self.fault = fault
        self.judgedMilliseconds = judgedMilliseconds
    }
}

/// A proven fault, without the proof, which may be large.
public struct StoredFault: Hashable, Sendable {
    /// keccak of the proof's encoding.
    public var id: Hash32
    public var kind: String
    public var rule: String
    public var height: Height
    public var round: UInt64?
    public var block: Hash32
    public var guilty: [Address]
    public var expected: String
    public var found: String
    /// Who brought it: this node, or a peer.
    public var origin: String
    /// Milliseconds since 1970.
    public var firstSeenMilliseconds: UInt64

    public init(
        id: Hash32, kind: String, rule: String, height: Height, round: UInt64?, block: Hash32, guilty: [Address],
        expected: String, found: String, origin: String, firstSeenMilliseconds: UInt64
    ) {
        self.id = id
        self.kind = kind
        self.rule = rule
        self.height = height
        self.round = round
        self.block = block
        self.guilty = guilty
        self.expected = expected
        self.found = found
        self.origin = origin
        self.firstSeenMilliseconds = firstSeenMilliseconds
    }
}

/// Where a transaction stands.
public struct TransactionPlace: Hashable, Sendable {
    public var height: Height
    /// In the block, from 0.
    public var position: Int

    public init(height: Height, position: Int) {
        self.height = height
        self.position = position
    }
}

/// An account with the trie nodes that prove it, and some of its storage: what `eth_getProof` answers.
public struct StoredProof: Hashable, Sendable {
    public var address: Address
    /// What the account trie holds; nil if there is no account, which the nodes then prove.
    public var leaf: AccountLeaf?
    /// From the state root down.
    public var nodes: [Bytes]
    /// One for each slot that was asked for, in that order.
    public var slots: [Slot]

    public struct Slot: Hashable, Sendable {
        public var slot: UInt256
        public var value: UInt256
        /// From the storage root down; none where the account has no storage.
        public var nodes: [Bytes]
    }
}

public import Primitives

/// Which chain a vote is for: its number, and the hash of its block 0, which binds rules, council and first accounts.
///
/// The number alone would not do. Whoever uses the same node keys under a second genesis of the same number would
/// find honest votes of one chain held against votes of the other.
public struct ChainIdentity: Hashable, Sendable {
    public var chainID: UInt64
    /// The hash of block 0.
    public var genesis: Hash32

    public init(chainID: UInt64, genesis: Hash32) {
        self.chainID = chainID
        self.genesis = genesis
    }
}

extension Genesis {
    /// What votes on this chain are signed for.
    public var identity: ChainIdentity { ChainIdentity(chainID: rules.chainID, genesis: hash) }
}

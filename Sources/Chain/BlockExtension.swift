import Crypto
public import Primitives

/// What a block says beyond Ethereum's header. The header's `extraData` is its hash (DESIGN D2).
///
/// Round and seals are not here: they stand in the commit certificate, so a block that is proposed again in a
/// later round keeps its hash.
public struct BlockExtension: Hashable, Sendable {
    /// The meaning of the other fields. A block of an unknown version is refused by validation.
    public var version: UInt64
    /// The hash of the council that seals the next height.
    public var nextCouncilHash: Hash32
    /// The root of the block's access list.
    public var accessListRoot: Hash32
    /// Milliseconds since 1970; strictly above the parent's. The header's timestamp is this in whole seconds.
    public var timestampMilliseconds: UInt64

    public static let currentVersion: UInt64 = 1

    public init(
        version: UInt64 = BlockExtension.currentVersion, nextCouncilHash: Hash32, accessListRoot: Hash32,
        timestampMilliseconds: UInt64
    ) {
        self.version = version
        self.nextCouncilHash = nextCouncilHash
        self.accessListRoot = accessListRoot
        self.timestampMilliseconds = timestampMilliseconds
    }

    /// keccak(rlp(extension)).
    public var hash: Hash32 { keccak256(rlp) }
}

extension BlockExtension: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(version)
            list.append(nextCouncilHash)
            list.append(accessListRoot)
            list.append(timestampMilliseconds)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        version = try list.uint64()
        nextCouncilHash = try list.hash()
        accessListRoot = try list.hash()
        timestampMilliseconds = try list.uint64()
        try list.finish()
    }
}

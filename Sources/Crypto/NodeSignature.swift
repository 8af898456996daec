public import Primitives

/// An ECDSA signature over P-256. Whether r and s are in range is for the signature scheme to say.
public struct NodeSignature: Hashable, Sendable {
    public var r: Hash32
    public var s: Hash32

    public init(r: Hash32, s: Hash32) {
        self.r = r
        self.s = s
    }

    /// Reads r‖s.
    ///
    /// - Throws: `.wrongByteCount` unless there are 64 bytes.
    public init(checking bytes: some Collection<UInt8>) throws(KeyError) {
        guard bytes.count == 64 else { throw .wrongByteCount(expected: 64, found: bytes.count) }
        self.init(r: Hash32(bytes.prefix(32)), s: Hash32(bytes.dropFirst(32)))
    }

    /// r‖s, 64 bytes.
    public var bytes: Bytes { r.bytes + s.bytes }
}

extension NodeSignature: RLPCodable {
    /// One string of 64 bytes.
    public func encode(into encoder: inout RLPEncoder) {
        encoder.append(bytes)
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let bytes = try decoder.bytes(exactly: 64)
        self.init(r: Hash32(bytes[..<32]), s: Hash32(bytes[32...]))
    }
}

extension NodeSignature: CustomStringConvertible {
    public var description: String { bytes.hex }
}

public import Primitives

/// A point of P-256: the identity of a node. Only points of the curve become values of this type.
public struct NodePublicKey: Sendable {
    public let x: Hash32
    public let y: Hash32
    /// The last 20 bytes of keccak(x‖y): how votes, seals and headers name this node.
    public let address: Address

    /// Reads x‖y.
    ///
    /// - Throws: `.wrongByteCount` unless there are 64 bytes, `.notOnCurve` unless they are a point of P-256.
    public init(checking bytes: some Collection<UInt8>) throws(KeyError) {
        guard bytes.count == 64 else { throw .wrongByteCount(expected: 64, found: bytes.count) }
        guard P256Curve.contains(Bytes(bytes)) else { throw .notOnCurve }
        self.init(onCurve: Bytes(bytes))
    }

    /// - Precondition: `bytes` are the 64 bytes of a point.
    init(onCurve bytes: Bytes) {
        x = Hash32(bytes[..<32])
        y = Hash32(bytes[32...])
        address = Address(lastBytesOf: keccak256(x, y))
    }

    /// x‖y, 64 bytes.
    public var bytes: Bytes { x.bytes + y.bytes }
}

extension NodePublicKey: Hashable, Comparable {
    public static func == (left: NodePublicKey, right: NodePublicKey) -> Bool {
        left.x == right.x && left.y == right.y
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(x)
        hasher.combine(y)
    }

    /// The order of the bytes x‖y.
    public static func < (left: NodePublicKey, right: NodePublicKey) -> Bool {
        (left.x, left.y) < (right.x, right.y)
    }
}

extension NodePublicKey: RLPCodable {
    /// One string of 64 bytes.
    public func encode(into encoder: inout RLPEncoder) {
        encoder.append(bytes)
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let position = decoder.position
        let bytes = try decoder.bytes(exactly: 64)
        do {
            try self.init(checking: bytes)
        } catch {
            throw .invalidValue(at: position, error.description)
        }
    }
}

extension NodePublicKey: CustomStringConvertible {
    public var description: String { bytes.hex }
}

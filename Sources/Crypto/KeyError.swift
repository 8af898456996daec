/// Why bytes are not the key or signature they were said to be.
public enum KeyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The input has another length than this kind of key or signature.
    case wrongByteCount(expected: Int, found: Int)
    /// A secret must lie in 1..<n, where n is the order of the curve.
    case secretOutOfRange
    /// The coordinates are not a point of the curve.
    case notOnCurve
    /// BIP-32 gives no key at this index of the path (it happens once in 2^127), or the index is 2^31 or more.
    case noKeyAtIndex(UInt32)

    public var description: String {
        switch self {
        case .wrongByteCount(let expected, let found): "expected \(expected) bytes, found \(found)"
        case .secretOutOfRange: "a secret key must be at least 1 and below the order of its curve"
        case .notOnCurve: "the public key is not a point of the curve"
        case .noKeyAtIndex(let index): "no key can be derived at index \(index)"
        }
    }
}

/// Why bytes are not the RLP that was expected. Offsets count from the start of the decoder's input.
public enum RLPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The input ends inside an item.
    case truncated(at: Int, needed: UInt64, found: Int)
    /// A single byte below 0x80 has a header; it must stand for itself.
    case nonCanonicalByte(at: Int)
    /// A length is written longer than necessary.
    case nonCanonicalLength(at: Int)
    /// An integer has leading zeros.
    case nonCanonicalInteger(at: Int)
    case trailingBytes(at: Int, count: Int)
    case expectedList(at: Int)
    case expectedString(at: Int)
    /// A string has more bytes, or a list more elements, than its named limit.
    case tooLarge(at: Int, limit: Int, found: Int)
    case wrongByteCount(at: Int, expected: Int, found: Int)
    /// Well-formed RLP whose content is not a value of the expected type.
    case invalidValue(at: Int, String)

    public var description: String {
        switch self {
        case .truncated(let position, let needed, let found):
            "RLP at \(position): expected \(needed) bytes, found \(found)"
        case .nonCanonicalByte(let position): "RLP at \(position): a byte below 0x80 must stand for itself"
        case .nonCanonicalLength(let position): "RLP at \(position): the length is not in its shortest form"
        case .nonCanonicalInteger(let position): "RLP at \(position): the integer has leading zeros"
        case .trailingBytes(let position, let count): "RLP at \(position): \(count) bytes too many"
        case .expectedList(let position): "RLP at \(position): expected a list, found a string"
        case .expectedString(let position): "RLP at \(position): expected a string, found a list"
        case .tooLarge(let position, let limit, let found):
            "RLP at \(position): expected at most \(limit), found \(found)"
        case .wrongByteCount(let position, let expected, let found):
            "RLP at \(position): expected \(expected) bytes, found \(found)"
        case .invalidValue(let position, let reason): "RLP at \(position): \(reason)"
        }
    }
}

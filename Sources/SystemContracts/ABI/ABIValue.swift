public import Primitives

/// A value of some `ABIType`.
public enum ABIValue: Hashable, Sendable {
    case uint(UInt256)
    /// In two's complement.
    case int(UInt256)
    case address(Address)
    case bool(Bool)
    /// From 1 to 32 bytes.
    case fixedBytes(Bytes)
    case bytes(Bytes)
    case string(String)
    /// Elements of one type, however many.
    case array([ABIValue])
    /// The components of a tuple; the elements of a fixed array too, which is encoded in the same way.
    case tuple([ABIValue])

    /// Whether it stands behind an offset.
    var isDynamic: Bool {
        switch self {
        case .bytes, .string, .array: true
        case .tuple(let components): components.contains(where: \.isDynamic)
        case .uint, .int, .address, .bool, .fixedBytes: false
        }
    }
}

/// Why bytes are not the values that were expected. Positions count from the start of the encoding.
public enum ABIError: Error, Hashable, Sendable, CustomStringConvertible {
    case truncated(at: Int, needed: Int, found: Int)
    /// An offset, or what it points at, lies beyond the end.
    case offset(at: Int, UInt256)
    /// A length in bytes or elements for which the input is too short.
    case length(at: Int, UInt256)
    /// The bits that a shorter type leaves unused are not what they must be.
    case padding(at: Int, ABIType)
    /// Values share bytes. The input would be read more than once over.
    case overlap(at: Int)
    case notUTF8(at: Int)
    /// A value is not one of the type that was asked for.
    case mismatch(expected: ABIType, found: ABIValue)

    public var description: String {
        switch self {
        case .truncated(let position, let needed, let found):
            "ABI at \(position): expected \(needed) bytes, found \(found)"
        case .offset(let position, let found): "ABI at \(position): the offset \(found) leads out of the input"
        case .length(let position, let found): "ABI at \(position): the length \(found) leads out of the input"
        case .padding(let position, let type): "ABI at \(position): not a value of type \(type)"
        case .overlap(let position): "ABI at \(position): values overlap"
        case .notUTF8(let position): "ABI at \(position): the string is not UTF-8"
        case .mismatch(let expected, let found): "ABI: expected \(expected), found \(found)"
        }
    }
}

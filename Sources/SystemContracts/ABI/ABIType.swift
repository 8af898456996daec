/// A type of Solidity's ABI (docs.soliditylang.org, "Contract ABI Specification").
public indirect enum ABIType: Hashable, Sendable {
    /// `bits` is a multiple of 8 from 8 to 256, here and with `int`.
    case uint(bits: Int)
    case int(bits: Int)
    case address
    case bool
    /// From 1 to 32 bytes.
    case fixedBytes(Int)
    case bytes
    case string
    case array(of: ABIType)
    /// At least one element; Solidity has no empty ones.
    case fixedArray(of: ABIType, count: Int)
    /// At least one component; Solidity has no empty ones.
    case tuple([ABIParameter])

    public static let uint8 = ABIType.uint(bits: 8)
    public static let uint64 = ABIType.uint(bits: 64)
    public static let uint256 = ABIType.uint(bits: 256)
    public static let bytes32 = ABIType.fixedBytes(32)

    /// Whether it stands behind an offset, since its size depends on the value.
    public var isDynamic: Bool {
        switch self {
        case .bytes, .string, .array: true
        case .fixedArray(let element, _): element.isDynamic
        case .tuple(let components): components.contains { $0.type.isDynamic }
        case .uint, .int, .address, .bool, .fixedBytes: false
        }
    }

    /// The bytes it takes in the head of what encloses it; those of an offset if it is dynamic.
    var headBytes: Int {
        guard !isDynamic else { return ABIType.wordBytes }
        switch self {
        case .fixedArray(let element, let count):
            precondition(count > 0, "Solidity has no empty fixed arrays")
            return count * element.headBytes
        case .tuple(let components):
            precondition(!components.isEmpty, "Solidity has no empty tuples")
            return components.reduce(0) { $0 + $1.type.headBytes }
        default:
            return ABIType.wordBytes
        }
    }

    static let wordBytes = 32
}

/// As it stands in a signature: the components of a tuple without their names.
extension ABIType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .uint(let bits): "uint\(bits)"
        case .int(let bits): "int\(bits)"
        case .address: "address"
        case .bool: "bool"
        case .fixedBytes(let count): "bytes\(count)"
        case .bytes: "bytes"
        case .string: "string"
        case .array(let element): "\(element)[]"
        case .fixedArray(let element, let count): "\(element)[\(count)]"
        case .tuple(let components): "(\(components.map(\.type.description).joined(separator: ",")))"
        }
    }
}

/// A named type: an argument, a result, a component of a tuple, a field of an event.
public struct ABIParameter: Hashable, Sendable {
    public let name: String
    public let type: ABIType

    /// - Precondition: `name` is an identifier, or empty.
    public init(_ name: String, _ type: ABIType) {
        precondition(name.isEmpty || isIdentifier(name), "an ABI name is an identifier")
        self.name = name
        self.type = type
    }
}

/// Whether `text` can name something in Solidity. Such a name needs no escape in JSON.
func isIdentifier(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
        switch byte {
        case 48...57, 65...90, 97...122, 95, 36: true
        default: false
        }
    }
}

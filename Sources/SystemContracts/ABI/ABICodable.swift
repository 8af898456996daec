public import Primitives

/// A type of Swift that stands for one of the ABI. A struct does so by making itself a tuple.
public protocol ABICodable: Sendable {
    static var abiType: ABIType { get }

    /// A value of `abiType`.
    var abiValue: ABIValue { get }

    /// - Throws: `.mismatch` if `value` is not one of `abiType`.
    init(abiValue: ABIValue) throws(ABIError)
}

extension UInt256: ABICodable {
    public static var abiType: ABIType { .uint256 }
    public var abiValue: ABIValue { .uint(self) }

    public init(abiValue: ABIValue) throws(ABIError) {
        guard case .uint(let word) = abiValue else { throw .mismatch(expected: Self.abiType, found: abiValue) }
        self = word
    }
}

extension UInt64: ABICodable {
    public static var abiType: ABIType { .uint64 }
    public var abiValue: ABIValue { .uint(UInt256(self)) }

    public init(abiValue: ABIValue) throws(ABIError) {
        guard case .uint(let word) = abiValue, let number = word.asUInt64 else {
            throw .mismatch(expected: Self.abiType, found: abiValue)
        }
        self = number
    }
}

extension UInt8: ABICodable {
    public static var abiType: ABIType { .uint8 }
    public var abiValue: ABIValue { .uint(UInt256(UInt64(self))) }

    public init(abiValue: ABIValue) throws(ABIError) {
        guard case .uint(let word) = abiValue, let number = word.asUInt64.flatMap(UInt8.init(exactly:)) else {
            throw .mismatch(expected: Self.abiType, found: abiValue)
        }
        self = number
    }
}

extension Address: ABICodable {
    public static var abiType: ABIType { .address }
    public var abiValue: ABIValue { .address(self) }

    public init(abiValue: ABIValue) throws(ABIError) {
        guard case .address(let address) = abiValue else { throw .mismatch(expected: .address, found: abiValue) }
        self = address
    }
}

extension Bool: ABICodable {
    public static var abiType: ABIType { .bool }
    public var abiValue: ABIValue { .bool(self) }

    public init(abiValue: ABIValue) throws(ABIError) {
        guard case .bool(let truth) = abiValue else { throw .mismatch(expected: .bool, found: abiValue) }
        self = truth
    }
}

extension Hash32: ABICodable {
    public static var abiType: ABIType { .bytes32 }
    public var abiValue: ABIValue { .fixedBytes(bytes) }

    public init(abiValue: ABIValue) throws(ABIError) {
        guard case .fixedBytes(let content) = abiValue, content.count == 32 else {
            throw .mismatch(expected: .bytes32, found: abiValue)
        }
        self.init(content)
    }
}

/// Compare texts by their `utf8`: `==` of two strings depends on the version of Unicode.
extension String: ABICodable {
    public static var abiType: ABIType { .string }
    public var abiValue: ABIValue { .string(self) }

    public init(abiValue: ABIValue) throws(ABIError) {
        guard case .string(let text) = abiValue else { throw .mismatch(expected: .string, found: abiValue) }
        self = text
    }
}

/// An array of bytes is `bytes`, not `uint8[]`, which no contract here uses.
extension Array: ABICodable where Element: ABICodable {
    public static var abiType: ABIType { Element.self == UInt8.self ? .bytes : .array(of: Element.abiType) }

    public var abiValue: ABIValue {
        if let bytes = self as? Bytes { return .bytes(bytes) }
        return .array(map(\.abiValue))
    }

    public init(abiValue: ABIValue) throws(ABIError) {
        switch abiValue {
        case .bytes(let bytes):
            guard let bytes = bytes as? [Element] else { throw .mismatch(expected: Self.abiType, found: abiValue) }
            self = bytes
        case .array(let values) where Element.self != UInt8.self:
            self.init()
            reserveCapacity(values.count)
            for value in values { append(try Element(abiValue: value)) }
        default:
            throw .mismatch(expected: Self.abiType, found: abiValue)
        }
    }
}

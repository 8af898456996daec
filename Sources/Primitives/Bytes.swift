/// A run of bytes. Wire formats, keys and values all meet here.
public typealias Bytes = [UInt8]

/// The number of a block; genesis is 0.
public typealias Height = UInt64

/// A unit of execution cost, as Ethereum's yellow paper counts it.
public typealias Gas = UInt64

/// Why a text is not the hexadecimal value that was expected.
public enum HexError: Error, Equatable, Sendable, CustomStringConvertible {
    case missingPrefix(String)
    case oddLength(Int)
    case badDigit(at: Int)
    case wrongByteCount(expected: Int, found: Int)

    public var description: String {
        switch self {
        case .missingPrefix(let text): "hex must start with 0x: \(text.prefix(24))"
        case .oddLength(let digits): "hex must have an even number of digits, found \(digits)"
        case .badDigit(let position): "not a hex digit at position \(position)"
        case .wrongByteCount(let expected, let found): "expected \(expected) bytes, found \(found)"
        }
    }
}

extension Sequence<UInt8> {
    /// Lower-case hex with the prefix 0x, two digits a byte.
    public var hex: String {
        var text = Bytes("0x".utf8)
        text.reserveCapacity(2 + 2 * underestimatedCount)
        for byte in self {
            text.append(Self.digit(byte >> 4))
            text.append(Self.digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 48 + value : 87 + value
    }
}

extension Array<UInt8> {
    /// Reads `text` as hex data: prefix 0x, then an even number of digits of either case.
    public init(hex text: String) throws(HexError) {
        let digits = Array(text.utf8)
        guard digits.count >= 2, digits[0] == 48, digits[1] == 120 || digits[1] == 88 else {
            throw .missingPrefix(text)
        }
        guard digits.count.isMultiple(of: 2) else { throw .oddLength(digits.count - 2) }
        self.init()
        reserveCapacity(digits.count / 2 - 1)
        for position in stride(from: 2, to: digits.count, by: 2) {
            guard let high = hexValue(digits[position]) else { throw .badDigit(at: position) }
            guard let low = hexValue(digits[position + 1]) else { throw .badDigit(at: position + 1) }
            append(high << 4 | low)
        }
    }
}

/// The value of one hex digit in ASCII, or nil.
public func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 48...57: digit - 48
    case 97...102: digit - 87
    case 65...70: digit - 55
    default: nil
    }
}

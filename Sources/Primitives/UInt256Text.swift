/// Why a text is not the decimal number that was expected.
public enum DecimalError: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case badDigit(at: Int)
    /// The number needs more than 256 bits.
    case tooLarge

    public var description: String {
        switch self {
        case .empty: "a decimal number needs at least one digit"
        case .badDigit(let position): "not a decimal digit at position \(position)"
        case .tooLarge: "the number does not fit 256 bits"
        }
    }
}

extension UInt256 {
    /// Reads decimal digits without sign or separators.
    public init(decimal text: String) throws(DecimalError) {
        guard !text.isEmpty else { throw .empty }
        var value = UInt256(0)
        var position = 0
        for digit in text.utf8 {
            guard digit >= 48, digit <= 57 else { throw .badDigit(at: position) }
            let (high, low) = value.multipliedFullWidth(byLimb: 10, adding: UInt256(UInt64(digit - 48)))
            guard high == 0 else { throw .tooLarge }
            value = low
            position += 1
        }
        self = value
    }

    /// Reads 0x and one to 64 hex digits of either case; leading zeros are allowed.
    public init(hex quantity: String) throws(HexError) {
        let digits = Array(quantity.utf8)
        guard digits.count >= 2, digits[0] == 48, digits[1] == 120 || digits[1] == 88 else {
            throw .missingPrefix(quantity)
        }
        guard digits.count > 2 else { throw .badDigit(at: 2) }
        guard digits.count <= 66 else { throw .wrongByteCount(expected: 32, found: (digits.count - 1) / 2) }
        var value = UInt256(0)
        for position in 2..<digits.count {
            guard let digit = hexValue(digits[position]) else { throw .badDigit(at: position) }
            value = value << 4
            value.limb0 |= UInt64(digit)
        }
        self = value
    }

    /// The shortest hex with the prefix 0x, as JSON-RPC writes quantities: `0x0`, `0x1f`.
    public var quantity: String {
        let digitCount = Swift.max(1, (259 - leadingZeroBitCount) / 4)
        var text = Bytes("0x".utf8)
        text.reserveCapacity(2 + digitCount)
        for position in stride(from: digitCount - 1, through: 0, by: -1) {
            let pair = byte(31 - position / 2)
            let digit = position.isMultiple(of: 2) ? pair & 15 : pair >> 4
            text.append(digit < 10 ? 48 + digit : 87 + digit)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension UInt256: CustomStringConvertible {
    /// Decimal digits.
    public var description: String {
        // 10^19 is the largest power of ten in one limb.
        var groups: [String] = []
        var rest = self
        while true {
            guard rest.asUInt64 == nil else {
                groups.append(String(rest.limb0))
                break
            }
            let (quotient, group) = rest.quotientAndRemainder(dividingByLimb: 10_000_000_000_000_000_000)
            let digits = String(group)
            groups.append(String(repeating: "0", count: 19 - digits.utf8.count) + digits)
            rest = quotient
        }
        return groups.reversed().joined()
    }
}

extension UInt64 {
    /// The shortest hex with the prefix 0x, as JSON-RPC writes quantities: `0x0`, `0x1f`.
    public var quantity: String {
        "0x" + String(self, radix: 16)
    }
}

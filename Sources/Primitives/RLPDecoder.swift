/// A value that can be read from its canonical RLP form; anything else is refused.
public protocol RLPDecodable {
    /// Reads exactly one item.
    init(from decoder: inout RLPDecoder) throws(RLPError)
}

/// A value with exactly one RLP form, both written and read.
public typealias RLPCodable = RLPEncodable & RLPDecodable

extension RLPDecodable {
    /// Reads a value that fills `bytes`; trailing bytes are refused.
    public init(rlp bytes: Bytes) throws(RLPError) {
        var decoder = RLPDecoder(bytes)
        try self.init(from: &decoder)
        try decoder.finish()
    }
}

/// A cursor over consecutive RLP items. It accepts the one canonical form of each item and nothing else.
///
/// Reading never traps and never allocates more than the input holds, whatever the input.
public struct RLPDecoder: Sendable {
    private let input: Bytes
    private let end: Int
    /// Offset of the next item in the input, for errors of one's own.
    public private(set) var position: Int

    public init(_ bytes: Bytes) {
        self.init(input: bytes, 0..<bytes.count)
    }

    /// Offsets in errors count from the start of `bytes`.
    public init(_ bytes: ArraySlice<UInt8>) {
        self.init(Bytes(bytes))
    }

    /// Reads only `range` of `bytes`, without copying; offsets count from the start of `bytes`.
    ///
    /// - Precondition: `range` lies in `bytes`.
    public init(_ bytes: Bytes, in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a range of the input")
        self.init(input: bytes, range)
    }

    private init(input: Bytes, _ range: Range<Int>) {
        self.input = input
        (position, end) = (range.lowerBound, range.upperBound)
    }

    public var isAtEnd: Bool { position == end }

    /// Whether the next item is a list.
    public var nextIsList: Bool {
        get throws(RLPError) {
            guard position < end else { throw .truncated(at: position, needed: 1, found: 0) }
            return input[position] >= 0xc0
        }
    }

    /// Whether the next item is the empty string: zero, false or none.
    public var nextIsEmptyString: Bool {
        position < end && input[position] == 0x80
    }

    /// A string of at most `max` bytes.
    public mutating func bytes(max: Int = .max) throws(RLPError) -> Bytes {
        let payload = try string(max: max)
        return Bytes(input[payload])
    }

    /// A string of exactly `count` bytes.
    public mutating func bytes(exactly count: Int) throws(RLPError) -> Bytes {
        Bytes(input[try string(exactly: count)])
    }

    /// Where in the input the content of the next string lies, for looking without copying.
    public mutating func stringRange() throws(RLPError) -> Range<Int> {
        try string(max: .max)
    }

    /// An integer below 2^64 without leading zeros.
    public mutating func uint64() throws(RLPError) -> UInt64 {
        let payload = try integer(maxBytes: 8)
        var value = UInt64(0)
        for index in payload { value = value << 8 | UInt64(input[index]) }
        return value
    }

    /// An integer below 2^256 without leading zeros.
    public mutating func uint256() throws(RLPError) -> UInt256 {
        UInt256(bigEndian: input[try integer(maxBytes: 32)])
    }

    /// The integer 0 or 1.
    public mutating func bool() throws(RLPError) -> Bool {
        let start = position
        switch try uint64() {
        case 0: return false
        case 1: return true
        case let other: throw .invalidValue(at: start, "expected 0 or 1, found \(other)")
        }
    }

    public mutating func hash() throws(RLPError) -> Hash32 {
        Hash32(input[try string(exactly: 32)])
    }

    public mutating func address() throws(RLPError) -> Address {
        Address(input[try string(exactly: 20)])
    }

    /// An address, or nil for the empty string, as a transaction's `to`.
    public mutating func optionalAddress() throws(RLPError) -> Address? {
        guard nextIsEmptyString else { return try address() }
        position += 1
        return nil
    }

    /// A cursor over the payload of the next list; this decoder moves past the list.
    public mutating func list() throws(RLPError) -> RLPDecoder {
        let start = position
        let header = try header()
        guard header.isList else { throw .expectedList(at: start) }
        position = header.payload.upperBound
        return RLPDecoder(input: input, header.payload)
    }

    /// A list of at most `max` values.
    public mutating func array<Element: RLPDecodable>(
        of type: Element.Type, max: Int
    ) throws(RLPError) -> [Element] {
        let start = position
        var elements = try list()
        var values: [Element] = []
        while !elements.isAtEnd {
            guard values.count < max else { throw .tooLarge(at: start, limit: max, found: max + 1) }
            values.append(try Element(from: &elements))
        }
        return values
    }

    /// The next item whole, with its header. The items inside a list are not looked at.
    public mutating func rawItem() throws(RLPError) -> Bytes {
        let start = position
        position = try header().payload.upperBound
        return Bytes(input[start..<position])
    }

    /// Passes over the next item. The items inside a list are not looked at.
    public mutating func skip() throws(RLPError) {
        position = try header().payload.upperBound
    }

    /// Throws `.trailingBytes` unless everything has been read.
    public func finish() throws(RLPError) {
        guard isAtEnd else { throw .trailingBytes(at: position, count: end - position) }
    }
}

extension RLPDecoder {
    private mutating func string(max: Int) throws(RLPError) -> Range<Int> {
        let start = position
        let header = try header()
        guard !header.isList else { throw .expectedString(at: start) }
        guard header.payload.count <= max else {
            throw .tooLarge(at: start, limit: max, found: header.payload.count)
        }
        position = header.payload.upperBound
        return header.payload
    }

    private mutating func string(exactly count: Int) throws(RLPError) -> Range<Int> {
        let start = position
        let payload = try string(max: .max)
        guard payload.count == count else {
            throw .wrongByteCount(at: start, expected: count, found: payload.count)
        }
        return payload
    }

    private mutating func integer(maxBytes: Int) throws(RLPError) -> Range<Int> {
        let start = position
        let payload = try string(max: maxBytes)
        guard payload.isEmpty || input[payload.lowerBound] != 0 else { throw .nonCanonicalInteger(at: start) }
        return payload
    }

    /// Reads the next item's header without moving, and checks that the payload lies in the input.
    private func header() throws(RLPError) -> (isList: Bool, payload: Range<Int>) {
        guard position < end else { throw .truncated(at: position, needed: 1, found: 0) }
        let first = input[position]
        switch first {
        case ..<0x80:
            return (false, position..<position + 1)
        case ..<0xb8:
            let payload = try payload(from: position + 1, count: UInt64(first - 0x80))
            guard payload.count != 1 || input[payload.lowerBound] >= 0x80 else {
                throw .nonCanonicalByte(at: position)
            }
            return (false, payload)
        case ..<0xc0:
            return (false, try longPayload(lengthBytes: Int(first - 0xb7)))
        case ..<0xf8:
            return (true, try payload(from: position + 1, count: UInt64(first - 0xc0)))
        default:
            return (true, try longPayload(lengthBytes: Int(first - 0xf7)))
        }
    }

    private func longPayload(lengthBytes: Int) throws(RLPError) -> Range<Int> {
        let lengthRange = try payload(from: position + 1, count: UInt64(lengthBytes))
        guard input[lengthRange.lowerBound] != 0 else { throw .nonCanonicalLength(at: position) }
        var length = UInt64(0)
        for index in lengthRange { length = length << 8 | UInt64(input[index]) }
        guard length >= 56 else { throw .nonCanonicalLength(at: position) }
        return try payload(from: lengthRange.upperBound, count: length)
    }

    private func payload(from start: Int, count: UInt64) throws(RLPError) -> Range<Int> {
        guard count <= UInt64(end - start) else {
            throw .truncated(at: position, needed: count, found: end - start)
        }
        return start..<start + Int(count)
    }
}

extension UInt64: RLPDecodable {
    public init(from decoder: inout RLPDecoder) throws(RLPError) { self = try decoder.uint64() }
}

extension UInt256: RLPDecodable {
    public init(from decoder: inout RLPDecoder) throws(RLPError) { self = try decoder.uint256() }
}

extension Hash32: RLPDecodable {
    public init(from decoder: inout RLPDecoder) throws(RLPError) { self = try decoder.hash() }
}

extension Address: RLPDecodable {
    public init(from decoder: inout RLPDecoder) throws(RLPError) { self = try decoder.address() }
}

extension Bool: RLPDecodable {
    public init(from decoder: inout RLPDecoder) throws(RLPError) { self = try decoder.bool() }
}

/// Bytes are one string. A list of values is read with `array(of:max:)`.
extension Array: RLPDecodable where Element == UInt8 {
    public init(from decoder: inout RLPDecoder) throws(RLPError) { self = try decoder.bytes() }
}

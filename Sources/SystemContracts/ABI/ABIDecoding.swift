import Primitives

extension ABIValue {
    /// The values that `bytes` encodes.
    ///
    /// It accepts what code compiled by solc accepts: offsets in any order, bytes that nothing points at. It refuses
    /// what such code refuses: offsets and lengths that lead out of the input, stray bits in a type shorter than a
    /// word. Beyond that it refuses values that share bytes where these would be read more than once over, so that
    /// the work is linear in the input, and strings that are not UTF-8.
    public static func decode(_ bytes: ArraySlice<UInt8>, as types: [ABIType]) throws(ABIError) -> [ABIValue] {
        var decoder = ABIDecoder(bytes)
        return try decoder.frame(types, at: 0)
    }
}

private struct ABIDecoder {
    private let bytes: ArraySlice<UInt8>
    /// What may still be read. Values that do not overlap take each byte at most once.
    private var budget: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        budget = bytes.count
    }

    /// Values one after the other, whose offsets count from `start`.
    mutating func frame(_ types: [ABIType], at start: Int) throws(ABIError) -> [ABIValue] {
        var position = start
        var values: [ABIValue] = []
        values.reserveCapacity(types.count)
        for type in types { values.append(try value(type, at: &position, in: start)) }
        return values
    }

    /// - Parameters:
    ///   - position: Of the value's head; moves behind it.
    ///   - frame: What an offset counts from.
    private mutating func value(
        _ type: ABIType, at position: inout Int, in frame: Int
    ) throws(ABIError) -> ABIValue {
        if type.isDynamic {
            let offset = try word(at: position)
            guard let distance = offset.asInt, distance <= bytes.count - frame else {
                throw .offset(at: position, offset)
            }
            position += ABIType.wordBytes
            return try tail(type, at: frame + distance)
        }
        switch type {
        case .fixedArray(let element, let count):
            return .tuple(try elements(element, count: count, at: &position, in: frame))
        case .tuple(let components):
            var values: [ABIValue] = []
            values.reserveCapacity(components.count)
            for component in components { values.append(try value(component.type, at: &position, in: frame)) }
            return .tuple(values)
        default:
            let start = position
            position += ABIType.wordBytes
            guard let value = ABIValue(try word(at: start), as: type) else { throw .padding(at: start, type) }
            return value
        }
    }

    /// A dynamic value at the place that its offset names.
    private mutating func tail(_ type: ABIType, at start: Int) throws(ABIError) -> ABIValue {
        switch type {
        case .bytes:
            return .bytes(Bytes(try content(at: start)))
        case .string:
            guard let text = String(validating: try content(at: start), as: UTF8.self) else {
                throw .notUTF8(at: start)
            }
            return .string(text)
        case .array(let element):
            let length = try word(at: start)
            var position = start + ABIType.wordBytes
            // Before any room is made for them.
            guard let count = length.asInt, count <= (bytes.count - position) / element.headBytes else {
                throw .length(at: start, length)
            }
            return .array(try elements(element, count: count, at: &position, in: position))
        case .fixedArray(let element, let count):
            var position = start
            return .tuple(try elements(element, count: count, at: &position, in: start))
        case .tuple(let components):
            return .tuple(try frame(components.map(\.type), at: start))
        case .uint, .int, .address, .bool, .fixedBytes:
            preconditionFailure("a static value has no tail")
        }
    }

    private mutating func elements(
        _ element: ABIType, count: Int, at position: inout Int, in frame: Int
    ) throws(ABIError) -> [ABIValue] {
        var values: [ABIValue] = []
        values.reserveCapacity(min(count, budget / ABIType.wordBytes))
        for _ in 0..<count { values.append(try value(element, at: &position, in: frame)) }
        return values
    }

    /// The bytes behind their length. Those that pad them to a whole word may be missing.
    private mutating func content(at start: Int) throws(ABIError) -> ArraySlice<UInt8> {
        let length = try word(at: start)
        let position = start + ABIType.wordBytes
        guard let count = length.asInt, count <= bytes.count - position else { throw .length(at: start, length) }
        try spend(count, at: position)
        return bytes[bytes.startIndex + position..<bytes.startIndex + position + count]
    }

    private mutating func word(at position: Int) throws(ABIError) -> UInt256 {
        guard bytes.count - position >= ABIType.wordBytes else {
            throw .truncated(at: position, needed: ABIType.wordBytes, found: max(0, bytes.count - position))
        }
        try spend(ABIType.wordBytes, at: position)
        let start = bytes.startIndex + position
        return UInt256(Hash32(bytes[start..<start + ABIType.wordBytes]))
    }

    private mutating func spend(_ count: Int, at position: Int) throws(ABIError) {
        guard count <= budget else { throw .overlap(at: position) }
        budget -= count
    }
}

extension ABIValue {
    /// What `word` says as a type that fills one word; nil if bits are set that the type does not have.
    fileprivate init?(_ word: UInt256, as type: ABIType) {
        switch type {
        case .uint(let bits):
            guard bits == 256 || (word >> bits).isZero else { return nil }
            self = .uint(word)
        case .int(let bits):
            let sign = word.arithmeticShiftRight(bits - 1)
            guard sign.isZero || sign == .max else { return nil }
            self = .int(word)
        case .address:
            guard (word >> 160).isZero else { return nil }
            self = .address(Address(truncating: word))
        case .bool:
            guard word <= 1 else { return nil }
            self = .bool(!word.isZero)
        case .fixedBytes(let count):
            guard count == 32 || (word << (8 * count)).isZero else { return nil }
            self = .fixedBytes(Bytes(word.bigEndianBytes.prefix(count)))
        case .bytes, .string, .array, .fixedArray, .tuple:
            preconditionFailure("\(type) does not stand in a word")
        }
    }
}

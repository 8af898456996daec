/// A value with a canonical RLP form (yellow paper, appendix B).
public protocol RLPEncodable {
    /// Appends exactly one item.
    func encode(into encoder: inout RLPEncoder)
}

extension RLPEncodable {
    /// The value's whole encoding.
    public var rlp: Bytes {
        var encoder = RLPEncoder()
        encode(into: &encoder)
        return encoder.bytes
    }
}

/// Writes RLP items one after the other into one buffer.
///
/// A list is written in place: its payload first, after one byte kept free for the header. Only a payload
/// of 56 bytes or more is moved, once, by the length of its length.
public struct RLPEncoder: Sendable {
    /// What has been written so far.
    public private(set) var bytes: Bytes

    /// - Parameter capacity: Bytes to make room for at once.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public mutating func append(_ string: Bytes) {
        if string.count == 1, string[0] < 0x80 {
            bytes.append(string[0])
        } else {
            appendStringHeader(string.count)
            bytes.append(contentsOf: string)
        }
    }

    public mutating func append(_ string: ArraySlice<UInt8>) {
        if string.count == 1, let only = string.first, only < 0x80 {
            bytes.append(only)
        } else {
            appendStringHeader(string.count)
            bytes.append(contentsOf: string)
        }
    }

    /// An integer is the string of its big-endian bytes without leading zeros.
    public mutating func append(_ number: UInt64) {
        if number < 0x80 {
            bytes.append(number == 0 ? 0x80 : UInt8(truncatingIfNeeded: number))
        } else {
            let count = (71 - number.leadingZeroBitCount) / 8
            bytes.append(0x80 + UInt8(truncatingIfNeeded: count))
            appendLow(count, of: number)
        }
    }

    public mutating func append(_ number: UInt256) {
        if let small = number.asUInt64 { return append(small) }
        let count = number.byteCount
        bytes.append(0x80 + UInt8(truncatingIfNeeded: count))
        for index in 32 - count..<32 { bytes.append(number.byte(index)) }
    }

    public mutating func append(_ hash: Hash32) {
        bytes.append(0xa0)
        appendLow(8, of: hash.word0)
        appendLow(8, of: hash.word1)
        appendLow(8, of: hash.word2)
        appendLow(8, of: hash.word3)
    }

    public mutating func append(_ address: Address) {
        bytes.append(0x94)
        appendLow(8, of: address.word0)
        appendLow(8, of: address.word1)
        appendLow(4, of: UInt64(address.word2))
    }

    /// The address, or the empty string for none, as a transaction's `to`.
    public mutating func append(_ address: Address?) {
        if let address { append(address) } else { bytes.append(0x80) }
    }

    /// 1 or 0.
    public mutating func append(_ flag: Bool) {
        bytes.append(flag ? 0x01 : 0x80)
    }

    public mutating func append(_ value: some RLPEncodable) {
        value.encode(into: &self)
    }

    /// Appends an item that is already encoded.
    public mutating func appendRaw(_ encodedItem: Bytes) {
        bytes.append(contentsOf: encodedItem)
    }

    /// Appends items that are already encoded.
    public mutating func appendRaw(_ encodedItems: ArraySlice<UInt8>) {
        bytes.append(contentsOf: encodedItems)
    }

    /// Appends a list of whatever `body` appends.
    public mutating func list<Failure: Error>(_ body: (inout RLPEncoder) throws(Failure) -> Void) throws(Failure) {
        let start = bytes.count
        bytes.append(0xc0)
        try body(&self)
        let payloadBytes = bytes.count - start - 1
        if payloadBytes < 56 {
            bytes[start] = 0xc0 + UInt8(truncatingIfNeeded: payloadBytes)
        } else {
            insertLongListHeader(at: start, payloadBytes: payloadBytes)
        }
    }

    public mutating func append(list values: some Sequence<some RLPEncodable>) {
        list { encoder in
            for value in values { value.encode(into: &encoder) }
        }
    }

    private mutating func insertLongListHeader(at start: Int, payloadBytes: Int) {
        let length = UInt64(payloadBytes)
        let lengthBytes = (71 - length.leadingZeroBitCount) / 8
        appendLow(lengthBytes, of: 0)
        unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            let payload = unsafe base + start + 1
            unsafe (payload + lengthBytes).copyMemory(from: payload, byteCount: payloadBytes)
        }
        bytes[start] = 0xf7 + UInt8(truncatingIfNeeded: lengthBytes)
        for index in 0..<lengthBytes {
            bytes[start + 1 + index] = UInt8(truncatingIfNeeded: length >> UInt64(8 * (lengthBytes - 1 - index)))
        }
    }

    private mutating func appendStringHeader(_ count: Int) {
        if count < 56 {
            bytes.append(0x80 + UInt8(truncatingIfNeeded: count))
        } else {
            let length = UInt64(count)
            let lengthBytes = (71 - length.leadingZeroBitCount) / 8
            bytes.append(0xb7 + UInt8(truncatingIfNeeded: lengthBytes))
            appendLow(lengthBytes, of: length)
        }
    }

    /// The `count` (0...8) lowest bytes of `word`, the most significant first.
    private mutating func appendLow(_ count: Int, of word: UInt64) {
        unsafe withUnsafeBytes(of: word.bigEndian) { buffer in
            unsafe bytes.append(contentsOf: buffer[(8 - count)...])
        }
    }
}

extension UInt64: RLPEncodable {
    public func encode(into encoder: inout RLPEncoder) { encoder.append(self) }
}

extension UInt256: RLPEncodable {
    public func encode(into encoder: inout RLPEncoder) { encoder.append(self) }
}

extension Hash32: RLPEncodable {
    public func encode(into encoder: inout RLPEncoder) { encoder.append(self) }
}

extension Address: RLPEncodable {
    public func encode(into encoder: inout RLPEncoder) { encoder.append(self) }
}

extension Bool: RLPEncodable {
    public func encode(into encoder: inout RLPEncoder) { encoder.append(self) }
}

/// Bytes are one string. A list of values is written with `append(list:)`.
extension Array: RLPEncodable where Element == UInt8 {
    public func encode(into encoder: inout RLPEncoder) { encoder.append(self) }
}

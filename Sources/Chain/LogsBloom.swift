import Crypto
public import Primitives

/// A 2048-bit filter over the addresses and topics of logs (Yellow Paper, section 4.3.1, function M3:2048).
///
/// It never misses what was added; it may claim what was not.
public struct LogsBloom: Hashable, Sendable {
    /// The bits, most significant first.
    public private(set) var bytes: Bytes

    public static let byteCount = 256
    public static let empty = LogsBloom(zero: ())

    private init(zero: Void) {
        bytes = Bytes(repeating: 0, count: LogsBloom.byteCount)
    }

    /// - Precondition: `bytes` holds exactly 256 bytes.
    public init(_ bytes: Bytes) {
        precondition(bytes.count == LogsBloom.byteCount, "a bloom has 256 bytes")
        self.bytes = bytes
    }

    /// The filter over all of `logs`.
    public init(_ logs: some Sequence<Log>) {
        self = .empty
        for log in logs {
            insert(log.address)
            for topic in log.topics { insert(topic) }
        }
    }

    public mutating func insert(_ address: Address) {
        setBits(of: keccak256(address))
    }

    public mutating func insert(_ topic: Hash32) {
        setBits(of: keccak256(topic))
    }

    public mutating func formUnion(_ other: LogsBloom) {
        guard other != .empty else { return }
        for index in bytes.indices { bytes[index] |= other.bytes[index] }
    }

    public func mayContain(_ address: Address) -> Bool {
        hasBits(of: keccak256(address))
    }

    public func mayContain(_ topic: Hash32) -> Bool {
        hasBits(of: keccak256(topic))
    }

    private mutating func setBits(of hash: Hash32) {
        for pair in 0..<3 {
            let bit = LogsBloom.bit(pair, of: hash)
            bytes[bit.byte] |= bit.mask
        }
    }

    private func hasBits(of hash: Hash32) -> Bool {
        (0..<3).allSatisfy { pair in
            let bit = LogsBloom.bit(pair, of: hash)
            return bytes[bit.byte] & bit.mask != 0
        }
    }

    /// The low eleven bits of the `pair`-th two bytes of `hash` number a bit, counted from the last byte's lowest.
    private static func bit(_ pair: Int, of hash: Hash32) -> (byte: Int, mask: UInt8) {
        let number = (Int(hash[2 * pair]) << 8 | Int(hash[2 * pair + 1])) & 2047
        return (byteCount - 1 - number >> 3, 1 << UInt8(number & 7))
    }
}

extension LogsBloom: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.append(bytes)
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        bytes = try decoder.bytes(exactly: LogsBloom.byteCount)
    }
}

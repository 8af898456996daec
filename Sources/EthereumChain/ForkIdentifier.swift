public import Primitives

/// The sum over a chain's genesis and the forks that it has passed (EIP-2124, EIP-6122).
public struct ForkIdentifier: Hashable, Sendable {
    public let checksum: UInt32

    /// - Parameters:
    ///   - heights: At which forks begin, in ascending order, without those of the genesis.
    ///   - times: The same in seconds since 1970.
    public init(genesis: Hash32, heights: [Height], times: [UInt64]) {
        var checksum = Self.continued(0, genesis.bytes)
        for activation in heights + times {
            checksum = Self.continued(checksum, (0..<8).map { UInt8(truncatingIfNeeded: activation >> (56 - 8 * $0)) })
        }
        self.checksum = checksum
    }

    /// CRC-32 as in IEEE 802.3, bit by bit: what it runs over is short.
    private static func continued(_ checksum: UInt32, _ bytes: Bytes) -> UInt32 {
        var sum = ~checksum
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
        }
        return ~sum
    }
}

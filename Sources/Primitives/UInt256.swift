/// An unsigned number of 256 bits: the word of the EVM, a balance, a slot.
///
/// Four 64-bit limbs, the least significant first. Nothing here allocates except the conversions to
/// bytes and text.
public struct UInt256: Hashable, Sendable, BitwiseCopyable {
    /// Limbs from the least significant (`limb0`) to the most significant (`limb3`).
    public var limb0, limb1, limb2, limb3: UInt64

    @inlinable
    public init(limbs limb0: UInt64, _ limb1: UInt64, _ limb2: UInt64, _ limb3: UInt64) {
        (self.limb0, self.limb1, self.limb2, self.limb3) = (limb0, limb1, limb2, limb3)
    }

    @inlinable
    public init(_ value: UInt64) {
        self.init(limbs: value, 0, 0, 0)
    }

    /// The number whose big-endian bytes are `hash`.
    @inlinable
    public init(_ hash: Hash32) {
        self.init(limbs: hash.word3, hash.word2, hash.word1, hash.word0)
    }

    /// The number whose big-endian bytes are `address`, as the EVM pushes an address.
    @inlinable
    public init(_ address: Address) {
        self.init(
            limbs: address.word1 << 32 | UInt64(address.word2),
            address.word0 << 32 | address.word1 >> 32,
            address.word0 >> 32,
            0)
    }

    /// Reads at most 32 bytes, the most significant first; missing leading bytes are zero.
    ///
    /// - Precondition: `bytes` holds at most 32 bytes.
    @inlinable
    public init(bigEndian bytes: some Collection<UInt8>) {
        precondition(bytes.count <= 32, "a UInt256 has at most 32 bytes")
        self.init(0)
        for byte in bytes {
            limb3 = limb3 << 8 | limb2 >> 56
            limb2 = limb2 << 8 | limb1 >> 56
            limb1 = limb1 << 8 | limb0 >> 56
            limb0 = limb0 << 8 | UInt64(byte)
        }
    }

    public static let zero = UInt256(0)
    public static let one = UInt256(1)
    public static let max = UInt256(limbs: .max, .max, .max, .max)

    @inlinable public var isZero: Bool { limb0 | limb1 | limb2 | limb3 == 0 }

    /// The value if it fits 64 bits, else nil.
    @inlinable public var asUInt64: UInt64? { limb1 | limb2 | limb3 == 0 ? limb0 : nil }

    /// The value if it fits a non-negative `Int`, else nil.
    @inlinable public var asInt: Int? { limb1 | limb2 | limb3 == 0 ? Int(exactly: limb0) : nil }

    /// The low 64 bits; higher bits are dropped.
    @inlinable public var truncatedToUInt64: UInt64 { limb0 }
}

extension UInt256: ExpressibleByIntegerLiteral {
    @inlinable
    public init(integerLiteral value: UInt64) {
        self.init(value)
    }
}

extension UInt256: Comparable {
    @inlinable @inline(__always)
    public static func < (left: UInt256, right: UInt256) -> Bool {
        left.subtractingReportingOverflow(right).overflow
    }

    /// Whether `self` is less than `other`, both read as two's complement.
    @inlinable @inline(__always)
    public func signedLess(_ other: UInt256) -> Bool {
        isNegative == other.isNegative ? self < other : isNegative
    }

    /// The sign bit of the two's complement reading.
    @inlinable public var isNegative: Bool { limb3 >> 63 == 1 }
}

extension UInt256 {
    /// All 32 bytes, the most significant first.
    public var bigEndianBytes: Bytes {
        hash.bytes
    }

    /// The bytes without leading zeros, the most significant first; none for 0.
    public var minimalBytes: Bytes {
        Bytes(bigEndianBytes.suffix(byteCount))
    }

    /// The same 32 bytes as a `Hash32`: a storage key, a topic.
    @inlinable
    public var hash: Hash32 { Hash32(limb3, limb2, limb1, limb0) }

    /// How many bytes the number needs: 0 for 0, at most 32.
    @inlinable
    public var byteCount: Int { (263 - leadingZeroBitCount) / 8 }

    /// Byte `index` (0...31), the most significant first, as the opcode BYTE counts.
    @inlinable
    public func byte(_ index: Int) -> UInt8 {
        precondition(0 <= index && index < 32, "a UInt256 has bytes 0...31")
        let limb =
            switch index >> 3 {
            case 0: limb3
            case 1: limb2
            case 2: limb1
            default: limb0
            }
        return UInt8(truncatingIfNeeded: limb >> UInt64(56 - 8 * (index & 7)))
    }
}

extension Address {
    /// The low twenty bytes of `word`, as the EVM reads an address from the stack.
    @inlinable
    public init(truncating word: UInt256) {
        self.init(
            word0: word.limb2 << 32 | word.limb1 >> 32,
            word1: word.limb1 << 32 | word.limb0 >> 32,
            word2: UInt32(truncatingIfNeeded: word.limb0))
    }
}

/// Thirty-two bytes: a Keccak-256 or SHA-256 digest, a root, or any other fixed word.
///
/// Four big-endian words, so that comparing, hashing and copying need no heap.
public struct Hash32: Hashable, Comparable, Sendable, BitwiseCopyable {
    public let word0, word1, word2, word3: UInt64

    @inlinable
    public init(_ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
        (self.word0, self.word1, self.word2, self.word3) = (word0, word1, word2, word3)
    }

    public static let zero = Hash32(0, 0, 0, 0)

    /// - Precondition: `bytes` holds exactly 32 bytes. Untrusted input goes through `init(checking:)`.
    @inlinable
    public init(_ bytes: some Collection<UInt8>) {
        precondition(bytes.count == 32, "a Hash32 has 32 bytes")
        let read = bytes.withContiguousStorageIfAvailable { bytes in
            unsafe Hash32(reading: UnsafeRawBufferPointer(bytes))
        }
        self = unsafe read ?? Bytes(bytes).withUnsafeBytes { unsafe Hash32(reading: $0) }
    }

    /// - Precondition: `bytes` holds at least 32 bytes.
    @inlinable
    package init(reading bytes: UnsafeRawBufferPointer) {
        unsafe self.init(
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
    }

    /// The hash in `bytes`, or `.wrongByteCount`.
    @inlinable
    public init(checking bytes: some Collection<UInt8>) throws(HexError) {
        guard bytes.count == 32 else { throw .wrongByteCount(expected: 32, found: bytes.count) }
        self.init(bytes)
    }

    /// Reads 0x and 64 hex digits.
    public init(hex text: String) throws(HexError) {
        try self.init(checking: Bytes(hex: text))
    }

    public var bytes: Bytes {
        unsafe Bytes(unsafeUninitializedCapacity: 32) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            unsafe target.storeBytes(of: word0.bigEndian, toByteOffset: 0, as: UInt64.self)
            unsafe target.storeBytes(of: word1.bigEndian, toByteOffset: 8, as: UInt64.self)
            unsafe target.storeBytes(of: word2.bigEndian, toByteOffset: 16, as: UInt64.self)
            unsafe target.storeBytes(of: word3.bigEndian, toByteOffset: 24, as: UInt64.self)
            count = 32
        }
    }

    /// Byte `index` (0...31), the most significant first.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        let word =
            switch index >> 3 {
            case 0: word0
            case 1: word1
            case 2: word2
            default: word3
            }
        return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index & 7)))
    }

    public var hex: String { bytes.hex }

    @inlinable
    public static func < (left: Hash32, right: Hash32) -> Bool {
        (left.word0, left.word1, left.word2, left.word3) < (right.word0, right.word1, right.word2, right.word3)
    }
}

extension Hash32: CustomStringConvertible {
    public var description: String { hex }
    /// The first four bytes, for logs and tables.
    public var short: String { String(hex.prefix(10)) }
}

/// The twenty bytes that name an account or a validator.
public struct Address: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The bytes as big-endian words: eight, eight and four of them.
    public let word0, word1: UInt64
    public let word2: UInt32

    @inlinable
    package init(word0: UInt64, word1: UInt64, word2: UInt32) {
        (self.word0, self.word1, self.word2) = (word0, word1, word2)
    }

    public static let zero = Address(word0: 0, word1: 0, word2: 0)

    /// - Precondition: `bytes` holds exactly 20 bytes. Untrusted input goes through `init(checking:)`.
    @inlinable
    public init(_ bytes: some Collection<UInt8>) {
        precondition(bytes.count == 20, "an Address has 20 bytes")
        let read = bytes.withContiguousStorageIfAvailable { bytes in
            unsafe Address(reading: UnsafeRawBufferPointer(bytes))
        }
        self = unsafe read ?? Bytes(bytes).withUnsafeBytes { unsafe Address(reading: $0) }
    }

    /// - Precondition: `bytes` holds at least 20 bytes.
    @inlinable
    package init(reading bytes: UnsafeRawBufferPointer) {
        unsafe self.init(
            word0: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            word1: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            word2: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
    }

    /// The last twenty bytes of `hash`: how a public key's hash becomes an address.
    @inlinable
    public init(lastBytesOf hash: Hash32) {
        self.init(
            word0: hash.word1 << 32 | hash.word2 >> 32,
            word1: hash.word2 << 32 | hash.word3 >> 32,
            word2: UInt32(truncatingIfNeeded: hash.word3))
    }

    /// The address in `bytes`, or `.wrongByteCount`.
    @inlinable
    public init(checking bytes: some Collection<UInt8>) throws(HexError) {
        guard bytes.count == 20 else { throw .wrongByteCount(expected: 20, found: bytes.count) }
        self.init(bytes)
    }

    /// Reads 0x and 40 hex digits of either case; a checksum (EIP-55) is not required.
    public init(hex text: String) throws(HexError) {
        try self.init(checking: Bytes(hex: text))
    }

    public var bytes: Bytes {
        unsafe Bytes(unsafeUninitializedCapacity: 20) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            unsafe target.storeBytes(of: word0.bigEndian, toByteOffset: 0, as: UInt64.self)
            unsafe target.storeBytes(of: word1.bigEndian, toByteOffset: 8, as: UInt64.self)
            unsafe target.storeBytes(of: word2.bigEndian, toByteOffset: 16, as: UInt32.self)
            count = 20
        }
    }

    public var hex: String { bytes.hex }

    @inlinable
    public static func < (left: Address, right: Address) -> Bool {
        (left.word0, left.word1, left.word2) < (right.word0, right.word1, right.word2)
    }
}

extension Address: CustomStringConvertible {
    public var description: String { hex }
    /// The first four bytes, for logs and tables.
    public var short: String { String(hex.prefix(10)) }
}

public import Primitives

/// The transactions that clients handed to this node and that are in no block yet, kept over a restart.
///
/// Nobody was promised that they outlive a loss of power, so nothing is synced: what the process has written
/// survives its end, and a torn or damaged tail is left out. Integers are big-endian.
///
/// ```
/// file:    magic 8, then records end to end
/// record:  length 4 · CRC-32C of the envelope 4 · envelope (EIP-2718)
/// ```
///
/// Owned by one thread.
public final class TransactionJournal {
    /// The most bytes that the file may have; further transactions are not noted.
    public static let fileBytesMax = 64 << 20
    /// The longest envelope that a record holds.
    public static let envelopeBytesMax = 128 << 10
    /// The file is not rewritten before it has this many bytes.
    public static let rewriteBytesMin = 1 << 20

    private static let magic = Bytes("FTPOOL01".utf8)
    private static let recordHeaderBytes = 8

    public let path: String
    public private(set) var byteCount: Int
    private let fileBytesMax: Int
    private var file: File
    private var rewriteBytes = TransactionJournal.rewriteBytesMin

    private init(path: String, file: File, byteCount: Int, fileBytesMax: Int) {
        (self.path, self.file, self.byteCount, self.fileBytesMax) = (path, file, byteCount, fileBytesMax)
    }

    /// What `open` found.
    public struct Opening {
        public let journal: TransactionJournal
        /// In the order in which they were noted.
        public let envelopes: [Bytes]
        /// Bytes at the end that were no whole records.
        public let bytesCut: Int
    }

    /// Opens or makes the journal. Whatever lies there that is none is overwritten: it was nobody's only copy.
    public static func open(
        path: String, fileBytesMax: Int = TransactionJournal.fileBytesMax
    ) throws(FileError) -> Opening {
        let file = try File(path, .any)
        let found = try file.byteCount()
        let bytes = try file.read(count: min(found, fileBytesMax), at: 0)
        let (envelopes, end) = records(of: bytes)
        let journal = TransactionJournal(path: path, file: file, byteCount: end, fileBytesMax: fileBytesMax)
        if end == 0 {
            try file.truncate(to: 0)
            try file.write(magic, at: 0)
            journal.byteCount = magic.count
        } else if found > end {
            try file.truncate(to: end)
        }
        return Opening(journal: journal, envelopes: envelopes, bytesCut: found - end)
    }

    /// The envelopes up to the first damage, and where that is; 0 where not even the magic is whole.
    private static func records(of bytes: Bytes) -> (envelopes: [Bytes], end: Int) {
        guard bytes.starts(with: magic) else { return ([], 0) }
        var envelopes: [Bytes] = []
        var end = magic.count
        while bytes.count - end >= recordHeaderBytes {
            let length = Int(word(bytes[end..<end + 4]))
            let start = end + recordHeaderBytes
            guard length > 0, length <= envelopeBytesMax, bytes.count - start >= length else { break }
            let envelope = Bytes(bytes[start..<start + length])
            guard Checksum.of(envelope) == word(bytes[end + 4..<start]) else { break }
            envelopes.append(envelope)
            end = start + length
        }
        return (envelopes, end)
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func append(_ word: UInt32, to bytes: inout Bytes) {
        for shift: UInt32 in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }

    /// As many of the envelopes, from the first on, as the file may hold behind `start` bytes.
    private func encoded(_ envelopes: [Bytes], behind start: Int) -> (bytes: Bytes, left: Int) {
        var bytes = Bytes()
        for (index, envelope) in envelopes.enumerated() where (1...Self.envelopeBytesMax).contains(envelope.count) {
            guard start + bytes.count + Self.recordHeaderBytes + envelope.count <= fileBytesMax else {
                return (bytes, envelopes.count - index)
            }
            Self.append(UInt32(envelope.count), to: &bytes)
            Self.append(Checksum.of(envelope), to: &bytes)
            bytes += envelope
        }
        return (bytes, 0)
    }

    /// Whether so much was noted that it is time to write down anew what still waits.
    public var isDue: Bool { byteCount >= rewriteBytes }

    /// Notes `envelopes`.
    ///
    /// - Returns: How many found no room.
    public func append(_ envelopes: [Bytes]) throws(FileError) -> Int {
        let (bytes, left) = encoded(envelopes, behind: byteCount)
        // Behind the last whole record: what a failed write left is overwritten.
        try file.write(bytes, at: byteCount)
        byteCount += bytes.count
        return left
    }

    /// Lets go of everything but `envelopes`. A crash at any moment leaves the old file or the new one.
    ///
    /// - Returns: How many found no room.
    public func replace(with envelopes: [Bytes]) throws(FileError) -> Int {
        let (bytes, left) = encoded(envelopes, behind: Self.magic.count)
        let next = try File(path + ".new", .empty)
        try next.write(Self.magic + bytes, at: 0)
        try File.rename(next.path, to: path)
        file = next
        byteCount = Self.magic.count + bytes.count
        // Doubling keeps the bytes that are rewritten in proportion to those that are noted.
        rewriteBytes = max(Self.rewriteBytesMin, 2 * byteCount)
        return left
    }
}

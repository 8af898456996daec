internal import Primitives

/// How the vote log lies on disk: one header, then records end to end. Integers are big-endian.
///
/// ```
/// header:  magic 8 · genesis hash 32 · validator 20 · silent through 8 · CRC-32C of the 68 bytes before it 4
/// record:  length 4 · height 8 · CRC-32C of the payload 4 · CRC-32C of the 16 bytes before it 4 · payload
/// ```
///
/// A record's own header has a checksum, so that a flipped length never makes the records after it look like
/// a tail cut off by a crash.
enum VoteLogFormat {
    /// Names the format and its version.
    static let magic = Bytes("FTVOTES1".utf8)
    static let headerBytes = 72
    static let recordHeaderBytes = 20

    struct Header: Equatable {
        var genesis: Hash32
        var validator: Address
        /// No vote up to this height: its log was lost. 0 where nothing was lost.
        var silentThrough: Height

        var bytes: Bytes {
            var bytes = magic + genesis.bytes + validator.bytes + silentThrough.bigEndianBytes
            bytes += Checksum.of(bytes).bigEndianBytes
            return bytes
        }

        /// Nil where `bytes` is not a whole header.
        init?(_ bytes: Bytes) {
            guard bytes.count == headerBytes, Bytes(bytes[..<8]) == magic else { return nil }
            guard UInt32(bigEndian: bytes[68..<72]) == Checksum.of(Bytes(bytes[..<68])) else { return nil }
            self.init(
                genesis: Hash32(bytes[8..<40]), validator: Address(bytes[40..<60]),
                silentThrough: UInt64(bigEndian: bytes[60..<68]))
        }

        init(genesis: Hash32, validator: Address, silentThrough: Height) {
            self.genesis = genesis
            self.validator = validator
            self.silentThrough = silentThrough
        }
    }

    static func encode(_ record: VoteLog.Record, into bytes: inout Bytes) {
        let start = bytes.count
        bytes += UInt32(record.payload.count).bigEndianBytes
        bytes += record.height.bigEndianBytes
        bytes += Checksum.of(record.payload).bigEndianBytes
        bytes += Checksum.of(Bytes(bytes[start...])).bigEndianBytes
        bytes += record.payload
    }

    /// What a log file holds, up to the last whole record.
    struct Contents {
        var records: [VoteLog.Record] = []
        /// Where the next record goes.
        var end: Int
    }

    /// Reads the records after the header.
    ///
    /// A crash leaves a prefix of the bytes being written, or zeros where they should be: such a tail was never
    /// synced, so no vote in it was sent, and it is left out. Every other departure is damage.
    static func read(_ file: Bytes, path: String) throws(VoteLogError) -> Contents {
        var contents = Contents(end: headerBytes)
        while contents.end < file.count {
            let start = contents.end
            let left = file.count - start
            guard left >= recordHeaderBytes, file[start...].contains(where: { $0 != 0 }) else { break }
            let payloadStart = start + recordHeaderBytes
            let header = Bytes(file[start..<start + 16])
            guard UInt32(bigEndian: file[start + 16..<payloadStart]) == Checksum.of(header) else {
                throw .damaged(path: path, offset: start, reason: "a record's header fails its checksum")
            }
            let length = Int(UInt32(bigEndian: header[..<4]))
            guard length <= VoteLog.recordBytesMax else {
                throw .damaged(path: path, offset: start, reason: "a record of \(length) bytes")
            }
            guard left - recordHeaderBytes >= length else { break }
            let payload = Bytes(file[payloadStart..<payloadStart + length])
            guard UInt32(bigEndian: header[12..<16]) == Checksum.of(payload) else {
                throw .damaged(path: path, offset: payloadStart, reason: "a record fails its checksum")
            }
            contents.records.append(VoteLog.Record(height: UInt64(bigEndian: header[4..<12]), payload: payload))
            contents.end = payloadStart + length
        }
        return contents
    }
}

extension FixedWidthInteger {
    fileprivate var bigEndianBytes: Bytes {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> Self($0)) }
    }

    fileprivate init(bigEndian bytes: some Collection<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | Self($1) }
    }
}

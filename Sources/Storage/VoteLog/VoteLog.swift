public import Primitives

/// What a validator has signed, on disk before it leaves the node (QBFT.md, points 13 and 14).
///
/// An append-only file apart from the chain, so that a vote waits for one short sync and never for a block.
/// The log knows nothing of votes: a record is bytes and the height they belong to.
///
/// Belongs to one thread at a time.
public final class VoteLog {
    /// The largest record: a proposal carries its block (EIP-7934: 8 MiB) and the justification.
    public static let recordBytesMax = 16 << 20
    /// The largest log. Reached only if nothing is finalised, or nothing is discarded, for very long.
    public static let fileBytesMax = 256 << 20
    /// Discarding rewrites the file only when at least this much of it goes: a rewrite costs three syncs.
    public static let rewriteBytesMin = 4 << 20

    public struct Record: Hashable, Sendable {
        public let height: Height
        public let payload: Bytes

        public init(height: Height, payload: Bytes) {
            self.height = height
            self.payload = payload
        }
    }

    /// What was found where the log should be.
    public enum Presence: Hashable, Sendable {
        /// No log, and none is expected: a validator's first start.
        case fresh
        /// The log of earlier runs.
        case existing
        /// The chain remembers a log and it is gone: votes may have been sent that nobody remembers.
        case missingButExpected
    }

    /// A log ready for use, with what it told when it was opened.
    public struct Opening {
        public let log: VoteLog
        public let presence: Presence
        /// Every whole record, in the order of writing.
        public let records: [Record]
        /// The bytes of an unfinished record that were cut from the end; 0 after a clean stop.
        public let bytesCut: Int
    }

    /// Votes up to this height must not be made: an earlier log was lost, and it may hold others. Nil where none was.
    ///
    /// It is in the file, so a validator that restarts while it is silent stays silent.
    public var silentThrough: Height? { header.silentThrough == 0 ? nil : header.silentThrough }

    /// How many times the log has waited for the medium; directory syncs included.
    public private(set) var syncCount = 0

    /// Where the file ends: bytes on disk.
    public private(set) var byteCount: Int

    private let path: String
    private let header: VoteLogFormat.Header
    private let lock: File
    private var file: File
    private var isBroken = false
    /// Bytes of records by height, ascending: what discarding would free.
    private var bytesByHeight: [Height: Int]

    private init(
        path: String, header: VoteLogFormat.Header, lock: File, file: File, contents: VoteLogFormat.Contents
    ) {
        self.path = path
        self.header = header
        self.lock = lock
        self.file = file
        self.byteCount = contents.end
        self.bytesByHeight = [:]
        for record in contents.records { count(record) }
    }

    private func count(_ record: Record) {
        bytesByHeight[record.height, default: 0] += VoteLogFormat.recordHeaderBytes + record.payload.count
    }

    // MARK: Opening

    /// Opens or makes the log of `validator` on the chain of `genesis`.
    ///
    /// - Parameter expectedAtHead: The height of the chain's head if the chain remembers that a log was made
    ///   (`ChainStore.hasVoteLog`), nil otherwise. If the log is gone then, the new one stays silent through the
    ///   height after it, where the lost votes may be.
    public static func open(
        path: String, genesis: Hash32, validator: Address, expectedAtHead: Height?
    ) throws(VoteLogError) -> Opening {
        do {
            let lock = try File(path + ".lock", .any)
            guard try lock.lock() else { throw VoteLogError.inUse(path: path) }
            guard File.exists(path) else {
                let silentThrough = expectedAtHead.map { $0 &+ 1 } ?? 0
                let header = VoteLogFormat.Header(
                    genesis: genesis, validator: validator, silentThrough: silentThrough)
                let contents = VoteLogFormat.Contents(end: VoteLogFormat.headerBytes)
                let file = try write(header.bytes, beside: path)
                try File.rename(file.path, to: path)
                try File.syncDirectory(of: path)
                let log = VoteLog(path: path, header: header, lock: lock, file: file, contents: contents)
                log.syncCount = Self.syncsOfReplacing
                return Opening(
                    log: log, presence: expectedAtHead == nil ? .fresh : .missingButExpected, records: [],
                    bytesCut: 0)
            }
            return try openExisting(path: path, genesis: genesis, validator: validator, lock: lock)
        } catch let error as FileError {
            throw VoteLogError(error)
        } catch let error as VoteLogError {
            throw error
        } catch {
            preconditionFailure("only file and log errors are thrown above: \(error)")
        }
    }

    private static func openExisting(
        path: String, genesis: Hash32, validator: Address, lock: File
    ) throws -> Opening {
        let file = try File(path, .existing)
        let found = try file.byteCount()
        guard found <= fileBytesMax + recordBytesMax else {
            throw VoteLogError.full(path: path, bytesMax: fileBytesMax)
        }
        let bytes = try file.read(count: found, at: 0)
        guard bytes.starts(with: VoteLogFormat.magic) else { throw VoteLogError.notAVoteLog(path: path) }
        guard let header = VoteLogFormat.Header(Bytes(bytes.prefix(VoteLogFormat.headerBytes))) else {
            throw VoteLogError.damaged(path: path, offset: 0, reason: "the header fails its checksum")
        }
        guard header.genesis == genesis, header.validator == validator else {
            throw VoteLogError.otherOwner(
                path: path, expected: "chain \(genesis.short) validator \(validator)",
                found: "chain \(header.genesis.short) validator \(header.validator)")
        }
        let contents = try VoteLogFormat.read(bytes, path: path)
        let log = VoteLog(path: path, header: header, lock: lock, file: file, contents: contents)
        if found > contents.end {
            try file.truncate(to: contents.end)
            try file.sync()
            log.syncCount += 1
        }
        return Opening(
            log: log, presence: .existing, records: contents.records, bytesCut: found - contents.end)
    }

    // MARK: Writing

    /// Adds `records` and returns when they are on the medium: one write and one sync, however many they are.
    ///
    /// After an error none of them may be sent. `.diskFull` leaves the log as it was; other failures break it.
    public func append(_ records: [Record]) throws(VoteLogError) {
        guard !isBroken else { throw .broken(path: path) }
        guard !records.isEmpty else { return }
        var bytes = Bytes()
        for record in records {
            guard record.payload.count <= Self.recordBytesMax else {
                throw .recordTooLarge(bytes: record.payload.count, bytesMax: Self.recordBytesMax)
            }
            VoteLogFormat.encode(record, into: &bytes)
        }
        guard byteCount + bytes.count <= Self.fileBytesMax else {
            throw .full(path: path, bytesMax: Self.fileBytesMax)
        }
        do {
            try file.write(bytes, at: byteCount)
        } catch {
            // Whatever part was written goes; if even that fails, the tail is unknown.
            do { try file.truncate(to: byteCount) } catch { isBroken = true }
            throw VoteLogError(error)
        }
        do {
            syncCount += 1
            try file.sync()
        } catch {
            // After a failed sync the system may have dropped the bytes and forgotten that they were dirty.
            isBroken = true
            throw VoteLogError(error)
        }
        byteCount += bytes.count
        for record in records { count(record) }
    }

    /// Lets go of records up to and with `height`, which must be finalised. Records above it stay.
    ///
    /// The file is rewritten only when enough of it can go (`rewriteBytesMin`): the new file is synced, renamed over
    /// the old one, and the directory synced, before anything is appended to it. A crash at any moment leaves the
    /// old file or the new one, and both hold every record above `height`.
    ///
    /// - Parameter anyway: Rewrites even if little is freed.
    public func discard(through height: Height, anyway: Bool = false) throws(VoteLogError) {
        guard !isBroken else { throw .broken(path: path) }
        let freed = bytesByHeight.filter { $0.key <= height }.values.reduce(0, +)
        guard freed >= Self.rewriteBytesMin || (anyway && freed > 0) else { return }
        do {
            let contents = try VoteLogFormat.read(file.read(count: byteCount, at: 0), path: path)
            var bytes = header.bytes
            var kept: [Record] = []
            for record in contents.records where record.height > height {
                VoteLogFormat.encode(record, into: &bytes)
                kept.append(record)
            }
            let next = try Self.write(bytes, beside: path)
            try File.rename(next.path, to: path)
            // If the directory's sync fails, which of the two files comes back is not known.
            isBroken = true
            try File.syncDirectory(of: path)
            isBroken = false
            file = next
            syncCount += Self.syncsOfReplacing
            byteCount = bytes.count
            bytesByHeight = [:]
            for record in kept { count(record) }
        } catch let error as FileError {
            throw VoteLogError(error)
        } catch let error as VoteLogError {
            throw error
        } catch {
            preconditionFailure("only file and log errors are thrown above: \(error)")
        }
    }

    private static let syncsOfReplacing = 2

    /// A synced file with `bytes` next to `path`, to be renamed over it.
    private static func write(_ bytes: Bytes, beside path: String) throws(FileError) -> File {
        let file = try File(path + ".new", .empty)
        try file.write(bytes, at: 0)
        try file.sync()
        return file
    }
}

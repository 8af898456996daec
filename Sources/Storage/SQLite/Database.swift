internal import CSQLite

/// One connection to one SQLite file. Not thread-safe: whoever makes it uses it, from one thread at a time.
///
/// The connection is opened without SQLite's own mutexes; the class being non-Sendable is the lock.
@safe
final class Database {
    enum Mode {
        /// Reads and writes; makes the file if it is absent.
        case owner
        /// Reads only, and never makes a file.
        case reader
    }

    let path: String
    private let handle: OpaquePointer
    private var isHolding = false

    /// How long a statement waits for a lock that another process (somebody's `sqlite3`) holds.
    static let busyMillisecondsMax: Int32 = 5_000

    init(path: String, mode: Mode) throws(StorageError) {
        let flags =
            switch mode {
            case .owner: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
            case .reader: SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
            }
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            let message = unsafe opened.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            unsafe sqlite3_close_v2(opened)
            throw StorageError(code: code, message: message, during: "open", path: path)
        }
        self.path = path
        unsafe self.handle = opened
        unsafe sqlite3_extended_result_codes(opened, 1)
        unsafe sqlite3_busy_timeout(opened, Self.busyMillisecondsMax)
    }

    deinit {
        // With statements still alive SQLite closes when the last of them is finalised.
        unsafe sqlite3_close_v2(handle)
    }

    /// Runs `sql`, which may hold several statements and gives no rows.
    func execute(_ sql: String) throws(StorageError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, during: sql) }
    }

    /// Compiles `sql` once, to be run many times.
    func prepare(_ sql: String) throws(StorageError) -> Statement {
        var compiled: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
        guard code == SQLITE_OK, let compiled = unsafe compiled else { throw failure(code, during: sql) }
        return unsafe Statement(compiled, path: path)
    }

    /// The first column of the first row of `sql`, as text; nil where there is none.
    func text(_ sql: String) throws(StorageError) -> String? {
        let statement = try prepare(sql)
        return try statement.first { (row) throws(StorageError) in row.text(0) }
    }

    /// Keeps one moment in sight until the next `transaction` or `checkpoint`, for a connection that is the only one
    /// that writes: without it every read takes and gives back two file locks, which costs more than the read.
    func hold() throws(StorageError) {
        guard !isHolding else { return }
        try execute("BEGIN")
        isHolding = true
    }

    private func letGo() throws(StorageError) {
        guard isHolding else { return }
        try execute("COMMIT")
        isHolding = false
    }

    /// Runs `body` in a transaction: all of it is kept, or none.
    func transaction<Result>(_ body: () throws(StorageError) -> Result) throws(StorageError) -> Result {
        try letGo()
        try execute("BEGIN IMMEDIATE")
        let result: Result
        do {
            result = try body()
            try execute("COMMIT")
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
        return result
    }

    /// Runs `body` while the file holds still: every read in it sees the same moment.
    func snapshot<Result>(_ body: () throws(StorageError) -> Result) throws(StorageError) -> Result {
        try execute("BEGIN")
        defer { try? execute("COMMIT") }
        return try body()
    }

    /// Copies what the write-ahead log holds into the file, as far as no reader stands in the way.
    func checkpoint() throws(StorageError) {
        try letGo()
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        guard code == SQLITE_OK || code == SQLITE_BUSY else { throw failure(code, during: "checkpoint") }
    }

    private func failure(_ code: Int32, during sql: String) -> StorageError {
        unsafe StorageError(code: code, message: String(cString: sqlite3_errmsg(handle)), during: sql, path: path)
    }
}

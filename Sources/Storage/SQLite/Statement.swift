internal import CSQLite
internal import Primitives

/// A compiled SQL statement with typed parameters and columns. Belongs to the thread of its `Database`.
///
/// Parameters are numbered from 1, columns from 0, as in SQLite. A bound value stays until it is bound again.
@safe
final class Statement {
    private let statement: OpaquePointer
    private let path: String
    /// Bound hashes and addresses live here, so that binding one neither allocates nor copies inside SQLite.
    private let words: UnsafeMutablePointer<UInt8>
    private static let wordBytes = 32

    /// Tells SQLite to copy the bytes it is given before the call returns.
    private static var transient: sqlite3_destructor_type {
        unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }

    init(_ statement: OpaquePointer, path: String) {
        unsafe self.statement = statement
        self.path = path
        let parameters = unsafe Int(sqlite3_bind_parameter_count(statement))
        unsafe words = .allocate(capacity: Self.wordBytes * max(1, parameters))
    }

    deinit {
        unsafe sqlite3_finalize(statement)
        unsafe words.deallocate()
    }

    // MARK: Parameters

    @discardableResult
    func bind(_ index: Int32, _ value: Int64) -> Statement {
        unsafe check(sqlite3_bind_int64(statement, index, value))
        return self
    }

    /// SQLite's integers are signed: values from 2^63 are kept by their bit pattern.
    @discardableResult
    func bind(_ index: Int32, _ value: UInt64) -> Statement {
        bind(index, Int64(bitPattern: value))
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Hash32) -> Statement {
        let word = unsafe words + Self.wordBytes * Int(index - 1)
        for position in 0..<32 { unsafe word[position] = value[position] }
        unsafe check(sqlite3_bind_blob(statement, index, word, 32, nil))
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Address) -> Statement {
        bind(index, value.bytes)
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Bytes) -> Statement {
        if value.isEmpty {
            unsafe check(sqlite3_bind_zeroblob(statement, index, 0))
        } else if value.count <= Self.wordBytes {
            let word = unsafe words + Self.wordBytes * Int(index - 1)
            for position in value.indices { unsafe word[position] = value[position] }
            unsafe check(sqlite3_bind_blob(statement, index, word, Int32(value.count), nil))
        } else {
            unsafe value.withUnsafeBufferPointer { bytes in
                unsafe check(
                    sqlite3_bind_blob64(
                        statement, index, bytes.baseAddress, UInt64(bytes.count), Self.transient))
            }
        }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: String) -> Statement {
        unsafe check(sqlite3_bind_text(statement, index, value, -1, Self.transient))
        return self
    }

    @discardableResult
    func bindNull(_ index: Int32) -> Statement {
        unsafe check(sqlite3_bind_null(statement, index))
        return self
    }

    /// Binding fails only for a parameter the statement does not have or while it runs: our own mistakes.
    private func check(_ code: Int32) {
        precondition(code == SQLITE_OK, "a parameter does not fit its statement")
    }

    // MARK: Running

    /// Runs a statement that gives no rows.
    func run() throws(StorageError) {
        defer { reset() }
        while try step() {}
    }

    /// What `read` makes of the first row, or nil where there is none.
    func first<Result>(_ read: (Statement) throws(StorageError) -> Result) throws(StorageError) -> Result? {
        defer { reset() }
        guard try step() else { return nil }
        return try read(self)
    }

    /// Hands every row to `read`, in order, until it answers false.
    func rows(_ read: (Statement) throws(StorageError) -> Bool) throws(StorageError) {
        defer { reset() }
        while try step() {
            guard try read(self) else { return }
        }
    }

    private func step() throws(StorageError) -> Bool {
        switch unsafe sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let message = unsafe String(cString: sqlite3_errmsg(sqlite3_db_handle(statement)))
            let sql = unsafe String(cString: sqlite3_sql(statement))
            throw StorageError(code: code, message: message, during: sql, path: path)
        }
    }

    private func reset() {
        unsafe sqlite3_reset(statement)
    }

    // MARK: Columns

    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    func int64(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(statement, column)
    }

    func uint64(_ column: Int32) -> UInt64 {
        UInt64(bitPattern: int64(column))
    }

    func text(_ column: Int32) -> String {
        guard let text = unsafe sqlite3_column_text(statement, column) else { return "" }
        return unsafe String(cString: text)
    }

    func bytes(_ column: Int32) -> Bytes {
        guard let start = unsafe sqlite3_column_blob(statement, column) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        return unsafe Bytes(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The 32 bytes of `column`; anything else is a damaged row.
    func hash(_ column: Int32) throws(StorageError) -> Hash32 {
        do { return try Hash32(checking: bytes(column)) } catch { throw damaged(column, "\(error)") }
    }

    /// The 20 bytes of `column`; anything else is a damaged row.
    func address(_ column: Int32) throws(StorageError) -> Address {
        do { return try Address(checking: bytes(column)) } catch { throw damaged(column, "\(error)") }
    }

    func damaged(_ column: Int32, _ found: String) -> StorageError {
        let name = unsafe sqlite3_column_name(statement, column).map { unsafe String(cString: $0) } ?? "\(column)"
        return .corrupted(path: path, what: "column \(name)", expected: "whole value", found: found)
    }
}

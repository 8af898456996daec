public import Primitives
internal import Synchronization

/// Reads the chain from other threads than the one that writes it. Has a connection of its own.
///
/// Callers take turns; make one reader for each thread that should not wait for another.
public final class StoreReader: Sendable {
    private let connection: Mutex<Connection>
    private let recent: RecentBlocks

    private final class Connection {
        let database: Database
        let tables: Tables

        init(path: String) throws(StorageError) {
            database = try Database(path: path, mode: .reader)
            try database.execute(Schema.readerPragmas)
            tables = try Tables(database)
        }
    }

    init(path: String, recent: RecentBlocks) throws(StorageError) {
        connection = Mutex(try Connection(path: path))
        self.recent = recent
    }

    /// The last block whose state is known. Answered from memory, without waiting for anybody.
    public var headHeight: Height { recent.stateHeight }

    /// Runs `body` on the chain as it is now; it stays so until `body` returns, whatever is appended meanwhile.
    ///
    /// Keep it short: while a view is open the write-ahead log cannot be folded into the file.
    public func read<Answer: Sendable>(
        _ body: @Sendable (StoreView) throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer {
        try connection.withLock { (connection) throws(StorageError) in
            // First the list, then the file: the file then has at least what had left the list.
            let recent = recent.all
            return try connection.database.snapshot { () throws(StorageError) in
                let flushedHeight = try connection.tables.meta.height(.stateHeight) ?? 0
                return try body(
                    StoreView(tables: connection.tables, recent: recent, flushedHeight: flushedHeight))
            }
        }
    }
}

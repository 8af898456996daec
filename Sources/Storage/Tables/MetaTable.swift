internal import Primitives

/// Facts about the file, by name.
final class MetaTable {
    enum Key: String {
        case schemaVersion = "schema_version"
        case chainID = "chain_id"
        case genesisHash = "genesis_hash"
        /// The height whose state the state tables hold.
        case stateHeight = "state_height"
        /// The root of that state as it was computed: a lax council may have sealed a header that names another.
        case stateRoot = "state_root"
        /// Present once a vote log has been made beside this chain.
        case voteLog = "vote_log"
    }

    private let read: Statement
    private let write: Statement

    init(_ database: Database) throws(StorageError) {
        read = try database.prepare("SELECT value FROM meta WHERE key = ?1")
        write = try database.prepare("INSERT OR REPLACE INTO meta(key, value) VALUES (?1, ?2)")
    }

    func text(_ key: Key) throws(StorageError) -> String? {
        read.bind(1, key.rawValue)
        return try read.first { (row) throws(StorageError) in row.text(0) }
    }

    func height(_ key: Key) throws(StorageError) -> Height? {
        read.bind(1, key.rawValue)
        return try read.first { (row) throws(StorageError) in row.uint64(0) }
    }

    func set(_ key: Key, _ value: String) throws(StorageError) {
        try write.bind(1, key.rawValue).bind(2, value).run()
    }

    func set(_ key: Key, _ value: UInt64) throws(StorageError) {
        try write.bind(1, key.rawValue).bind(2, value).run()
    }
}

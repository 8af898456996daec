public import Chain
internal import EVM
internal import Primitives
internal import Trie
internal import Validation

/// A chain's file, found to be whole and ours.
struct OpenedChain {
    let lock: File
    let database: Database
    let tables: Tables
    let head: ChainHead
    let stateHeight: Height
    let stateRoot: Hash32
    let hasVoteLog: Bool
    let hasFollowed: Bool
}

extension ChainStore {
    /// Opens the chain of `genesis` at `path`, or makes it if there is no file.
    ///
    /// - Parameter checkingAllPages: Reads the whole file first (`PRAGMA quick_check`): about a second a gigabyte.
    ///   Without it, only what is read later is checked.
    /// - Throws: A `StorageError` that names the file, what was expected and found, and what to do.
    public static func open(
        path: String, genesis: Genesis, checkingAllPages: Bool = false
    ) throws(StorageError) -> ChainStore {
        let lock: File
        do throws(FileError) {
            lock = try File(path + ".lock", .any)
            guard try lock.lock() else { throw FileError(operation: "flock", path: path, errno: 0) }
        } catch {
            throw error.errno == 0 ? .inUse(path: path) : .file(error)
        }
        let database = try Database(path: path, mode: .owner)
        if try isEmpty(database) { try create(database, genesis: genesis) }
        try checkIdentity(of: database, genesis: genesis)
        try database.execute(Schema.ownerPragmas)
        if checkingAllPages { try checkPages(of: database) }
        let tables = try Tables(database)
        let (head, stateHeight, stateRoot) = try readEnds(tables)
        return ChainStore(
            opened: OpenedChain(
                lock: lock, database: database, tables: tables, head: head, stateHeight: stateHeight,
                stateRoot: stateRoot, hasVoteLog: try tables.meta.text(.voteLog) != nil,
                hasFollowed: try tables.reports.followedHeight() != nil))
    }

    // MARK: Making

    /// Whether the file holds nothing yet: new, or its making was interrupted.
    private static func isEmpty(_ database: Database) throws(StorageError) -> Bool {
        let tables = try database.text("SELECT count(*) FROM sqlite_schema")
        let application = try database.text("PRAGMA application_id")
        return tables == "0" && application == "0"
    }

    /// Makes tables, block 0 and its state, in one transaction.
    private static func create(_ database: Database, genesis: Genesis) throws(StorageError) {
        try database.execute(Schema.ownerPragmas)
        try database.transaction { () throws(StorageError) in
            try database.execute(Schema.tables)
            try database.execute("PRAGMA application_id = \(Schema.applicationID)")
            let tables = try Tables(database)
            try tables.meta.set(.schemaVersion, UInt64(Schema.version))
            try tables.meta.set(.chainID, genesis.rules.chainID)
            try tables.meta.set(.genesisHash, genesis.hash.hex)
            try tables.meta.set(.stateHeight, 0)
            try tables.meta.set(.stateRoot, genesis.block().header.stateRoot.hex)
            try tables.blocks.insert(genesis.block(), certificate: nil, receipts: [], senders: [])
            try write(GenesisState(genesis), to: tables)
        }
    }

    private static func write(_ state: GenesisState, to tables: Tables) throws(StorageError) {
        for change in state.changes.accounts { try tables.state.write(change.after, at: change.address) }
        for change in state.changes.storage {
            try tables.state.write(change.after, at: change.address, change.slot)
        }
        for new in state.changes.code { try tables.state.write(new.code, of: new.hash) }
        for trie in state.settlement.storageTries {
            for (path, rlp) in trie.update.nodes { try tables.state.write(rlp, at: TrieKey(trie.owner, path).columns) }
        }
        for (path, rlp) in state.settlement.accountTrie.nodes {
            try tables.state.write(rlp, at: TrieKey(nil, path).columns)
        }
    }

    // MARK: Checking

    private static func checkIdentity(of database: Database, genesis: Genesis) throws(StorageError) {
        let path = database.path
        guard try database.text("PRAGMA application_id") == "\(Schema.applicationID)" else {
            throw .notAChain(path: path, reason: "it is the SQLite file of another program")
        }
        let meta = try MetaTable(database)
        let version = try meta.text(.schemaVersion) ?? "none"
        guard version == "\(Schema.version)" else {
            throw .otherVersion(path: path, expected: Schema.version, found: version)
        }
        let chainID = try meta.text(.chainID) ?? "none"
        guard chainID == "\(genesis.rules.chainID)" else {
            throw .otherChain(path: path, expected: "chain id \(genesis.rules.chainID)", found: chainID)
        }
        let hash = try meta.text(.genesisHash) ?? "none"
        guard hash == genesis.hash.hex else {
            throw .otherChain(path: path, expected: "genesis block \(genesis.hash.hex)", found: hash)
        }
    }

    private static func checkPages(of database: Database) throws(StorageError) {
        let found = try database.text("PRAGMA quick_check(1)") ?? "nothing"
        guard found == "ok" else {
            throw .corrupted(path: database.path, what: "pages", expected: "ok", found: found)
        }
    }

    /// The last block, and the block whose state is stored: both whole, and that state's root in its place.
    private static func readEnds(
        _ tables: Tables
    ) throws(StorageError) -> (head: ChainHead, stateHeight: Height, stateRoot: Hash32) {
        guard let headHeight = try tables.blocks.headHeight(),
            let stateHeight = try tables.meta.height(.stateHeight), stateHeight <= headHeight
        else {
            throw .corrupted(
                path: tables.path, what: "meta.state_height", expected: "a height up to the last block's",
                found: try tables.meta.text(.stateHeight) ?? "none")
        }
        let view = StoreView(tables: tables, recent: [], flushedHeight: stateHeight, headHeight: headHeight)
        guard let head = try view.head(at: headHeight) else { throw view.missing("block \(headHeight)") }
        if headHeight > 0, let parent = try view.hash(at: headHeight - 1), parent != head.header.parentHash {
            throw .corrupted(
                path: tables.path, what: "block \(headHeight - 1)", expected: head.header.parentHash.hex,
                found: parent.hex)
        }
        let text = try tables.meta.text(.stateRoot) ?? ""
        guard let stateRoot = try? Hash32(hex: text) else {
            throw .corrupted(path: tables.path, what: "meta.state_root", expected: "a hash", found: text)
        }
        if stateRoot != MerkleTrie.emptyRoot { _ = try tables.checkedNode(stateRoot, at: TrieKey(nil, .root)) }
        return (head, stateHeight, stateRoot)
    }
}

internal import Crypto
internal import EVM
internal import Primitives
internal import Trie

/// The latest state as of `meta.state_height`: accounts, storage, code, trie nodes, and where transactions stand.
final class StateTables {
    private let path: String
    private let readAccount, writeAccount, deleteAccount: Statement
    private let readSlot, writeSlot, deleteSlot, readSlots: Statement
    private let readCode, writeCode: Statement
    private let readNode, writeNode, deleteNode: Statement
    private let readTransaction, writeTransaction: Statement

    init(_ database: Database) throws(StorageError) {
        path = database.path
        readAccount = try database.prepare("SELECT nonce, balance, code_hash, crc FROM accounts WHERE address = ?1")
        writeAccount = try database.prepare(
            "INSERT OR REPLACE INTO accounts(address, nonce, balance, code_hash, crc) VALUES (?1, ?2, ?3, ?4, ?5)")
        deleteAccount = try database.prepare("DELETE FROM accounts WHERE address = ?1")
        readSlot = try database.prepare("SELECT value, crc FROM storage WHERE address = ?1 AND slot = ?2")
        writeSlot = try database.prepare(
            "INSERT OR REPLACE INTO storage(address, slot, value, crc) VALUES (?1, ?2, ?3, ?4)")
        deleteSlot = try database.prepare("DELETE FROM storage WHERE address = ?1 AND slot = ?2")
        readSlots = try database.prepare("SELECT slot FROM storage WHERE address = ?1 LIMIT ?2")
        readCode = try database.prepare("SELECT code FROM code WHERE hash = ?1")
        writeCode = try database.prepare("INSERT OR IGNORE INTO code(hash, code) VALUES (?1, ?2)")
        readNode = try database.prepare("SELECT node FROM trie_nodes WHERE owner = ?1 AND path = ?2")
        writeNode = try database.prepare("INSERT OR REPLACE INTO trie_nodes(owner, path, node) VALUES (?1, ?2, ?3)")
        deleteNode = try database.prepare("DELETE FROM trie_nodes WHERE owner = ?1 AND path = ?2")
        readTransaction = try database.prepare(
            "SELECT height, position FROM transactions WHERE hash_prefix = ?1 ORDER BY height, position")
        writeTransaction = try database.prepare(
            "INSERT OR IGNORE INTO transactions(hash_prefix, height, position) VALUES (?1, ?2, ?3)")
    }

    // MARK: Accounts

    func account(_ address: Address) throws(StorageError) -> Account? {
        readAccount.bind(1, address)
        return try readAccount.first { (row) throws(StorageError) in
            try row.account(firstColumn: 0, of: address, at: 0, path: path)
        } ?? nil
    }

    func write(_ account: Account?, at address: Address) throws(StorageError) {
        if let account {
            writeAccount.bind(1, address)
            try writeAccount.bind(account, from: 2, of: address, at: 0).run()
        } else {
            try deleteAccount.bind(1, address).run()
        }
    }

    // MARK: Storage

    func word(_ address: Address, _ slot: UInt256) throws(StorageError) -> UInt256 {
        readSlot.bind(1, address).bind(2, slot.minimalBytes)
        return try readSlot.first { (row) throws(StorageError) in
            try row.word(firstColumn: 0, of: address, slot, at: 0, path: path)
        } ?? .zero
    }

    /// The slots of `address` that hold something, ascending by their encoding; at most `countMax`.
    func slots(of address: Address, countMax: Int) throws(StorageError) -> [UInt256] {
        var found: [UInt256] = []
        readSlots.bind(1, address).bind(2, Int64(countMax))
        try readSlots.rows { (row) throws(StorageError) in
            found.append(try row.word(0))
            return true
        }
        return found
    }

    func write(_ value: UInt256, at address: Address, _ slot: UInt256) throws(StorageError) {
        if value.isZero {
            try deleteSlot.bind(1, address).bind(2, slot.minimalBytes).run()
        } else {
            writeSlot.bind(1, address).bind(2, slot.minimalBytes)
            try writeSlot.bind(value, from: 3, of: address, slot, at: 0).run()
        }
    }

    // MARK: Code

    func code(_ hash: Hash32) throws(StorageError) -> Bytes? {
        readCode.bind(1, hash)
        guard let code = try readCode.first({ (row) throws(StorageError) in row.bytes(0) }) else { return nil }
        guard keccak256(code) == hash else {
            throw .corrupted(path: path, what: "code", expected: hash.hex, found: keccak256(code).hex)
        }
        return code
    }

    func write(_ code: Bytes, of hash: Hash32) throws(StorageError) {
        try writeCode.bind(1, hash).bind(2, code).run()
    }

    // MARK: Trie nodes

    /// The node at `key`, unchecked: what it must hash to is known to who asks.
    func node(_ key: TrieKey) throws(StorageError) -> Bytes? {
        let columns = key.columns
        readNode.bind(1, columns.owner).bind(2, columns.path)
        return try readNode.first { (row) throws(StorageError) in row.bytes(0) }
    }

    func write(_ node: Bytes?, at columns: TrieColumns) throws(StorageError) {
        if let node {
            try writeNode.bind(1, columns.owner).bind(2, columns.path).bind(3, node).run()
        } else {
            try deleteNode.bind(1, columns.owner).bind(2, columns.path).run()
        }
    }

    // MARK: Transactions

    /// Where transactions stand whose hash starts like `hash`: nearly always one or none.
    func candidates(for hash: Hash32) throws(StorageError) -> [(height: Height, position: Int)] {
        var found: [(height: Height, position: Int)] = []
        readTransaction.bind(1, hash.word0)
        try readTransaction.rows { (row) throws(StorageError) in
            found.append((height: row.uint64(0), position: Int(row.int64(1))))
            return found.count < Self.candidatesMax
        }
        return found
    }

    /// How many transactions with one prefix are looked at: making two of them alike takes 2³² hashes.
    private static let candidatesMax = 64

    func writeTransaction(prefix: UInt64, height: Height, position: Int) throws(StorageError) {
        try writeTransaction.bind(1, prefix).bind(2, height).bind(3, Int64(position)).run()
    }
}

/// Where a node lies: its trie and its path in it.
struct TrieKey: Hashable {
    /// nil for the account trie, else the hash of the account's address.
    let owner: Hash32?
    let path: TriePath

    init(_ owner: Hash32?, _ path: TriePath) {
        self.owner = owner
        self.path = path
    }

    var columns: TrieColumns { TrieColumns(self) }
}

/// A `TrieKey` as the table has it, in the table's order.
struct TrieColumns: Comparable {
    let owner: Bytes
    /// The nibbles first and their number last, so that a node lies beside its children: a leaf and the branches
    /// above it are rewritten together, most often on one page.
    let path: Bytes

    init(_ key: TrieKey) {
        owner = key.owner?.bytes ?? []
        let bytes = key.path.bytes
        path = Bytes(bytes[1...]) + bytes[..<1]
    }

    static func < (left: TrieColumns, right: TrieColumns) -> Bool {
        left.owner == right.owner
            ? left.path.lexicographicallyPrecedes(right.path) : left.owner.lexicographicallyPrecedes(right.owner)
    }
}

// Rows of accounts and words look alike in the state and in its history.
extension Statement {
    /// Binds nonce, balance, code hash and checksum to four parameters from `index` on.
    @discardableResult
    func bind(_ account: Account?, from index: Int32, of address: Address, at height: Height) -> Statement {
        if let account {
            bind(index, account.nonce).bind(index + 1, account.balance.minimalBytes)
        } else {
            bindNull(index).bindNull(index + 1)
        }
        if let account, account.hasCode { bind(index + 2, account.codeHash) } else { bindNull(index + 2) }
        return bind(index + 3, Self.checksum(account, of: address, at: height))
    }

    /// Reads four columns from `column` on: nonce, balance, code hash and checksum.
    func account(
        firstColumn column: Int32, of address: Address, at height: Height, path: String
    ) throws(StorageError) -> Account? {
        var account: Account?
        if !isNull(column) {
            account = Account(nonce: uint64(column), balance: try word(column + 1))
            if !isNull(column + 2) { account?.codeHash = try hash(column + 2) }
        }
        guard uint64(column + 3) == Self.checksum(account, of: address, at: height) else {
            throw .corrupted(
                path: path, what: "account \(address)", expected: "checksum \(uint64(column + 3))",
                found: "\(Self.checksum(account, of: address, at: height))")
        }
        return account
    }

    /// Binds value and checksum to two parameters from `index` on.
    @discardableResult
    func bind(
        _ value: UInt256, from index: Int32, of address: Address, _ slot: UInt256, at height: Height
    ) -> Statement {
        bind(index, value.minimalBytes)
        return bind(index + 1, Self.checksum(value, of: address, slot, at: height))
    }

    /// Reads two columns from `column` on: value and checksum.
    func word(
        firstColumn column: Int32, of address: Address, _ slot: UInt256, at height: Height, path: String
    ) throws(StorageError) -> UInt256 {
        let value = try word(column)
        guard uint64(column + 1) == Self.checksum(value, of: address, slot, at: height) else {
            throw .corrupted(
                path: path, what: "slot \(slot) of \(address)", expected: "checksum \(uint64(column + 1))",
                found: "\(Self.checksum(value, of: address, slot, at: height))")
        }
        return value
    }

    /// The big-endian number in `column`; more than 32 bytes are a damaged row.
    func word(_ column: Int32) throws(StorageError) -> UInt256 {
        let bytes = bytes(column)
        guard bytes.count <= 32 else { throw damaged(column, "\(bytes.count) bytes") }
        return UInt256(bigEndian: bytes)
    }

    private static func checksum(_ account: Account?, of address: Address, at height: Height) -> UInt64 {
        var checksum = Checksum()
        checksum.add(UInt256(address).hash)
        checksum.add(height)
        if let account {
            checksum.add(account.nonce)
            checksum.add(account.balance.hash)
            checksum.add(account.codeHash)
        }
        return UInt64(checksum.value)
    }

    private static func checksum(
        _ value: UInt256, of address: Address, _ slot: UInt256, at height: Height
    ) -> UInt64 {
        var checksum = Checksum()
        checksum.add(UInt256(address).hash)
        checksum.add(height)
        checksum.add(slot.hash)
        checksum.add(value.hash)
        return UInt64(checksum.value)
    }
}

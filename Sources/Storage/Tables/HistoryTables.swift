internal import EVM
internal import Primitives

/// What each block changed: the value before it. With the latest state that gives every past one.
final class HistoryTables {
    private let path: String
    private let writeAccount, writeSlot: Statement
    private let accountAbove, slotAbove: Statement
    private let changedAccounts, changedSlots, nextSlot: Statement

    init(_ database: Database) throws(StorageError) {
        path = database.path
        writeAccount = try database.prepare(
            """
            INSERT OR REPLACE INTO account_history(height, address, nonce, balance, code_hash, crc)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
        writeSlot = try database.prepare(
            """
            INSERT OR REPLACE INTO storage_history(height, address, slot, value, crc)
            VALUES (?1, ?2, ?3, ?4, ?5)
            """)
        accountAbove = try database.prepare(
            """
            SELECT nonce, balance, code_hash, crc, height FROM account_history
            WHERE address = ?1 AND height > ?2 ORDER BY height LIMIT 1
            """)
        slotAbove = try database.prepare(
            """
            SELECT value, crc, height FROM storage_history
            WHERE address = ?1 AND slot = ?2 AND height > ?3 ORDER BY height LIMIT 1
            """)
        changedAccounts = try database.prepare(
            "SELECT DISTINCT address FROM account_history WHERE height > ?1 LIMIT ?2")
        changedSlots = try database.prepare(
            "SELECT DISTINCT address, slot FROM storage_history WHERE height > ?1 LIMIT ?2")
        nextSlot = try database.prepare(
            "SELECT slot FROM storage_history WHERE address = ?1 AND slot >= ?2 ORDER BY slot LIMIT 1")
    }

    func write(_ change: StateChanges.AccountChange, at height: Height) throws(StorageError) {
        writeAccount.bind(1, height).bind(2, change.address)
        try writeAccount.bind(change.before, from: 3, of: change.address, at: height).run()
    }

    func write(_ change: StateChanges.StorageChange, at height: Height) throws(StorageError) {
        writeSlot.bind(1, height).bind(2, change.address).bind(3, change.slot.minimalBytes)
        try writeSlot.bind(change.before, from: 4, of: change.address, change.slot, at: height).run()
    }

    /// The account after block `height` if a stored block above it changed it; else nil: it is the latest one.
    func account(_ address: Address, at height: Height) throws(StorageError) -> Account?? {
        accountAbove.bind(1, address).bind(2, height)
        return try accountAbove.first { (row) throws(StorageError) -> Account? in
            try row.account(firstColumn: 0, of: address, at: row.uint64(4), path: path)
        }
    }

    /// As `account`, for a word of storage.
    func word(_ address: Address, _ slot: UInt256, at height: Height) throws(StorageError) -> UInt256? {
        slotAbove.bind(1, address).bind(2, slot.minimalBytes).bind(3, height)
        return try slotAbove.first { (row) throws(StorageError) in
            try row.word(firstColumn: 0, of: address, slot, at: row.uint64(2), path: path)
        }
    }

    /// The slots of `address` that any block has changed, ascending by their encoding; at most `countMax`. Looks each
    /// up in the index, so that it does not matter how often they were changed.
    func slots(of address: Address, countMax: Int) throws(StorageError) -> [UInt256] {
        var found: [UInt256] = []
        var least: Bytes = []
        while found.count < countMax {
            nextSlot.bind(1, address).bind(2, least)
            let next = try nextSlot.first { (row) throws(StorageError) in
                (slot: try row.word(0), encoding: row.bytes(0))
            }
            guard let next else { break }
            found.append(next.slot)
            // Nothing lies between these bytes and the same with a zero behind them.
            least = next.encoding + [0]
        }
        return found
    }

    /// The accounts that blocks above `height` changed, each once; at most `countMax`.
    func accountsChanged(above height: Height, countMax: Int) throws(StorageError) -> [Address] {
        var found: [Address] = []
        changedAccounts.bind(1, height).bind(2, Int64(countMax))
        try changedAccounts.rows { (row) throws(StorageError) in
            found.append(try row.address(0))
            return true
        }
        return found
    }

    /// The words of storage that blocks above `height` changed, each once; at most `countMax`.
    func slotsChanged(
        above height: Height, countMax: Int
    ) throws(StorageError) -> [(address: Address, slot: UInt256)] {
        var found: [(address: Address, slot: UInt256)] = []
        changedSlots.bind(1, height).bind(2, Int64(countMax))
        try changedSlots.rows { (row) throws(StorageError) in
            found.append((address: try row.address(0), slot: try row.word(1)))
            return true
        }
        return found
    }
}

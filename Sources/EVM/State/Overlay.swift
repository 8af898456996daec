import Primitives

/// The memory of a journal. Apart from it because it need not know what state lies below: this part is not
/// generic, so it runs at full speed wherever the journal is used from.
struct Overlay {
    private struct AccountEntry {
        let address: Address
        /// Before the first transaction of this journal.
        let original: Account?
        /// Before the transaction under way.
        var atStart: Account?
        var current: Account?
        /// Has been read or written by the transaction under way.
        var isAccessed = false
        /// Has been written by it.
        var isTouched = false
    }

    private struct StorageEntry {
        let cell: StorageCell
        let original: UInt256
        var atStart: UInt256
        var current: UInt256
        var isAccessed = false
    }

    private enum Undo {
        case account(index: Int, Account?, wasTouched: Bool)
        case storage(index: Int, UInt256)
    }

    private var accountIndex: [Address: Int] = [:]
    private var accounts: [AccountEntry] = []
    private var storageIndex: [StorageCell: Int] = [:]
    private var cells: [StorageEntry] = []
    private var codeIndex: [Hash32: Int] = [:]
    private var codes: [StateChanges.NewCode] = []
    /// Positions in `accounts` and `cells`, in the order of first access by the transaction under way.
    private var accessedAccounts: [Int] = []
    private var accessedCells: [Int] = []
    private var undo: [Undo] = []

    // MARK: Accounts

    func index(of address: Address) -> Int? {
        accountIndex[address]
    }

    mutating func load(_ address: Address, _ account: Account?) -> Int {
        let index = accounts.count
        accountIndex[address] = index
        accounts.append(AccountEntry(address: address, original: account, atStart: account, current: account))
        return index
    }

    subscript(index: Int) -> Account? { accounts[index].current }

    mutating func access(_ index: Int) {
        guard !accounts[index].isAccessed else { return }
        accounts[index].isAccessed = true
        accessedAccounts.append(index)
    }

    mutating func set(_ index: Int, to account: Account?) {
        access(index)
        undo.append(.account(index: index, accounts[index].current, wasTouched: accounts[index].isTouched))
        accounts[index].current = account
        accounts[index].isTouched = true
    }

    // MARK: Storage

    mutating func storage(_ cell: StorageCell) -> UInt256? {
        guard let index = storageIndex[cell] else { return nil }
        access(cellAt: index)
        return cells[index].current
    }

    mutating func load(_ cell: StorageCell, _ word: UInt256) {
        let index = cells.count
        storageIndex[cell] = index
        cells.append(StorageEntry(cell: cell, original: word, atStart: word, current: word))
        access(cellAt: index)
    }

    private mutating func access(cellAt index: Int) {
        guard !cells[index].isAccessed else { return }
        cells[index].isAccessed = true
        accessedCells.append(index)
    }

    /// - Precondition: The cell has been loaded.
    mutating func set(_ cell: StorageCell, to word: UInt256) {
        guard let index = storageIndex[cell] else { preconditionFailure("a cell is loaded before it is written") }
        undo.append(.storage(index: index, cells[index].current))
        cells[index].current = word
    }

    // MARK: Code

    func code(_ hash: Hash32) -> Bytes? {
        codeIndex[hash].map { codes[$0].code }
    }

    mutating func addCode(_ code: Bytes, hash: Hash32) {
        guard codeIndex[hash] == nil else { return }
        codeIndex[hash] = codes.count
        codes.append(StateChanges.NewCode(hash: hash, code: code))
    }

    // MARK: Spans

    func checkpoint() -> Checkpoint {
        Checkpoint(undoCount: undo.count)
    }

    mutating func revert(to checkpoint: Checkpoint) {
        precondition(checkpoint.undoCount <= undo.count, "a checkpoint lies in the transaction under way")
        while undo.count > checkpoint.undoCount {
            switch undo.removeLast() {
            case .account(let index, let account, let wasTouched):
                accounts[index].current = account
                accounts[index].isTouched = wasTouched
            case .storage(let index, let word):
                cells[index].current = word
            }
        }
    }

    mutating func closeTransaction() -> TransactionEffects {
        var effects = TransactionEffects()
        effects.accounts.reserveCapacity(accessedAccounts.count)
        for index in accessedAccounts {
            // EIP-161: an account that was touched and is empty at the end is no account.
            if accounts[index].isTouched, accounts[index].current?.isEmpty == true { accounts[index].current = nil }
            let entry = accounts[index]
            effects.accounts.append(
                StateChanges.AccountChange(address: entry.address, before: entry.atStart, after: entry.current))
            accounts[index].atStart = entry.current
            accounts[index].isAccessed = false
            accounts[index].isTouched = false
        }
        for index in accessedCells {
            let entry = cells[index]
            effects.storage.append(
                StateChanges.StorageChange(
                    address: entry.cell.address, slot: entry.cell.slot, before: entry.atStart, after: entry.current))
            cells[index].atStart = entry.current
            cells[index].isAccessed = false
        }
        accessedAccounts.removeAll(keepingCapacity: true)
        accessedCells.removeAll(keepingCapacity: true)
        undo.removeAll(keepingCapacity: true)
        return effects
    }

    func changes() -> StateChanges {
        precondition(undo.isEmpty, "the last transaction is closed")
        var accountChanges: [StateChanges.AccountChange] = []
        accountChanges.reserveCapacity(accounts.count)
        var namedCode: Set<Hash32> = []
        for entry in accounts where entry.original != entry.current {
            accountChanges.append(
                StateChanges.AccountChange(address: entry.address, before: entry.original, after: entry.current))
            if let after = entry.current, after.hasCode, after.codeHash != entry.original?.codeHash {
                namedCode.insert(after.codeHash)
            }
        }
        accountChanges.sort { $0.address < $1.address }
        var storageChanges: [StateChanges.StorageChange] = []
        for entry in cells where entry.original != entry.current {
            storageChanges.append(
                StateChanges.StorageChange(
                    address: entry.cell.address, slot: entry.cell.slot, before: entry.original, after: entry.current))
        }
        storageChanges.sort { ($0.address, $0.slot) < ($1.address, $1.slot) }
        let newCode = codes.filter { namedCode.contains($0.hash) }.sorted { $0.hash < $1.hash }
        return StateChanges(accounts: accountChanges, storage: storageChanges, code: newCode)
    }
}

import Crypto
import Primitives

/// The memory of a journal. Apart from it because it need not know what state lies below: this part is not
/// generic, so code runs on it at full speed wherever the journal is used from.
///
/// Accounts and slots are known by the numbers in which they were first mentioned. An entry may be mentioned before
/// it is loaded: an access list names slots that are perhaps never read.
struct Overlay: ~Copyable {
    struct AccountEntry: BitwiseCopyable {
        let address: Address
        /// Before the first transaction of this journal.
        var original: Account?
        /// Before the transaction under way.
        var atStart: Account?
        var current: Account?
        var isLoaded = false
        /// Whether the state below has storage for it; nil where nobody has asked (EIP-7610).
        var hasStorage: Bool?
        /// The position in `codes` of the code that `current` names, or -1.
        var code: Int32 = -1
        // Of the transaction under way:
        var isListed = false
        /// Costs less from here on (EIP-2929).
        var isWarm = false
        /// Has been read or written, be it in a call that failed.
        var isAccessed = false
        /// Has been written, or called.
        var isTouched = false
        /// Has become a contract.
        var isCreated = false
        /// Goes at the end (EIP-6780).
        var isDestroyed = false
    }

    struct CellEntry: BitwiseCopyable {
        let account: Int32
        let slot: UInt256
        var original: UInt256 = 0
        var atStart: UInt256 = 0
        var current: UInt256 = 0
        var isLoaded = false
        var isListed = false
        var isWarm = false
        var isAccessed = false
    }

    struct TransientEntry: BitwiseCopyable {
        let account: Int32
        let slot: UInt256
        var word: UInt256
    }

    enum Undo: BitwiseCopyable {
        case account(index: Int32, Account?, wasTouched: Bool)
        case created(index: Int32)
        case destroyed(index: Int32)
        case warmAccount(index: Int32)
        case warmCell(index: Int32)
        case storage(index: Int32, UInt256)
        case transient(index: Int32, UInt256)
    }

    private let keys = KeyHash.ofThisProcess
    private var accountTable = IndexTable()
    private var cellTable = IndexTable()
    private var transientTable = IndexTable()
    private(set) var accounts = Buffer<AccountEntry>(capacity: 64)
    private(set) var cells = Buffer<CellEntry>(capacity: 64)
    private var transients = Buffer<TransientEntry>(capacity: 16)
    /// Accounts and cells that the transaction under way has mentioned, in this order.
    private var listedAccounts = Buffer<Int32>(capacity: 64)
    private var listedCells = Buffer<Int32>(capacity: 64)
    private var undo = Buffer<Undo>(capacity: 64)
    var codes = CodeShelf()
    var logs = LogBook()
    /// Whether an empty account that was touched stays, as before EIP-161.
    var keepsEmptyAccounts = false
    /// EIP-3529. It may be negative within a call.
    var refund: Int64 = 0

    // MARK: Accounts

    /// The number of `address`, which is given one if it has none.
    @inline(__always)
    mutating func number(of address: Address) -> Int {
        let hash = keys.hash(address)
        let known = accountTable.find(hash) { accounts[$0].address == address }
        return known >= 0 ? known : add(address, hash)
    }

    @inline(never)
    private mutating func add(_ address: Address, _ hash: UInt32) -> Int {
        let index = accounts.count
        accountTable.insert(hash, at: index)
        accounts.append(AccountEntry(address: address))
        return index
    }

    mutating func load(_ index: Int, storagePresence: Bool) {
        accounts[index].hasStorage = storagePresence
    }

    mutating func load(_ index: Int, _ account: Account?) {
        accounts[index].original = account
        accounts[index].atStart = account
        accounts[index].current = account
        accounts[index].isLoaded = true
    }

    private mutating func list(account index: Int) {
        guard !accounts[index].isListed else { return }
        accounts[index].isListed = true
        listedAccounts.append(Int32(truncatingIfNeeded: index))
    }

    mutating func access(_ index: Int) {
        guard !accounts[index].isAccessed else { return }
        accounts[index].isAccessed = true
        list(account: index)
    }

    /// Counts the account as accessed for what later accesses cost. Says whether it already was.
    @discardableResult
    mutating func warm(_ index: Int) -> Bool {
        if accounts[index].isWarm { return true }
        accounts[index].isWarm = true
        list(account: index)
        undo.append(.warmAccount(index: Int32(truncatingIfNeeded: index)))
        return false
    }

    mutating func set(_ index: Int, to account: Account?) {
        access(index)
        let entry = accounts[index]
        undo.append(
            .account(index: Int32(truncatingIfNeeded: index), entry.current, wasTouched: entry.isTouched))
        replace(index, by: account)
        accounts[index].isTouched = true
    }

    /// Adds `amount`, making the account if it was not there. Adding nothing still touches it.
    mutating func credit(_ index: Int, _ amount: UInt256) {
        var account = accounts[index].current ?? Account()
        let (sum, overflow) = account.balance.addingReportingOverflow(amount)
        account.balance = overflow ? .max : sum
        set(index, to: account)
    }

    /// - Precondition: The balance is at least `amount`.
    mutating func debit(_ index: Int, _ amount: UInt256) {
        var account = accounts[index].current ?? Account()
        account.balance -= amount
        set(index, to: account)
    }

    /// Makes `code` the code of a loaded account; none takes it away.
    mutating func setCode(_ index: Int, to code: Bytes) {
        var account = accounts[index].current ?? Account()
        account.codeHash = code.isEmpty ? Account.emptyCodeHash : keccak256(code)
        if !code.isEmpty { codes.give(code, hash: account.codeHash) }
        set(index, to: account)
    }

    private mutating func replace(_ index: Int, by account: Account?) {
        if accounts[index].current?.codeHash != account?.codeHash { accounts[index].code = -1 }
        accounts[index].current = account
    }

    mutating func markCreated(_ index: Int) {
        accounts[index].isCreated = true
        undo.append(.created(index: Int32(truncatingIfNeeded: index)))
    }

    mutating func markDestroyed(_ index: Int) {
        guard !accounts[index].isDestroyed else { return }
        accounts[index].isDestroyed = true
        undo.append(.destroyed(index: Int32(truncatingIfNeeded: index)))
    }

    // MARK: Code

    /// The code of a loaded account, or nil where it has not been read yet.
    mutating func code(of index: Int) -> Code? {
        let known = accounts[index].code
        if known >= 0 { return codes[Int(known)] }
        guard let account = accounts[index].current, account.hasCode else { return Code.none }
        if codes.position(of: account.codeHash) == nil, let code = codes.given(account.codeHash) {
            loadCode(code, hash: account.codeHash)
        }
        guard let position = codes.position(of: account.codeHash) else { return nil }
        accounts[index].code = Int32(position)
        return codes[position]
    }

    mutating func loadCode(_ code: Bytes, hash: Hash32) {
        // Positions in the shelf end with its content.
        if !codes.hasRoom(for: code) {
            codes.removeLoaded()
            for index in 0..<accounts.count { accounts[index].code = -1 }
        }
        codes.load(code, hash: hash)
    }

    // MARK: Storage

    /// The number of a slot of the account with number `account`, which is given one if it has none.
    @inline(__always)
    mutating func number(of slot: UInt256, in account: Int) -> Int {
        let hash = keys.hash(account, slot)
        let known = cellTable.find(hash) { index in
            let cell = unsafe cells.pointer(at: index)
            return unsafe cell.pointee.slot == slot && Int(cell.pointee.account) == account
        }
        return known >= 0 ? known : add(slot, account, hash)
    }

    @inline(never)
    private mutating func add(_ slot: UInt256, _ account: Int, _ hash: UInt32) -> Int {
        let index = cells.count
        cellTable.insert(hash, at: index)
        cells.append(CellEntry(account: Int32(truncatingIfNeeded: account), slot: slot))
        return index
    }

    mutating func load(cell index: Int, _ word: UInt256) {
        cells[index].original = word
        cells[index].atStart = word
        cells[index].current = word
        cells[index].isLoaded = true
    }

    private mutating func list(cell index: Int) {
        guard !cells[index].isListed else { return }
        cells[index].isListed = true
        listedCells.append(Int32(truncatingIfNeeded: index))
    }

    @inline(__always)
    mutating func access(cell index: Int) {
        guard !cells[index].isAccessed else { return }
        cells[index].isAccessed = true
        list(cell: index)
    }

    mutating func warm(cell index: Int) {
        guard !cells[index].isWarm else { return }
        cells[index].isWarm = true
        list(cell: index)
        undo.append(.warmCell(index: Int32(truncatingIfNeeded: index)))
    }

    /// - Precondition: The cell is loaded.
    @inline(__always)
    mutating func set(cell index: Int, to word: UInt256) {
        access(cell: index)
        undo.append(.storage(index: Int32(truncatingIfNeeded: index), cells[index].current))
        cells[index].current = word
    }

    // MARK: Transient storage (EIP-1153)

    func transient(_ slot: UInt256, in account: Int) -> UInt256 {
        let index = transientPosition(slot, account)
        return index < 0 ? 0 : transients[index].word
    }

    mutating func setTransient(_ slot: UInt256, in account: Int, to word: UInt256) {
        var index = transientPosition(slot, account)
        if index < 0 {
            index = transients.count
            transientTable.insert(keys.hash(account, slot), at: index)
            transients.append(TransientEntry(account: Int32(truncatingIfNeeded: account), slot: slot, word: 0))
        }
        undo.append(.transient(index: Int32(truncatingIfNeeded: index), transients[index].word))
        transients[index].word = word
    }

    private func transientPosition(_ slot: UInt256, _ account: Int) -> Int {
        transientTable.find(keys.hash(account, slot)) {
            transients[$0].slot == slot && Int(transients[$0].account) == account
        }
    }

    // MARK: Spans

    func checkpoint() -> Checkpoint {
        Checkpoint(undoCount: undo.count, logs: logs.mark, refund: refund)
    }

    mutating func revert(to checkpoint: Checkpoint) {
        precondition(checkpoint.undoCount <= undo.count, "a checkpoint lies in the transaction under way")
        while undo.count > checkpoint.undoCount { revert(undo.removeLast()) }
        logs.cut(to: checkpoint.logs)
        refund = checkpoint.refund
    }

    private mutating func revert(_ change: Undo) {
        switch change {
        case .account(let index, let account, let wasTouched):
            replace(Int(index), by: account)
            accounts[Int(index)].isTouched = wasTouched
        case .created(let index): accounts[Int(index)].isCreated = false
        case .destroyed(let index): accounts[Int(index)].isDestroyed = false
        case .warmAccount(let index): accounts[Int(index)].isWarm = false
        case .warmCell(let index): cells[Int(index)].isWarm = false
        case .storage(let index, let word): cells[Int(index)].current = word
        case .transient(let index, let word): transients[Int(index)].word = word
        }
    }

    mutating func closeTransaction() -> TransactionEffects {
        var effects = TransactionEffects()
        effects.logs = logs.records
        closeCells(&effects)
        closeAccounts(&effects)
        forgetSpan()
        return effects
    }

    private mutating func forgetSpan() {
        listedAccounts.removeAll()
        listedCells.removeAll()
        transients.removeAll()
        transientTable.removeAll()
        logs.removeAll()
        undo.removeAll()
        refund = 0
    }

    private mutating func closeAccounts(_ effects: inout TransactionEffects) {
        for position in 0..<listedAccounts.count {
            let index = Int(listedAccounts[position])
            let entry = accounts[index]
            // EIP-161: an account that was touched and is empty at the end is no account.
            let isEmptied = !keepsEmptyAccounts && entry.isTouched && entry.current?.isEmpty == true
            let isGone = entry.isDestroyed || isEmptied
            if isGone {
                accounts[index].current = nil
                accounts[index].code = -1
            }
            if entry.isAccessed {
                effects.accounts.append(
                    StateChanges.AccountChange(
                        address: entry.address, before: entry.atStart, after: isGone ? nil : entry.current))
            }
            accounts[index].atStart = accounts[index].current
            accounts[index].isListed = false
            accounts[index].isWarm = false
            accounts[index].isAccessed = false
            accounts[index].isTouched = false
            accounts[index].isCreated = false
            accounts[index].isDestroyed = false
        }
    }

    private mutating func closeCells(_ effects: inout TransactionEffects) {
        for position in 0..<listedCells.count {
            let index = Int(listedCells[position])
            let owner = accounts[Int(cells[index].account)]
            // A contract that came and went in this transaction had no storage before it (EIP-6780, EIP-7610).
            if owner.isDestroyed { cells[index].current = 0 }
            let cell = cells[index]
            if cell.isAccessed {
                effects.storage.append(
                    StateChanges.StorageChange(
                        address: owner.address, slot: cell.slot, before: cell.atStart, after: cell.current))
            }
            cells[index].atStart = cell.current
            cells[index].isListed = false
            cells[index].isWarm = false
            cells[index].isAccessed = false
        }
    }

    func changes() -> StateChanges {
        precondition(undo.isEmpty, "the last transaction is closed")
        // Numbers are sorted instead of changes, which are large.
        var changed = (0..<accounts.count).filter { accounts[$0].original != accounts[$0].current }
        changed.sort { accounts[$0].address < accounts[$1].address }
        var accountChanges: [StateChanges.AccountChange] = []
        accountChanges.reserveCapacity(changed.count)
        var namedCode: Set<Hash32> = []
        for index in changed {
            let entry = accounts[index]
            accountChanges.append(
                StateChanges.AccountChange(address: entry.address, before: entry.original, after: entry.current))
            if let after = entry.current, after.hasCode, after.codeHash != entry.original?.codeHash {
                namedCode.insert(after.codeHash)
            }
        }
        var storageChanges: [StateChanges.StorageChange] = []
        for index in 0..<cells.count {
            let cell = cells[index]
            guard cell.original != cell.current else { continue }
            storageChanges.append(
                StateChanges.StorageChange(
                    address: accounts[Int(cell.account)].address, slot: cell.slot, before: cell.original,
                    after: cell.current))
        }
        storageChanges.sort { ($0.address, $0.slot) < ($1.address, $1.slot) }
        return StateChanges(
            accounts: accountChanges, storage: storageChanges, code: codes.added { namedCode.contains($0) })
    }

    /// Forgets everything and keeps the room.
    mutating func removeAll() {
        accountTable.removeAll()
        cellTable.removeAll()
        accounts.removeAll()
        cells.removeAll()
        codes.removeGiven()
        forgetSpan()
    }
}

import Crypto
public import Primitives

/// A mutable view of a state: reads each thing once, keeps what was written, can go back.
///
/// It knows two spans. A *checkpoint* is a point within a transaction that a failing call returns to. A
/// *transaction* ends with `closeTransaction`, which removes touched accounts that are empty (EIP-161) and reports
/// what the transaction did, so that the block's access list can be drawn up (EIP-7928).
public struct Journal<State: StateReader>: ~Copyable {
    public let state: State
    private var overlay = Overlay()

    public init(_ state: State) {
        self.state = state
    }

    /// The account at `address` as it is now. Reading it in this way leaves no trace in the access list.
    public mutating func peek(_ address: Address) throws(State.Failure) -> Account? {
        // Two steps: the index is that of an overlay which reading the account may have grown.
        let index = try index(of: address)
        return overlay[index]
    }

    /// The account at `address` as it is now, accessed by the transaction under way.
    public mutating func account(_ address: Address) throws(State.Failure) -> Account? {
        let index = try index(of: address)
        overlay.access(index)
        return overlay[index]
    }

    /// Writes the account at `address`; touched, so it goes when it is empty at the end of the transaction.
    public mutating func setAccount(_ address: Address, to account: Account?) throws(State.Failure) {
        let index = try index(of: address)
        overlay.set(index, to: account)
    }

    /// Adds `amount` peb, making the account if it was not there. Adding nothing still touches it.
    ///
    /// The sum stops at 2²⁵⁶ − 1, which only a genesis that hands out more than that can reach.
    public mutating func credit(_ address: Address, _ amount: UInt256) throws(State.Failure) {
        let index = try index(of: address)
        var account = overlay[index] ?? Account()
        let (sum, overflow) = account.balance.addingReportingOverflow(amount)
        account.balance = overflow ? .max : sum
        overlay.set(index, to: account)
    }

    /// The word in `slot` as it is now, accessed by the transaction under way.
    public mutating func storage(_ address: Address, _ slot: UInt256) throws(State.Failure) -> UInt256 {
        let cell = StorageCell(address: address, slot: slot)
        if let known = overlay.storage(cell) { return known }
        let word = try state.storage(address, slot)
        overlay.load(cell, word)
        return word
    }

    public mutating func setStorage(
        _ address: Address, _ slot: UInt256, to word: UInt256
    ) throws(State.Failure) {
        _ = try storage(address, slot)
        overlay.set(StorageCell(address: address, slot: slot), to: word)
    }

    /// The code of `account`; empty where it has none.
    public mutating func code(of account: Account?) throws(State.Failure) -> Bytes {
        guard let account, account.hasCode else { return [] }
        if let fresh = overlay.code(account.codeHash) { return fresh }
        return try state.code(account.codeHash)
    }

    /// Code that was added under `hash` since the journal was opened, or nil.
    public func addedCode(_ hash: Hash32) -> Bytes? {
        overlay.code(hash)
    }

    /// Remembers `code` under its hash; the account that names it is written separately.
    public mutating func addCode(_ code: Bytes, hash: Hash32) {
        overlay.addCode(code, hash: hash)
    }

    /// Makes `code` the code of the account at `address`; none takes it away.
    public mutating func setCode(_ address: Address, to code: Bytes) throws(State.Failure) {
        var account = try account(address) ?? Account()
        account.codeHash = code.isEmpty ? Account.emptyCodeHash : keccak256(code)
        if !code.isEmpty { addCode(code, hash: account.codeHash) }
        try setAccount(address, to: account)
    }

    // MARK: What a transaction is charged less for (EIP-2929, EIP-3529)

    /// Counts `address` as accessed before the transaction starts: its sender, what it names in its access list.
    /// It does not enter the block's access list for that.
    public mutating func warm(_ address: Address) {}

    /// Counts a slot as accessed before the transaction starts (EIP-2930).
    public mutating func warm(_ address: Address, slot: UInt256) {}

    /// What the transaction under way would get back of its gas, before it is capped (EIP-3529).
    public var refund: Int64 { 0 }

    public mutating func addRefund(_ gas: Int64) {}

    /// Leaves a log of the transaction under way.
    public mutating func log(_ log: LogRecord) {}

    // MARK: Spans

    /// A point to go back to within the transaction under way.
    public func checkpoint() -> Checkpoint {
        overlay.checkpoint()
    }

    /// Undoes every write since `checkpoint`. What was accessed stays accessed.
    public mutating func revert(to checkpoint: Checkpoint) {
        overlay.revert(to: checkpoint)
    }

    /// Ends the transaction under way and says what it did. It starts the next one.
    public mutating func closeTransaction() -> TransactionEffects {
        overlay.closeTransaction()
    }

    /// What changed since the journal was opened, without the code that no account names in the end.
    ///
    /// - Precondition: The last transaction is closed.
    public func changes() -> StateChanges {
        overlay.changes()
    }

    private mutating func index(of address: Address) throws(State.Failure) -> Int {
        if let known = overlay.index(of: address) { return known }
        let account = try state.account(address)
        return overlay.load(address, account)
    }
}

/// A point in a journal. It is of no use to another journal, nor after its transaction is closed.
public struct Checkpoint: Sendable {
    let undoCount: Int
}

/// What one transaction read and wrote, in the order of first access.
public struct TransactionEffects: Sendable {
    public internal(set) var accounts: [StateChanges.AccountChange] = []
    public internal(set) var storage: [StateChanges.StorageChange] = []
    /// Its logs, without those of calls that failed.
    public internal(set) var logs: [LogRecord] = []
}

/// An event that code left (LOG0 to LOG4).
public struct LogRecord: Hashable, Sendable {
    public var address: Address
    /// At most four.
    public var topics: [Hash32]
    public var data: Bytes

    public init(address: Address, topics: [Hash32], data: Bytes) {
        self.address = address
        self.topics = topics
        self.data = data
    }
}

struct StorageCell: Hashable {
    let address: Address
    let slot: UInt256
}

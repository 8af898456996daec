import Crypto
public import Primitives

/// A mutable view of a state: reads each thing once, keeps what was written, can go back.
///
/// It knows two spans. A *checkpoint* is a point within a transaction that a failing call returns to. A
/// *transaction* ends with `closeTransaction`, which removes touched accounts that are empty (EIP-161) and reports
/// what the transaction did, so that the block's access list can be drawn up (EIP-7928).
public struct Journal<State: StateReader>: ~Copyable {
    public let state: State
    var overlay = Overlay()

    /// - Parameter fork: Whose rules the transactions have: before EIP-161 empty accounts stay.
    public init(_ state: State, fork: Fork = .osaka) {
        self.state = state
        overlay.keepsEmptyAccounts = !fork.clearsEmptyAccounts
    }

    // MARK: Accounts

    /// The account at `address` as it is now. Reading it in this way leaves no trace in the access list.
    public mutating func peek(_ address: Address) throws(State.Failure) -> Account? {
        let index = try loaded(address)
        return overlay.accounts[index].current
    }

    /// The account at `address` as it is now, accessed by the transaction under way.
    public mutating func account(_ address: Address) throws(State.Failure) -> Account? {
        let index = try loaded(address)
        overlay.access(index)
        return overlay.accounts[index].current
    }

    /// Writes the account at `address`; touched, so it goes when it is empty at the end of the transaction.
    public mutating func setAccount(_ address: Address, to account: Account?) throws(State.Failure) {
        let index = try loaded(address)
        overlay.set(index, to: account)
    }

    /// Adds `amount` peb, making the account if it was not there. Adding nothing still touches it.
    ///
    /// The sum stops at 2²⁵⁶ − 1, which only a genesis that hands out more than that can reach.
    public mutating func credit(_ address: Address, _ amount: UInt256) throws(State.Failure) {
        let index = try loaded(address)
        overlay.credit(index, amount)
    }

    // MARK: Storage

    /// The word in `slot` as it is now, accessed by the transaction under way.
    public mutating func storage(_ address: Address, _ slot: UInt256) throws(State.Failure) -> UInt256 {
        let cell = try loaded(address, slot)
        overlay.access(cell: cell)
        return overlay.cells[cell].current
    }

    public mutating func setStorage(
        _ address: Address, _ slot: UInt256, to word: UInt256
    ) throws(State.Failure) {
        let cell = try loaded(address, slot)
        overlay.set(cell: cell, to: word)
    }

    // MARK: Code

    /// The code of `account`; empty where it has none.
    public mutating func code(of account: Account?) throws(State.Failure) -> Bytes {
        guard let account, account.hasCode else { return [] }
        if let fresh = overlay.codes.given(account.codeHash) { return fresh }
        return try state.code(account.codeHash)
    }

    /// Code that was added under `hash` since the journal was opened, or nil.
    public func addedCode(_ hash: Hash32) -> Bytes? {
        overlay.codes.given(hash)
    }

    /// Makes `code` the code of the account at `address`; none takes it away.
    public mutating func setCode(_ address: Address, to code: Bytes) throws(State.Failure) {
        let index = try loaded(address)
        overlay.setCode(index, to: code)
    }

    // MARK: What a transaction is charged less for (EIP-2929, EIP-3529)

    /// Counts `address` as accessed before the transaction starts: its sender, what it names in its access list.
    /// It does not enter the block's access list for that.
    public mutating func warm(_ address: Address) {
        overlay.warm(overlay.number(of: address))
    }

    /// Counts a slot as accessed before the transaction starts (EIP-2930).
    public mutating func warm(_ address: Address, slot: UInt256) {
        let account = overlay.number(of: address)
        overlay.warm(cell: overlay.number(of: slot, in: account))
    }

    /// Whether the transaction under way has accessed `address` before, and pays less for it now (EIP-2929). Counts it
    /// as accessed from here on.
    public mutating func wasWarm(_ address: Address) -> Bool {
        overlay.warm(overlay.number(of: address))
    }

    /// The same for a slot.
    public mutating func wasWarm(_ address: Address, slot: UInt256) -> Bool {
        let account = overlay.number(of: address)
        let cell = overlay.number(of: slot, in: account)
        defer { overlay.warm(cell: cell) }
        return overlay.cells[cell].isWarm
    }

    /// What the slot held before the transaction under way (EIP-2200).
    public mutating func storageAtStart(_ address: Address, _ slot: UInt256) throws(State.Failure) -> UInt256 {
        let cell = try loaded(address, slot)
        return overlay.cells[cell].atStart
    }

    /// What the transaction under way would get back of its gas, before it is capped (EIP-3529).
    public var refund: Int64 { overlay.refund }

    public mutating func addRefund(_ gas: Int64) {
        overlay.refund += gas
    }

    /// Leaves a log of the transaction under way.
    ///
    /// - Precondition: It has at most four topics.
    public mutating func log(_ log: LogRecord) {
        precondition(log.topics.count <= 4, "a log has at most four topics")
        let topics = log.topics + Array(repeating: .zero, count: 4 - log.topics.count)
        unsafe log.data.withUnsafeBytes { data in
            unsafe overlay.logs.append(
                log.address, topicCount: log.topics.count, (topics[0], topics[1], topics[2], topics[3]), data: data)
        }
    }

    // MARK: Spans

    /// A point to go back to within the transaction under way.
    public func checkpoint() -> Checkpoint {
        overlay.checkpoint()
    }

    /// Undoes every write, log and refund since `checkpoint`. What was accessed stays accessed, but costs as if not.
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

    /// Forgets all that was read and written, as if the journal was just opened, and keeps its room.
    public mutating func reset() {
        overlay.removeAll()
    }

    // MARK: Loading

    /// The number of `address`, whose account has been read.
    mutating func loaded(_ address: Address) throws(State.Failure) -> Int {
        let index = overlay.number(of: address)
        if !overlay.accounts[index].isLoaded { overlay.load(index, try state.account(address)) }
        return index
    }

    private mutating func loaded(_ address: Address, _ slot: UInt256) throws(State.Failure) -> Int {
        let account = overlay.number(of: address)
        let cell = overlay.number(of: slot, in: account)
        if !overlay.cells[cell].isLoaded { overlay.load(cell: cell, try state.storage(address, slot)) }
        return cell
    }
}

/// A point in a journal. It is of no use to another journal, nor after its transaction is closed.
public struct Checkpoint: Sendable, BitwiseCopyable {
    let undoCount: Int
    let logs: LogBook.Mark
    let refund: Int64
}

/// What one transaction read and wrote, in the order of first mention.
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
    /// No code left it: it tells of value that moved (`Environment.logsTransfers`), and belongs into no receipt.
    public var isTransfer: Bool

    public init(address: Address, topics: [Hash32], data: Bytes, isTransfer: Bool = false) {
        self.address = address
        self.topics = topics
        self.data = data
        self.isTransfer = isTransfer
    }
}

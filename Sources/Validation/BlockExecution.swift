public import Chain
public import EVM
public import Primitives
import SystemContracts

/// Runs a block step by step: the chain's own calls, the transactions in their order, and what closes the block.
/// Proposer and validator run this same code; which steps a block has is up to the rule set above.
///
/// Every step goes into the block's access list under its index (EIP-7928): 0 for `open`, i + 1 for transaction i,
/// and n + 1 for all that follows the last of n.
public struct BlockExecution<State: StateReader>: ~Copyable {
    public let block: BlockEnvironment
    private let policy: TransactionPolicy
    private let natives: NativeContracts
    private let blobGasLimit: Gas
    private let machine = Machine()
    private var journal: Journal<State>
    public private(set) var gasUsed: Gas = 0
    public private(set) var blobGasUsed: Gas = 0
    public private(set) var receipts: [Receipt] = []
    private var senders: [Address] = []
    private var accesses: [BlockAccess] = []
    /// What the steps since the last one in `accesses` did.
    private var steps: [TransactionEffects] = []
    /// The write that a lax council holds something else than the code wrote in.
    private(set) var spoiledWrite: StateChanges.StorageChange?

    /// - Parameter blobGasLimit: EIP-4844; zero where there are no blobs.
    public init(
        in block: BlockEnvironment, policy: TransactionPolicy, natives: NativeContracts = .none,
        blobGasLimit: Gas = 0, on state: State
    ) {
        self.block = block
        self.policy = policy
        self.natives = natives
        self.blobGasLimit = blobGasLimit
        journal = Journal(state)
    }

    /// Gas that is left for transactions.
    public var gasLeft: Gas { block.gasLimit > gasUsed ? block.gasLimit - gasUsed : 0 }

    public mutating func nonce(of sender: Address) throws(State.Failure) -> UInt64 {
        try journal.peek(sender)?.nonce ?? 0
    }

    // MARK: Steps of the chain

    /// What Osaka does before the first transaction: tells the beacon roots contract its root (EIP-4788), and from
    /// Prague on the history contract the parent's hash (EIP-2935).
    public mutating func open(parentHash: Hash32, beaconRoot: Hash32) throws(State.Failure) {
        try call(SystemAddress.beaconRoots, input: beaconRoot.bytes)
        if block.fork >= .prague { try call(SystemAddress.history, input: parentHash.bytes) }
        record(at: 0)
    }

    /// A call by the chain itself: with gas of its own, which nobody pays and no receipt counts (EIP-4788, EIP-2935,
    /// EIP-7002, EIP-7251).
    ///
    /// - Returns: Nil where there is no contract at `target`, so nothing was done.
    @discardableResult
    public mutating func call(_ target: Address, input: Bytes) throws(State.Failure) -> SystemCallResult? {
        try call(Message(caller: SystemAddress.caller, target: .call(target), input: input, gas: systemCallGas))
    }

    /// The same for a message that says all by itself.
    @discardableResult
    public mutating func call(_ message: Message) throws(State.Failure) -> SystemCallResult? {
        guard case .call(let target) = message.target else { return nil }
        if natives[target] == nil {
            guard let account = try journal.peek(target), account.hasCode else { return nil }
        }
        let environment = Environment(
            block: block, origin: message.caller, gasPrice: block.baseFeePerGas, natives: natives)
        let outcome = try journal.run(message, in: environment, on: machine)
        let effects = journal.closeTransaction()
        steps.append(effects)
        return SystemCallResult(status: outcome.status, output: machine.output, logs: effects.logs)
    }

    /// Makes `amount` peb for somebody out of nothing, such as a withdrawal (EIP-4895).
    public mutating func credit(_ address: Address, _ amount: UInt256) throws(State.Failure) {
        try journal.credit(address, amount)
        steps.append(journal.closeTransaction())
    }

    // MARK: Transactions

    /// Runs one transaction that has passed `TransactionRules`.
    ///
    /// - Throws: `.invalid` before anything has changed, so that a proposer can leave the transaction out.
    @discardableResult
    public mutating func apply(
        _ transaction: Transaction, from sender: Address, conduct: Conduct = .honest
    ) throws(ValidationFailure<State.Failure>) -> TransactionOutcome {
        let context = TransactionContext(
            in: block, policy: policy, natives: natives, gasLeft: gasLeft,
            blobGasLeft: blobGasLimit > blobGasUsed ? blobGasLimit - blobGasUsed : 0, index: receipts.count)
        let outcome = try runTransaction(
            transaction, from: sender, in: context, journal: &journal, machine: machine, conduct: conduct)
        steps.append(outcome.effects)
        do throws(State.Failure) {
            try spoilWrite(as: conduct)
        } catch {
            throw .unreadable(error)
        }
        // The sum overflows only where gas limits are waived.
        gasUsed = gasUsed.addingSaturating(outcome.gasUsed)
        blobGasUsed = blobGasUsed.addingSaturating(outcome.blobGasUsed)
        senders.append(sender)
        receipts.append(
            Receipt(
                kind: transaction.kind, succeeded: outcome.succeeded, cumulativeGasUsed: gasUsed,
                logs: outcome.effects.logs.map { Log(address: $0.address, topics: $0.topics, data: $0.data) }))
        record(at: BlockAccessIndex(receipts.count))
        return outcome
    }

    // MARK: The end

    /// Ends the block, and says what it did. No step may follow.
    public mutating func finish(conduct: Conduct = .honest) throws(State.Failure) -> BlockEffects {
        try spoilHistory(as: conduct)
        record(at: BlockAccessIndex(receipts.count + 1))
        if let mint = conduct.mint {
            // What is hidden from the rules is hidden from the access list too.
            try journal.credit(mint.address, mint.amount)
            _ = journal.closeTransaction()
        }
        guard let accessList = try? BlockAccessList(accesses) else {
            preconditionFailure("a field is written at most once an index")
        }
        return BlockEffects(
            gasUsed: gasUsed, blobGasUsed: blobGasUsed, receipts: receipts, senders: senders,
            changes: journal.changes(), accessList: accessList)
    }

    /// Notes in the access list what was done since the last note.
    private mutating func record(at index: BlockAccessIndex) {
        let merged = MergedEffects(steps)
        steps.removeAll(keepingCapacity: true)
        for change in merged.accounts {
            appendAccesses(of: change, at: index, to: &accesses) { journal.addedCode($0) ?? [] }
        }
        for change in merged.storage { accesses.append(BlockAccess(change, at: index)) }
    }

    // MARK: Faults on purpose

    /// Writes something else into the first slot that the last step has changed, if no slot of this block is spoiled
    /// yet.
    private mutating func spoilWrite(as conduct: Conduct) throws(State.Failure) {
        guard let mask = conduct.wrongWriteMask, spoiledWrite == nil,
            let write = steps.last?.storage.first(where: { $0.before != $0.after })
        else { return }
        try spoil(write.address, write.slot, mask: mask)
    }

    /// A block in which no transaction writes storage still holds a call that does: the history contract's.
    private mutating func spoilHistory(as conduct: Conduct) throws(State.Failure) {
        guard let mask = conduct.wrongWriteMask, spoiledWrite == nil, block.number > 0 else { return }
        let slot = Predeploys.historySlot(of: block.number - 1)
        try spoil(SystemAddress.history, slot, mask: mask)
    }

    private mutating func spoil(_ address: Address, _ slot: UInt256, mask: UInt256) throws(State.Failure) {
        let word = try journal.storage(address, slot)
        try journal.setStorage(address, slot, to: word ^ mask)
        steps.append(journal.closeTransaction())
        spoiledWrite = StateChanges.StorageChange(address: address, slot: slot, before: word, after: word ^ mask)
    }
}

/// What a call by the chain itself led to.
public struct SystemCallResult: Sendable {
    public let status: Outcome.Status
    /// What it returned or reverted with.
    public let output: Bytes
    public let logs: [LogRecord]

    public var succeeded: Bool { status == .success }
}

/// EIP-4788, EIP-2935
private let systemCallGas: Gas = 30_000_000

/// What executing a block did, before the new state is summed up in a root.
public struct BlockEffects: Sendable {
    public let gasUsed: Gas
    public let blobGasUsed: Gas
    /// One a transaction.
    public let receipts: [Receipt]
    /// The sender of each transaction.
    public let senders: [Address]
    public let changes: StateChanges
    public let accessList: BlockAccessList
}

extension Gas {
    fileprivate func addingSaturating(_ other: Gas) -> Gas {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

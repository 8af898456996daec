public import Chain
import Crypto
public import EVM
public import Primitives
public import Validation

/// A block that keeps all rules, with what it did.
public struct EthereumBlockResult: Sendable {
    public let changes: StateChanges
    /// The tries after it.
    public let settlement: Settlement
    public let receipts: [Receipt]
    /// In the order of the transactions.
    public let senders: [Address]
}

/// Checks `block` in full: its header against `parent`, its body against its header, and what executing it gives
/// against what the header says of it. What the beacon chain alone knows is not checked.
///
/// - Parameter ledger: The state after `parent`; it knows the hashes of the last 256 blocks (BLOCKHASH).
/// - Throws: `.invalid` names the first rule that the block breaks.
public func validate<Ledger: LedgerReader>(
    _ block: EthereumBlock, after parent: EthereumHeader, reading ledger: Ledger, under rules: EthereumRules,
    machine: Machine = Machine()
) throws(EthereumFailure<Ledger.Failure>) -> EthereumBlockResult {
    let header = block.header
    do throws(EthereumFault) {
        try checkHeader(header, after: parent, under: rules)
        try checkBody(block, under: rules)
    } catch {
        throw .invalid(error)
    }
    return try execute(block, reading: ledger, under: rules, machine: machine)
}

/// Replays a block that others have sealed, which is taken on trust: header and body must fit together, and executing
/// it must give what the header says. From Cancun on all rules of `validate` are checked; of earlier blocks neither
/// seal nor difficulty, nor what a header owes to its parent.
///
/// - Parameter ledger: The state after `parent`; it knows the hashes of the last 256 blocks (BLOCKHASH).
/// - Throws: `.invalid` names the first rule that the block breaks.
public func replay<Ledger: LedgerReader>(
    _ block: EthereumBlock, after parent: EthereumHeader, reading ledger: Ledger, under rules: EthereumRules,
    machine: Machine = Machine()
) throws(EthereumFailure<Ledger.Failure>) -> EthereumBlockResult {
    guard rules.phase(of: block.header).fork < .cancun else {
        return try validate(block, after: parent, reading: ledger, under: rules, machine: machine)
    }
    do throws(EthereumFault) {
        try checkBodyOfEarly(block)
    } catch {
        throw .invalid(error)
    }
    return try execute(block, reading: ledger, under: rules, machine: machine)
}

private func execute<Ledger: LedgerReader>(
    _ block: EthereumBlock, reading ledger: Ledger, under rules: EthereumRules, machine: Machine
) throws(EthereumFailure<Ledger.Failure>) -> EthereumBlockResult {
    let header = block.header
    var execution = BlockExecution(header, under: rules, on: ledger, machine: machine)
    try execution.begin()
    for (index, transaction) in block.transactions.enumerated() { try execution.run(transaction, at: index) }
    try execution.finish(block)
    let changes = execution.changes()
    let settlement: Settlement
    do throws(Ledger.Failure) {
        settlement = try settle(changes, on: ledger)
    } catch {
        throw .unreadable(error)
    }
    do throws(EthereumFault) {
        try execution.check(header, stateRoot: settlement.stateRoot)
    } catch {
        throw .invalid(error)
    }
    return EthereumBlockResult(
        changes: changes, settlement: settlement, receipts: execution.receipts, senders: execution.senders)
}

/// The rules between a header and its body, without any state.
private func checkBody(_ block: EthereumBlock, under rules: EthereumRules) throws(EthereumFault) {
    if rules.phase(of: block.header).fork >= .osaka {
        try require(
            .blockSize, block.encodedBytes <= EthereumRules.blockBytesMax,
            expected: "at most \(EthereumRules.blockBytesMax) bytes", found: "\(block.encodedBytes)")
    }
    try require(
        .transactionsRoot, block.header.transactionsRoot, is: Block.transactionsRoot(of: block.transactions))
    try require(.ommersHash, block.ommers.isEmpty, expected: "no ommers", found: "\(block.ommers.count)")
    guard let withdrawals = block.withdrawals else {
        throw EthereumFault(.withdrawalsRoot, expected: "a list of withdrawals", found: "none")
    }
    try require(.withdrawalsRoot, block.header.withdrawalsRoot ?? .zero, is: Withdrawal.root(of: withdrawals))
}

/// The same for a block from before Cancun.
private func checkBodyOfEarly(_ block: EthereumBlock) throws(EthereumFault) {
    let header = block.header
    try require(.transactionsRoot, header.transactionsRoot, is: Block.transactionsRoot(of: block.transactions))
    var ommers = RLPEncoder()
    ommers.append(list: block.ommers)
    try require(.ommersHash, header.ommersHash, is: keccak256(ommers.bytes))
    try require(
        .withdrawalsRoot, header.withdrawalsRoot ?? .zero,
        is: block.withdrawals.map { Withdrawal.root(of: $0) } ?? .zero)
}

extension BlockEnvironment {
    /// What code sees in the block of an Ethereum chain that `header` begins. Before the merge PREVRANDAO is DIFFICULTY
    /// (EIP-4399).
    public init(_ header: EthereumHeader, under rules: EthereumRules) {
        let phase = rules.phase(of: header)
        self.init(
            fork: phase.fork, chainID: rules.chainID, number: header.number, timestamp: header.timestamp,
            beneficiary: header.beneficiary, gasLimit: header.gasLimit, baseFeePerGas: header.baseFee,
            prevRandao: phase.fork < .paris ? header.difficulty.hash : header.prevRandao,
            blobBaseFee: EthereumChain.blobBaseFee(excessBlobGas: header.excessBlobGas ?? 0, under: phase.blobs))
    }
}

/// One block on its way through execution-specs' `apply_body`.
private struct BlockExecution<Ledger: LedgerReader>: ~Copyable {
    private let header: EthereumHeader
    private let phase: EthereumRules.Phase
    private let depositContract: Address
    private let environment: BlockEnvironment
    private let machine: Machine
    private var journal: Journal<Ledger>
    private var gasUsed: Gas = 0
    private var blobGasUsed: Gas = 0
    private(set) var receipts: [Receipt] = []
    private(set) var senders: [Address] = []
    private var requestsHash: Hash32?

    init(_ header: EthereumHeader, under rules: EthereumRules, on ledger: Ledger, machine: Machine) {
        self.header = header
        self.machine = machine
        phase = rules.phase(of: header)
        depositContract = rules.depositContract
        environment = BlockEnvironment(header, under: rules)
        journal = Journal(ledger, fork: phase.fork)
    }

    mutating func begin() throws(EthereumFailure<Ledger.Failure>) {
        do throws(Ledger.Failure) {
            try journal.open(
                environment, parentHash: header.parentHash, beaconRoot: header.parentBeaconBlockRoot ?? .zero,
                on: machine)
        } catch {
            throw .unreadable(error)
        }
    }

    mutating func run(_ transaction: Transaction, at index: Int) throws(EthereumFailure<Ledger.Failure>) {
        let context = TransactionContext(
            in: environment, policy: .ethereum(phase.fork), gasLeft: header.gasLimit - gasUsed,
            blobGasLeft: phase.blobs.max * GasSchedule.blob - blobGasUsed, index: index)
        let sender: Address
        let outcome: TransactionOutcome
        do throws(ValidationFailure<Ledger.Failure>) {
            (sender, outcome) = try journal.run(transaction, in: context, on: machine)
        } catch {
            throw EthereumFailure(error, at: index)
        }
        gasUsed += outcome.gasUsed
        blobGasUsed += outcome.blobGasUsed
        senders.append(sender)
        receipts.append(
            Receipt(
                kind: transaction.kind, succeeded: outcome.succeeded, cumulativeGasUsed: gasUsed,
                logs: outcome.effects.logs.map { Log(address: $0.address, topics: $0.topics, data: $0.data) },
                stateRoot: try intermediateRoot()))
    }

    /// What a receipt from before Byzantium commits to in place of the status (EIP-658).
    private func intermediateRoot() throws(EthereumFailure<Ledger.Failure>) -> Hash32? {
        guard phase.fork < .byzantium else { return nil }
        do throws(Ledger.Failure) {
            return try settle(journal.changes(), on: journal.state).stateRoot
        } catch {
            throw .unreadable(error)
        }
    }

    mutating func finish(_ block: EthereumBlock) throws(EthereumFailure<Ledger.Failure>) {
        requestsHash = try journal.close(
            block, in: environment, after: receipts, depositsTo: depositContract, on: machine)
    }

    func changes() -> StateChanges { journal.changes() }

    /// What the header says came of the block.
    func check(_ header: EthereumHeader, stateRoot: Hash32) throws(EthereumFault) {
        try require(.gasUsed, header.gasUsed, is: gasUsed)
        try require(.blobGasUsed, header.blobGasUsed ?? 0, is: blobGasUsed)
        try require(.receiptsRoot, header.receiptsRoot, is: Receipt.root(of: receipts))
        let bloom = Receipt.bloom(of: receipts)
        try require(
            .logsBloom, header.logsBloom == bloom, expected: bloom.bytes.hex, found: header.logsBloom.bytes.hex)
        if let requestsHash { try require(.requestsHash, header.requestsHash ?? .zero, is: requestsHash) }
        try require(.stateRoot, header.stateRoot, is: stateRoot)
    }
}

extension EthereumFailure {
    /// What running the transaction at `index` failed for.
    fileprivate init(_ failure: ValidationFailure<Unreadable>, at index: Int) {
        switch failure {
        case .invalid(let fault):
            self = .invalid(
                EthereumFault(
                    .transaction, expected: "\(fault.rule.rawValue): \(fault.expected)", found: fault.found,
                    transactionIndex: index))
        case .unreadable(let failure): self = .unreadable(failure)
        }
    }
}

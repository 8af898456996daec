import Chain
import EVM
import EthereumChain
import Primitives
import Validation

/// A block that was built, and what it is worth to whom it pays.
struct BuiltBlock {
    let block: EthereumBlock
    /// Wei, in tips.
    let value: UInt256
    let requests: [Bytes]
}

/// A block on its way.
struct BlockBuilding {
    private var header: EthereumHeader
    private let state: CallState
    private let rules: EthereumRules
    private let limits: RPCLimits
    private let machine = Machine()
    private var transactions: [Transaction] = []
    private var receipts: [Receipt] = []
    private var value: UInt256 = 0

    init(_ header: EthereumHeader, on state: CallState, under rules: EthereumRules, limits: RPCLimits) {
        (self.header, self.state, self.rules, self.limits) = (header, state, rules, limits)
    }

    /// - Parameter waiting: What the block is made of where no transactions are given.
    mutating func run(
        _ envelopes: [Bytes]?, orBest waiting: [PoolSenderReport], withdrawals: [Withdrawal]?
    ) throws(RPCError) -> BuiltBlock {
        let block = BlockEnvironment(header, under: rules)
        var journal = Journal(state, fork: block.fork)
        let (parentHash, beaconRoot) = (header.parentHash, header.parentBeaconBlockRoot ?? .zero)
        try reading(limits) { () throws(CallState.Failure) in
            try journal.open(block, parentHash: parentHash, beaconRoot: beaconRoot, on: machine)
        }
        if let envelopes {
            try run(all: envelopes, in: block, on: &journal)
        } else {
            try run(best: waiting.map(\.pending), in: block, on: &journal)
        }
        let requests: [Bytes]
        do throws(EthereumFailure<CallState.Failure>) {
            let body = EthereumBlock(header: header, transactions: [], withdrawals: withdrawals ?? [])
            requests = try journal.finish(
                body, in: block, after: receipts, depositsTo: rules.depositContract, on: machine)
        } catch {
            switch error {
            case .invalid(let fault): throw .server("expected \(fault.expected), found \(fault.found)")
            case .unreadable(let failure): throw failure.inRPCTerms(limits)
            }
        }
        state.suppose(journal.changes())
        header.stateRoot = try reading(limits) { () throws(CallState.Failure) in try state.stateRoot() }
        header.transactionsRoot = Block.transactionsRoot(of: transactions)
        header.receiptsRoot = Receipt.root(of: receipts)
        header.logsBloom = Receipt.bloom(of: receipts)
        header.withdrawalsRoot = Withdrawal.root(of: withdrawals ?? [])
        if header.requestsHash != nil { header.requestsHash = executionRequestsHash(of: requests) }
        return BuiltBlock(
            block: EthereumBlock(header: header, transactions: transactions, withdrawals: withdrawals ?? []),
            value: value, requests: requests)
    }

    /// All or none.
    private mutating func run(
        all envelopes: [Bytes], in block: BlockEnvironment, on journal: inout Journal<CallState>
    ) throws(RPCError) {
        for (index, envelope) in envelopes.enumerated() {
            let transaction: Transaction
            do throws(TransactionError) {
                transaction = try Transaction(pooled: envelope)
            } catch {
                throw .server("transaction \(index): \(error.gethMessage)")
            }
            if let obstacle = try run(transaction, in: block, on: &journal) {
                throw .server("transaction \(index): \(obstacle)")
            }
        }
    }

    /// What pays most comes first; what cannot run leaves out what follows it of its sender.
    ///
    /// - Parameter senders: The transactions of each, by nonce.
    private mutating func run(
        best senders: [[Transaction]], in block: BlockEnvironment, on journal: inout Journal<CallState>
    ) throws(RPCError) {
        var queues = senders.map { $0[...] }.filter { !$0.isEmpty }
        func tip(_ queue: ArraySlice<Transaction>) -> UInt256 { queue.first?.tip(baseFee: block.baseFeePerGas) ?? 0 }
        while let best = queues.indices.max(by: { tip(queues[$0]) < tip(queues[$1]) }) {
            let transaction = queues[best].removeFirst()
            let obstacle = try run(transaction, in: block, on: &journal)
            if obstacle != nil || queues[best].isEmpty { queues.remove(at: best) }
        }
    }

    /// - Returns: Why the transaction cannot be in the block here; nothing has come of it then.
    private mutating func run(
        _ transaction: Transaction, in block: BlockEnvironment, on journal: inout Journal<CallState>
    ) throws(RPCError) -> String? {
        // The payload would have to bring their blobs along, which are not kept.
        guard transaction.kind != .blob else { return "blobs are not built in here" }
        let blobGasLimit = rules.phase(of: header).blobs.max * GasSchedule.blob
        let context = TransactionContext(
            in: block, policy: .ethereum(block.fork), gasLeft: header.gasLimit - header.gasUsed,
            blobGasLeft: blobGasLimit - (header.blobGasUsed ?? 0), index: transactions.count)
        let outcome: TransactionOutcome
        do throws(ValidationFailure<CallState.Failure>) {
            outcome = try journal.run(transaction, in: context, on: machine).outcome
        } catch {
            switch error {
            case .invalid(let fault): return "expected \(fault.expected), found \(fault.found)"
            case .unreadable(let failure): throw failure.inRPCTerms(limits)
            }
        }
        header.gasUsed += outcome.gasUsed
        header.blobGasUsed = (header.blobGasUsed ?? 0) + outcome.blobGasUsed
        value = value &+ transaction.tip(baseFee: header.baseFee) &* UInt256(outcome.gasUsed)
        transactions.append(transaction)
        receipts.append(
            Receipt(
                kind: transaction.kind, succeeded: outcome.succeeded, cumulativeGasUsed: header.gasUsed,
                logs: outcome.effects.logs.map { Log($0) }))
        return nil
    }
}

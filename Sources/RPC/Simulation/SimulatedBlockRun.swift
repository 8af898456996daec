import Chain
import EVM
import EthereumChain
import Primitives
import SystemContracts
import Trie
import Validation

/// One block of a simulation on its way: the chain's own calls, the caller's, and what closes a block.
struct SimulatedBlockRun: ~Copyable {
    private var header: EthereumHeader
    private let request: SimulationRequest.BlockRequest
    private let simulation: SimulationRequest
    private let profile: ChainProfile
    private let limits: RPCLimits
    private let state: CallState
    private let machine = Machine()
    private var block: BlockEnvironment
    /// What all calls of the simulation together may still use.
    private(set) var gasLeft: Gas
    /// Without those whose code the caller has replaced.
    private(set) var natives: NativeContracts
    private var gasUsed: Gas = 0
    private var blobGasUsed: Gas = 0
    private var receipts: [Receipt] = []
    private var calls: [SimulatedCall] = []

    init(
        _ header: EthereumHeader, _ request: SimulationRequest.BlockRequest, _ simulation: SimulationRequest,
        on state: CallState, under profile: ChainProfile, natives: NativeContracts, gasLeft: Gas, _ limits: RPCLimits
    ) {
        (self.header, self.request, self.simulation, self.state) = (header, request, simulation, state)
        (self.profile, self.natives, self.gasLeft, self.limits) = (profile, natives, gasLeft, limits)
        block = profile.environment(of: header)
        if let blobBaseFee = request.overrides.blobBaseFee { block.blobBaseFee = blobBaseFee }
    }

    mutating func run() throws(RPCError) -> SimulatedBlock {
        let moves = try request.stateOverrides.apply(to: state, at: block.fork, natives: &natives, limits)
        var journal = Journal(state, fork: block.fork)
        try open(&journal)
        for call in request.calls { calls.append(try run(call, on: &journal, moves)) }
        let withdrawals = header.withdrawalsRoot == nil ? nil : request.overrides.withdrawals ?? []
        try close(&journal, paying: withdrawals ?? [])
        state.suppose(journal.changes())
        header.stateRoot = try reading(limits) { () throws(CallState.Failure) in try state.stateRoot() }
        header.gasUsed = gasUsed
        if header.blobGasUsed != nil { header.blobGasUsed = blobGasUsed }
        header.transactionsRoot = MerkleTrie.orderedRoot(calls.map(\.transaction.envelope))
        header.receiptsRoot = Receipt.root(of: receipts)
        header.logsBloom = Receipt.bloom(of: receipts)
        if let withdrawals { header.withdrawalsRoot = Withdrawal.root(of: withdrawals) }
        return SimulatedBlock(
            header: header, calls: calls, withdrawals: withdrawals, blobBaseFee: block.blobBaseFee)
    }

    // MARK: What a block does by itself

    private func open(_ journal: inout Journal<CallState>) throws(RPCError) {
        try reading(limits) { () throws(CallState.Failure) in
            try state.checkTime()
            try journal.open(
                block, parentHash: header.parentHash, beaconRoot: header.parentBeaconBlockRoot ?? .zero, on: machine)
        }
    }

    private mutating func close(
        _ journal: inout Journal<CallState>, paying withdrawals: [Withdrawal]
    ) throws(RPCError) {
        try reading(limits) { () throws(CallState.Failure) in try state.checkTime() }
        switch profile.rules {
        case .ethereum(let rules):
            do throws(EthereumFailure<CallState.Failure>) {
                let body = EthereumBlock(header: header, transactions: [], withdrawals: withdrawals)
                header.requestsHash = try journal.close(
                    body, in: block, after: receipts, depositsTo: rules.depositContract, on: machine)
            } catch {
                switch error {
                case .invalid(let fault): throw .server("expected \(fault.expected), found \(fault.found)")
                case .unreadable(let failure): throw failure.inRPCTerms(limits)
                }
            }
        case .own:
            // This chain has nothing to ask of a beacon chain, but a reward to divide.
            try reading(limits) { () throws(CallState.Failure) in
                for withdrawal in withdrawals { try journal.credit(withdrawal.address, withdrawal.amountInWei) }
                let distribution = Rewards.distribution(to: block.beneficiary)
                let environment = Environment(
                    block: block, origin: distribution.caller, gasPrice: block.baseFeePerGas, natives: natives)
                _ = try journal.run(distribution, in: environment, on: machine)
                _ = journal.closeTransaction()
            }
        }
    }

    // MARK: Calls

    private mutating func run(
        _ call: CallRequest, on journal: inout Journal<CallState>, _ moves: PrecompileMoves
    ) throws(RPCError) -> SimulatedCall {
        let sender = call.from
        let account = try reading(limits) { () throws(CallState.Failure) in
            try state.checkTime()
            return try journal.peek(sender)
        }
        let content = try content(of: call, from: account)
        let obstacle = content.obstacle(from: sender, account, in: block, isValidated: simulation.isValidated)
        if let obstacle { throw .simulation(SimulationFault(obstacle.kind), obstacle.told(gas: content.gasLimit)) }
        // Without validation the sender's nonce counts, whatever the call names.
        var executed = content
        executed.nonce = account?.nonce ?? 0
        let context = TransactionContext(
            in: block, policy: profile.policy(of: header), natives: natives, gasLeft: .max, blobGasLeft: .max,
            index: calls.count, precompileMoves: moves, logsTransfers: simulation.tracesTransfers)
        var tracer = LastOpcode()
        let outcome: TransactionOutcome
        do throws(ValidationFailure<CallState.Failure>) {
            outcome = try runTransaction(
                Transaction(executed, signature: .nobodys), from: sender, in: context, journal: &journal,
                machine: machine, tracer: &tracer, conduct: Conduct(waiving: [.senderNotEOA]))
        } catch {
            throw error.inRPCTerms(limits)
        }
        gasUsed += outcome.gasUsed
        blobGasUsed += outcome.blobGasUsed
        gasLeft -= outcome.gasUsed
        receipts.append(try receipt(of: outcome, content.kind, on: journal))
        var failure = RPCError.failed(outcome.status, output: machine.output, last: tracer)
        if let told = failure, told.code != RPCError.revertedCode {
            failure = .simulation(.machine, told.message)
        }
        return SimulatedCall(
            sender: sender, transaction: UnsignedTransaction(content),
            output: outcome.succeeded ? machine.output : [], logs: outcome.effects.logs, gasUsed: outcome.gasUsed,
            peakGasUsed: outcome.peakGasUsed, failure: failure)
    }

    /// The transaction that `call` becomes: with its sender's nonce and all gas that is left, where it names none.
    private func content(of call: CallRequest, from account: Account?) throws(RPCError) -> Transaction.Content {
        var content = try call.content(
            on: profile.chainID, takingBlobs: profile.blobGasMax(at: header.timestamp) > 0)
        content.kind = call.kind(unpriced: .dynamicFee)
        content.nonce = call.nonce ?? account?.nonce ?? 0
        let blockGasLeft = header.gasLimit > gasUsed ? header.gasLimit - gasUsed : 0
        let gas = call.gas ?? blockGasLeft
        guard gas <= blockGasLeft else {
            throw .simulation(.blockGas, "block gas limit reached: \(gasUsed) >= \(header.gasLimit)")
        }
        guard gasLeft > 0 else {
            throw .simulation(.clientLimit, "RPC gas cap exhausted: \(limits.callGasMax) for all calls together")
        }
        content.gasLimit = min(gas, gasLeft)
        return content
    }

    /// What a receipt tells: transfers are in no real one. Before Byzantium it names the state (EIP-658).
    private func receipt(
        of outcome: TransactionOutcome, _ kind: Transaction.Kind, on journal: borrowing Journal<CallState>
    ) throws(RPCError) -> Receipt {
        var stateRoot: Hash32?
        if block.fork < .byzantium {
            state.suppose(journal.changes())
            stateRoot = try reading(limits) { () throws(CallState.Failure) in try state.stateRoot() }
        }
        return Receipt(
            kind: kind, succeeded: outcome.succeeded, cumulativeGasUsed: gasUsed,
            logs: outcome.effects.logs.filter { !$0.isTransfer }.map { Log($0) }, stateRoot: stateRoot)
    }
}

extension Log {
    init(_ record: LogRecord) {
        self.init(address: record.address, topics: record.topics, data: record.data)
    }
}

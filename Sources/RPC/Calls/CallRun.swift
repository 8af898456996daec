import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import Validation

/// What came of a call.
struct CallResult {
    let outcome: TransactionOutcome
    /// What it returned, reverted with, or created.
    let output: Bytes
}

/// A transaction that nobody signed, on the state of a block: run once for eth_call, several times for
/// eth_estimateGas. It leaves nothing behind.
///
/// It runs as in that block, with the state that the block left. Where no price is named the base fee is zero for
/// it too, so that nobody has to own anything to ask.
struct CallRun {
    let request: CallRequest
    let state: CallState
    /// The header of the block.
    let header: EthereumHeader
    private let content: Transaction.Content
    private let context: TransactionContext
    private let limits: RPCLimits
    private let machine = Machine()

    init(_ request: CallRequest, at height: Height, in context: RPCContext) throws(RPCError) {
        self.request = request
        limits = context.limits
        let state = CallState(context.chain, at: height, until: .now + context.limits.callTimeout)
        self.state = state
        let found = try reading { () throws(ChainReadError) in try context.chain.header(at: height) }
        guard let header = found else { throw .headerNotFound }
        self.header = header
        if let chainID = request.content.chainID, chainID != context.profile.chainID {
            throw .server("chainId does not match node's (have=\(chainID), want=\(context.profile.chainID))")
        }
        var content = request.content
        content.chainID = context.profile.chainID
        guard content.authorizations.isEmpty || content.to != nil else {
            throw .server("EIP-7702 transaction cannot be used to create contract")
        }
        if content.to == nil, content.data.count > Transaction.initCodeBytesMax {
            throw .server(
                "max initcode size exceeded: code size \(content.data.count), limit \(Transaction.initCodeBytesMax)")
        }
        // A call may come from any account at any time: its nonce is whatever the account's is.
        let sender = try CallRun.inRPCTerms(context.limits) { () throws(CallState.Failure) in
            try state.account(request.from)
        }
        content.nonce = sender?.nonce ?? 0
        self.content = content
        var block = context.profile.environment(of: header)
        if content.maxFeePerGas.isZero { block.baseFeePerGas = 0 }
        guard content.maxFeePerGas >= block.baseFeePerGas else {
            throw .server(
                "max fee per gas less than block base fee: address \(request.from), "
                    + "maxFeePerGas: \(content.maxFeePerGas), baseFee: \(block.baseFeePerGas)")
        }
        self.context = TransactionContext(
            in: block, policy: context.profile.policy(of: header), natives: context.profile.natives, gasLeft: .max)
    }

    /// Why the call cannot begin with `gas`, in geth's words; nil where it can.
    func obstacle(gas: Gas) throws(RPCError) -> String? {
        let cost = content.maxFeePerGas.multipliedReportingOverflow(by: UInt256(gas))
        let sum = cost.partialValue.addingReportingOverflow(content.value)
        let need = cost.overflow || sum.overflow ? UInt256.max : sum.partialValue
        let balance = try balance()
        guard need <= balance else {
            return "insufficient funds for gas * price + value: address \(request.from) have \(balance) want \(need)"
        }
        guard gas >= content.intrinsicGas else {
            return "intrinsic gas too low: have \(gas), want \(content.intrinsicGas)"
        }
        guard gas >= content.floorGas else {
            return "insufficient gas for floor data gas cost: have \(gas), want \(content.floorGas)"
        }
        return nil
    }

    func balance() throws(RPCError) -> UInt256 {
        try CallRun.inRPCTerms(limits) { () throws(CallState.Failure) in try state.account(request.from) }?.balance ?? 0
    }

    /// Whether it moves value to an account that runs nothing, and no more.
    func isPlainTransfer() throws(RPCError) -> Bool {
        guard let to = content.to, content.data.isEmpty else { return false }
        return try CallRun.inRPCTerms(limits) { () throws(CallState.Failure) in try state.account(to) }?.hasCode != true
    }

    /// Runs the call with `gas`, which `obstacle(gas:)` has nothing against.
    func run(gas: Gas) throws(RPCError) -> CallResult {
        try carryOut(gas: gas) { (transaction, journal, conduct) throws(ValidationFailure<CallState.Failure>) in
            try runTransaction(
                transaction, from: request.from, in: context, journal: &journal, machine: machine, conduct: conduct)
        }
    }

    /// The same under the eyes of `tracer`.
    func run(gas: Gas, tracer: inout some Tracer) throws(RPCError) -> CallResult {
        try carryOut(gas: gas) { (transaction, journal, conduct) throws(ValidationFailure<CallState.Failure>) in
            try runTransaction(
                transaction, from: request.from, in: context, journal: &journal, machine: machine, tracer: &tracer,
                conduct: conduct)
        }
    }

    private func carryOut(
        gas: Gas,
        _ run: (Transaction, inout Journal<CallState>, Conduct) throws(ValidationFailure<CallState.Failure>)
            -> TransactionOutcome
    ) throws(RPCError) -> CallResult {
        var content = content
        content.gasLimit = gas
        let transaction = Transaction(content, signature: CallRun.signature)
        var journal = Journal(state, fork: context.block.fork)
        do throws(ValidationFailure<CallState.Failure>) {
            // Also a contract may be asked what it would do.
            let outcome = try run(transaction, &journal, Conduct(waiving: [.senderNotEOA]))
            return CallResult(outcome: outcome, output: machine.output)
        } catch {
            switch error {
            case .invalid(let fault): throw .server("expected \(fault.expected), found \(fault.found)")
            case .unreadable(let failure): throw failure.inRPCTerms(limits)
            }
        }
    }

    /// Nobody's: the sender is named, and a signature is not looked at.
    private static let signature = AccountSignature(r: 1, s: 1, yParity: false)

    private static func inRPCTerms<Answer>(
        _ limits: RPCLimits, _ body: () throws(CallState.Failure) -> Answer
    ) throws(RPCError) -> Answer {
        do {
            return try body()
        } catch {
            throw error.inRPCTerms(limits)
        }
    }
}

extension CallState.Failure {
    fileprivate func inRPCTerms(_ limits: RPCLimits) -> RPCError {
        switch self {
        case .chain(.unreadable(let reason)): .internalError(reason)
        case .chain(.notRetained(let reason)): .server(reason)
        case .outOfTime: .server("execution aborted (timeout = \(limits.callTimeout.components.seconds)s)")
        }
    }
}

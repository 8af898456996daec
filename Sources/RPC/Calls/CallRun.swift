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
/// It runs as in that block, with the state that the block left, but for what the caller wants supposed instead.
/// Where no price is named the base fee is zero for it too, so that nobody has to own anything to ask.
struct CallRun {
    let request: CallRequest
    let state: CallState
    /// The header of the block, with what is supposed of it.
    let header: EthereumHeader
    /// What runs, but for its gas limit.
    let content: Transaction.Content
    private let context: TransactionContext
    private let limits: RPCLimits
    private let machine = Machine()

    init(
        _ request: CallRequest, at height: Height, supposing overrides: StateOverrides = .none,
        block blockOverrides: BlockOverrides = .none, in context: RPCContext
    ) throws(RPCError) {
        self.request = request
        limits = context.limits
        let profile = context.profile
        let state = CallState(context.chain, at: height, until: .now + context.limits.callTimeout)
        self.state = state
        let found = try reading { () throws(ChainReadError) in try context.chain.header(at: height) }
        guard let found else { throw .headerNotFound }
        let header = blockOverrides.applied(to: found)
        self.header = header
        var content = try request.content(
            on: profile.chainID, takingBlobs: profile.blobGasMax(at: header.timestamp) > 0)
        var block = profile.environment(of: header)
        if let blobBaseFee = blockOverrides.blobBaseFee { block.blobBaseFee = blobBaseFee }
        if content.isUnpriced { block.baseFeePerGas = 0 }
        if content.maxFeePerBlobGas.isZero { block.blobBaseFee = content.kind == .blob ? 0 : block.blobBaseFee }
        var natives = profile.natives
        let moves = try overrides.apply(to: state, at: block.fork, natives: &natives, context.limits)
        // A call may come from any account at any time: its nonce is whatever the account's is.
        content.nonce =
            try reading(context.limits) { () throws(CallState.Failure) in
                try state.account(request.from)
            }?.nonce ?? 0
        self.content = content
        self.context = TransactionContext(
            in: block, policy: profile.policy(of: header), natives: natives, gasLeft: .max, blobGasLeft: .max,
            precompileMoves: moves)
    }

    /// The same call with another access list.
    init(_ other: CallRun, accessList: [AccessListEntry]) {
        var content = other.content
        content.accessList = accessList
        (request, state, header, self.content) = (other.request, other.state, other.header, content)
        (context, limits) = (other.context, other.limits)
    }

    /// The rules that it runs by.
    var fork: Fork { context.block.fork }

    /// Why the call cannot begin with `gas`; nil where it can.
    func obstacle(gas: Gas) throws(RPCError) -> CallObstacle? {
        var content = content
        content.gasLimit = gas
        return content.obstacle(from: request.from, try sender(), in: context.block, isValidated: false)
    }

    private func sender() throws(RPCError) -> Account? {
        try reading(limits) { () throws(CallState.Failure) in try state.account(request.from) }
    }

    func balance() throws(RPCError) -> UInt256 { try sender()?.balance ?? 0 }

    /// Whether it moves value to an account that runs nothing, and no more.
    func isPlainTransfer() throws(RPCError) -> Bool {
        guard let to = content.to, content.data.isEmpty else { return false }
        return try reading(limits) { () throws(CallState.Failure) in try state.account(to) }?.hasCode != true
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

    /// The call with `gas`, for whoever runs it elsewhere.
    func message(gas: Gas) -> TracedMessage {
        var content = content
        content.gasLimit = gas
        return TracedMessage(
            transaction: Transaction(content, signature: .nobodys), sender: request.from, context: context,
            conduct: Conduct(waiving: [.senderNotEOA]))
    }

    private func carryOut(
        gas: Gas,
        _ run: (Transaction, inout Journal<CallState>, Conduct) throws(ValidationFailure<CallState.Failure>)
            -> TransactionOutcome
    ) throws(RPCError) -> CallResult {
        var content = content
        content.gasLimit = gas
        let transaction = Transaction(content, signature: .nobodys)
        var journal = Journal(state, fork: context.block.fork)
        do throws(ValidationFailure<CallState.Failure>) {
            // Also a contract may be asked what it would do.
            let outcome = try run(transaction, &journal, Conduct(waiving: [.senderNotEOA]))
            return CallResult(outcome: outcome, output: machine.output)
        } catch {
            throw error.inRPCTerms(limits)
        }
    }
}

extension AccountSignature {
    /// The sender of a call is named, and a signature is not looked at.
    static let nobodys = AccountSignature(r: 0, s: 0, yParity: false)
}

extension ValidationFailure<CallState.Failure> {
    func inRPCTerms(_ limits: RPCLimits) -> RPCError {
        switch self {
        case .invalid(let fault): .server("expected \(fault.expected), found \(fault.found)")
        case .unreadable(let failure): failure.inRPCTerms(limits)
        }
    }
}

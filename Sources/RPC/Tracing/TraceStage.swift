import Chain
import EVM
import EthereumChain
import Primitives
import SystemContracts
import Validation

/// A transaction, sent or only supposed, that is to run once.
struct TracedMessage {
    let transaction: Transaction
    let sender: Address
    let context: TransactionContext
    var conduct = Conduct.honest
    /// Of the block that it is in; nil for one that nobody sent.
    var blockHash: Hash32?

    /// Whom it calls, or what it creates.
    var recipient: Address {
        transaction.to ?? createAddress(sender: sender, nonce: transaction.nonce)
    }

    /// The accounts that count although no opcode names them.
    var named: [Address] {
        [sender, context.block.beneficiary] + transaction.authorizations.compactMap { $0.recoverAuthority() }
    }
}

/// What came of one.
struct TracedRun {
    let outcome: TransactionOutcome
    let output: Bytes
}

/// Where messages run one after the other, watched or not.
struct TraceStage: ~Copyable {
    private var journal: Journal<CallState>
    private let machine = Machine()

    init(_ state: CallState, fork: Fork) {
        journal = Journal(state, fork: fork)
    }

    /// What a block does before its first transaction (EIP-4788, EIP-2935).
    mutating func open(_ block: BlockEnvironment, _ header: EthereumHeader, _ natives: NativeContracts) throws(RPCError)
    {
        guard let beaconRoot = header.parentBeaconBlockRoot else { return }
        try call(SystemAddress.beaconRoots, beaconRoot.bytes, in: block, natives)
        if block.fork >= .prague { try call(SystemAddress.history, header.parentHash.bytes, in: block, natives) }
    }

    private mutating func call(
        _ target: Address, _ input: Bytes, in block: BlockEnvironment, _ natives: NativeContracts
    ) throws(RPCError) {
        let message = Message(
            caller: SystemAddress.caller, target: .call(target), input: input, gas: Self.systemCallGas)
        let environment = Environment(
            block: block, origin: SystemAddress.caller, gasPrice: block.baseFeePerGas, natives: natives)
        do throws(CallState.Failure) {
            guard let account = try journal.peek(target), account.hasCode else { return }
            _ = try journal.run(message, in: environment, on: machine)
        } catch {
            throw error.whileTracing
        }
        _ = journal.closeTransaction()
    }

    /// EIP-4788, EIP-2935
    private static let systemCallGas: Gas = 30_000_000

    /// The word in a slot as it is now.
    mutating func word(_ address: Address, _ slot: UInt256) throws(RPCError) -> UInt256 {
        do throws(CallState.Failure) {
            guard try journal.peek(address) != nil else { return 0 }
            return try journal.storageAtStart(address, slot)
        } catch {
            throw error.whileTracing
        }
    }

    /// What all messages have changed.
    func changes() -> StateChanges { journal.changes() }

    /// Runs a message that nobody watches.
    mutating func run(_ message: TracedMessage) throws(RPCError) {
        do throws(ValidationFailure<CallState.Failure>) {
            _ = try runTransaction(
                message.transaction, from: message.sender, in: message.context, journal: &journal, machine: machine,
                conduct: message.conduct)
        } catch {
            throw error.whileTracing
        }
    }

    /// Runs one under the eyes of `tracer`.
    ///
    /// - Throws: geth's error where the time is over.
    mutating func run<Base: Tracer>(
        _ message: TracedMessage, _ tracer: inout TimedTracer<Base>
    ) throws(RPCError) -> TracedRun {
        let outcome: TransactionOutcome
        do throws(ValidationFailure<CallState.Failure>) {
            outcome = try runTransaction(
                message.transaction, from: message.sender, in: message.context, journal: &journal, machine: machine,
                tracer: &tracer, conduct: message.conduct)
        } catch {
            throw error.whileTracing
        }
        try tracer.check()
        return TracedRun(outcome: outcome, output: machine.output)
    }

    /// What a message looked at that has run under `tracer`.
    mutating func touched(
        by message: TracedMessage, _ run: TracedRun, _ tracer: PrestateTracer
    ) throws(RPCError) -> [TouchedAccount] {
        do throws(CallState.Failure) {
            return try tracer.touched(
                message.named, recipient: message.recipient, run.outcome.effects, in: &journal)
        } catch {
            throw error.whileTracing
        }
    }
}

extension CallState.Failure {
    var whileTracing: RPCError {
        switch self {
        case .chain(.unreadable(let reason)): .internalError(reason)
        case .chain(.notRetained(let reason)): .server(reason)
        case .outOfTime: .traceTimeout
        }
    }
}

extension ValidationFailure<CallState.Failure> {
    fileprivate var whileTracing: RPCError {
        switch self {
        case .invalid(let fault): .server("tracing failed: expected \(fault.expected), found \(fault.found)")
        case .unreadable(let failure): failure.whileTracing
        }
    }
}

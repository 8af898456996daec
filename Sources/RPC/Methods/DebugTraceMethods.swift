import Chain
import EVM
import EthereumChain
import Primitives
import Validation

/// debug_trace*: what sealed transactions did, opcode by opcode or call by call.
func debugTraceMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "debug_traceTransaction", "Runs a sealed transaction again and says what it did.",
            [.required("hash", .hash), .optional("options", .traceOptions)], result: "trace, as its tracer makes it",
            .reading { arguments, writer throws(RPCError) in
                let hash = try arguments.hash(0)
                writer.mayGrow(context.largeAnswers)
                let options = try TraceOptions(arguments, 1, context.limits)
                try context.trace(transaction: hash, options, to: &writer)
            }),
        RPCMethod(
            "debug_traceBlockByNumber", "Runs all transactions of the block at that height again.",
            [.required("block", .block), .optional("options", .traceOptions)],
            result: "array of objects: txHash, result",
            .reading { arguments, writer throws(RPCError) in
                let reference = try arguments.block(0)
                writer.mayGrow(context.largeAnswers)
                let options = try TraceOptions(arguments, 1, context.limits)
                try context.trace(context.tracedBlock(reference), options, to: &writer)
            }),
        RPCMethod(
            "debug_traceBlockByHash", "Runs all transactions of the block with that hash again.",
            [.required("hash", .hash), .optional("options", .traceOptions)],
            result: "array of objects: txHash, result",
            .reading { arguments, writer throws(RPCError) in
                let reference = BlockReference.hash(try arguments.hash(0))
                writer.mayGrow(context.largeAnswers)
                let options = try TraceOptions(arguments, 1, context.limits)
                try context.trace(context.tracedBlock(reference), options, to: &writer)
            }),
        RPCMethod(
            "debug_traceCall", "Runs a transaction that nobody sends on the state of a block and says what it does.",
            [.required("transaction", .call), .optional("block", .blockOrHash), .optional("options", .traceOptions)],
            result: "trace, as its tracer makes it",
            .asking { arguments, writer throws(RPCError) in
                let context = try await context.at(arguments.blockOrHash(1))
                writer.mayGrow(context.largeAnswers)
                let options = try TraceOptions(arguments, 2, context.limits)
                try context.traceCall(arguments, options, to: &writer)
            }),
    ]
}

/// A sealed block that runs again on the state before it.
struct BlockReplay: ~Copyable {
    private let block: LoadedBlock
    private let senders: [Address]
    private let environment: BlockEnvironment
    private let policy: TransactionPolicy
    private let natives: NativeContracts
    private(set) var stage: TraceStage

    /// - Throws: For genesis, and where the state before the block cannot be read.
    init(_ block: LoadedBlock, in context: RPCContext) throws(RPCError) {
        guard let parent = block.header.number.checkedParent else { throw .server("genesis is not traceable") }
        let senders = try block.senders()
        let environment = context.profile.environment(of: block.header)
        let natives = context.profile.natives
        var stage = TraceStage(
            CallState(context.chain, at: parent, until: .now + context.limits.traceReadTimeout),
            fork: environment.fork)
        try stage.open(environment, block.header, natives)
        (self.block, self.senders, self.environment, self.natives) = (block, senders, environment, natives)
        policy = context.profile.policy(of: block.header)
        self.stage = stage
    }

    private func message(_ index: Int) -> TracedMessage {
        TracedMessage(
            transaction: block.block.transactions[index], sender: senders[index],
            context: TransactionContext(
                in: environment, policy: policy, natives: natives, gasLeft: .max, blobGasLeft: .max, index: index),
            blockHash: block.hash)
    }

    /// Runs the first `count` transactions, which nobody watches.
    mutating func run(first count: Int) throws(RPCError) {
        for index in 0..<count {
            guard !Task.isCancelled else { throw .traceTimeout }
            try stage.run(message(index))
        }
    }

    /// The slots of an account that were written since the block began and hold something else than before.
    func slotsWritten(of address: Address) -> [UInt256] {
        stage.changes().storage.filter { $0.address == address }.map(\.slot)
    }

    /// The word in a slot as it is now.
    mutating func word(_ address: Address, _ slot: UInt256) throws(RPCError) -> UInt256 {
        try stage.word(address, slot)
    }

    /// Runs the transaction at `index`, the next one, and writes what is to be said of it.
    mutating func trace(
        _ index: Int, _ options: TraceOptions, _ limits: RPCLimits, to writer: inout JSONWriter
    ) throws(RPCError) {
        try stage.trace(message(index), options, limits, to: &writer)
    }
}

extension Height {
    var checkedParent: Height? { self == 0 ? nil : self - 1 }
}

extension RPCContext {
    /// The block that is to be traced.
    func tracedBlock(_ reference: BlockReference) throws(RPCError) -> LoadedBlock {
        if reference == .pending { throw .server("pending block is not available") }
        if let block = try block(reference) { return block }
        throw .blockNotFound(reference)
    }

    fileprivate func trace(
        transaction hash: Hash32, _ options: TraceOptions, to writer: inout JSONWriter
    ) throws(RPCError) {
        let location = try reading { () throws(ChainReadError) in try chain.location(ofTransaction: hash) }
        guard let location, visible(location.height) != nil, let block = try blocks.block(at: location.height) else {
            throw .server("transaction not found")
        }
        guard block.block.transactions.indices.contains(location.index) else {
            throw .internalError("transaction \(hash) is not where the index says")
        }
        var replay = try BlockReplay(block, in: self)
        try replay.run(first: location.index)
        try replay.trace(location.index, options, limits, to: &writer)
    }

    /// Traces the call of argument 0 on the state of argument 1, with what the options suppose.
    fileprivate func traceCall(
        _ arguments: Arguments, _ options: TraceOptions, to writer: inout JSONWriter
    ) throws(RPCError) {
        let run = try CallRun(
            arguments.read(0, CallRequest.init), at: stateHeight(arguments.blockOrHash(1)),
            supposing: options.stateOverrides, block: options.blockOverrides.checkedForCall(), in: self)
        let gas = min(run.request.gas ?? .max, limits.callGasMax)
        if let obstacle = try run.obstacle(gas: gas) { throw .server("tracing failed: \(obstacle.message)") }
        var stage = TraceStage(run.state, fork: run.fork)
        try stage.trace(run.message(gas: gas), options, limits, to: &writer)
    }

    fileprivate func trace(
        _ block: LoadedBlock, _ options: TraceOptions, to writer: inout JSONWriter
    ) throws(RPCError) {
        var replay = try BlockReplay(block, in: self)
        writer.beginArray()
        for (index, transaction) in block.block.transactions.enumerated() {
            writer.beginObject()
            writer.name("txHash")
            writer.hex(transaction.hash)
            writer.name("result")
            try replay.trace(index, options, limits, to: &writer)
            writer.endObject()
            try writer.checkSize()
        }
        writer.endArray()
    }
}

extension RPCError {
    /// geth's words for a block that is to be traced and is not there.
    static func blockNotFound(_ reference: BlockReference) -> RPCError {
        switch reference {
        case .height(let height): .server("block #\(height) not found")
        case .hash(let hash): .server("block \(hash) not found")
        case .latest, .pending: .server("block not found")
        }
    }
}

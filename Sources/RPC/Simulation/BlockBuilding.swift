import Chain
import EVM
import EthereumChain
import Primitives
import Validation

/// testing_buildBlockV1: the block that given transactions would make after any block. The chain stays as it is.
///
/// Of execution-apis, for tests of clients; only imported chains have it, which are there for tests alone.
func testingMethods(_ context: RPCContext, under rules: EthereumRules) -> [RPCMethod] {
    [
        RPCMethod(
            "testing_buildBlockV1", "Builds a block of the given transactions after a block, as an execution payload.",
            [
                .required("parentBlockHash", .hash), .required("payloadAttributes", .payloadAttributes),
                .optional("transactions", .transactions), .optional("extraData", .data),
            ],
            result: "object: executionPayload, blockValue, blobsBundle, executionRequests, shouldOverrideBuilder",
            .asking { arguments, writer throws(RPCError) in
                guard let parent = try context.block(.hash(arguments.hash(0))) else { throw .server("unknown parent") }
                let attributes = try arguments.read(1, PayloadAttributes.init)
                let envelopes = try arguments.readOptional(2, transactionsArgument)
                let extraData = try arguments.readOptional(3, dataArgument) ?? []
                guard extraData.count <= EthereumRules.extraDataBytesMax else {
                    throw .server(
                        "extra data exceeds max length. \(extraData.count) > \(EthereumRules.extraDataBytesMax)")
                }
                let header = try context.header(after: parent, attributes, extraData, rules)
                var building = BlockBuilding(
                    header,
                    on: CallState(
                        context.chain, at: parent.header.number, until: .now + context.limits.callTimeout),
                    under: rules, limits: context.limits)
                let waiting = envelopes == nil ? await context.node.poolContent(of: nil) : []
                writer.payload(try building.run(envelopes, orBest: waiting, withdrawals: attributes.withdrawals))
            })
    ]
}

/// What the beacon chain decides of a block (engine API, PayloadAttributesV3).
private struct PayloadAttributes {
    let timestamp: UInt64
    let prevRandao: Hash32
    let feeRecipient: Address
    let withdrawals: [Withdrawal]?
    let beaconRoot: Hash32?

    init(_ argument: JSONValue) throws(ArgumentError) {
        let object = try objectArgument(argument)
        timestamp = try required(argument, "timestamp", quantityArgument)
        prevRandao = try required(argument, "prevRandao", hashArgument)
        feeRecipient = try required(argument, "suggestedFeeRecipient", addressArgument)
        withdrawals = try optionalElements(object, "withdrawals", withdrawalArgument)
        beaconRoot = try member(object, "parentBeaconBlockRoot", hashArgument)
    }
}

private func transactionsArgument(_ value: JSONValue) throws(ArgumentError) -> [Bytes] {
    guard let elements = value.array else { throw ArgumentError("expected an array, found \(value.kind)") }
    var envelopes: [Bytes] = []
    for element in elements { envelopes.append(try dataArgument(element)) }
    return envelopes
}

/// The gas limit that blocks grow or shrink towards, as geth's miner has it.
private let gasLimitAim: Gas = 60_000_000

extension RPCContext {
    /// The header of the block to build, as far as it is known before.
    fileprivate func header(
        after parent: LoadedBlock, _ attributes: PayloadAttributes, _ extraData: Bytes, _ rules: EthereumRules
    ) throws(RPCError) -> EthereumHeader {
        guard attributes.timestamp > parent.header.timestamp else {
            throw .server("invalid timestamp: parent \(parent.header.timestamp), given \(attributes.timestamp)")
        }
        let step = max(parent.header.gasLimit / EthereumRules.gasLimitBoundDivisor, 1) - 1
        let limit = parent.header.gasLimit
        let phase = rules.phase(at: attributes.timestamp)
        guard phase.activation <= attributes.timestamp, phase.fork >= .cancun else {
            throw .server("blocks are built from Cancun on")
        }
        var header = EthereumHeader(
            parentHash: parent.hash, stateRoot: .zero, number: parent.header.number + 1,
            gasLimit: limit < gasLimitAim ? min(gasLimitAim, limit + step) : max(gasLimitAim, limit - step),
            timestamp: attributes.timestamp, baseFeePerGas: profile.baseFee(after: parent.header),
            excessBlobGas: excessBlobGas(after: parent.header, under: phase),
            parentBeaconBlockRoot: attributes.beaconRoot ?? .zero,
            requestsHash: phase.fork < .prague ? nil : Header.emptyRequestsHash)
        header.beneficiary = attributes.feeRecipient
        header.prevRandao = attributes.prevRandao
        header.extraData = extraData
        return header
    }
}

/// A block that was built, and what it is worth to whom it pays.
private struct BuiltBlock {
    let block: EthereumBlock
    /// Wei, in tips.
    let value: UInt256
    let requests: [Bytes]
}

/// A block on its way.
private struct BlockBuilding {
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
        let policy = TransactionPolicy.ethereum(block.fork)
        let blobGasLimit = rules.phase(of: header).blobs.max * GasSchedule.blob
        let context = TransactionContext(
            in: block, policy: policy, gasLeft: header.gasLimit - header.gasUsed,
            blobGasLeft: blobGasLimit - (header.blobGasUsed ?? 0), index: transactions.count)
        let outcome: TransactionOutcome
        do throws(ValidationFailure<CallState.Failure>) {
            outcome = try runChecked(transaction, policy, context, on: &journal)
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

    private func runChecked(
        _ transaction: Transaction, _ policy: TransactionPolicy, _ context: TransactionContext,
        on journal: inout Journal<CallState>
    ) throws(ValidationFailure<CallState.Failure>) -> TransactionOutcome {
        let rules = TransactionRules(in: context.block, policy: policy)
        let sender: Address
        do throws(BlockFault) {
            try rules.checkFields(of: transaction, at: context.index)
            sender = try rules.sender(of: transaction, at: context.index)
        } catch {
            throw .invalid(error)
        }
        return try runTransaction(transaction, from: sender, in: context, journal: &journal, machine: machine)
    }
}

extension JSONWriter {
    fileprivate mutating func payload(_ built: BuiltBlock) {
        object { writer in
            writer.name("executionPayload")
            writer.executionPayload(built.block)
            writer.name("blockValue")
            writer.quantity(built.value)
            writer.name("blobsBundle")
            writer.object { writer in
                for list in ["commitments", "proofs", "blobs"] as [StaticString] {
                    writer.name(list)
                    writer.beginArray()
                    writer.endArray()
                }
            }
            writer.name("executionRequests")
            writer.array(built.requests) { writer, request in writer.hex(request) }
            writer.name("shouldOverrideBuilder")
            writer.bool(false)
        }
    }

    private mutating func executionPayload(_ block: EthereumBlock) {
        let header = block.header
        beginObject()
        for (name, hash) in [
            ("parentHash", header.parentHash), ("stateRoot", header.stateRoot), ("receiptsRoot", header.receiptsRoot),
            ("prevRandao", header.prevRandao), ("blockHash", block.hash),
        ] as [(StaticString, Hash32)] {
            self.name(name)
            hex(hash)
        }
        name("feeRecipient")
        hex(header.beneficiary)
        name("logsBloom")
        hex(header.logsBloom.bytes)
        for (name, number) in [
            ("blockNumber", header.number), ("gasLimit", header.gasLimit), ("gasUsed", header.gasUsed),
            ("timestamp", header.timestamp), ("blobGasUsed", header.blobGasUsed ?? 0),
            ("excessBlobGas", header.excessBlobGas ?? 0),
        ] as [(StaticString, UInt64)] {
            self.name(name)
            quantity(number)
        }
        name("extraData")
        hex(header.extraData)
        name("baseFeePerGas")
        quantity(header.baseFee)
        name("transactions")
        beginArray()
        for transaction in block.transactions { hex(transaction.envelope) }
        endArray()
        withdrawals(block.withdrawals ?? [])
        endObject()
    }
}

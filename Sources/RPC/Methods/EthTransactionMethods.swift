import Chain
import EthereumChain
import Primitives

/// eth_* about transactions: sending them and finding them again.
func ethTransactionMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "eth_sendRawTransaction", "Gives a signed transaction to the pool.",
            [.required("transaction", .data)], result: "transaction hash",
            .together { calls in await context.submit(calls) }),
        RPCMethod(
            "eth_getTransactionByHash", "The transaction with that hash, sealed or waiting.",
            [.required("hash", .hash)], result: "transaction or null",
            .asking { arguments, writer throws(RPCError) in
                let hash = try arguments.hash(0)
                if try await !context.knownTransaction(hash, to: &writer) { writer.null() }
            }),
        RPCMethod(
            "eth_getTransactionByBlockNumberAndIndex", "The transaction at that place of the block at that height.",
            [.required("block", .block), .required("index", .quantity)], result: "transaction or null",
            .asking { arguments, writer throws(RPCError) in
                let index = try arguments.quantity(1)
                let reference = try arguments.block(0)
                guard reference == .pending else {
                    return try writer.transaction(at: index, of: context.block(reference))
                }
                guard let pending = try await context.pendingBlock(), index < pending.block.transactions.count
                else { return writer.null() }
                let place = Int(index)
                writer.transaction(
                    pending.block.transactions[place], sender: try pending.senders()[place], in: nil, at: nil)
            }),
        RPCMethod(
            "eth_getTransactionByBlockHashAndIndex", "The transaction at that place of the block with that hash.",
            [.required("hash", .hash), .required("index", .quantity)], result: "transaction or null",
            .reading { arguments, writer throws(RPCError) in
                let index = try arguments.quantity(1)
                try writer.transaction(at: index, of: context.block(.hash(arguments.hash(0))))
            }),
        RPCMethod(
            "eth_getTransactionReceipt", "What came of a sealed transaction.",
            [.required("hash", .hash)], result: "receipt or null",
            .reading { arguments, writer throws(RPCError) in
                if try !context.receipt(of: arguments.hash(0), to: &writer) { writer.null() }
            }),
    ]
}

/// A transaction in its block.
struct SealedTransaction {
    let block: LoadedBlock
    let index: Int
}

extension JSONWriter {
    fileprivate mutating func sealedTransaction(_ found: SealedTransaction) throws(RPCError) {
        transaction(
            found.block.block.transactions[found.index], sender: try found.block.senders()[found.index],
            in: Inclusion(found.block), at: found.index)
    }

    fileprivate mutating func transaction(at index: UInt64, of block: LoadedBlock?) throws(RPCError) {
        guard let block, index < block.block.transactions.count else { return null() }
        try sealedTransaction(SealedTransaction(block: block, index: Int(index)))
    }
}

private enum KnownTransaction {
    case sealed(SealedTransaction)
    case waiting(SentTransaction)
}

/// Transactions of one batch that a worker decodes and checks before it lets others have a turn.
private let submissionChunk = 32

extension RPCContext {
    func sealed(_ hash: Hash32) throws(RPCError) -> SealedTransaction? {
        let location = try reading { () throws(ChainReadError) in try chain.location(ofTransaction: hash) }
        guard let location, visible(location.height) != nil, let block = try blocks.block(at: location.height)
        else { return nil }
        guard block.block.transactions.indices.contains(location.index) else {
            throw .internalError("transaction \(hash) is not where the index says")
        }
        return SealedTransaction(block: block, index: location.index)
    }

    /// A transaction, sealed or waiting; nil where there is none.
    private func known(_ hash: Hash32) async throws(RPCError) -> KnownTransaction? {
        if let found = try sealed(hash) { return .sealed(found) }
        if let waiting = await node.pendingTransaction(hash) { return .waiting(waiting) }
        // What was sealed between the two questions can be read by now.
        return try sealed(hash).map { .sealed($0) }
    }

    /// Writes a transaction, sealed or waiting; false where there is none.
    @discardableResult
    func knownTransaction(_ hash: Hash32, to writer: inout JSONWriter) async throws(RPCError) -> Bool {
        switch try await known(hash) {
        case nil: return false
        case .sealed(let found): try writer.sealedTransaction(found)
        case .waiting(let sent): writer.transaction(sent.transaction, sender: sent.sender, in: nil, at: nil)
        }
        return true
    }

    /// Writes the receipt of a sealed transaction; false where there is none.
    func receipt(of hash: Hash32, to writer: inout JSONWriter) throws(RPCError) -> Bool {
        guard let found = try sealed(hash) else { return false }
        try writer.receipt(at: found.index, of: found.block)
        return true
    }

    /// The envelope of a transaction, sealed or waiting.
    func envelope(of hash: Hash32) async throws(RPCError) -> Bytes? {
        switch try await known(hash) {
        case nil: nil
        case .sealed(let found): found.block.block.transactions[found.index].envelope
        case .waiting(let sent): sent.transaction.envelope
        }
    }

    /// Decodes each transaction and recovers its sender here, on the workers, then asks the pool once for all.
    func submit(_ calls: [Arguments]) async -> [Result<Hash32, RPCError>] {
        let decoded = await decode(calls)
        let accepted = decoded.compactMap { try? $0.get() }
        let fates = accepted.isEmpty ? [] : await node.submit(accepted)
        guard fates.count == accepted.count else {
            return calls.map { _ in .failure(.internalError("the node is shutting down")) }
        }
        var next = fates.makeIterator()
        return decoded.map { transaction in
            if case .failure(let error) = transaction { return .failure(error) }
            guard let fate = next.next() else { return .failure(.internalError("no answer from the pool")) }
            return fate.mapError { RPCError(code: $0.code, message: $0.message) }
        }
    }

    /// One after the other where they are few; else spread over the workers.
    private func decode(_ calls: [Arguments]) async -> [Result<SentTransaction, RPCError>] {
        guard calls.count > submissionChunk else { return calls.map(decodeTransaction) }
        return await withTaskGroup(of: (Int, [Result<SentTransaction, RPCError>]).self) { group in
            let starts = Array(stride(from: 0, to: calls.count, by: submissionChunk))
            for (place, start) in starts.enumerated() {
                let chunk = calls[start..<min(start + submissionChunk, calls.count)]
                group.addTask { (place, chunk.map(decodeTransaction)) }
            }
            var chunks = [[Result<SentTransaction, RPCError>]](repeating: [], count: starts.count)
            for await (place, results) in group { chunks[place] = results }
            return Array(chunks.joined())
        }
    }
}

extension RPCContext {
    /// Decodes a transaction, checks all that needs no state and recovers who signed it.
    fileprivate func decodeTransaction(_ arguments: Arguments) -> Result<SentTransaction, RPCError> {
        do throws(RPCError) {
            let envelope = try arguments.data(0)
            let head = try head().header
            do throws(TransactionError) {
                let transaction = try profile.pooledTransaction(envelope)
                try profile.check(transaction, after: head)
                return .success(SentTransaction(transaction, sender: try transaction.recoverSender()))
            } catch {
                throw .server(error.gethMessage)
            }
        } catch {
            return .failure(error)
        }
    }
}

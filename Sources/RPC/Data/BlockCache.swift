import Chain
import EthereumChain
import Primitives
import Synchronization

/// A block with what every question about it needs again: who signed, what came of it.
final class LoadedBlock: Sendable {
    let block: EthereumBlock
    /// What a blob gas costs in it (EIP-4844).
    let blobBaseFee: UInt256
    private let chain: any ChainReader
    private let loaded = Mutex<(senders: [Address]?, receipts: [Receipt]?)>((nil, nil))

    /// - Parameter senders: Who signed, of a block that is not of the chain.
    init(_ block: EthereumBlock, chain: any ChainReader, profile: ChainProfile, senders: [Address]? = nil) {
        (self.block, self.chain) = (block, chain)
        blobBaseFee = profile.blobBaseFee(of: block.header)
        loaded.withLock { $0.senders = senders }
    }

    var header: EthereumHeader { block.header }
    var hash: Hash32 { block.hash }

    func senders() throws(RPCError) -> [Address] {
        if let known = loaded.withLock({ $0.senders }) { return known }
        let senders = try reading { () throws(ChainReadError) in try chain.senders(of: block) }
        guard senders.count == block.transactions.count else { throw inconsistent("senders") }
        loaded.withLock { $0.senders = senders }
        return senders
    }

    func receipts() throws(RPCError) -> [Receipt] {
        if let known = loaded.withLock({ $0.receipts }) { return known }
        let receipts = try reading { () throws(ChainReadError) in try chain.receipts(at: header.number) } ?? []
        let isOrdered = zip(receipts, receipts.dropFirst()).allSatisfy { $0.cumulativeGasUsed <= $1.cumulativeGasUsed }
        guard receipts.count == block.transactions.count, isOrdered else { throw inconsistent("receipts") }
        loaded.withLock { $0.receipts = receipts }
        return receipts
    }

    private func inconsistent(_ what: String) -> RPCError {
        .internalError("the \(what) of block \(header.number) do not match its transactions")
    }
}

/// Runs `body` and words its failure for a caller.
func reading<Value>(_ body: () throws(ChainReadError) -> Value) throws(RPCError) -> Value {
    do {
        return try body()
    } catch {
        switch error {
        case .unreadable(let reason): throw .internalError(reason)
        case .notRetained(let reason): throw .server(reason)
        }
    }
}

/// The last blocks that somebody asked for, decoded. Blocks are final, so nothing here goes stale.
final class BlockCache: Sendable {
    private struct State {
        var blocks: [Height: LoadedBlock] = [:]
        /// Heights from the longest unused to the last used.
        var order: [Height] = []
        var transactionCount = 0
    }

    private let chain: any ChainReader
    private let profile: ChainProfile
    private let limits: RPCLimits
    private let state = Mutex(State())

    init(chain: any ChainReader, profile: ChainProfile, limits: RPCLimits) {
        (self.chain, self.profile, self.limits) = (chain, profile, limits)
    }

    /// The block at that height, or nil above the head.
    func block(at height: Height) throws(RPCError) -> LoadedBlock? {
        if let known = find(height) { return known }
        guard let block = try reading({ () throws(ChainReadError) in try chain.block(at: height) }) else { return nil }
        let loaded = LoadedBlock(block, chain: chain, profile: profile)
        keep(loaded)
        return loaded
    }

    private func find(_ height: Height) -> LoadedBlock? {
        state.withLock { state in
            guard let known = state.blocks[height] else { return nil }
            if state.order.last != height, let place = state.order.firstIndex(of: height) {
                state.order.remove(at: place)
                state.order.append(height)
            }
            return known
        }
    }

    private func keep(_ block: LoadedBlock) {
        let height = block.header.number
        state.withLock { state in
            guard state.blocks[height] == nil else { return }
            state.blocks[height] = block
            state.order.append(height)
            state.transactionCount += block.block.transactions.count
            while state.order.count > 1,
                state.order.count > limits.cachedBlocksMax || state.transactionCount > limits.cachedTransactionsMax
            {
                let oldest = state.order.removeFirst()
                state.transactionCount -= state.blocks.removeValue(forKey: oldest)?.block.transactions.count ?? 0
            }
        }
    }
}

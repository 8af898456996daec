import EthereumChain
import Primitives
import Synchronization

/// The pending block: made when somebody asks for it, and kept until the head or the pool changes.
///
/// On the threads that answer clients, from the disk's readers and a copy of the pool: consensus does not notice.
final class PendingBlocks: Sendable {
    private struct View {
        let context: RPCContext
        let head: Hash32
        let poolVersion: UInt64
        let madeAt: ContinuousClock.Instant
        /// What it took to make.
        let time: Duration
        /// Until then nobody asks whether the pool has changed.
        var restsUntil: ContinuousClock.Instant
    }

    private let latest = Mutex<View?>(nil)

    /// `context` over a chain whose head is the pending block; nil where the node has no pool.
    func view(over context: RPCContext) async throws(RPCError) -> RPCContext? {
        let head = try context.head()
        let start = ContinuousClock.now
        let (known, mayMake) = latest.withLock { latest in
            guard let known = latest, known.head == head.hash else { return (View?.none, true) }
            guard start >= known.restsUntil else { return (known, false) }
            // Others go on with the last one while this caller makes the next.
            if known.time > context.limits.pendingBlockShortTime { latest?.restsUntil = start + known.time }
            return (known, true)
        }
        if let known, !mayMake { return known.context }
        // The clock is part of the block too: also one of an idle pool is not kept for ever.
        let isOld = known.map { start - $0.madeAt >= context.limits.pendingBlockAgeMax } ?? true
        let report = await context.node.nextBlock(
            unlessAt: isOld ? nil : known?.poolVersion, candidatesMax: context.limits.pendingTransactionsMax)
        switch report {
        case .none: return nil
        case .unchanged:
            guard let known else { throw .server("pending block is not available") }
            return known.context
        case .changed(let next):
            // The node may have sealed a block since.
            let parent = try next.parent == head.header.number ? head : context.block(.height(next.parent))
            guard let parent else { throw .internalError("block \(next.parent) is not there") }
            return try make(next, after: parent, in: context)
        }
    }

    private func make(_ next: NextBlock, after head: LoadedBlock, in context: RPCContext) throws(RPCError) -> RPCContext
    {
        let start = ContinuousClock.now
        let pending = try PendingBlockDraft(next, after: head, in: context).run()
        let view = context.over(PendingChain(base: context.chain, pending: pending))
        let end = ContinuousClock.now
        let time = end - start
        let rest = time > context.limits.pendingBlockShortTime ? time * context.limits.pendingBlockRestFactor : .zero
        latest.withLock {
            $0 = View(
                context: view, head: head.hash, poolVersion: next.poolVersion, madeAt: end, time: time,
                restsUntil: end + rest)
        }
        return view
    }
}

extension RPCContext {
    /// What `reference` is looked up in: with `pending`, a chain whose head is the pending block.
    ///
    /// A node without a pool, which seals nothing, has the state of its head for a pending one.
    func at(_ reference: BlockReference) async throws(RPCError) -> RPCContext {
        guard reference == .pending else { return self }
        return try await pending.view(over: self) ?? self
    }

    /// The pending block; nil where the node has no pool.
    func pendingBlock() async throws(RPCError) -> LoadedBlock? {
        try await pending.view(over: self)?.head()
    }
}

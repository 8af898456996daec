import Primitives

/// Which senders lose their last transaction first when a pool is full.
///
/// It is always the last of a sender that goes, so none that stays comes behind a gap. It is worth what it and those
/// before it pay at least, for it is included no earlier than they are.
struct EvictionOrder: Sendable {
    /// A sender's last transaction: the lesser goes first.
    struct Rank: Sendable, Comparable {
        let isPending: Bool
        /// Peb per gas.
        let price: UInt256
        /// Arrival: of equal ones the latest goes first.
        let order: UInt64
        let sender: Address
        /// Of the sender, when this was found.
        let revision: UInt64
        /// How many of the sender's last are left out of account, by an attempt to make room; and which attempt.
        let depth: Int
        let attempt: UInt64

        static func < (left: Rank, right: Rank) -> Bool {
            if left.isPending != right.isPending { return !left.isPending }
            if left.price != right.price { return left.price < right.price }
            return left.order > right.order
        }

        /// nil where the sender has no more than `depth`.
        init?(_ sender: PoolSender, of address: Address, depth: Int = 0, attempt: UInt64 = 0, baseFee: UInt256) {
            let left = sender.waiting.dropLast(depth)
            guard let last = left.last else { return nil }
            isPending = left.count <= sender.pendingCount
            price = left.reduce(UInt256.max) { min($0, $1.price(baseFee: baseFee)) }
            order = last.order
            self.sender = address
            revision = sender.revision
            (self.depth, self.attempt) = (depth, attempt)
        }
    }

    let baseFee: UInt256
    private var ranks: PriorityHeap<Rank>
    private var attempts: UInt64 = 0
    /// More ranks than this are stale for the most part, and the order is better made anew.
    private let countMax: Int

    init(_ senders: [Address: PoolSender], baseFee: UInt256) {
        self.baseFee = baseFee
        ranks = PriorityHeap(senders.compactMap { Rank($0.value, of: $0.key, baseFee: baseFee) })
        countMax = 2 * ranks.count + 1_024
    }

    var isWorn: Bool { ranks.count > countMax }

    /// A sender has changed.
    mutating func note(_ sender: PoolSender, of address: Address) {
        guard !isWorn, let rank = Rank(sender, of: address, baseFee: baseFee) else { return }
        ranks.insert(rank)
    }

    mutating func beginAttempt() { attempts += 1 }

    /// The least rank that still holds, taken out.
    mutating func next(among senders: [Address: PoolSender]) -> Rank? {
        while let rank = ranks.removeFirst() {
            if rank.revision == senders[rank.sender]?.revision, rank.attempt == 0 || rank.attempt == attempts {
                return rank
            }
        }
        return nil
    }

    mutating func putBack(_ rank: Rank) { ranks.insert(rank) }

    /// The sender of `rank` has one less, if the attempt succeeds.
    mutating func descend(from rank: Rank, _ sender: PoolSender) {
        let next = Rank(sender, of: rank.sender, depth: rank.depth + 1, attempt: attempts, baseFee: baseFee)
        if let next { ranks.insert(next) }
    }
}

/// A transaction for which there may be too little room.
struct Newcomer {
    let transaction: PooledTransaction
    let isQueued: Bool
    /// Peb per gas that it and those before it pay at least; zero where there is room.
    let price: UInt256
    /// Not above zero where there are enough slots.
    let slotsLacking: Int
    /// Whether it is queued, and there are as many of these as there may be.
    let lacksQueue: Bool
}

extension TransactionPool {
    /// Those that have to go for `newcomer`, none where there is room; at most as many as it takes slots.
    mutating func victims(for newcomer: Newcomer, baseFee: UInt256) throws(PoolRefusal) -> [PooledTransaction] {
        guard newcomer.slotsLacking > 0 || newcomer.lacksQueue else { return [] }
        if evictionOrder?.baseFee != baseFee || evictionOrder?.isWorn == true { evictionOrder = nil }
        var order = evictionOrder.take() ?? EvictionOrder(senders, baseFee: baseFee)
        defer { evictionOrder = order }
        order.beginAttempt()
        var victims: [PooledTransaction] = []
        var genuine: [EvictionOrder.Rank] = []
        // They come back in any case: those of senders that change by the eviction are stale then.
        defer { for rank in genuine { order.putBack(rank) } }
        var (slots, queued) = (newcomer.slotsLacking, newcomer.lacksQueue)
        while slots > 0 || queued {
            guard let rank = order.next(among: senders), let sender = senders[rank.sender] else {
                throw .underpriced
            }
            if rank.depth == 0 { genuine.append(rank) }
            try check(newcomer, against: rank, sender)
            let victim = sender.waiting[sender.waiting.count - 1 - rank.depth]
            victims.append(victim)
            slots -= victim.slots
            if !rank.isPending { queued = false }
            order.descend(from: rank, sender)
        }
        return victims
    }

    /// Whether `newcomer` is worth more than what goes for it.
    private func check(
        _ newcomer: Newcomer, against rank: EvictionOrder.Rank, _ sender: PoolSender
    ) throws(PoolRefusal) {
        let new = newcomer.transaction
        let victim = sender.waiting[sender.waiting.count - 1 - rank.depth]
        guard rank.sender != new.sender || victim.nonce > new.nonce else { throw .underpriced }
        guard newcomer.isQueued else {
            if rank.isPending, newcomer.price <= rank.price { throw .underpriced }
            return
        }
        guard !rank.isPending else { throw .futureReplacesPending }
        guard newcomer.price > rank.price else { throw .underpriced }
    }
}

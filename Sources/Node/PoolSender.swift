import EVM
import Primitives

/// What waits of one sender, and what the last block left of its account.
struct PoolSender: Sendable {
    private(set) var nonce: UInt64
    private(set) var balance: UInt256
    /// Whether it has lent its name to other code (EIP-7702).
    private(set) var isDelegated: Bool
    /// Sorted by nonce, each nonce once.
    private(set) var waiting: [PooledTransaction] = []
    /// So many from the first on have the nonces from `nonce` on, without a gap.
    private(set) var pendingCount = 0
    /// What all that wait cost. No sum that was ever let in was above a balance, so this does not overflow.
    private(set) var cost: UInt256 = 0
    /// The pool's version when it was last changed.
    var revision: UInt64 = 0

    init(_ entry: PoolEntry) {
        nonce = entry.account?.nonce ?? 0
        balance = entry.account?.balance ?? .zero
        isDelegated = entry.isFromDelegated
    }

    var pending: ArraySlice<PooledTransaction> { waiting.prefix(pendingCount) }
    var queued: ArraySlice<PooledTransaction> { waiting.dropFirst(pendingCount) }
    var queuedCount: Int { waiting.count - pendingCount }
    var nextNonce: UInt64 { nonce + UInt64(pendingCount) }

    /// The pending transactions whose nonce is `nonce` or a higher one.
    func pending(from nonce: UInt64) -> [PooledTransaction] {
        nonce < nextNonce ? Array(pending.dropFirst(place(of: nonce))) : []
    }

    func transaction(at nonce: UInt64) -> PooledTransaction? {
        let place = place(of: nonce)
        return place < waiting.count && waiting[place].nonce == nonce ? waiting[place] : nil
    }

    func wouldBePending(_ nonce: UInt64) -> Bool { nonce <= nextNonce }

    /// What `new` and those that must run before it pay at least for a unit of gas: it comes no earlier than they.
    func leastPrice(with new: PooledTransaction, baseFee: UInt256) -> UInt256 {
        waiting.prefix(place(of: new.nonce)).reduce(new.price(baseFee: baseFee)) { min($0, $1.price(baseFee: baseFee)) }
    }

    /// The position of the first transaction with this nonce or a higher one.
    private func place(of nonce: UInt64) -> Int {
        var (low, high) = (0, waiting.count)
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].nonce < nonce { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Puts the transaction where its nonce belongs. Returns the one that it replaces.
    mutating func insert(_ new: PooledTransaction) -> PooledTransaction? {
        let place = place(of: new.nonce)
        cost = cost + new.cost
        if place < waiting.count, waiting[place].nonce == new.nonce {
            let old = waiting[place]
            waiting[place] = new
            cost = cost - old.cost
            return old
        }
        waiting.insert(new, at: place)
        extendPending()
        return nil
    }

    /// Whether it was there.
    mutating func remove(_ transaction: PooledTransaction) -> Bool {
        let place = place(of: transaction.nonce)
        guard place < waiting.count, waiting[place] === transaction else { return false }
        waiting.remove(at: place)
        cost = cost - transaction.cost
        pendingCount = min(pendingCount, place)
        return true
    }

    mutating func dropQueued(where isGone: (PooledTransaction) -> Bool) -> [PooledTransaction] {
        let gone = queued.filter(isGone)
        waiting = pending + queued.filter { !isGone($0) }
        for transaction in gone { cost = cost - transaction.cost }
        return gone
    }

    /// Takes over what a block has left of the account, and drops what cannot run any more.
    mutating func settle(_ account: Account?) -> [PooledTransaction] {
        nonce = account?.nonce ?? 0
        balance = account?.balance ?? .zero
        isDelegated = account?.hasCode ?? false
        let included = place(of: nonce)
        var gone = Array(waiting.prefix(included))
        waiting.removeFirst(included)
        pendingCount = max(0, pendingCount - included)
        for transaction in gone { cost = cost - transaction.cost }
        // What all cost together is a bound of what each costs.
        if cost > balance {
            let dear = waiting.filter { $0.cost > balance }
            if !dear.isEmpty {
                waiting.removeAll { $0.cost > balance }
                for transaction in dear { cost = cost - transaction.cost }
                gone += dear
                pendingCount = 0
            }
        }
        if pendingCount > 0, waiting[0].nonce != nonce { pendingCount = 0 }
        extendPending()
        return gone
    }

    private mutating func extendPending() {
        while pendingCount < waiting.count, waiting[pendingCount].nonce == nextNonce { pendingCount += 1 }
    }
}

public import Chain
public import EVM
public import Primitives

/// A transaction in the pool, with what is asked of it again and again.
public final class PooledTransaction: Sendable {
    public let transaction: Transaction
    public let sender: Address
    /// Whether a client handed it to this very node.
    public let isLocal: Bool
    /// Time since the node's start when it came.
    public let arrival: Duration
    /// Arrival decides between equal fees; no two have the same.
    let order: UInt64
    /// What the sender must own for it, in peb.
    let cost: UInt256
    let slots: Int
    let authorities: [Address]

    init(_ entry: PoolEntry, in conditions: PoolConditions, order: UInt64, cost: UInt256, slots: Int) {
        transaction = entry.transaction
        sender = entry.sender
        isLocal = conditions.isLocal
        arrival = conditions.now
        (self.order, self.cost, self.slots) = (order, cost, slots)
        authorities = entry.authorities
    }

    var nonce: UInt64 { transaction.nonce }

    /// Peb per gas that it pays at most beside a base fee of `baseFee`, whether or not that suffices.
    func price(baseFee: UInt256) -> UInt256 {
        let (sum, overflow) = baseFee.addingReportingOverflow(transaction.maxPriorityFeePerGas)
        return overflow ? transaction.maxFeePerGas : min(transaction.maxFeePerGas, sum)
    }
}

/// Transactions that wait for a block, by sender and nonce. Those that could run one after the other from the
/// sender's next nonce on are pending; those behind a gap are queued.
///
/// Nonce and balance of a sender are what the last block left, whoever changed them: code can spend from an account
/// that lent it its name, and create contracts in that name (EIP-7702). So nothing is derived from what waits here.
///
/// Senders are kept in a dictionary, whose order differs from run to run: whatever walks through it either does not
/// depend on the order, or puts what it finds into one that has no ties.
public struct TransactionPool: Sendable {
    public let limits: PoolLimits
    var senders: [Address: PoolSender] = [:]
    private var byHash: [Hash32: PooledTransaction] = [:]
    /// How many waiting transactions carry an authorization of each account (EIP-7702).
    private var authorities: [Address: Int] = [:]
    private var arrivals: UInt64 = 0
    private let rules: ChainRules
    /// Which to let go first; nil until somebody asks, and again after every block.
    var evictionOrder: EvictionOrder?

    /// Grows with every transaction that comes or goes.
    public private(set) var version: UInt64 = 0
    /// Transactions behind a gap.
    public private(set) var queuedCount = 0
    private(set) var slots = 0

    public init(rules: ChainRules, limits: PoolLimits = PoolLimits()) {
        self.rules = rules
        self.limits = limits
    }

    public var count: Int { byHash.count }
    /// Transactions that could run at once or one after the other.
    public var pendingCount: Int { count - queuedCount }
    public var isEmpty: Bool { byHash.isEmpty }

    public func contains(_ hash: Hash32) -> Bool { byHash[hash] != nil }

    /// Who sent the waiting transaction `hash`.
    public func sender(of hash: Hash32) -> Address? { byHash[hash]?.sender }

    /// A waiting transaction and its sender.
    public func transaction(_ hash: Hash32) -> (transaction: Transaction, sender: Address)? {
        byHash[hash].map { ($0.transaction, $0.sender) }
    }

    /// The nonce after the sender's pending transactions; nil where nothing of it waits.
    public func nextNonce(of address: Address) -> UInt64? { senders[address]?.nextNonce }

    // MARK: In

    /// Takes `entry` or says why not; cheap checks first (FAULTS.md R2).
    ///
    /// A full pool lets others go for it: first those behind a gap, then those that pay less; the cheapest first.
    ///
    /// - Returns: What has become pending by it, in the order of nonces: it and those that had waited for it; nothing
    ///   while it is queued.
    @discardableResult
    public mutating func add(
        _ entry: PoolEntry, in conditions: PoolConditions
    ) throws(PoolRefusal) -> [PooledTransaction] {
        let transaction = entry.transaction
        guard byHash[transaction.hash] == nil else { throw .alreadyKnown }
        let bytes = try check(transaction, gasLimit: conditions.gasLimit)
        guard entry.authorities.count <= limits.authorizationsMax,
            transaction.authorizations.count <= limits.authorizationsMax
        else {
            throw .tooManyAuthorizations(limit: limits.authorizationsMax, found: transaction.authorizations.count)
        }
        guard !entry.isFromContract else { throw .senderIsContract(entry.sender) }
        guard let cost = transaction.costMax else {
            throw .insufficientFunds(balance: entry.account?.balance ?? .zero, need: .max)
        }
        let pooled = PooledTransaction(
            entry, in: conditions, order: arrivals, cost: cost,
            slots: (bytes + limits.slotBytes - 1) / limits.slotBytes)
        let newcomer = try judge(pooled, PoolSender(entry), baseFee: conditions.baseFee)
        for victim in try victims(for: newcomer, baseFee: conditions.baseFee) { remove(victim) }
        arrivals += 1
        return insert(pooled, PoolSender(entry))
    }

    /// What can be said without the sender's account. Returns the bytes of the envelope.
    private func check(_ transaction: Transaction, gasLimit: Gas) throws(PoolRefusal) -> Int {
        // What it carries is counted first: encoding all of it is the greater work.
        let (data, limit) = (transaction.data.count, limits.envelopeBytesMax)
        let bytes = data < limit ? transaction.envelope.count : data
        guard bytes <= limit else { throw .tooLarge(limit: limit, found: bytes) }
        do throws(TransactionError) {
            try transaction.check(under: rules)
        } catch {
            throw .impossible(error)
        }
        guard transaction.chainID != nil || limits.allowsUnprotected else { throw .unprotected }
        guard transaction.gasLimit <= gasLimit else { throw .exceedsBlockGasLimit(limit: gasLimit) }
        guard transaction.maxPriorityFeePerGas >= limits.tipMin else {
            throw .tipTooLow(least: limits.tipMin, found: transaction.maxPriorityFeePerGas)
        }
        return bytes
    }

    /// Checks `new` against what waits already, and tells what room it needs.
    private func judge(
        _ new: PooledTransaction, _ unknown: PoolSender, baseFee: UInt256
    ) throws(PoolRefusal) -> Newcomer {
        let sender = senders[new.sender] ?? unknown
        guard new.nonce >= sender.nonce else { throw .nonceTooLow(expected: sender.nonce, found: new.nonce) }
        guard sender.balance >= new.cost else {
            throw .insufficientFunds(balance: sender.balance, need: new.cost)
        }
        let old = sender.transaction(at: new.nonce)
        let others = sender.cost - (old?.cost ?? 0)
        // The others' sum may be above a balance that has fallen since they came.
        guard others <= sender.balance, new.cost <= sender.balance - others else {
            throw .overdraft(balance: sender.balance, waiting: others, cost: new.cost)
        }
        if let old {
            guard pays(new.transaction.maxFeePerGas, moreThan: old.transaction.maxFeePerGas),
                pays(new.transaction.maxPriorityFeePerGas, moreThan: old.transaction.maxPriorityFeePerGas)
            else { throw .replacementUnderpriced }
        } else if sender.waiting.count >= limits.perSenderMax {
            throw .senderFull(limit: limits.perSenderMax)
        }
        try checkDelegation(of: sender, for: new)
        let isQueued = !sender.wouldBePending(new.nonce)
        let slotsLacking = slots + new.slots - (old?.slots ?? 0) - limits.slotsMax
        let lacksQueue = isQueued && old == nil && queuedCount >= limits.queuedMax
        // Where there is room nobody asks for the price.
        let price = slotsLacking > 0 || lacksQueue ? sender.leastPrice(with: new, baseFee: baseFee) : 0
        return Newcomer(
            transaction: new, isQueued: isQueued, price: price, slotsLacking: slotsLacking, lacksQueue: lacksQueue)
    }

    private func pays(_ new: UInt256, moreThan old: UInt256) -> Bool {
        let (scaled, overflow) = old.multipliedReportingOverflow(by: UInt256(100 + limits.replacementPercent))
        let (offered, overflowNew) = new.multipliedReportingOverflow(by: UInt256(100))
        return !overflow && !overflowNew && offered >= scaled
    }

    /// What an account has can be gone as soon as code may act in its name: so of such an account one transaction
    /// waits at a time, as in geth.
    private func checkDelegation(of sender: PoolSender, for new: PooledTransaction) throws(PoolRefusal) {
        if sender.isDelegated || authorities[new.sender] != nil {
            if sender.pendingCount == 0 {
                guard new.nonce == sender.nonce else { throw .delegatedOutOfOrder }
            } else if new.nonce >= sender.nonce + UInt64(sender.pendingCount) {
                throw .delegatedInFlight
            }
        }
        for authority in new.authorities where senders[authority].map({ $0.waiting.count > 1 }) ?? false {
            throw .authorityReserved(authority)
        }
    }

    private mutating func insert(_ new: PooledTransaction, _ unknown: PoolSender) -> [PooledTransaction] {
        let next = senders[new.sender]?.nextNonce ?? unknown.nextNonce
        let ready = change(new.sender, orElse: unknown) { sender in sender.insert(new).map { [$0] } ?? [] }
        byHash[new.transaction.hash] = new
        slots += new.slots
        for authority in new.authorities { authorities[authority, default: 0] += 1 }
        // In place of a pending one it is news itself.
        return new.nonce < next ? [new] : ready
    }

    // MARK: Out

    /// Drops what a new block has included or made impossible.
    ///
    /// - Parameter accounts: The accounts that the block changed, as they are now; nil where one is gone.
    /// - Returns: What has become pending by it.
    @discardableResult
    public mutating func update(accounts: [(address: Address, after: Account?)]) -> [PooledTransaction] {
        evictionOrder = nil
        var ready: [PooledTransaction] = []
        for (address, after) in accounts {
            ready += change(address) { sender in sender.settle(after) }
        }
        return ready
    }

    /// Drops queued transactions whose time is over at `now`.
    public mutating func expire(at now: Duration) {
        guard queuedCount > 0 else { return }
        let lifetime = limits.queuedLifetime
        let late = senders.filter { $0.value.queued.contains { $0.arrival + lifetime <= now } }.map(\.key)
        for address in late {
            change(address) { sender in sender.dropQueued { $0.arrival + lifetime <= now } }
        }
    }

    mutating func remove(_ transaction: PooledTransaction) {
        change(transaction.sender) { sender in sender.remove(transaction) ? [transaction] : [] }
    }

    /// Changes a sender in place, and keeps all counts.
    ///
    /// - Parameters:
    ///   - unknown: The sender as it is where nothing of it waits yet; nil to do nothing then.
    ///   - body: Returns the transactions that it has taken out.
    /// - Returns: The transactions at and after what was the sender's next nonce that are pending now.
    @discardableResult
    private mutating func change(
        _ address: Address, orElse unknown: PoolSender? = nil, _ body: (inout PoolSender) -> [PooledTransaction]
    ) -> [PooledTransaction] {
        var place = senders.index(forKey: address)
        if place == nil, let unknown {
            senders[address] = unknown
            place = senders.index(forKey: address)
        }
        guard let place else { return [] }
        queuedCount -= senders.values[place].queuedCount
        let next = senders.values[place].nextNonce
        let gone = body(&senders.values[place])
        let ready = senders.values[place].pending(from: next)
        version += 1
        senders.values[place].revision = version
        queuedCount += senders.values[place].queuedCount
        if senders.values[place].waiting.isEmpty {
            senders.remove(at: place)
        } else {
            evictionOrder?.note(senders.values[place], of: address)
        }
        for transaction in gone { forget(transaction) }
        return ready
    }

    private mutating func forget(_ transaction: PooledTransaction) {
        byHash[transaction.transaction.hash] = nil
        slots -= transaction.slots
        for authority in transaction.authorities {
            let left = (authorities[authority] ?? 0) - 1
            authorities[authority] = left > 0 ? left : nil
        }
    }
}

import Chain
import Consensus
import EVM
import Primitives
import Ranger
import Validation

extension Node {
    /// Transactions are sent on in batches, this long after the first of a batch came.
    static var gossipDelay: Duration { .milliseconds(3) }
    /// Transactions that wait for the next batch; more are left to whoever else has them.
    static var gossipMax: Int { 16_384 }
    /// A batch in one message stays below this.
    static var gossipBytesMax: Int { 1 << 20 }
    /// What clients sent here and no block has taken is told to the council again this often.
    static var reminderPeriod: Duration { .seconds(30) }
    /// So many transactions at a time.
    static var reminderMax: Int { 256 }
    /// Queued transactions whose time is over are looked for this often.
    static var expiryPeriod: Duration { .seconds(60) }

    /// Takes decoded transactions into the pool and answers whoever waits.
    mutating func admitted(_ entries: [PoolEntry?], from source: TransactionSource) {
        var ready: [PooledTransaction] = []
        var isAnyTaken = false
        let refusal = standstill.map { PoolRefusal.stopped("\($1.reason); block \($0) is the last good one") }
        var conditions = PoolConditions(
            gasLimit: tail.header.gasLimit, baseFee: baseFee(after: tail.header, under: rules), now: now)
        if case .peer = source {} else { conditions.isLocal = true }
        for entry in entries {
            guard let entry else { continue }
            let outcome = refusal.map { .failure($0) } ?? take(entry, from: source, in: conditions, &ready)
            if case .success = outcome { isAnyTaken = true }
            if case .client(let ticket) = source { out.append(.reply(ticket: ticket, outcome)) }
        }
        guard isAnyTaken else { return }
        announce(ready)
        endIdleness()
    }

    /// Tells of what could run now and could not before.
    mutating func announce(_ ready: [PooledTransaction]) {
        if !ready.isEmpty { out.append(.announce(ready)) }
    }

    private mutating func take(
        _ entry: PoolEntry, from source: TransactionSource, in conditions: PoolConditions,
        _ ready: inout [PooledTransaction]
    ) -> Result<Hash32, PoolRefusal> {
        do {
            ready += try pool.add(current(entry), in: conditions)
        } catch {
            return .failure(error)
        }
        let origin: PeerNumber? = if case .peer(let number) = source { number } else { nil }
        // The council is a full mesh: what one validator hands out needs no second telling.
        if origin.flatMap({ table[$0]?.isCouncil }) != true || isRanger { spread(entry.transaction, from: origin) }
        return .success(entry.transaction.hash)
    }

    /// `entry` with its account as the latest blocks left it.
    private func current(_ entry: PoolEntry) -> PoolEntry {
        for changes in changedAccounts.reversed() {
            guard let account = changes[entry.sender] else { continue }
            // Code that has come since only names other code: no contract is made where somebody has a key.
            let isSameCode = account?.codeHash == entry.account?.codeHash
            return PoolEntry(
                transaction: entry.transaction, sender: entry.sender, account: account,
                isFromContract: entry.isFromContract && isSameCode, authorities: entry.authorities)
        }
        return entry
    }

    mutating func remember(changes: StateChanges) {
        var accounts: [Address: Account?] = [:]
        for change in changes.accounts { accounts[change.address] = .some(change.after) }
        changedAccounts.append(accounts)
        if changedAccounts.count > Self.changedBlocksMax { changedAccounts.removeFirst() }
    }

    // MARK: Telling others

    private mutating func spread(_ transaction: Transaction, from origin: PeerNumber?) {
        guard gossip.count < Self.gossipMax else { return }
        if gossip.isEmpty { out.append(.setTimer(.gossip, after: Self.gossipDelay)) }
        gossip.append((transaction.envelope, origin))
    }

    mutating func flushGossip() {
        let batch = gossip
        gossip = []
        for number in table.councilNumbers {
            tell(batch.lazy.filter { $0.from != number }.map(\.envelope), to: number)
        }
    }

    private mutating func tell(_ transactions: some Sequence<Bytes>, to number: PeerNumber) {
        var envelopes: [Bytes] = []
        var bytes = 0
        for envelope in transactions {
            if envelopes.count == Message.transactionsMax || bytes > Self.gossipBytesMax {
                send(.transactions(envelopes), to: [number])
                (envelopes, bytes) = ([], 0)
            }
            envelopes.append(envelope)
            bytes += envelope.count
        }
        if !envelopes.isEmpty { send(.transactions(envelopes), to: [number]) }
    }

    /// A council node has just said hello: of what clients sent here it may not have heard.
    mutating func tellLocals(to peer: Peer) {
        guard peer.isCouncil else { return }
        tell(pool.localTransactions().prefix(Message.transactionsMax).map(\.envelope), to: peer.number)
    }

    /// Looks after what has waited for long.
    mutating func maintainPool() {
        if now >= expiryDue {
            expiryDue = now + Self.expiryPeriod
            pool.expire(at: now)
        }
        guard now >= reminderDue else { return }
        reminderDue = now + Self.reminderPeriod
        // Batches get lost: their receiver was down, or its pool was full.
        let waiting = pool.localTransactions(arrivedBefore: now - Self.reminderPeriod)
        let envelopes = waiting.prefix(Self.reminderMax).map(\.envelope)
        for number in table.councilNumbers { tell(envelopes, to: number) }
    }
}

import Chain
import Consensus
import EVM
import Primitives
import Ranger

extension Node {
    /// Transactions are sent on in batches, this long after the first of a batch came.
    static var gossipDelay: Duration { .milliseconds(3) }
    /// Transactions that wait for the next batch; more are left to whoever else has them.
    static var gossipMax: Int { 16_384 }
    /// A batch in one message stays below this.
    static var gossipBytesMax: Int { 1 << 20 }

    /// Takes decoded transactions into the pool and answers whoever waits.
    mutating func admitted(_ entries: [PoolEntry?], from source: TransactionSource) {
        var news: [PoolEntry] = []
        let refusal = standstill.map { PoolRefusal.stopped("\($1.reason); block \($0) is the last good one") }
        for entry in entries {
            guard let entry else { continue }
            let outcome = refusal.map { .failure($0) } ?? take(entry, from: source)
            if case .success = outcome { news.append(entry) }
            if case .client(let ticket) = source { out.append(.reply(ticket: ticket, outcome)) }
        }
        guard !news.isEmpty else { return }
        out.append(.announce(news))
        endIdleness()
    }

    private mutating func take(_ entry: PoolEntry, from source: TransactionSource) -> Result<Hash32, PoolRefusal> {
        do {
            try pool.add(current(entry), gasLimit: tail.header.gasLimit)
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
            return PoolEntry(transaction: entry.transaction, sender: entry.sender, account: account)
        }
        return entry
    }

    mutating func remember(changes: StateChanges) {
        var accounts: [Address: Account?] = [:]
        for change in changes.accounts { accounts[change.address] = .some(change.after) }
        changedAccounts.append(accounts)
        if changedAccounts.count > Self.changedBlocksMax { changedAccounts.removeFirst() }
    }

    private mutating func spread(_ transaction: Transaction, from origin: PeerNumber?) {
        guard gossip.count < Self.gossipMax else { return }
        if gossip.isEmpty { out.append(.setTimer(.gossip, after: Self.gossipDelay)) }
        gossip.append((transaction.envelope, origin))
    }

    mutating func flushGossip() {
        let batch = gossip
        gossip = []
        for number in table.councilNumbers {
            var envelopes: [Bytes] = []
            var bytes = 0
            for entry in batch where entry.from != number {
                if envelopes.count == Message.transactionsMax || bytes > Self.gossipBytesMax {
                    send(.transactions(envelopes), to: [number])
                    (envelopes, bytes) = ([], 0)
                }
                envelopes.append(entry.envelope)
                bytes += entry.envelope.count
            }
            if !envelopes.isEmpty { send(.transactions(envelopes), to: [number]) }
        }
    }
}

public import Chain
public import Primitives
public import Validation

/// The pending transactions of one sender, from one of them on, as the next block could take them.
private struct CandidateRun: Comparable {
    /// The best payer is the least; arrival decides between equals, so no two runs are equal.
    static func < (left: CandidateRun, right: CandidateRun) -> Bool {
        left.tip != right.tip ? left.tip > right.tip : left.order < right.order
    }

    static func == (left: CandidateRun, right: CandidateRun) -> Bool {
        left.tip == right.tip && left.order == right.order
    }

    private let pending: ArraySlice<PooledTransaction>
    private var tip: UInt256 = .max
    private var order: UInt64 = 0
    private var position: Int

    /// nil where the first does not pay the base fee.
    init?(_ pending: ArraySlice<PooledTransaction>, baseFee: UInt256) {
        guard let first = pending.first else { return nil }
        self.pending = pending
        position = pending.startIndex
        guard admit(first, baseFee: baseFee) else { return nil }
    }

    var first: PooledTransaction { pending[position] }

    /// The run without its first; nil where nothing of it is left that pays the base fee.
    func dropFirst(baseFee: UInt256) -> CandidateRun? {
        guard position + 1 < pending.endIndex else { return nil }
        var rest = self
        rest.position += 1
        return rest.admit(rest.first, baseFee: baseFee) ? rest : nil
    }

    /// A later nonce cannot overtake an earlier one, so it ranks no higher.
    private mutating func admit(_ pooled: PooledTransaction, baseFee: UInt256) -> Bool {
        guard let price = pooled.transaction.effectiveGasPrice(baseFee: baseFee) else { return false }
        tip = min(tip, price - baseFee)
        order = max(order, pooled.order)
        return true
    }
}

extension TransactionPool {
    /// Up to `max` transactions for the next block: the best payers first, each sender's in the order of nonces.
    public func candidates(baseFee: UInt256, max: Int) -> [BuildRequest.Candidate] {
        var runs = PriorityHeap(senders.values.compactMap { CandidateRun($0.pending, baseFee: baseFee) })
        var picked: [BuildRequest.Candidate] = []
        picked.reserveCapacity(min(max, pendingCount))
        while picked.count < max, let run = runs.first {
            picked.append(BuildRequest.Candidate(run.first.transaction, from: run.first.sender))
            if let rest = run.dropFirst(baseFee: baseFee) {
                runs.replaceFirst(with: rest)
            } else {
                runs.removeFirst()
            }
        }
        return picked
    }

    /// Whether some transaction could go into the next block: what waits behind a gap of nonces could not.
    public func hasCandidate(baseFee: UInt256) -> Bool {
        pendingCount > 0
            && senders.values.contains { $0.pending.first.map { $0.transaction.maxFeePerGas >= baseFee } ?? false }
    }

    // MARK: For people

    /// What waits of one sender, by nonce.
    public struct Content: Sendable {
        public let sender: Address
        public let pending: [Transaction]
        public let queued: [Transaction]

        init(_ address: Address, _ sender: PoolSender) {
            self.sender = address
            pending = sender.pending.map(\.transaction)
            queued = sender.queued.map(\.transaction)
        }
    }

    /// What waits of `address`, or nil where nothing does.
    public func content(of address: Address) -> Content? {
        senders[address].map { Content(address, $0) }
    }

    /// All that waits, in ascending order of sender.
    public var content: [Content] {
        senders.map { Content($0.key, $0.value) }.sorted { $0.sender < $1.sender }
    }

    /// The transactions that clients handed to this very node, in the order in which they came.
    ///
    /// - Parameter arrivedBefore: Only those that were here before this time since the node's start.
    public func localTransactions(arrivedBefore time: Duration = .nanoseconds(Int64.max)) -> [Transaction] {
        var local: [PooledTransaction] = []
        for sender in senders.values { local += sender.waiting.filter { $0.isLocal && $0.arrival < time } }
        return local.sorted { $0.order < $1.order }.map(\.transaction)
    }
}

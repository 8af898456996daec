public import Chain
public import EVM
public import Primitives
public import Validation

/// A transaction that was decoded, with its sender and that sender's account at the head.
public struct PoolEntry: Sendable, Hashable {
    public let transaction: Transaction
    public let sender: Address
    /// nil: the account does not exist yet.
    public let account: Account?
    /// Whether the sender's code is more than the name of other code: then it may send nothing (EIP-3607, EIP-7702).
    public let isFromContract: Bool

    public init(transaction: Transaction, sender: Address, account: Account?, isFromContract: Bool = false) {
        self.transaction = transaction
        self.sender = sender
        self.account = account
        self.isFromContract = isFromContract
    }
}

/// Why the pool does not take a transaction; the texts are geth's, since libraries match on them.
public enum PoolRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    case alreadyKnown
    /// It can run on no state of this chain. JSON-RPC finds that before the pool does, and words it for clients.
    case impossible(TransactionError)
    /// Signed for no chain in particular, so anybody could replay it here or elsewhere (EIP-155).
    case unprotected
    case nonceTooLow(expected: UInt64, found: UInt64)
    case nonceTooHigh(limit: UInt64, found: UInt64)
    case insufficientFunds(balance: UInt256, need: UInt256)
    case replacementUnderpriced
    case exceedsBlockGasLimit(limit: Gas)
    case senderIsContract(Address)
    case senderFull(limit: Int)
    case poolFull(limit: Int)
    case tooLarge(limit: Int, found: Int)
    case syncing
    /// The chain itself is at fault, so this node takes nothing in; the reason says where and why.
    case stopped(String)

    public var description: String {
        switch self {
        case .alreadyKnown: "already known"
        case .impossible(let error): "\(error)"
        case .unprotected: "only replay-protected (EIP-155) transactions allowed over RPC"
        case .nonceTooLow(let expected, let found): "nonce too low: next nonce \(expected), tx nonce \(found)"
        case .nonceTooHigh(let limit, let found): "nonce too high: at most \(limit) now, tx nonce \(found)"
        case .insufficientFunds(let balance, let need):
            "insufficient funds for gas * price + value: balance \(balance), tx cost \(need), "
                + "overshot \(need > balance ? need - balance : 0)"
        case .replacementUnderpriced: "replacement transaction underpriced"
        case .exceedsBlockGasLimit(let limit): "exceeds block gas limit: at most \(limit)"
        case .senderIsContract(let sender): "sender not an eoa: address \(sender) has code"
        case .senderFull(let limit): "account has \(limit) transactions waiting already"
        case .poolFull(let limit): "txpool is full: \(limit) transactions"
        case .tooLarge(let limit, let found): "oversized data: transaction size \(found), limit \(limit)"
        case .stopped(let reason): "node has stopped: \(reason)"
        case .syncing: "node is catching up with the chain; try again soon"
        }
    }
}

/// Transactions that wait for a block, at most `entriesMax`, by sender and nonce.
///
/// Nonce and balance of a sender are what the last block left, whoever changed them: code can spend from an account
/// that lent it its name, and create contracts in that name (EIP-7702). So nothing is derived from what waits here.
public struct TransactionPool: Sendable {
    public static let entriesMax = 32_768
    public static let perSenderMax = 1_024
    /// The longest envelope that is relayed. The longest initcode fits in twice.
    public static let envelopeBytesMax = 128 << 10
    /// A replacement pays at least this much more, in percent of both fees.
    public static let replacementPercent: UInt64 = 10

    private struct Waiting: Sendable {
        let transaction: Transaction
        /// Arrival decides between equal fees.
        let order: UInt64
    }

    private struct Sender: Sendable {
        var nonce: UInt64
        var balance: UInt256
        /// Sorted by nonce, each nonce once.
        var waiting: [Waiting] = []
    }

    private var senders: [Address: Sender] = [:]
    private var sendersByHash: [Hash32: Address] = [:]
    private var arrivals: UInt64 = 0
    private let rules: ChainRules

    public init(rules: ChainRules) {
        self.rules = rules
    }

    public var count: Int { sendersByHash.count }
    public var isEmpty: Bool { sendersByHash.isEmpty }

    public func contains(_ hash: Hash32) -> Bool { sendersByHash[hash] != nil }

    /// Who sent the waiting transaction `hash`.
    public func sender(of hash: Hash32) -> Address? { sendersByHash[hash] }

    /// A waiting transaction and its sender.
    public func transaction(_ hash: Hash32) -> (transaction: Transaction, sender: Address)? {
        guard let address = sendersByHash[hash], let sender = senders[address],
            let found = sender.waiting.first(where: { $0.transaction.hash == hash })
        else { return nil }
        return (found.transaction, address)
    }

    /// The nonce after the sender's waiting transactions without a gap; nil where nothing of it waits.
    public func nextNonce(of address: Address) -> UInt64? {
        guard let sender = senders[address], !sender.waiting.isEmpty else { return nil }
        var next = sender.nonce
        for waiting in sender.waiting where waiting.transaction.nonce == next { next += 1 }
        return next
    }

    /// Takes `entry` or says why not; cheap checks first (FAULTS.md R2).
    public mutating func add(_ entry: PoolEntry, gasLimit: Gas) throws(PoolRefusal) {
        let transaction = entry.transaction
        guard sendersByHash[transaction.hash] == nil else { throw .alreadyKnown }
        try check(transaction, gasLimit: gasLimit)
        guard count < Self.entriesMax else { throw .poolFull(limit: Self.entriesMax) }
        var sender =
            senders[entry.sender]
            ?? Sender(nonce: entry.account?.nonce ?? 0, balance: entry.account?.balance ?? .zero)
        guard !entry.isFromContract else { throw .senderIsContract(entry.sender) }
        guard transaction.nonce >= sender.nonce else {
            throw .nonceTooLow(expected: sender.nonce, found: transaction.nonce)
        }
        let highest = sender.nonce + UInt64(Self.perSenderMax)
        guard transaction.nonce < highest else { throw .nonceTooHigh(limit: highest - 1, found: transaction.nonce) }
        try checkFunds(of: sender, for: transaction)
        let replaced = try place(transaction, in: &sender)
        if let replaced { sendersByHash[replaced] = nil }
        senders[entry.sender] = sender
        sendersByHash[transaction.hash] = entry.sender
    }

    /// What can be said without the sender's account.
    private func check(_ transaction: Transaction, gasLimit: Gas) throws(PoolRefusal) {
        // What it carries is counted first: encoding all of it is the greater work.
        let bytes = transaction.data.count < Self.envelopeBytesMax ? transaction.envelope.count : transaction.data.count
        guard bytes <= Self.envelopeBytesMax else { throw .tooLarge(limit: Self.envelopeBytesMax, found: bytes) }
        do throws(TransactionError) {
            try transaction.check(under: rules)
        } catch {
            throw .impossible(error)
        }
        guard transaction.chainID != nil else { throw .unprotected }
        guard transaction.gasLimit <= gasLimit else { throw .exceedsBlockGasLimit(limit: gasLimit) }
    }

    private func checkFunds(of sender: Sender, for transaction: Transaction) throws(PoolRefusal) {
        guard let need = transaction.costMax else {
            throw .insufficientFunds(balance: sender.balance, need: .max)
        }
        guard sender.balance >= need else { throw .insufficientFunds(balance: sender.balance, need: need) }
    }

    /// Puts the transaction where its nonce belongs. Returns the hash of the one it replaces.
    private mutating func place(_ transaction: Transaction, in sender: inout Sender) throws(PoolRefusal) -> Hash32? {
        let index = sender.waiting.firstIndex { $0.transaction.nonce >= transaction.nonce } ?? sender.waiting.count
        arrivals += 1
        let waiting = Waiting(transaction: transaction, order: arrivals)
        if index < sender.waiting.count, sender.waiting[index].transaction.nonce == transaction.nonce {
            let old = sender.waiting[index].transaction
            guard Self.pays(transaction.maxFeePerGas, moreThan: old.maxFeePerGas),
                Self.pays(transaction.maxPriorityFeePerGas, moreThan: old.maxPriorityFeePerGas)
            else { throw .replacementUnderpriced }
            sender.waiting[index] = waiting
            return old.hash
        }
        guard sender.waiting.count < Self.perSenderMax else { throw .senderFull(limit: Self.perSenderMax) }
        sender.waiting.insert(waiting, at: index)
        return nil
    }

    private static func pays(_ new: UInt256, moreThan old: UInt256) -> Bool {
        let (scaled, overflow) = old.multipliedReportingOverflow(by: UInt256(100 + replacementPercent))
        let (offered, overflowNew) = new.multipliedReportingOverflow(by: UInt256(100))
        return !overflow && !overflowNew && offered >= scaled
    }

    /// Up to `max` transactions for the next block: the best payers first, each sender's in the order of nonces.
    public func candidates(baseFee: UInt256, max: Int) -> [BuildRequest.Candidate] {
        var ranked: [(tip: UInt256, order: UInt64, sender: Address, transaction: Transaction)] = []
        for (address, sender) in senders.sorted(by: { $0.key < $1.key }) {
            var next = sender.nonce
            var tip = UInt256.max
            var order: UInt64 = 0
            for waiting in sender.waiting {
                guard waiting.transaction.nonce == next,
                    let price = waiting.transaction.effectiveGasPrice(baseFee: baseFee)
                else { break }
                // A later nonce cannot overtake an earlier one, so it ranks no higher.
                tip = min(tip, price - baseFee)
                order = Swift.max(order, waiting.order)
                ranked.append((tip, order, address, waiting.transaction))
                next += 1
            }
        }
        ranked.sort { ($1.tip, $0.order, $0.transaction.nonce) < ($0.tip, $1.order, $1.transaction.nonce) }
        return ranked.prefix(max).map { BuildRequest.Candidate($0.transaction, from: $0.sender) }
    }

    /// Whether some transaction could go into the next block: what waits behind a gap of nonces could not.
    public func hasCandidate(baseFee: UInt256) -> Bool {
        senders.values.contains { sender in
            guard let first = sender.waiting.first?.transaction else { return false }
            return first.nonce == sender.nonce && first.maxFeePerGas >= baseFee
        }
    }

    /// Drops what a new block has included or made impossible.
    ///
    /// - Parameter accounts: The accounts that the block changed, as they are now; nil where one is gone.
    public mutating func update(accounts: [(address: Address, after: Account?)]) {
        for (address, after) in accounts {
            guard var sender = senders[address] else { continue }
            sender.nonce = after?.nonce ?? 0
            sender.balance = after?.balance ?? .zero
            let (nonce, balance) = (sender.nonce, sender.balance)
            for waiting in sender.waiting where !Self.isPossible(waiting.transaction, nonce: nonce, balance: balance) {
                sendersByHash[waiting.transaction.hash] = nil
            }
            sender.waiting.removeAll { !Self.isPossible($0.transaction, nonce: nonce, balance: balance) }
            senders[address] = sender.waiting.isEmpty ? nil : sender
        }
    }

    private static func isPossible(_ transaction: Transaction, nonce: UInt64, balance: UInt256) -> Bool {
        transaction.nonce >= nonce && (transaction.costMax.map { $0 <= balance } ?? false)
    }
}

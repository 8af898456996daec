import Chain
import EVM
import EthereumChain
import FaultProofs
import Primitives
import RPC

/// What is beside the chain where nothing is sealed any more: a pool that takes transactions and keeps them, and
/// nobody else.
actor ImportedNode: NodeService {
    private let chain: ImportedChain
    private var waiting: [Hash32: SentTransaction] = [:]
    private var bySender: [Address: [UInt64: Hash32]] = [:]

    /// Transactions that wait, which is all that they do here.
    static let transactionsMax = 4_096
    /// What a replacement must offer more, in hundredths (geth's price bump).
    private static let replacementRise: UInt64 = 10

    init(_ chain: ImportedChain) {
        self.chain = chain
    }

    func submit(_ transactions: [SentTransaction]) async -> [Result<Hash32, TransactionRefusal>] {
        transactions.map { sent in
            do throws(TransactionRefusal) {
                try take(sent)
                return .success(sent.transaction.hash)
            } catch {
                return .failure(error)
            }
        }
    }

    private func take(_ sent: SentTransaction) throws(TransactionRefusal) {
        let transaction = sent.transaction
        guard waiting[transaction.hash] == nil else { throw TransactionRefusal("already known") }
        let account: Account?
        do throws(ChainReadError) {
            account = try chain.account(sent.sender, at: chain.headHeight)
        } catch {
            throw TransactionRefusal("the state cannot be read: \(error)")
        }
        let nonce = account?.nonce ?? 0
        guard transaction.nonce >= nonce else {
            throw TransactionRefusal("nonce too low: next nonce \(nonce), tx nonce \(transaction.nonce)")
        }
        let balance = account?.balance ?? 0
        guard let cost = transaction.costMax, cost <= balance else {
            throw TransactionRefusal(
                "insufficient funds for gas * price + value: balance \(balance), "
                    + "tx cost \(transaction.costMax?.description ?? "above 2^256")")
        }
        if let known = bySender[sent.sender]?[transaction.nonce], let old = waiting[known]?.transaction {
            guard Self.replaces(old, transaction) else {
                throw TransactionRefusal("replacement transaction underpriced")
            }
            waiting[known] = nil
        } else if waiting.count >= Self.transactionsMax {
            throw TransactionRefusal("txpool is full")
        }
        waiting[transaction.hash] = sent
        bySender[sent.sender, default: [:]][transaction.nonce] = transaction.hash
    }

    private static func replaces(_ old: Transaction, _ new: Transaction) -> Bool {
        func rises(_ old: UInt256, _ new: UInt256) -> Bool {
            let (raised, overflow) = old.multipliedReportingOverflow(by: UInt256(100 + replacementRise))
            let (offered, offeredOverflow) = new.multipliedReportingOverflow(by: 100)
            return offeredOverflow || (!overflow && offered >= raised)
        }
        return rises(old.maxFeePerGas, new.maxFeePerGas) && rises(old.maxPriorityFeePerGas, new.maxPriorityFeePerGas)
    }

    func pendingNonce(of sender: Address) async -> UInt64? {
        guard let nonces = bySender[sender],
            var next = (try? chain.account(sender, at: chain.headHeight)).map({ $0?.nonce ?? 0 })
        else { return nil }
        let first = next
        while nonces[next] != nil { next += 1 }
        return next == first ? nil : next
    }

    func pendingTransaction(_ hash: Hash32) async -> SentTransaction? { waiting[hash] }

    func poolCount() async -> PoolCount {
        let reports = await poolContent(of: nil)
        return PoolCount(
            pending: reports.reduce(0) { $0 + $1.pending.count }, queued: reports.reduce(0) { $0 + $1.queued.count })
    }

    func poolContent(of sender: Address?) async -> [PoolSenderReport] {
        var reports: [PoolSenderReport] = []
        for address in sender.map({ [$0] }) ?? bySender.keys.sorted() {
            guard let nonces = bySender[address] else { continue }
            let known = try? chain.account(address, at: chain.headHeight)
            var next = known.flatMap(\.self)?.nonce ?? 0
            var (pending, queued): ([Transaction], [Transaction]) = ([], [])
            for (nonce, hash) in nonces.sorted(by: { $0.key < $1.key }) {
                guard let transaction = waiting[hash]?.transaction else { continue }
                if nonce == next {
                    pending.append(transaction)
                    next += 1
                } else {
                    queued.append(transaction)
                }
            }
            reports.append(PoolSenderReport(sender: address, pending: pending, queued: queued))
        }
        return reports
    }

    // Nothing is built on this chain.
    func nextBlock(unlessAt known: UInt64?, candidatesMax: Int) async -> NextBlockReport { .none }

    // Nobody seals, nobody watches, nobody is connected.
    func peers() async -> [PeerReport] { [] }
    func syncing() async -> SyncReport? { nil }
    func sealers(at height: Height) async -> Sealers? { nil }
    func rounds(at height: Height) async -> RoundSummary? { nil }
    func faults(from start: Int, limit: Int) async -> [FaultRecord] { [] }
    func fault(_ id: Hash32) async -> ProvenRecord? { nil }
    func verdict(at height: Height) async -> VerdictReport {
        VerdictReport(height: height, outcome: .unknown, explanation: "this chain is taken on trust")
    }
    func explanation(of id: Hash32) async -> FaultExplanation? { nil }
    func watchReport() async -> WatchReport {
        WatchReport(
            headHeight: chain.headHeight, stopped: nil, haltedBecause: nil, archivedVotes: 0, archivedHeights: 0,
            scores: [], keyClashes: [])
    }
    func rangerStatus() async -> RangerReport {
        RangerReport(
            validatedHeight: 0, followedHeight: chain.headHeight, faultCount: 0, rejectedReports: 0, penalisedPeers: 0)
    }
}

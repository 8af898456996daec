import Chain
import Crypto
import FaultProofs
import Primitives
import RPC
import Synchronization

/// A node that answers what the tests put into it.
final class TestNode: NodeService, TestnetService {
    struct Contents {
        var pool: [Hash32: SentTransaction] = [:]
        /// How many calls of `submit` came, and of how many transactions.
        var submissions: [Int] = []
        var pendingNonces: [Address: UInt64] = [:]
        /// Whether what is in the pool counts for the pending nonce.
        var countsPending = false
        /// What txpool_* shows.
        var waiting: [PoolSenderReport] = []
        var nextBlock: NextBlock?
        /// How often somebody took what the next block could be made of.
        var nextBlocksTaken = 0
        var peers: [PeerReport] = []
        var sync: SyncReport?
        var rounds: [Height: RoundSummary] = [:]
        var faults: [ProvenRecord] = []
        var verdicts: [Height: VerdictReport] = [:]
        var refusal: TransactionRefusal?
        /// How often `pendingNonce` was asked.
        var pendingNonceQuestions = 0
        /// Whether questions about the pool are never answered.
        var hangs = false
        var armed: [FaultRequest] = []
        var stopped: StandstillReport?
        var scores: [ScoreReport] = []
        var explanations: [Hash32: FaultExplanation] = [:]
        var keyClashes: [KeyClashReport] = []
        var links: [LinkOrder] = []
        var badBlocks: [BadBlockReport] = []
    }

    let contents = Mutex(Contents())
    let council: Council

    init(council: Council) {
        self.council = council
    }

    func set(_ change: (inout Contents) -> Void) {
        contents.withLock { change(&$0) }
    }

    private func get<Value>(_ value: (borrowing Contents) -> Value) -> Value where Value: Sendable {
        contents.withLock { value($0) }
    }

    func submit(_ transactions: [SentTransaction]) async -> [Result<Hash32, TransactionRefusal>] {
        contents.withLock { contents in
            contents.submissions.append(transactions.count)
            return transactions.map { sent in
                if let refusal = contents.refusal { return .failure(refusal) }
                guard contents.pool[sent.transaction.hash] == nil else {
                    return .failure(TransactionRefusal("already known"))
                }
                contents.pool[sent.transaction.hash] = sent
                return .success(sent.transaction.hash)
            }
        }
    }

    func badBlocks() async -> [BadBlockReport] { get { $0.badBlocks } }

    func pendingNonce(of sender: Address) async -> UInt64? {
        // A node that hangs, for tests of the time limit: until the test lets it go on, or the limit is over.
        contents.withLock { $0.pendingNonceQuestions += 1 }
        while get({ $0.hangs }), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
        return get { contents in
            guard contents.countsPending else { return contents.pendingNonces[sender] }
            return contents.pool.values.filter { $0.sender == sender }.map { $0.transaction.nonce + 1 }.max()
        }
    }

    func pendingTransaction(_ hash: Hash32) async -> SentTransaction? { get { $0.pool[hash] } }

    func poolCount() async -> PoolCount {
        get { contents in
            PoolCount(
                pending: contents.waiting.reduce(0) { $0 + $1.pending.count },
                queued: contents.waiting.reduce(0) { $0 + $1.queued.count })
        }
    }

    func poolContent(of sender: Address?) async -> [PoolSenderReport] {
        get { contents in contents.waiting.filter { sender == nil || $0.sender == sender } }
    }

    func nextBlock(unlessAt known: UInt64?, candidatesMax: Int) async -> NextBlockReport {
        contents.withLock { contents in
            guard let next = contents.nextBlock else { return .none }
            if next.poolVersion == known { return .unchanged }
            contents.nextBlocksTaken += 1
            return .changed(
                NextBlock(
                    after: next.parent, poolVersion: next.poolVersion,
                    candidates: Array(next.candidates.prefix(candidatesMax)),
                    beneficiary: next.beneficiary, timestamp: next.timestamp))
        }
    }

    func peers() async -> [PeerReport] { get { $0.peers } }
    func syncing() async -> SyncReport? { get { $0.sync } }

    func sealers(at height: Height) async -> Sealers? {
        guard height > 0 else { return nil }
        return Sealers(council: council, committee: council.committee(at: height, parent: .zero, sizeMax: 22))
    }

    func rounds(at height: Height) async -> RoundSummary? { get { $0.rounds[height] } }

    func faults(from start: Int, limit: Int) async -> [FaultRecord] {
        get { contents in contents.faults.dropFirst(start).prefix(limit).map(\.record) }
    }

    func fault(_ id: Hash32) async -> ProvenRecord? {
        get { contents in contents.faults.first { $0.record.id == id } }
    }

    func verdict(at height: Height) async -> VerdictReport {
        get { $0.verdicts[height] } ?? VerdictReport(height: height, outcome: .unknown, explanation: "not executed")
    }

    func watchReport() async -> WatchReport {
        get {
            WatchReport(
                headHeight: 3, stopped: $0.stopped, haltedBecause: nil, archivedVotes: 12, archivedHeights: 3,
                scores: $0.scores, keyClashes: $0.keyClashes)
        }
    }

    func explanation(of id: Hash32) async -> FaultExplanation? {
        get { $0.explanations[id] }
    }

    func rangerStatus() async -> RangerReport {
        RangerReport(validatedHeight: 3, followedHeight: 5, faultCount: 1, rejectedReports: 2, penalisedPeers: 1)
    }

    func faultCatalogue() async -> [FaultDescription] {
        [
            FaultDescription(
                name: "wrong-state-root", id: "B1", levels: [.proposal, .sealed], rounds: 0...4, deed: "proposer",
                summary: "the state root is off by one", observable: "EXEC, rule stateRoot")
        ]
    }

    func setLinks(_ orders: [LinkOrder], seed: UInt64) async -> Result<Int, FaultRefusal> {
        contents.withLock { $0.links = orders }
        return .success(orders.count)
    }

    func inject(_ request: FaultRequest, onlyChecking: Bool) async -> Result<FaultRequest, FaultRefusal> {
        guard request.fault == "wrong-state-root" else {
            return .failure(FaultRefusal("there is no fault \(request.fault)"))
        }
        if !onlyChecking { contents.withLock { $0.armed.append(request) } }
        return .success(
            FaultRequest(
                fault: request.fault, level: request.level ?? .proposal, height: request.height, round: request.round,
                seed: request.seed))
    }

    func injections() async -> [FaultStatus] {
        let outcomes: [FaultStatus.Outcome] = [
            .waiting, .bystander, .applied(height: 9, round: 1), .missed("too late"),
        ]
        return get { contents in
            zip(contents.armed, outcomes).map { FaultStatus($0, $1) }
        }
    }
}

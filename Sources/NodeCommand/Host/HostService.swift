import Chain
import Consensus
import Crypto
import EthereumChain
import FaultProofs
import Node
import Primitives
import RPC
import Ranger
import Validation

/// The running node as JSON-RPC sees it: a hop to the host's loop for what only the host knows.
struct HostService: NodeService {
    let host: Host
    let board: Board
    let accounts: StoreReaderPool

    func submit(_ transactions: [SentTransaction]) async -> [Result<Hash32, TransactionRefusal>] {
        var outcomes: [Result<Hash32, TransactionRefusal>] = []
        outcomes.reserveCapacity(transactions.count)
        let entries = transactions.map { accounts.entry(for: $0) }
        for (entry, outcome) in zip(entries, await host.submit(entries.compactMap(\.self))) {
            outcomes.append(entry == nil ? .failure(TransactionRefusal("the state cannot be read")) : outcome.asRefusal)
        }
        return outcomes
    }

    func pendingNonce(of sender: Address) async -> UInt64? { await host.pendingNonce(of: sender) }

    func pendingTransaction(_ hash: Hash32) async -> SentTransaction? {
        await host.pendingTransaction(hash).map { SentTransaction($0.transaction, sender: $0.sender) }
    }

    func poolCount() async -> PoolCount { await host.poolCount }

    func poolContent(of sender: Address?) async -> [PoolSenderReport] {
        // A copy of the pool costs the host little; it is taken apart here, on the caller's thread.
        let pool = await host.pool
        let found = sender.map { pool.content(of: $0).map { [$0] } ?? [] } ?? pool.content
        return found.map { PoolSenderReport(sender: $0.sender, pending: $0.pending, queued: $0.queued) }
    }

    func nextBlock(unlessAt known: UInt64?, candidatesMax: Int) async -> NextBlockReport {
        guard let next = await host.nextBlock(unlessAt: known) else { return .unchanged }
        let candidates = next.pool.candidates(baseFee: next.baseFee, max: candidatesMax)
        return .changed(
            NextBlock(
                poolVersion: next.pool.version,
                candidates: candidates.map { SentTransaction($0.transaction, sender: $0.sender) },
                beneficiary: next.beneficiary, timestamp: WallClock.milliseconds / 1_000))
    }

    func peers() async -> [PeerReport] {
        await host.peers.map { peer in
            PeerReport(
                node: peer.address, endpoint: peer.hello?.listen ?? "", isCouncilLink: peer.isCouncil,
                isInbound: peer.isInbound, headHeight: peer.hello == nil ? nil : peer.head)
        }
    }

    func syncing() async -> SyncReport? { await host.syncReport }

    func sealers(at height: Height) async -> Sealers? { await host.sealers(at: height) }

    func rounds(at height: Height) async -> RPC.RoundSummary? { await host.rounds(at: height) }

    func faults(from start: Int, limit: Int) async -> [FaultRecord] {
        board.faults.dropFirst(start).prefix(limit).map(\.record)
    }

    func fault(_ id: Hash32) async -> ProvenRecord? { board.fault(id) }

    func verdict(at height: Height) async -> VerdictReport { await host.verdictReport(at: height) }

    func watchReport() async -> WatchReport { await host.watchReport }

    func explanation(of id: Hash32) async -> FaultExplanation? {
        guard let known = board.fault(id), let proof = try? FaultProof(checking: known.proof) else { return nil }
        // It was verified before it was recorded; to put it into words, its block may be executed once more.
        return try? explain(proof, genesis: board.genesis, scheme: P256())
    }

    func rangerStatus() async -> RangerReport { await host.rangerReport }

    func badBlocks() async -> [BadBlockReport] {
        await host.badBlocks.reversed().map { bad in
            BadBlockReport(
                block: EthereumBlock(bad.block), reason: bad.why, proposer: bad.proposer, round: bad.round)
        }
    }
}

extension Result<Hash32, PoolRefusal> {
    /// With the pool's words, which are geth's.
    fileprivate var asRefusal: Result<Hash32, TransactionRefusal> {
        mapError { TransactionRefusal($0.description) }
    }
}

import Chain
import Consensus
import Crypto
import FaultProofs
import Node
import Primitives
import RPC
import Ranger

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
}

extension Result<Hash32, PoolRefusal> {
    /// With the pool's words, which are geth's.
    fileprivate var asRefusal: Result<Hash32, TransactionRefusal> {
        mapError { TransactionRefusal($0.description) }
    }
}

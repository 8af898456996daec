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

    /// What the node says now, once the block after which it is so can be read from disk. The pool lets go of a
    /// block's transactions as soon as it is sealed: without the wait they would be nowhere for some milliseconds.
    private func settled<Answer: Sendable>(_ ask: @Sendable (borrowing Node<P256>) -> Answer) async -> Answer {
        let (answer, height) = await host.moment(ask)
        if board.head < height { await host.writeSealed() }
        return answer
    }

    func pendingNonce(of sender: Address) async -> UInt64? { await settled { $0.pendingNonce(of: sender) } }

    func pendingTransaction(_ hash: Hash32) async -> SentTransaction? {
        await settled { $0.pool.transaction(hash) }.map { SentTransaction($0.transaction, sender: $0.sender) }
    }

    func poolCount() async -> PoolCount { await host.poolCount }

    func poolContent(of sender: Address?) async -> [PoolSenderReport] {
        // A copy of the pool costs the host little; it is taken apart here, on the caller's thread.
        let pool = await settled { $0.pool }
        let found = sender.map { pool.content(of: $0).map { [$0] } ?? [] } ?? pool.content
        return found.map { PoolSenderReport(sender: $0.sender, pending: $0.pending, queued: $0.queued) }
    }

    func nextBlock(unlessAt known: UInt64?, candidatesMax: Int) async -> NextBlockReport {
        // Nothing where the pool is still as it was.
        let next = await settled { node in
            node.pool.version == known
                ? nil
                : (
                    node.tail.height, node.pool, node.nextBaseFee,
                    node.council.member(self.host.publicKey.address)?.rewardAddress ?? .zero
                )
        }
        guard let (parent, pool, baseFee, beneficiary) = next else { return .unchanged }
        let candidates = pool.candidates(baseFee: baseFee, max: candidatesMax)
        return .changed(
            NextBlock(
                after: parent, poolVersion: pool.version,
                candidates: candidates.map { SentTransaction($0.transaction, sender: $0.sender) },
                beneficiary: beneficiary, timestamp: WallClock.milliseconds / 1_000))
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

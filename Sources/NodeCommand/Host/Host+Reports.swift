import Chain
import Consensus
import Node
import Primitives
import RPC
import Ranger

// What JSON-RPC asks of the running node.
extension Host {
    func pendingNonce(of sender: Address) -> UInt64? { node.pendingNonce(of: sender) }

    func pendingTransaction(_ hash: Hash32) -> (transaction: Transaction, sender: Address)? {
        node.pool.transaction(hash)
    }

    var peers: [Peer] { node.peers }

    /// How far this node is behind the newest height that a peer has told of; nil within two blocks of it.
    var syncReport: SyncReport? {
        let highest = node.peers.map(\.head).max() ?? 0
        guard highest > node.tail.height + 2 else { return nil }
        return SyncReport(startingHeight: 0, currentHeight: node.tail.height, highestHeight: highest)
    }

    func sealers(at height: Height) -> Sealers? {
        node.committee(at: height).map { Sealers(council: node.council, committee: $0) }
    }

    var rangerReport: RangerReport {
        RangerReport(
            validatedHeight: node.tail.height, followedHeight: node.followedHead, faultCount: node.ranger.desk.count,
            rejectedReports: Int(clamping: node.ranger.desk.refusedCount), penalisedPeers: board.penalisedPeers)
    }

    func rounds(at height: Height) -> RPC.RoundSummary? {
        let known = node.roundSummaries(at: height)
        guard let last = known.last else { return nil }
        let reports = known.map { summary in
            RoundReport(
                round: summary.round, proposer: summary.proposer, proposal: summary.proposed,
                preparesFrom: summary.prepares, commitsFrom: summary.commits, roundChangesFrom: summary.roundChanges,
                verdict: summary.verdict)
        }
        return RPC.RoundSummary(
            height: height, currentRound: last.round, isSealed: height <= node.tail.height, rounds: reports)
    }

    func verdictReport(at height: Height) -> VerdictReport {
        switch node.verdict(of: height) {
        case .valid:
            VerdictReport(height: height, outcome: .valid, explanation: "this node has executed it")
        case .invalid(let fault):
            VerdictReport(height: height, outcome: .invalid, explanation: "proven wrong: see the fault", fault: fault)
        case .unknown:
            VerdictReport(height: height, outcome: .unknown, explanation: "it lies above a block proven wrong")
        case nil:
            VerdictReport(height: height, outcome: .unknown, explanation: "not seen yet")
        }
    }
}

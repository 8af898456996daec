import Chain
import Consensus
import Crypto
import Node
import Primitives
import RPC
import Ranger

// What JSON-RPC asks of the running node.
extension Host {
    /// What is so after the newest sealed block, and its height.
    func moment<Answer: Sendable>(
        _ ask: @Sendable (borrowing Node<P256>) -> Answer
    ) -> (answer: Answer, height: Height) {
        (ask(node), node.tail.height)
    }

    /// Returns once every block that is sealed by now is on disk.
    func writeSealed() async {
        await withCheckedContinuation { continuation in ledger.afterAppends { continuation.resume() } }
    }

    var poolCount: PoolCount { PoolCount(pending: node.pool.pendingCount, queued: node.pool.queuedCount) }

    var peers: [Peer] { node.peers }

    /// How far this node is behind the newest height that a peer has told of; nil within two blocks of it.
    var syncReport: SyncReport? {
        // Whoever has stopped is not on its way anywhere: council_status says so.
        guard node.standstill == nil else { return nil }
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

    var watchReport: WatchReport {
        let standstill = node.standstill.map { lastGood, stop in
            StandstillReport(
                lastGoodHeight: lastGood, height: stop.height, cause: stop.cause.rawValue, rule: stop.rule,
                block: stop.block, fault: stop.fault == .zero ? nil : stop.fault, signers: stop.guilty,
                reason: stop.reason, advice: stop.advice)
        }
        return WatchReport(
            headHeight: node.tail.height, stopped: standstill, haltedBecause: node.halted,
            archivedVotes: node.ranger.archive.count, archivedHeights: node.ranger.archive.heightCount,
            scores: node.scores.map(ScoreReport.init),
            keyClashes: node.keyClashes.map {
                KeyClashReport(node: $0.address, first: $0.first, second: $0.second, count: $0.count)
            })
    }

    var badBlocks: [BadBlocks.Entry] { node.badBlocks.entries }

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
        case .forked(let fault):
            VerdictReport(
                height: height, outcome: .unknown, explanation: "not final: the council has sealed two blocks",
                fault: fault)
        case .unknown:
            VerdictReport(height: height, outcome: .unknown, explanation: "it lies above a block proven wrong")
        case nil:
            VerdictReport(height: height, outcome: .unknown, explanation: "not seen yet")
        }
    }
}

extension ScoreReport {
    fileprivate init(_ score: ValidatorScore) {
        self.init(
            validator: score.validator, heights: score.heights, sealsMissed: score.sealsMissed, unheard: score.unheard,
            heightsHeard: score.heightsHeard, lastUnheard: score.lastUnheard, proposalsMissed: score.proposalsMissed,
            lastProposalMissed: score.lastProposalMissed, equivocations: score.equivocations)
    }
}

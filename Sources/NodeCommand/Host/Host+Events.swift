import Chain
import Node
import Primitives
import RPC
import Ranger

// What clients who listen are told, as it happens.
extension Host {
    func announce(_ ready: [PooledTransaction]) {
        board.events.publish(.pending(ready.map { SentTransaction($0.transaction, sender: $0.sender) }))
    }

    /// Makes events of the notes that are some.
    func announce(_ note: Note) {
        switch note {
        case .sealed(let height, let round, let block, _):
            var news = [NodeEvent.verdict(verdictReport(at: height))]
            if let report = roundReport(at: height, round, sealed: block) {
                news.append(.round(height: height, isSealed: true, report))
            }
            publishAfterAppends(news)
            announceSync()
        case .roundChanged(let height, let round, _):
            guard let report = roundReport(at: height, round, sealed: nil) else { return }
            publishAfterAppends([.round(height: height, isSealed: false, report)])
        case .stopped(_, let stop):
            publishAfterAppends([.verdict(verdictReport(at: stop.height))])
            announceSync()
        case .syncing, .peerUp, .peerDown: announceSync()
        default: break
        }
    }

    /// Whoever hears of a block can ask for it: it is on disk by then.
    private func publishAfterAppends(_ news: [NodeEvent]) {
        let events = board.events
        guard events.isWatched else { return }
        ledger.afterAppends { for event in news { events.publish(event) } }
    }

    /// What this node saw of a round that is over; of a sealed one at least that it was.
    private func roundReport(at height: Height, _ round: UInt64, sealed block: Hash32?) -> RoundReport? {
        if let known = rounds(at: height)?.rounds.last(where: { $0.round == round }) { return known }
        guard let block, let committee = node.committee(at: height) else { return nil }
        let seals = node.tail.hash == block ? node.tail.certificate?.seals : nil
        return RoundReport(
            round: round, proposer: committee.proposer(height: height, round: round).address, proposal: block,
            preparesFrom: [], commitsFrom: seals?.map(\.validator) ?? [], roundChangesFrom: [], verdict: "sealed")
    }

    private func announceSync() {
        let report = syncReport
        guard (report != nil) != isSaidToSync else { return }
        isSaidToSync = report != nil
        board.events.publish(.syncing(report))
    }
}

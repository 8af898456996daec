import Chain
import Consensus
import Crypto
import Node
import Primitives

// How a conspiracy runs: the council falls apart, the liars' second machines start, and in the end all meet again.
extension World {
    mutating func conspire() {
        guard var plot, plot.phase == .planned else { return }
        let conspiracy = plot.conspiracy
        if keepsTrace { record("\(conspiracy)") }
        plot.phase = .active
        plot.startHeight = machines.map { $0.disk.store.tail.height }.max() ?? 0
        self.plot = plot
        breakLinks { plot.separates($0.low, $0.high) }
        for (number, liar) in plot.twins.enumerated() {
            let twin = plot.firstTwin + number
            machines[twin].disk = machines[liar].disk
            if conspiracy.forgets { machines[twin].disk.votes = [] }
            boot(twin)
        }
    }

    mutating func reveal() {
        guard let conspiracy = plot?.conspiracy, plot?.phase == .active else { return }
        if keepsTrace { record("all honest machines reach each other again") }
        plot?.phase = .over
        milestones += 1
        guard !conspiracy.stays, let firstTwin = plot?.firstTwin else { return }
        for twin in firstTwin..<machines.count where machines[twin].node != nil {
            machines[twin].crash()
            breakLinks { $0.low == twin || $0.high == twin }
        }
    }

    /// Ends the conspiracy a while after it has had success.
    mutating func revealAfterFork() {
        guard let plot, plot.phase == .active else { return }
        agenda.plan(.reveal, at: now + plot.conspiracy.silence)
    }

    /// Whether a liar keeps `message` to itself.
    func withholds(_ message: Message, to recipient: Int, from index: Int) -> Bool {
        guard let plot, plot.phase == .active, plot.isLiar(index) else { return false }
        if plot.conspiracy.hidesFromRangers, isRanger(recipient), message.hasVotes {
            return true
        }
        let own: Vote
        switch message {
        case .proposal(let proposal): own = proposal.vote.vote
        case .vote(let signed): own = signed.vote
        case .roundChange(let change): own = change.vote.vote
        default: return false
        }
        guard own.height > plot.startHeight else { return false }
        return plot.conspiracy.gags.contains { gag in
            gag.kind == own.kind && own.round <= gag.roundMax && plot.tells(index, secondStory: gag.isSecondStory)
                && plot.tells(recipient, secondStory: gag.isSecondStory)
        }
    }

    func isRanger(_ index: Int) -> Bool {
        index >= scenario.council && index < scenario.council + scenario.rangers
    }

    /// What a message between the audiences suffers.
    func isKeptApart(_ one: Int, _ other: Int) -> Bool {
        guard let plot, plot.phase == .active else { return false }
        return plot.areApart(one, other)
    }
}

import Chain
import Consensus
import Primitives

/// Watches over the shoulder of honest validators: whatever they sign is on disk first, and no two of their
/// signatures, over all their lives, contradict each other (QBFT.md, E1 to E6).
struct SigningOracle: Sendable {
    private struct Slot: Hashable, Sendable {
        let validator: Address
        let height: Height
        let kind: VoteKind
        let round: UInt64
    }

    private var signed: [Slot: Vote] = [:]
    private var commits: [Slot: [Vote]] = [:]

    /// What is wrong with `validator` signing `vote`; nil where all is well.
    mutating func problem(with vote: Vote, by validator: Address, log: [VoteRecord]) -> String? {
        guard log.last(where: { $0 == .vote(vote) }) != nil else { return "signed before it was on disk" }
        let slot = Slot(validator: validator, height: vote.height, kind: vote.kind, round: vote.round)
        if let earlier = signed[slot], earlier != vote { return "contradicts an earlier \(vote.kind) of its round" }
        signed[slot] = vote
        let heightSlot = Slot(validator: validator, height: vote.height, kind: .commit, round: 0)
        switch vote.kind {
        case .proposal: return nil
        case .prepare: return crosses(vote, .commit, of: validator)
        case .commit:
            if commits[heightSlot]?.contains(vote) != true { commits[heightSlot, default: []].append(vote) }
            return crosses(vote, .prepare, of: validator)
        case .roundChange:
            let isForgetful = commits[heightSlot, default: []].contains { commit in
                guard commit.round < vote.round else { return false }
                guard let prepared = vote.preparedRound else { return true }
                return prepared < commit.round || (prepared == commit.round && vote.block != commit.block)
            }
            return isForgetful ? "forgets what it has committed to (E4)" : nil
        }
    }

    /// E3: a prepare and a commit of one round for different blocks.
    private func crosses(_ vote: Vote, _ kind: VoteKind, of validator: Address) -> String? {
        let slot = Slot(validator: validator, height: vote.height, kind: kind, round: vote.round)
        guard let other = signed[slot], other.block != vote.block else { return nil }
        return "crosses a \(kind) of its round (E3)"
    }
}

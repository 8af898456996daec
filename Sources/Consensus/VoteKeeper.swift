public import Chain
import Primitives

/// Two signed votes of one validator that an honest one never signs both.
public struct Conflict: Sendable, Hashable {
    public let first, second: SignedVote

    public init(first: SignedVote, second: SignedVote) {
        self.first = first
        self.second = second
    }
}

/// The votes of one height, counted by kind, round and block.
///
/// Holds one vote per validator, kind and round, so its size is bounded by the committee and by
/// `roundsAhead` (QBFT.md 17); a second, different one is returned as evidence and not counted.
struct VoteKeeper: Sendable {
    /// Prepares and commits of rounds further above the current one than this are not kept.
    static let roundsAhead: UInt64 = 16
    /// Rounds further below the current one than this are forgotten.
    static let roundsBehind: UInt64 = 64

    /// One round's votes of one kind, in the order of arrival; as many as the committee has members at most.
    private struct Tally: Sendable {
        var votes: [SignedVote] = []
        var reported: [Address] = []
    }

    private struct Slot: Hashable, Sendable {
        let kind: VoteKind
        let round: UInt64
    }

    private var tallies: [Slot: Tally] = [:]
    /// The highest round change of each validator: one is enough, since it says the lower rounds are left.
    private(set) var roundChanges: [VerifiedRoundChange] = []

    enum Outcome: Sendable {
        case counted
        /// Known already, or too far from the current round to be kept.
        case ignored
        case conflict(Conflict)
    }

    /// Counts a proposal, prepare or commit vote.
    mutating func add(_ verified: Verified<SignedVote>, currentRound: UInt64) -> Outcome {
        let signed = verified.value
        let round = signed.vote.round
        guard round <= currentRound + Self.roundsAhead, round + Self.roundsBehind >= currentRound else {
            return .ignored
        }
        let slot = Slot(kind: signed.vote.kind, round: round)
        var tally = tallies.removeValue(forKey: slot) ?? Tally()
        defer { tallies[slot] = tally }
        guard let earlier = tally.votes.first(where: { $0.validator == signed.validator }) else {
            tally.votes.append(signed)
            return .counted
        }
        guard earlier.vote != signed.vote, !tally.reported.contains(signed.validator) else { return .ignored }
        tally.reported.append(signed.validator)
        return .conflict(Conflict(first: earlier, second: signed))
    }

    /// The votes of one kind for `block` in `round`.
    func votes(_ kind: VoteKind, for block: Hash32, round: UInt64) -> [SignedVote] {
        tallies[Slot(kind: kind, round: round)]?.votes.filter { $0.vote.block == block } ?? []
    }

    /// Every vote of one kind in `round`, whatever it is for.
    func votes(_ kind: VoteKind, round: UInt64) -> [SignedVote] {
        tallies[Slot(kind: kind, round: round)]?.votes ?? []
    }

    /// Keeps `change` if it is its author's highest. Returns whether it was new.
    mutating func add(_ change: VerifiedRoundChange) -> Bool {
        guard let index = roundChanges.firstIndex(where: { $0.validator == change.validator }) else {
            roundChanges.append(change)
            return true
        }
        guard roundChanges[index].round < change.round else { return false }
        roundChanges[index] = change
        return true
    }

    /// The round changes to exactly `round`.
    func roundChanges(to round: UInt64) -> [VerifiedRoundChange] {
        roundChanges.filter { $0.round == round }
    }

    /// The highest round that at least `count` validators want to reach, if above `round`.
    func roundWanted(byAtLeast count: Int, above round: UInt64) -> UInt64? {
        let wanted = roundChanges.map(\.round).filter { $0 > round }.sorted(by: >)
        return wanted.count >= count ? wanted[count - 1] : nil
    }

    mutating func forgetRounds(below current: UInt64) {
        guard current > Self.roundsBehind else { return }
        let oldest = current - Self.roundsBehind
        tallies = tallies.filter { $0.key.round >= oldest }
    }
}

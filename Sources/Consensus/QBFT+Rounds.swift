import Chain
public import Primitives

extension QBFT {
    /// The timer of `round` has fired (R4). A timer of another round or height is stale and changes nothing.
    public mutating func timeout(round fired: UInt64, height firedHeight: Height) -> [Action] {
        guard firedHeight == height, fired == round, !isDecided else { return [] }
        return changeRound(to: round + 1)
    }

    /// Whether this very round change is counted already, so that its signatures need not be checked again.
    public func hasCounted(_ change: RoundChange) -> Bool {
        keeper.roundChanges.contains { $0.change == change }
    }

    /// Takes a justified round change (R5, R6).
    public mutating func receive(_ change: VerifiedRoundChange) -> [Action] {
        guard change.vote.value.vote.height == height, !isDecided, keeper.add(change) else { return [] }
        var actions: [Action] = []
        if let wanted = keeper.roundWanted(byAtLeast: committee.faultTolerance + 1, above: round) {
            actions += changeRound(to: wanted)
        }
        return actions + proposeIfMyTurn()
    }

    /// Enters `next` and tells the others what this validator has prepared.
    mutating func changeRound(to next: UInt64) -> [Action] {
        guard next <= Self.roundMax else { return [] }
        let claim = Vote(
            kind: .roundChange, height: height, round: next, block: prepared?.block.hash ?? .zero,
            preparedRound: prepared?.round)
        return enter(next) + cast([claim])
    }

    /// Moves on to a later round and starts its timer.
    mutating func enter(_ next: UInt64) -> [Action] {
        precondition(next > round, "rounds only rise")
        round = next
        (accepted, pending, draft) = (nil, nil, nil)
        said = []
        keeper.forgetRounds(below: next)
        return [.startTimer(round: next, after: timeouts.timeout(of: next))]
    }
}

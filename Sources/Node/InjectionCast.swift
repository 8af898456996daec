public import Chain
public import Primitives

/// Who plays what in an injection: a pure function of the order and of the committee of its height.
public struct InjectionCast: Sendable, Hashable {
    /// Those who depart from the protocol, the first of them first.
    ///
    /// At level S exactly a quorum: its proposer and whoever follows in rotation. In a fork as few as can make one.
    public let liars: [Address]
    /// Honest validators, in rotation behind the liars; in a fork those who are shown the first block.
    public let firstHalf: [Address]
    /// In a fork the honest validators who are shown the second block; else empty.
    public let secondHalf: [Address]
    /// Proposers of the rounds before the fault's, who keep silent to bring its round about. Not in `liars`: nothing
    /// that they do can be proven against anybody.
    public let silent: [Address]

    /// nil where nobody can play it: the fault is a ranger's, or the committee is too small.
    public init?(_ injection: Injection, in committee: Committee) {
        let (fault, height, round) = (injection.fault, injection.height, injection.round)
        let start: UInt64
        switch fault.deed {
        case .ranger: return nil
        case .proposer, .liars: start = round
        case .validator: start = round + 1
        }
        let turns = (0..<UInt64(committee.count)).map { committee.proposer(height: height, round: start + $0).address }
        let isForeign = injection.actor.map { !turns.contains($0) } ?? false
        guard !isForeign, let first = injection.actor ?? turns.first else { return nil }
        // Where the one who is named is not the one whose turn it is, the others still follow in rotation.
        let order = [first] + turns.filter { $0 != first }
        guard let count = Self.liarCount(injection, in: committee) else { return nil }
        liars = Array(order.prefix(count))
        let honest = Array(order.dropFirst(count))
        let half = injection.level == .fork ? honest.count / 2 : honest.count
        firstHalf = Array(honest.prefix(half))
        secondHalf = Array(honest.dropFirst(half))
        silent =
            fault.needsItsRound
            ? (0..<round).map { committee.proposer(height: height, round: $0).address } : []
    }

    /// nil where no number of them will do.
    private static func liarCount(_ injection: Injection, in committee: Committee) -> Int? {
        switch injection.level {
        case .sealed: return committee.quorum
        case .proposal, .ranger, .conduct: return 1
        case .fork:
            // Each half must make up a quorum together with the liars, who are fewer than one.
            return (committee.faultTolerance + 1..<max(committee.quorum, committee.faultTolerance + 1)).first {
                $0 + (committee.count - $0) / 2 >= committee.quorum
            }
        }
    }
}

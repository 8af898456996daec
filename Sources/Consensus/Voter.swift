public import Chain
public import Primitives

/// The only place that decides to sign. Few fields, numbered rules; asked twice, it answers the same.
///
/// R1: It signs for one height at a time, and heights only rise.
/// R2: In a round below its latest round change it signs nothing more, nor in one that it has forgotten.
/// R3: One proposal a round, so no E6 pair (QBFT.md 5).
/// R4: One prepare a round, so no E2 pair.
/// R5: One commit a round, and only for the block it prepared there, so no E1 and no E3 pair.
/// R6: A round change claims at least what it has committed to, so no E4 pair (amnesia).
/// R7: One round change for a target round, so no E5 pair.
/// R8: Where its log is lost while the chain is not, it stays silent until that height has passed (QBFT.md 13).
///
/// What it grants must be on disk before the signature leaves: see `VoteRecord`.
public struct Voter: Sendable {
    /// Votes further below the highest round than this are not remembered; R2 covers those rounds.
    static let roundsRemembered: UInt64 = 64

    public enum Rule: String, Sendable, Hashable {
        case height = "R1", leftRound = "R2", proposal = "R3", prepare = "R4", commit = "R5"
        case claim = "R6", roundChange = "R7", suspended = "R8"
    }

    public enum Decision: Sendable, Hashable {
        /// Not asked before: write it down, then sign.
        case granted
        /// Granted before: sign the same again.
        case repeated
        case refused(Rule)
    }

    public private(set) var height: Height = 0
    private var cast: [Vote] = []
    private let suspendedThrough: Height?

    /// - Parameter suspendedThrough: The last height at which R8 forbids to vote; nil where the log is whole.
    public init(suspendedThrough: Height? = nil) {
        self.suspendedThrough = suspendedThrough
    }

    /// Moves to `height`, bound by the `votes` that it has cast there before.
    public mutating func begin(_ height: Height, having votes: [Vote]) {
        precondition(height > self.height || self.height == 0, "R1: heights only rise")
        self.height = height
        cast = votes.filter { $0.height == height }
    }

    /// Whether `vote` may be signed. A granted vote counts as cast from here on.
    public mutating func decide(_ vote: Vote) -> Decision {
        guard vote.height == height else { return .refused(.height) }
        if let suspendedThrough, height <= suspendedThrough { return .refused(.suspended) }
        if cast.contains(vote) { return .repeated }
        if let rule = broken(by: vote) { return .refused(rule) }
        cast.append(vote)
        forgetOldRounds()
        return .granted
    }

    private func broken(by vote: Vote) -> Rule? {
        if let left = leftRound, vote.round < left { return .leftRound }
        if vote.round < firstRemembered { return .leftRound }
        let earlier = cast.filter { $0.round == vote.round }
        switch vote.kind {
        case .proposal:
            return earlier.contains { $0.kind == .proposal } ? .proposal : nil
        case .prepare:
            return earlier.contains { $0.kind == .prepare || $0.kind == .commit } ? .prepare : nil
        case .commit:
            if earlier.contains(where: { $0.kind == .commit }) { return .commit }
            return earlier.contains { $0.kind == .prepare && $0.block == vote.block } ? nil : .commit
        case .roundChange:
            if let left = leftRound, vote.round <= left { return .roundChange }
            if cast.contains(where: { $0.kind != .roundChange && $0.round >= vote.round }) { return .leftRound }
            return cast.contains { $0.kind == .commit && !vote.remembers($0) } ? .claim : nil
        }
    }

    /// The target of the latest round change.
    private var leftRound: UInt64? {
        cast.last { $0.kind == .roundChange }?.round
    }

    /// The highest round it has voted in or asked for: where it takes up again after a restart.
    public var highestRound: UInt64 {
        cast.map(\.round).max() ?? 0
    }

    /// The votes cast in `round`, in order.
    public func votes(in round: UInt64) -> [Vote] {
        cast.filter { $0.round == round }
    }

    /// Below this round it does not know any more what it has signed.
    private var firstRemembered: UInt64 {
        let highest = highestRound
        return highest > Self.roundsRemembered ? highest - Self.roundsRemembered : 0
    }

    /// Keeps the latest rounds, and of all commits the highest: whoever remembers that one remembers the lower ones.
    private mutating func forgetOldRounds() {
        let first = firstRemembered
        guard first > 0 else { return }
        let highestCommit = cast.filter { $0.kind == .commit }.max { $0.round < $1.round }
        cast.removeAll { $0.round < first && $0 != highestCommit }
    }
}

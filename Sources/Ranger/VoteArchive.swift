public import Chain
public import FaultProofs
public import Primitives

/// The signed votes of the latest heights: what shows a validator that says two things.
///
/// Holds the first vote of each validator, kind, round and height, so two of them that differ become a PAIR proof.
public struct VoteArchive: Sendable {
    /// Votes of heights further below the newest than this are forgotten.
    public static let heightsMax: Height = 64
    /// Votes kept for one height: four kinds, a hundred validators, a few rounds.
    public static let votesPerHeightMax = 4_096

    private struct Slot: Hashable, Sendable {
        let validator: Address
        let kind: VoteKind
        let round: UInt64
    }

    private var heights: [Height: [Slot: SignedVote]] = [:]
    private var newest: Height = 0

    public init() {}

    /// Whether this very statement is known, so that its signature need not be checked again (QBFT.md 18).
    public func contains(_ signed: SignedVote) -> Bool {
        heights[signed.vote.height]?[slot(of: signed)]?.vote == signed.vote
    }

    /// Whether a vote of `height` would be kept at all.
    public func covers(_ height: Height, head: Height) -> Bool {
        height <= head + Self.heightsMax && height + Self.heightsMax > head
    }

    /// Keeps `verified`, or returns the proof that its author signed another vote in its place.
    ///
    /// - Parameter head: The newest sealed height; what lies too far from it is not kept.
    public mutating func add(_ verified: Verified<SignedVote>, head: Height) -> FaultProof? {
        let signed = verified.value
        guard covers(signed.vote.height, head: head) else { return nil }
        var votes = heights.removeValue(forKey: signed.vote.height) ?? [:]
        defer { heights[signed.vote.height] = votes }
        guard let earlier = votes[slot(of: signed)] else {
            if votes.count < Self.votesPerHeightMax { votes[slot(of: signed)] = signed }
            forget(head: head)
            return nil
        }
        guard earlier.vote != signed.vote, signed.vote.kind != .roundChange else { return nil }
        return proveContradiction(earlier, signed)
    }

    /// The first kept vote of `height`, in the order of validators: any genuine statement will do.
    public func anyVote(at height: Height) -> SignedVote? {
        heights[height]?.values.min { ($0.validator, $0.vote.kind.rawValue) < ($1.validator, $1.vote.kind.rawValue) }
    }

    private func slot(of signed: SignedVote) -> Slot {
        Slot(validator: signed.validator, kind: signed.vote.kind, round: signed.vote.round)
    }

    private mutating func forget(head: Height) {
        guard head > newest else { return }
        newest = head
        heights = heights.filter { $0.key + Self.heightsMax > head }
    }
}

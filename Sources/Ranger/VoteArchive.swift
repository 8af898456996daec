public import Chain
public import FaultProofs
public import Primitives

/// The signed votes of the latest heights: what shows a validator that says two things.
///
/// Holds the first vote of each validator, kind, round and height, so two of them that differ become a PAIR proof.
/// Each validator has room of its own, and low rounds go before high ones, in which nobody else is: so none can fill
/// the archive with votes for rounds to come, and then vote twice unseen.
public struct VoteArchive: Sendable {
    /// Votes of heights further below the newest than this are forgotten.
    public static let heightsMax: Height = 64
    /// Votes kept of one validator at one height: four kinds, and more rounds than a height has ever taken.
    public static let votesPerValidatorMax = 256

    private struct Slot: Hashable, Comparable, Sendable {
        let round: UInt64
        let kind: UInt8

        init(_ vote: Vote) {
            (round, kind) = (vote.round, vote.kind.rawValue)
        }

        static func < (left: Slot, right: Slot) -> Bool {
            (left.round, left.kind) < (right.round, right.kind)
        }
    }

    private struct Shelf: Sendable {
        var votes: [Slot: SignedVote] = [:]

        mutating func keep(_ signed: SignedVote) {
            let slot = Slot(signed.vote)
            if votes.count >= VoteArchive.votesPerValidatorMax {
                guard let last = votes.keys.max(), slot < last else { return }
                votes[last] = nil
            }
            votes[slot] = signed
        }
    }

    private var heights: [Height: [Address: Shelf]] = [:]
    private var newest: Height = 0

    public init() {}

    /// Whether this very statement is known, so that its signature need not be checked again (QBFT.md 18).
    public func contains(_ signed: SignedVote) -> Bool {
        heights[signed.vote.height]?[signed.validator]?.votes[Slot(signed.vote)]?.vote == signed.vote
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
        guard let earlier = heights[signed.vote.height]?[signed.validator]?.votes[Slot(signed.vote)] else {
            heights[signed.vote.height, default: [:]][signed.validator, default: Shelf()].keep(signed)
            forget(head: head)
            return nil
        }
        guard earlier.vote != signed.vote, signed.vote.kind != .roundChange else { return nil }
        return proveContradiction(earlier, signed)
    }

    /// The first kept vote of `height`, in the order of validators: any genuine statement will do.
    public func anyVote(at height: Height) -> SignedVote? {
        heights[height]?.min { $0.key < $1.key }?.value.votes.min { $0.key < $1.key }?.value
    }

    private mutating func forget(head: Height) {
        guard head > newest else { return }
        newest = head
        heights = heights.filter { $0.key + Self.heightsMax > head }
    }
}

import Crypto
public import Primitives

/// Why a block may be proposed in a round above 0 (QBFT, arXiv 2002.03613 §4.4).
///
/// The proposer signs its `hash` with the proposal, so whoever has both can prove that it does not hold.
public struct Justification: Hashable, Sendable {
    /// A quorum of round changes to the round of the proposal.
    public var roundChanges: [SignedVote]
    /// Where one of those claims a prepared block: the quorum of prepares for the highest such claim.
    public var prepares: [SignedVote]

    public init(roundChanges: [SignedVote] = [], prepares: [SignedVote] = []) {
        self.roundChanges = roundChanges
        self.prepares = prepares
    }

    public var isEmpty: Bool { roundChanges.isEmpty && prepares.isEmpty }

    /// keccak(rlp([round changes, prepares])).
    public var hash: Hash32 { keccak256(rlp) }
}

extension Justification: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(list: roundChanges)
            list.append(list: prepares)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        roundChanges = try list.array(of: SignedVote.self, max: Council.memberMax)
        prepares = try list.array(of: SignedVote.self, max: Council.memberMax)
        try list.finish()
    }
}

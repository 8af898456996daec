public import Primitives

/// Why a consensus message is not acceptable, whoever sent it.
public enum JustificationError: Error, Hashable, Sendable {
    /// The signed statement itself fails: not a member, or a bad signature.
    case vote(VoteError)
    case wrongKind(expected: VoteKind, found: VoteKind)
    case wrongHeight(expected: Height, found: Height)
    case wrongRound(expected: UInt64, found: UInt64)
    /// Above `Vote.roundMax`.
    case roundTooHigh(UInt64)
    /// The body does not hash to what the vote names, or its number is another height.
    case wrongBlock(expected: Hash32, found: Hash32)
    /// The block as a whole is not the one that the proposer signed, or the vote does not bind it.
    case wrongContent(expected: Hash32?, found: Hash32)
    /// The body does not belong to the header: it was swapped, since nobody honest prepares such a block.
    case notWhole(Hash32)
    case wrongProposer(expected: Address, found: Address)
    case notEnough(VoteKind, expected: Int, found: Int)
    case repeatedVoter(Address)
    /// What travels beside the proposal is not the justification that its proposer signed: it was swapped.
    case wrongJustification(expected: Hash32?, found: Hash32)
    /// Round 0 needs no justification and carries none.
    case unexpectedJustification
    /// The proposal is not the block with the highest prepared round among the round changes.
    case notHighestPrepared(expected: Hash32, found: Hash32)
    /// A round change claims a round that is not below its target, or claims half a thing.
    case inconsistentClaim
}

extension JustificationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .vote(let error): "a vote in it does not hold: \(error)"
        case .wrongKind(let expected, let found): "expected a \(expected) vote, found a \(found) vote"
        case .wrongHeight(let expected, let found): "expected height \(expected), found \(found)"
        case .wrongRound(let expected, let found): "expected a vote of round \(expected), found one of \(found)"
        case .roundTooHigh(let round): "round \(round) is above \(Vote.roundMax)"
        case .wrongBlock(let expected, let found): "expected block \(expected), found \(found)"
        case .wrongContent(let expected, let found):
            "expected a block of content \(expected.map(\.hex) ?? "that the vote names"), found \(found)"
        case .notWhole(let block): "the body is not that of block \(block)"
        case .wrongProposer(let expected, let found): "it is the turn of \(expected), not of \(found)"
        case .notEnough(let kind, let expected, let found): "\(found) of \(expected) \(kind.plural)"
        case .repeatedVoter(let validator): "\(validator) is counted twice"
        case .wrongJustification(let expected, let found):
            "expected justification \(expected.map(\.hex) ?? "that the vote names"), found \(found)"
        case .unexpectedJustification: "prepares or round changes that nothing asks for"
        case .notHighestPrepared(let expected, let found):
            "the round changes ask for block \(expected), prepared last; it proposes \(found)"
        case .inconsistentClaim: "a round change that contradicts itself"
        }
    }
}

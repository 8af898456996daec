public import Primitives

/// What a ledger in memory cannot say: its bag of preimages has a gap, or holds something that is no state.
public enum StateGap: LedgerFailure, Hashable, CustomStringConvertible {
    /// Nothing in the bag has this hash. It is not known whether what it leads to exists.
    case missing(Hash32)
    case malformedNode(Hash32)

    public var description: String {
        switch self {
        case .missing(let hash): "no preimage of \(hash)"
        case .malformedNode(let hash): "\(hash) leads to no state"
        }
    }
}

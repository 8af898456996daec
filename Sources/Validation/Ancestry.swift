public import Chain
public import Primitives

/// What a block is checked against: its parent, and who may agree on it.
public struct Ancestry: Hashable, Sendable {
    public var parent: Header
    public var parentExtension: BlockExtension
    /// keccak(rlp(parent)), kept because everything below the block names it.
    public let parentHash: Hash32
    /// The council that seals this height.
    public var council: Council
    /// Those of it that agree on this height.
    public var committee: Committee

    public init(parent: Header, parentExtension: BlockExtension, council: Council, committee: Committee) {
        self.parent = parent
        self.parentExtension = parentExtension
        parentHash = parent.hash
        self.council = council
        self.committee = committee
    }

    /// The ancestry of a child of `parent`, with the committee drawn as the rules say.
    public init(after parent: Block, council: Council, under rules: ChainRules) {
        self.init(after: parent.header, parent.extension, council: council, under: rules)
    }

    public init(after parent: Header, _ parentExtension: BlockExtension, council: Council, under rules: ChainRules) {
        let (height, _) = parent.number.addingReportingOverflow(1)
        self.init(
            parent: parent, parentExtension: parentExtension, council: council,
            committee: council.committee(at: height, parent: parent.hash, sizeMax: rules.committeeSizeMax))
    }

    /// The height of the block that comes next.
    public var height: Height { parent.number &+ 1 }
}

/// What is known of the round in which a block was first proposed, and so of whom it must pay.
///
/// The block does not name its round, so that it keeps its hash when it is proposed again.
public enum RoundBound: Hashable, Sendable {
    /// Proposed for the first time in this round: it pays the proposer of this round.
    case proposedFresh(UInt64)
    /// Proposed in this round, perhaps not for the first time: it pays the proposer of this or an earlier round.
    case reproposed(UInt64)
    /// Sealed in this round: as `reproposed`.
    case sealed(UInt64)

    public var round: UInt64 {
        switch self {
        case .proposedFresh(let round), .reproposed(let round), .sealed(let round): round
        }
    }
}

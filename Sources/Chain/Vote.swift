import Crypto
public import Primitives

/// The four things a validator can say about a height (QBFT, arXiv 2002.03613, algorithms 1 to 4).
public enum VoteKind: UInt8, CaseIterable, Hashable, Sendable {
    case proposal = 0
    case prepare = 1
    case commit = 2
    case roundChange = 3

    /// What people call several of them.
    public var plural: String {
        switch self {
        case .proposal: "proposals"
        case .prepare: "prepares"
        case .commit: "commits"
        case .roundChange: "round changes"
        }
    }
}

/// What a validator signs: one shape for all four kinds, so that a pair of them can be held against each other.
///
/// A vote is a claim in itself: nothing that travels beside it changes what was signed. A commit's signature is
/// the seal of the block.
public struct Vote: Hashable, Sendable {
    public var kind: VoteKind
    public var height: Height
    /// The round voted in; for a round change, the round it asks for.
    public var round: UInt64
    /// The block voted for; for a round change, the block prepared before, or zero if none was.
    public var block: Hash32
    /// The round in which `block` was prepared. Only a round change may have one.
    public var preparedRound: UInt64?
    /// The `contentHash` of the proposed block. Only a proposal may have one.
    ///
    /// The block's hash covers its header alone. So without this, nobody could prove that a proposer sent a body
    /// which does not belong to its header: a relay might have exchanged the body of an honest proposal.
    public var content: Hash32?
    /// The hash of the proposal's `Justification`. Only a proposal of a round above 0 that names its content has one.
    ///
    /// Without it nobody could prove that a proposer had no right to propose: a relay might have exchanged the reasons.
    public var justification: Hash32?

    /// Votes of rounds above this count nowhere: nobody gets there, and arithmetic on rounds stays in range.
    public static let roundMax: UInt64 = 1 << 32

    /// Any combination, also a senseless one: `isWellFormed` tells.
    public init(
        kind: VoteKind, height: Height, round: UInt64, block: Hash32, preparedRound: UInt64? = nil,
        content: Hash32? = nil, justification: Hash32? = nil
    ) {
        self.kind = kind
        self.height = height
        self.round = round
        self.block = block
        self.preparedRound = preparedRound
        self.content = content
        self.justification = justification
    }

    /// Puts `block` forward in `round`, at the height that its header names. Round 0 needs no justification.
    public static func proposal(
        of block: Block, round: UInt64, because justification: Justification = Justification()
    ) -> Vote {
        .proposal(
            height: block.header.number, round: round, block: block.hash, content: block.contentHash,
            justification: round > 0 ? justification.hash : nil)
    }

    public static func proposal(
        height: Height, round: UInt64, block: Hash32, content: Hash32? = nil, justification: Hash32? = nil
    ) -> Vote {
        Vote(
            kind: .proposal, height: height, round: round, block: block, content: content,
            justification: justification)
    }

    public static func prepare(height: Height, round: UInt64, block: Hash32) -> Vote {
        Vote(kind: .prepare, height: height, round: round, block: block)
    }

    public static func commit(height: Height, round: UInt64, block: Hash32) -> Vote {
        Vote(kind: .commit, height: height, round: round, block: block)
    }

    /// Asks for `round`, naming the block that the validator has prepared at this height, if any.
    public static func roundChange(
        height: Height, to round: UInt64, prepared: (round: UInt64, block: Hash32)? = nil
    ) -> Vote {
        Vote(
            kind: .roundChange, height: height, round: round, block: prepared?.block ?? .zero,
            preparedRound: prepared?.round)
    }

    /// Whether the fields fit the kind.
    ///
    /// A round change asks for a round above 0 and names a block exactly if it names an earlier round in which
    /// that block was prepared. The other kinds name a block and no prepared round. Only a proposal names a content,
    /// and only one of a round above 0 a justification beside it.
    public var isWellFormed: Bool {
        guard content == nil || kind == .proposal else { return false }
        guard justification == nil || (content != nil && round > 0) else { return false }
        guard kind == .roundChange else { return preparedRound == nil && block != .zero }
        guard let preparedRound else { return round > 0 && block == .zero }
        return preparedRound < round && block != .zero
    }

    /// Separates these signatures from everything else a node key may ever sign.
    public static let domain = "firetower/vote/2"

    /// The hash that is signed: keccak(rlp([domain, chain id, genesis hash, kind, height, round, block, details])),
    /// where the details are [prepared round] or [content, justification], as far as there are any.
    ///
    /// Kind, chain, height and round are all inside, so a signature is valid in one place only. What one kind alone
    /// has stands in a list of one or none, because RLP writes "round 0" and "nothing" alike.
    public func digest(chain: ChainIdentity) -> Hash32 {
        var encoder = RLPEncoder()
        encoder.list { list in
            list.append(Bytes(Vote.domain.utf8))
            list.append(chain.chainID)
            list.append(chain.genesis)
            encodeFields(into: &list)
        }
        return keccak256(encoder.bytes)
    }

    private func encodeFields(into list: inout RLPEncoder) {
        list.append(UInt64(kind.rawValue))
        list.append(height)
        list.append(round)
        list.append(block)
        list.list { details in
            if let preparedRound { details.append(preparedRound) }
            if let content { details.append(content) }
            if let justification { details.append(justification) }
        }
    }
}

extension Vote: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { encodeFields(into: &$0) }
    }

    /// Refuses a vote that is not well formed: no honest node sends one.
    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        var list = try decoder.list()
        let kindNumber = try list.uint64()
        guard let kindByte = UInt8(exactly: kindNumber), let kind = VoteKind(rawValue: kindByte) else {
            throw .invalidValue(at: start, "vote kind \(kindNumber)")
        }
        self.kind = kind
        height = try list.uint64()
        round = try list.uint64()
        block = try list.hash()
        var details = try list.list()
        preparedRound = kind == .roundChange && !details.isAtEnd ? try details.uint64() : nil
        content = kind == .proposal && !details.isAtEnd ? try details.hash() : nil
        justification = kind == .proposal && !details.isAtEnd ? try details.hash() : nil
        try details.finish()
        try list.finish()
        guard isWellFormed else { throw .invalidValue(at: start, "\(kind) vote whose fields contradict its kind") }
    }
}

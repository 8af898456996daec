public import Chain
public import Primitives

/// A block put forward for one round, with the reason why it may be (QBFT, arXiv 2002.03613 Algorithm 2 and §4.4).
public struct Proposal: Sendable, Hashable {
    /// Names height, round and block hash; signed by the round's proposer.
    public let vote: SignedVote
    public let block: Block
    /// For a round above 0: a quorum of round changes to this very round.
    public let roundChanges: [SignedVote]
    /// Where one of those claims a prepared block: the quorum of prepares for the highest such claim.
    public let prepares: [SignedVote]

    public init(vote: SignedVote, block: Block, roundChanges: [SignedVote] = [], prepares: [SignedVote] = []) {
        self.vote = vote
        self.block = block
        self.roundChanges = roundChanges
        self.prepares = prepares
    }

    public var justification: Justification { Justification(roundChanges: roundChanges, prepares: prepares) }
}

/// A validator's wish to leave a round, with the proof of what it has prepared (Algorithm 3).
public struct RoundChange: Sendable, Hashable {
    public let vote: SignedVote
    /// The prepared block and its quorum of prepares; nil where the vote claims none.
    ///
    /// The body travels along, so that the next proposer can propose it again without having seen it.
    public let prepared: PreparedCertificate?

    public init(vote: SignedVote, prepared: PreparedCertificate?) {
        self.vote = vote
        self.prepared = prepared
    }
}

/// A block and the quorum of prepares it got in one round: what a validator is bound to from then on.
public struct PreparedCertificate: Sendable, Hashable {
    public let round: UInt64
    public let block: Block
    public let prepares: [SignedVote]

    public init(round: UInt64, block: Block, prepares: [SignedVote]) {
        self.round = round
        self.block = block
        self.prepares = prepares
    }
}

/// What validators say to each other about one height.
public enum ConsensusMessage: Sendable, Hashable {
    case proposal(Proposal)
    /// A prepare or a commit.
    case vote(SignedVote)
    case roundChange(RoundChange)

    /// The signed statement at its heart.
    public var signedVote: SignedVote {
        switch self {
        case .proposal(let proposal): proposal.vote
        case .vote(let vote): vote
        case .roundChange(let change): change.vote
        }
    }
}

extension Proposal: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(vote)
            list.append(block)
            list.append(list: roundChanges)
            list.append(list: prepares)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        vote = try SignedVote(from: &list)
        block = try Block(from: &list)
        roundChanges = try list.array(of: SignedVote.self, max: Council.memberMax)
        prepares = try list.array(of: SignedVote.self, max: Council.memberMax)
        try list.finish()
    }
}

extension RoundChange: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(vote)
            list.append(list: prepared.map { [$0] } ?? [])
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        vote = try SignedVote(from: &list)
        prepared = try list.array(of: PreparedCertificate.self, max: 1).first
        try list.finish()
    }
}

extension PreparedCertificate: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(round)
            list.append(block)
            list.append(list: prepares)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        round = try list.uint64()
        block = try Block(from: &list)
        prepares = try list.array(of: SignedVote.self, max: Council.memberMax)
        try list.finish()
    }
}

public import Chain
public import Primitives

/// A proposal of a round above 0, and the reasons that its proposer signed for it, which do not hold.
public struct JustificationEvidence: Hashable, Sendable {
    public var proposal: SignedVote
    /// That of the proposed block. Its parent decides who is in the committee, and the proposer signed that too.
    public var header: Header
    /// The one whose hash the header carries.
    public var `extension`: BlockExtension
    /// The one whose hash the proposal carries.
    public var justification: Justification

    public init(proposal: SignedVote, header: Header, extension: BlockExtension, justification: Justification) {
        self.proposal = proposal
        self.header = header
        self.extension = `extension`
        self.justification = justification
    }
}

extension JustificationEvidence: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(proposal)
            list.append(header)
            list.append(`extension`)
            list.append(justification)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        proposal = try SignedVote(from: &list)
        header = try Header(from: &list)
        `extension` = try BlockExtension(from: &list)
        justification = try Justification(from: &list)
        try list.finish()
    }
}

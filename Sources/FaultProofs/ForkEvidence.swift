public import Chain
public import Primitives

/// Two blocks that were both sealed at one height, and votes that their sealers must not have cast beside.
///
/// Where both were sealed in one round, whoever sealed both is guilty by the seals alone. Where the rounds differ, it
/// takes a vote of each guilty validator that contradicts its seal in the lower round: QBFT.md has the argument why
/// at least 2q − n such votes exist, and were seen by honest validators, as long as fewer than q lie.
public struct ForkEvidence: Hashable, Sendable {
    /// The one with the lesser hash.
    public var first: CertifiedHeader
    public var second: CertifiedHeader
    /// One of each validator that contradicts its own seal in the lower round, ascending by validator. None where
    /// both blocks were sealed in one round. Whose vote is missing is not convicted, so there may be none at all.
    public var votes: [SignedVote]

    public init(first: CertifiedHeader, second: CertifiedHeader, votes: [SignedVote]) {
        self.first = first
        self.second = second
        self.votes = votes
    }

    var isInOneRound: Bool { first.certificate.round == second.certificate.round }

    /// The certificate of the lower round, which the votes contradict.
    var lower: CommitCertificate {
        first.certificate.round <= second.certificate.round ? first.certificate : second.certificate
    }
}

extension ForkEvidence: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(first)
            list.append(second)
            list.append(list: votes)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        first = try CertifiedHeader(from: &list)
        second = try CertifiedHeader(from: &list)
        votes = try list.array(of: SignedVote.self, max: Council.memberMax)
        try list.finish()
    }
}

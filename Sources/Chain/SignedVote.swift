public import Crypto
public import Primitives

/// A vote with the name and signature of the validator who is said to have cast it. Nothing is checked yet.
public struct SignedVote: Hashable, Sendable {
    public var vote: Vote
    public var validator: Address
    public var signature: NodeSignature

    public init(vote: Vote, validator: Address, signature: NodeSignature) {
        self.vote = vote
        self.validator = validator
        self.signature = signature
    }

    /// Signs `vote` for `chain`.
    ///
    /// Nodes sign through their `Voter`, which first makes sure that they may.
    public init(_ vote: Vote, by key: NodeKey, chain: ChainIdentity) {
        self.vote = vote
        validator = key.publicKey.address
        signature = key.sign(vote.digest(chain: chain))
    }
}

extension SignedVote: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(vote)
            list.append(validator)
            list.append(signature)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        vote = try Vote(from: &list)
        validator = try list.address()
        signature = try NodeSignature(from: &list)
        try list.finish()
    }
}

public import Crypto
public import Primitives

/// A block beside its certificate, as peers send it. Nothing about it is checked yet.
public struct CertifiedBlock: Hashable, Sendable {
    public var block: Block
    public var certificate: CommitCertificate

    public init(block: Block, certificate: CommitCertificate) {
        self.block = block
        self.certificate = certificate
    }

    /// Checks that a quorum of `committee` committed to this block; says nothing of whether the block is valid.
    public func verifySeals(
        committee: Committee, chain: ChainIdentity, scheme: some SignatureScheme
    ) throws(CertificateError) {
        try certificate.check(isFor: block.hash, at: block.number)
        try certificate.verify(committee: committee, chain: chain, scheme: scheme)
    }
}

extension CertifiedBlock: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(block)
            list.append(certificate)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        block = try Block(from: &list)
        certificate = try CommitCertificate(from: &list)
        try list.finish()
    }
}

public import Crypto
public import Primitives

/// A header beside its certificate: what it takes to show that a committee agreed on a block, without its body.
public struct CertifiedHeader: Hashable, Sendable {
    public var header: Header
    public var certificate: CommitCertificate

    /// The votes and the header are not checked: `verifySeals` does.
    public init(header: Header, certificate: CommitCertificate) {
        self.header = header
        self.certificate = certificate
    }

    /// Checks that a quorum of `committee` committed to this header at the height that it names.
    public func verifySeals(
        committee: Committee, chain: ChainIdentity, scheme: some SignatureScheme
    ) throws(CertificateError) {
        try certificate.check(isFor: header.hash, at: header.number)
        try certificate.verify(committee: committee, chain: chain, scheme: scheme)
    }
}

extension CertifiedHeader: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(header)
            list.append(certificate)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        header = try Header(from: &list)
        certificate = try CommitCertificate(from: &list)
        try list.finish()
    }
}

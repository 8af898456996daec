import Chain
import Crypto
import Primitives
import Testing

/// FAULTS B18 to B22, QBFT.md points 6, 7, 11 and 12.
@Suite struct CommitCertificateTests {
    private static let block = keccak256(Bytes("block".utf8))

    private func refusal(
        of certificate: CommitCertificate, committee count: Int = 4, chain: ChainIdentity = Sample.chain
    ) throws -> CertificateError? {
        let committee = try Sample.committee(count)
        do throws(CertificateError) {
            try certificate.verify(committee: committee, chain: chain, scheme: P256())
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [1, 2, 3, 4, 7, 10])
    func `a quorum and more is accepted, one less is not`(count: Int) throws {
        let quorum = try Sample.committee(count).quorum
        for sealed in quorum...count {
            let certificate = try Sample.certificate(
                of: 0..<sealed, in: count, block: CommitCertificateTests.block)
            #expect(try refusal(of: certificate, committee: count) == nil)
        }
        let short = try Sample.certificate(of: 0..<quorum - 1, in: count, block: CommitCertificateTests.block)
        #expect(
            try refusal(of: short, committee: count) == .notEnoughSeals(expected: quorum, found: quorum - 1))
    }

    @Test func `a duplicate seal does not count twice`() throws {
        var certificate = try Sample.certificate(of: [0, 1], in: 4, block: CommitCertificateTests.block)
        certificate.seals.append(certificate.seals[1])
        #expect(try refusal(of: certificate) == .duplicateSeal(certificate.seals[1].validator))
        let votes = try Sample.commits(of: [0, 1, 1, 0, 1], in: 4, block: CommitCertificateTests.block)
        let gathered = CommitCertificate(
            height: 7, round: 2, block: CommitCertificateTests.block, commits: votes)
        #expect(gathered.seals.count == 2)
    }

    @Test func `seals out of order are refused`() throws {
        var certificate = try Sample.certificate(of: 0..<3, in: 4, block: CommitCertificateTests.block)
        certificate.seals.swapAt(1, 2)
        #expect(try refusal(of: certificate) == .misplacedSeal(certificate.seals[2].validator))
    }

    @Test func `a foreign seal spoils the certificate`() throws {
        // Node 4 is not among the first four; a council of five makes its seal.
        let keys = try Sample.keys(5)
        let strangers = try keys.filter { try !Sample.committee(4).contains($0.publicKey.address) }
        let stranger = try #require(strangers.first)
        let vote = Vote.commit(height: 7, round: 2, block: CommitCertificateTests.block)
        let certificate = CommitCertificate(
            height: 7, round: 2, block: CommitCertificateTests.block,
            commits: keys.map { SignedVote(vote, by: $0, chain: Sample.chain) })
        #expect(certificate.seals.count == 5)
        #expect(try refusal(of: certificate) == .foreignSeal(stranger.publicKey.address))
        #expect(try refusal(of: certificate, committee: 5) == nil)
    }

    @Test func `seals of another height, round, block or chain are refused`() throws {
        let good = try Sample.certificate(of: 0..<3, in: 4, block: CommitCertificateTests.block)
        let first = good.seals[0].validator
        var changed = good
        changed.height = 8
        #expect(try refusal(of: changed) == .badSignature(first))
        changed = good
        changed.round = 3
        #expect(try refusal(of: changed) == .badSignature(first))
        changed = good
        changed.block = keccak256(Bytes("other".utf8))
        #expect(try refusal(of: changed) == .badSignature(first))
        #expect(try refusal(of: good, chain: ChainIdentity(chainID: 1, genesis: .zero)) == .badSignature(first))
    }

    @Test(arguments: [VoteKind.proposal, .prepare])
    func `votes of another kind are no seals`(kind: VoteKind) throws {
        let vote = Vote(kind: kind, height: 7, round: 2, block: CommitCertificateTests.block)
        let signed = try Sample.keys(4).map { SignedVote(vote, by: $0, chain: Sample.chain) }
        let seals = signed.map { Seal(validator: $0.validator, signature: $0.signature) }
        let certificate = CommitCertificate(
            height: 7, round: 2, block: CommitCertificateTests.block, seals: seals)
        #expect(try refusal(of: certificate) == .badSignature(signed[0].validator))
        let gathered = CommitCertificate(
            height: 7, round: 2, block: CommitCertificateTests.block, commits: signed)
        #expect(gathered.seals.isEmpty)
    }

    @Test func `every seal is checked, also beyond the quorum, and garbage or high s is refused`() throws {
        let good = try Sample.certificate(of: 0..<4, in: 4, block: CommitCertificateTests.block)
        for seat in good.seals.indices {
            var garbage = good
            garbage.seals[seat].signature.r = .zero
            #expect(try refusal(of: garbage) == .badSignature(good.seals[seat].validator))
            var mirrored = good
            mirrored.seals[seat].signature.s = mirror(good.seals[seat].signature.s)
            #expect(try refusal(of: mirrored) == .badSignature(good.seals[seat].validator))
        }
    }

    /// n − s: the other s that the curve's equation takes (FIPS 186-5; n of P-256 from SP 800-186).
    private func mirror(_ s: Hash32) -> Hash32 {
        let order = UInt256(
            Hash32(
                0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xbce6_faad_a717_9e84, 0xf3b9_cac2_fc63_2551))
        return (order - UInt256(s)).hash
    }

    @Test func `a certificate for another block or height does not cover this one`() throws {
        let certificate = try Sample.certificate(of: 0..<3, in: 4, block: CommitCertificateTests.block)
        try certificate.check(isFor: CommitCertificateTests.block, at: 7)
        #expect(throws: CertificateError.wrongHeight(expected: 8, found: 7)) {
            try certificate.check(isFor: CommitCertificateTests.block, at: 8)
        }
        #expect(throws: CertificateError.wrongBlock(expected: .zero, found: CommitCertificateTests.block)) {
            try certificate.check(isFor: .zero, at: 7)
        }
    }

    /// QBFT.md point 6: proposed again and sealed in a later round, a block keeps its hash.
    @Test func `the block's hash has neither round nor seals in it`() throws {
        var random = SeededRandom(seed: 11)
        var block = try Sample.block(&random)
        var header = block.header
        header.number = 7
        block = Block(header: header, transactions: block.transactions, extension: block.extension)
        for round in UInt64(0)..<3 {
            let certificate = try Sample.certificate(of: 0..<3, in: 4, round: round, block: block.hash)
            let certified = try CertifiedBlock(
                rlp: CertifiedBlock(block: block, certificate: certificate).rlp)
            #expect(certified.block.hash == block.hash)
            try certified.verifySeals(
                committee: Sample.committee(4), chain: Sample.chain, scheme: P256())
        }
    }

    @Test func `a certificate with more seals than a council has members is not decoded`() throws {
        let seal = try Sample.certificate(of: [0], in: 1, block: CommitCertificateTests.block).seals[0]
        let full = CommitCertificate(
            height: 1, round: 0, block: .zero, seals: [Seal](repeating: seal, count: Council.memberMax))
        #expect(try CommitCertificate(rlp: full.rlp) == full)
        var over = full
        over.seals.append(seal)
        let bytes = over.rlp
        #expect(throws: RLPError.self) { try CommitCertificate(rlp: bytes) }
    }

    @Test func `the seals are votes that stand for themselves`() throws {
        let certificate = try Sample.certificate(of: 0..<3, in: 4, block: CommitCertificateTests.block)
        for signed in certificate.votes {
            _ = try Verified(
                checking: signed, committee: Sample.committee(4), chain: Sample.chain, scheme: P256())
        }
        #expect(certificate.signers == certificate.votes.map(\.validator))
    }
}

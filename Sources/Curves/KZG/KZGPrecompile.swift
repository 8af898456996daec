public import Primitives

/// The precompiled contract 0x0a: whether a polynomial, known by its KZG commitment, has the value y at z (EIP-4844).
public enum KZGPrecompile {
    public static let gas: Gas = 50_000
    /// The versioned hash, z, y, the commitment and the proof.
    public static let inputBytes = 192
    /// Where the commitment lies in the input.
    public static let commitmentRange = 96..<144

    /// The number of field elements in a blob and the order of the field, a word each: what a good proof returns.
    public static var output: Bytes {
        UInt256(4096).bigEndianBytes + BLS12.order.bigEndianBytes
    }

    /// Checks the proof in `input`. The versioned hash, its first 32 bytes, is the caller's to compare with the
    /// commitment's SHA-256.
    ///
    /// - Throws: What is wrong with the input; `.proofRefused` where it is well formed but shows nothing.
    public static func evaluatePoint(_ input: Bytes) throws(CurveError) {
        guard input.count == inputBytes else {
            throw .wrongByteCount(expected: inputBytes, found: input.count)
        }
        let z = try scalar(of: input, at: 32)
        let y = try scalar(of: input, at: 64)
        let commitment = try AffinePoint<G1<BLS12>>(compressed: input[...], at: 96)
        let proof = try AffinePoint<G1<BLS12>>(compressed: input[...], at: 144)
        guard commitment.shows(value: y, at: z, by: proof) else { throw .proofRefused }
    }

    private static func scalar(of input: Bytes, at start: Int) throws(CurveError) -> UInt256 {
        let scalar = UInt256(bigEndian: input[start..<(start + 32)])
        guard scalar < BLS12.order else { throw .scalarTooLarge(at: start) }
        return scalar
    }
}

extension AffinePoint<G1<BLS12>> {
    /// Whether the polynomial committed to has the value `y` at `z`.
    ///
    /// The proof π commits to the quotient q in p(X) - y = q(X)·(X - z). At the setup's secret τ that reads
    /// e(C - y·G1 + z·π, -G2)·e(π, τ·G2) = 1, whose points of the second group are always the same.
    func shows(value y: UInt256, at z: UInt256, by proof: AffinePoint) -> Bool {
        let difference = JacobianPoint.sum(
            of: BLS12.generator.negated.scaled(by: y) + proof.scaled(by: z)
        ).adding(self).affine
        var terms: [(point: AffinePoint, lines: PreparedLines<BLS12>)] = []
        if !difference.isInfinity { terms.append((difference, KZGSetup.negatedGenerator)) }
        if !proof.isInfinity { terms.append((proof, KZGSetup.tau)) }
        return BLS12.finalExponentiation(BLS12.millerLoop(&terms)) == .one
    }
}

/// What proofs are checked against.
enum KZGSetup {
    /// The secret of Ethereum's trusted setup times the generator of the second group: the second of the points
    /// "g2_monomial" in trusted_setup_4096.json of the consensus specifications, from the KZG ceremony of 2023.
    static let tauPoint = AffinePoint<G2<BLS12>>(
        Fp2(
            0x185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2,
            0x15bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72),
        Fp2(
            0x014353bdb96b626dd7d5ee8599d1fca2131569490e28de18e82451a496a9c9794ce26d105941f383ee689bfbbb832a99,
            0x1666c54b0a32529503432fcae0181b4bef79de09fc63671fda5ed1ba9bfa07899495346f3d7ac9cd23048ef30d0a154f))

    static let tau = PreparedLines(tauPoint)
    static let negatedGenerator = PreparedLines(BLS12.twistGenerator.negated)
}

extension BLS12 {
    // The standard's generators: the points of least x, times the cofactors. Every commitment refers to them.
    static let generator = AffinePoint<G1<BLS12>>(
        0x17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb,
        0x08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1)

    static let twistGenerator = AffinePoint<G2<BLS12>>(
        Fp2(
            0x024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8,
            0x13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e),
        Fp2(
            0x0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801,
            0x0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be))
}

public import Primitives

/// The precompiled contracts 0x0b to 0x11: BLS12-381's additions, sums of multiples, pairing check and maps of field
/// elements to points (EIP-2537).
///
/// A coordinate is 64 bytes, the most significant first, of which the first 16 are zero, below the prime; so a point
/// is 128 bytes and one of the twist 256. The point at infinity is all zeros.
public enum BLS12Precompile {
    private static let g1Bytes = 128
    private static let g2Bytes = 256
    private static let scalarBytes = 32

    /// The sum of two points of the curve, which need not be in the subgroup.
    public static func g1Add(_ input: Bytes) throws(CurveError) -> Bytes {
        try checkCount(input, 2 * g1Bytes)
        let first = try AffinePoint<G1<BLS12>>(padded: input[...], at: 0)
        return first.adding(try AffinePoint(padded: input[...], at: g1Bytes)).padded
    }

    /// The sum of two points of the twist, which need not be in the subgroup.
    public static func g2Add(_ input: Bytes) throws(CurveError) -> Bytes {
        try checkCount(input, 2 * g2Bytes)
        let first = try AffinePoint<G2<BLS12>>(padded: input[...], at: 0)
        return first.adding(try AffinePoint(padded: input[...], at: g2Bytes)).padded
    }

    /// The sum of points of the first group, each followed by its scalar of 32 bytes. At least one is needed.
    public static func g1MSM(_ input: Bytes) throws(CurveError) -> Bytes {
        let size = g1Bytes + scalarBytes
        try checkGroups(input, of: size)
        var terms: [ScaledPoint<G1<BLS12>>] = []
        terms.reserveCapacity(2 * input.count / size)
        for start in stride(from: 0, to: input.count, by: size) {
            let point = try AffinePoint<G1<BLS12>>(memberOf: input[...], at: start)
            terms += point.scaled(by: scalar(of: input, at: start + g1Bytes))
        }
        return JacobianPoint.sum(of: terms).affine.padded
    }

    /// The sum of points of the second group, each followed by its scalar of 32 bytes. At least one is needed.
    public static func g2MSM(_ input: Bytes) throws(CurveError) -> Bytes {
        let size = g2Bytes + scalarBytes
        try checkGroups(input, of: size)
        var terms: [ScaledPoint<G2<BLS12>>] = []
        terms.reserveCapacity(4 * input.count / size)
        for start in stride(from: 0, to: input.count, by: size) {
            let point = try AffinePoint<G2<BLS12>>(memberOf: input[...], at: start)
            terms += point.scaled(by: scalar(of: input, at: start + g2Bytes))
        }
        return JacobianPoint.sum(of: terms).affine.padded
    }

    /// The word 1 if the product of the pairings of all pairs is 1, else the word 0. A pair is a point of the first
    /// group and one of the second; at least one is needed.
    public static func pairing(_ input: Bytes) throws(CurveError) -> Bytes {
        let size = g1Bytes + g2Bytes
        try checkGroups(input, of: size)
        var pairs: [(AffinePoint<G1<BLS12>>, AffinePoint<G2<BLS12>>)] = []
        for start in stride(from: 0, to: input.count, by: size) {
            let first = try AffinePoint<G1<BLS12>>(memberOf: input[...], at: start)
            pairs.append((first, try AffinePoint(memberOf: input[...], at: start + g1Bytes)))
        }
        return UInt256(BLS12.isPairingProductOne(pairs) ? 1 : 0).bigEndianBytes
    }

    /// The point of the first group that belongs to an element of Fp.
    public static func mapFpToG1(_ input: Bytes) throws(CurveError) -> Bytes {
        try checkCount(input, Fp<BLS12>.paddedBytes)
        return BLS12.mapToG1(try Fp(padded: input[...], at: 0)).affine.padded
    }

    /// The point of the second group that belongs to an element of Fp2, its real part first.
    public static func mapFp2ToG2(_ input: Bytes) throws(CurveError) -> Bytes {
        try checkCount(input, 2 * Fp<BLS12>.paddedBytes)
        return BLS12.mapToG2(try Fp2(padded: input[...], at: 0)).affine.padded
    }

    private static func checkCount(_ input: Bytes, _ count: Int) throws(CurveError) {
        guard input.count == count else { throw .wrongByteCount(expected: count, found: input.count) }
    }

    private static func checkGroups(_ input: Bytes, of size: Int) throws(CurveError) {
        guard !input.isEmpty, input.count.isMultiple(of: size) else {
            throw .notWholeGroups(of: size, found: input.count)
        }
    }

    private static func scalar(of input: Bytes, at start: Int) -> UInt256 {
        UInt256(bigEndian: input[start..<(start + scalarBytes)])
    }
}

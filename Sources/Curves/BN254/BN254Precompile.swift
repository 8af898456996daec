public import Primitives

/// The precompiled contracts 0x06, 0x07 and 0x08: alt_bn128's addition and multiplication (EIP-196) and pairing
/// check (EIP-197).
///
/// A coordinate is 32 bytes, the most significant first, below the prime. The point at infinity is all zeros. Of an
/// element of Fp2 the imaginary part comes first.
public enum BN254Precompile {
    /// EIP-1108.
    public static let addGas: Gas = 150
    /// EIP-1108.
    public static let multiplyGas: Gas = 6000

    /// EIP-1108: for `byteCount` bytes of input; a part of a pair, which is refused, costs nothing.
    public static func pairingGas(byteCount: Int) -> Gas {
        45_000 + 34_000 * Gas(byteCount / pairBytes)
    }

    private static let pointBytes = 64
    private static let pairBytes = 192

    /// The sum of two points of 64 bytes each. Missing bytes are zeros, further ones are ignored.
    public static func add(_ input: Bytes) throws(CurveError) -> Bytes {
        let input = padded(input, to: 2 * pointBytes)
        let sum = try point(of: input, at: 0).adding(point(of: input, at: pointBytes))
        return encoded(sum)
    }

    /// A point of 64 bytes times a scalar of 32. Missing bytes are zeros, further ones are ignored.
    public static func multiply(_ input: Bytes) throws(CurveError) -> Bytes {
        let input = padded(input, to: pointBytes + 32)
        let scalar = UInt256(bigEndian: input[pointBytes...])
        return encoded(BN254.multiply(try point(of: input, at: 0), by: scalar).affine)
    }

    /// The word 1 if the product of the pairings of all pairs is 1, else the word 0. A pair is a point of 64 bytes
    /// and one of the twist of 128; the product of none is 1.
    public static func pairing(_ input: Bytes) throws(CurveError) -> Bytes {
        guard input.count.isMultiple(of: pairBytes) else {
            throw .notWholeGroups(of: pairBytes, found: input.count)
        }
        var pairs: [(AffinePoint<G1<BN254>>, AffinePoint<G2<BN254>>)] = []
        for start in stride(from: 0, to: input.count, by: pairBytes) {
            try pairs.append((point(of: input[...], at: start), twistPoint(of: input[...], at: start + pointBytes)))
        }
        return UInt256(BN254.isPairingProductOne(pairs) ? 1 : 0).bigEndianBytes
    }

    private static func padded(_ input: Bytes, to count: Int) -> ArraySlice<UInt8> {
        input.count >= count ? input[..<count] : (input + Bytes(repeating: 0, count: count - input.count))[...]
    }

    private static func point(
        of input: ArraySlice<UInt8>, at start: Int
    ) throws(CurveError) -> AffinePoint<G1<BN254>> {
        let point = AffinePoint<G1<BN254>>(
            try coordinate(of: input, at: start), try coordinate(of: input, at: start + 32))
        guard point.isOnCurve else { throw .notOnCurve(at: start) }
        return point
    }

    private static func twistPoint(
        of input: ArraySlice<UInt8>, at start: Int
    ) throws(CurveError) -> AffinePoint<G2<BN254>> {
        let x = Fp2(try coordinate(of: input, at: start + 32), try coordinate(of: input, at: start))
        let y = Fp2(try coordinate(of: input, at: start + 96), try coordinate(of: input, at: start + 64))
        let point = AffinePoint<G2<BN254>>(x, y)
        guard point.isOnCurve else { throw .notOnCurve(at: start) }
        guard point.isInSubgroup else { throw .notInSubgroup(at: start) }
        return point
    }

    private static func coordinate(of input: ArraySlice<UInt8>, at start: Int) throws(CurveError) -> Fp<BN254> {
        guard let coordinate = Fp<BN254>(FourLimbs(bigEndian: input, at: start)) else {
            throw .coordinateTooLarge(at: start)
        }
        return coordinate
    }

    private static func encoded(_ point: AffinePoint<G1<BN254>>) -> Bytes {
        point.x.number.bigEndianBytes + point.y.number.bigEndianBytes
    }
}

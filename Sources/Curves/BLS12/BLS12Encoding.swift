import Primitives

// EIP-2537: a coordinate is 64 bytes of which the first 16 are zero, below the prime. The point at infinity is all
// zeros. Of an element of Fp2 the real part comes first.

extension Fp<BLS12> {
    static let paddedBytes = 64
    static let paddingBytes = 16

    init(padded input: ArraySlice<UInt8>, at start: Int) throws(CurveError) {
        for position in start..<(start + Self.paddingBytes) where input[position] != 0 {
            throw .paddingNotZero(at: position)
        }
        guard let element = Fp(SixLimbs(bigEndian: input, at: start + Self.paddingBytes)) else {
            throw .coordinateTooLarge(at: start)
        }
        self = element
    }

    var padded: Bytes { Bytes(repeating: 0, count: Self.paddingBytes) + number.bigEndianBytes }
}

extension Fp2<BLS12> {
    init(padded input: ArraySlice<UInt8>, at start: Int) throws(CurveError) {
        self.init(
            try Fp(padded: input, at: start), try Fp(padded: input, at: start + Fp<BLS12>.paddedBytes))
    }

    var padded: Bytes { c0.padded + c1.padded }
}

extension AffinePoint<G1<BLS12>> {
    static let paddedBytes = 128

    /// The point, on the curve, that is written from `start`.
    init(padded input: ArraySlice<UInt8>, at start: Int) throws(CurveError) {
        self.init(try Fp(padded: input, at: start), try Fp(padded: input, at: start + 64))
        guard isOnCurve else { throw .notOnCurve(at: start) }
    }

    /// The point, in the subgroup, that is written from `start`.
    init(memberOf input: ArraySlice<UInt8>, at start: Int) throws(CurveError) {
        try self.init(padded: input, at: start)
        guard isInSubgroup else { throw .notInSubgroup(at: start) }
    }

    var padded: Bytes { x.padded + y.padded }
}

extension AffinePoint<G2<BLS12>> {
    static let paddedBytes = 256

    /// The point, on the twist, that is written from `start`.
    init(padded input: ArraySlice<UInt8>, at start: Int) throws(CurveError) {
        self.init(try Fp2(padded: input, at: start), try Fp2(padded: input, at: start + 128))
        guard isOnCurve else { throw .notOnCurve(at: start) }
    }

    /// The point, in the subgroup, that is written from `start`.
    init(memberOf input: ArraySlice<UInt8>, at start: Int) throws(CurveError) {
        try self.init(padded: input, at: start)
        guard isInSubgroup else { throw .notInSubgroup(at: start) }
    }

    var padded: Bytes { x.padded + y.padded }
}

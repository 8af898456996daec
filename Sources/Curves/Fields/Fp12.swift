/// `c0 + c1·w` with w² = v: the field where pairings take their values.
struct Fp12<Curve: PairingCurve>: Equatable, Sendable, BitwiseCopyable {
    var c0, c1: Fp6<Curve>

    @inline(__always)
    init(_ c0: Fp6<Curve>, _ c1: Fp6<Curve>) {
        (self.c0, self.c1) = (c0, c1)
    }

    @inline(__always) static var one: Fp12 { Fp12(.one, .zero) }

    @inline(never)
    static func * (left: Fp12, right: Fp12) -> Fp12 {
        let p0 = left.c0 * right.c0
        let p1 = left.c1 * right.c1
        return Fp12(p0 + p1.timesV, (left.c0 + left.c1) * (right.c0 + right.c1) - p0 - p1)
    }

    var squared: Fp12 {
        let product = c0 * c1
        return Fp12((c0 + c1) * (c0 + c1.timesV) - product - product.timesV, product.doubled)
    }

    /// The conjugate over Fp6, which is the power p⁶, and for a cyclotomic element the inverse.
    @inline(__always) var conjugate: Fp12 { Fp12(c0, -c1) }

    var inverse: Fp12 {
        let norm = (c0 * c0 - (c1 * c1).timesV).inverse
        return Fp12(c0 * norm, -(c1 * norm))
    }

    /// The product with `a + b·w + c·w³`: a line of a curve whose twist divides by ξ.
    @inline(never)
    func timesLine(_ a: Fp2<Curve>, w b: Fp2<Curve>, w3 c: Fp2<Curve>) -> Fp12 {
        let p0 = c0.times(a)
        let p1 = c1.times(b, c)
        return Fp12(p0 + p1.timesV, (c0 + c1).times(a + b, c) - p0 - p1)
    }

    /// The product with `a + b·w² + c·w³`: a line of a curve whose twist multiplies by ξ.
    @inline(never)
    func timesLine(_ a: Fp2<Curve>, w2 b: Fp2<Curve>, w3 c: Fp2<Curve>) -> Fp12 {
        let p0 = c0.times(a, b)
        let p1 = c1.times(c).timesV
        return Fp12(p0 + p1.timesV, (c0 + c1).times(a, b + c) - p0 - p1)
    }

    /// The power p: conjugates every coefficient and multiplies it by its power of w to the p - 1.
    var frobenius: Fp12 {
        let gamma = Curve.frobenius
        return Fp12(
            Fp6(c0.c0.conjugate, c0.c1.conjugate * gamma.two, c0.c2.conjugate * gamma.four),
            Fp6(c1.c0.conjugate * gamma.one, c1.c1.conjugate * gamma.three, c1.c2.conjugate * gamma.five))
    }

    /// The power p².
    var frobeniusSquared: Fp12 {
        let gamma = Curve.frobenius
        return Fp12(
            Fp6(c0.c0, c0.c1 * gamma.twoNorm, c0.c2 * gamma.fourNorm),
            Fp6(c1.c0 * gamma.oneNorm, c1.c1 * gamma.threeNorm, c1.c2 * gamma.fiveNorm))
    }
}

// The cyclotomic subgroup, of order p⁴ - p² + 1.
extension Fp12 {
    /// The square of a cyclotomic element (Granger and Scott, "Faster squaring in the cyclotomic subgroup of sixth
    /// degree extensions", 2010): three squares in Fp4 = Fp2[w³].
    @inline(never)
    var cyclotomicSquared: Fp12 {
        let (a0, a1) = Self.squareOverFp4(c0.c0, c1.c1)
        let (b0, b1) = Self.squareOverFp4(c1.c0, c0.c2)
        let (d0, d1) = Self.squareOverFp4(c0.c1, c1.c2)
        let turned = d1.timesXi
        return Fp12(
            Fp6((a0 - c0.c0).doubled + a0, (b0 - c0.c1).doubled + b0, (d0 - c0.c2).doubled + d0),
            Fp6((turned + c1.c0).doubled + turned, (a1 + c1.c1).doubled + a1, (b1 + c1.c2).doubled + b1))
    }

    /// The square of `a + b·s` with s² = ξ.
    @inline(__always)
    private static func squareOverFp4(_ a: Fp2<Curve>, _ b: Fp2<Curve>) -> (Fp2<Curve>, Fp2<Curve>) {
        let aSquare = a.squared
        let bSquare = b.squared
        return (aSquare + bSquare.timesXi, (a + b).squared - aSquare - bSquare)
    }

    /// The power `exponent` of a cyclotomic element, by signed digits: the inverse is the conjugate.
    func cyclotomicPower(_ exponent: UInt64) -> Fp12 {
        let inverse = conjugate
        var result = Fp12.one
        for digit in sparseDigits(of: UInt128(exponent)).reversed() {
            result = result.cyclotomicSquared
            if digit > 0 { result = result * self }
            if digit < 0 { result = result * inverse }
        }
        return result
    }

    /// The power (p⁶ - 1)·(p² + 1), which is cyclotomic.
    var cyclotomic: Fp12 {
        let power = conjugate * inverse
        return power.frobeniusSquared * power
    }
}

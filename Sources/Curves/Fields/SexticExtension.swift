/// `c0 + c1·v + c2·v²` with v³ = ξ.
struct Fp6<Curve: PairingCurve>: Equatable, Sendable, BitwiseCopyable {
    var c0, c1, c2: Fp2<Curve>

    @inline(__always)
    init(_ c0: Fp2<Curve>, _ c1: Fp2<Curve>, _ c2: Fp2<Curve>) {
        (self.c0, self.c1, self.c2) = (c0, c1, c2)
    }

    @inline(__always) static var zero: Fp6 { Fp6(.zero, .zero, .zero) }
    @inline(__always) static var one: Fp6 { Fp6(.one, .zero, .zero) }

    @inline(__always)
    static func + (left: Fp6, right: Fp6) -> Fp6 {
        Fp6(left.c0 + right.c0, left.c1 + right.c1, left.c2 + right.c2)
    }

    @inline(__always)
    static func - (left: Fp6, right: Fp6) -> Fp6 {
        Fp6(left.c0 - right.c0, left.c1 - right.c1, left.c2 - right.c2)
    }

    @inline(__always)
    static prefix func - (value: Fp6) -> Fp6 { Fp6(-value.c0, -value.c1, -value.c2) }

    @inline(__always) var doubled: Fp6 { Fp6(c0.doubled, c1.doubled, c2.doubled) }

    /// The product with v.
    @inline(__always) var timesV: Fp6 { Fp6(c2.timesXi, c0, c1) }

    /// Karatsuba's product: six products of coefficients.
    @inline(never)
    static func * (left: Fp6, right: Fp6) -> Fp6 {
        let p0 = left.c0 * right.c0
        let p1 = left.c1 * right.c1
        let p2 = left.c2 * right.c2
        let s12 = (left.c1 + left.c2) * (right.c1 + right.c2) - p1 - p2
        let s01 = (left.c0 + left.c1) * (right.c0 + right.c1) - p0 - p1
        let s02 = (left.c0 + left.c2) * (right.c0 + right.c2) - p0 - p2
        return Fp6(p0 + s12.timesXi, s01 + p2.timesXi, s02 + p1)
    }

    /// The product with `b0 + b1·v`.
    @inline(never)
    func times(_ b0: Fp2<Curve>, _ b1: Fp2<Curve>) -> Fp6 {
        let p0 = c0 * b0
        let p1 = c1 * b1
        return Fp6(p0 + (c2 * b1).timesXi, (c0 + c1) * (b0 + b1) - p0 - p1, c2 * b0 + p1)
    }

    /// The product with `b0`.
    @inline(__always)
    func times(_ b0: Fp2<Curve>) -> Fp6 {
        Fp6(c0 * b0, c1 * b0, c2 * b0)
    }

    var inverse: Fp6 {
        // The product of the two other conjugates over Fp2 has these coefficients.
        let t0 = c0.squared - (c1 * c2).timesXi
        let t1 = c2.squared.timesXi - c0 * c1
        let t2 = c1.squared - c0 * c2
        let norm = c0 * t0 + (c2 * t1 + c1 * t2).timesXi
        return Fp6(t0, t1, t2).times(norm.inverse)
    }
}

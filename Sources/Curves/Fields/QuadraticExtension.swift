/// `c0 + c1·u` with u² = -1: the field of the second group's coordinates.
struct Fp2<Curve: PairingCurve>: SquareRootField {
    var c0, c1: Fp<Curve>

    @inline(__always)
    init(_ c0: Fp<Curve>, _ c1: Fp<Curve>) {
        (self.c0, self.c1) = (c0, c1)
    }

    @inline(__always) static var zero: Fp2 { Fp2(.zero, .zero) }
    @inline(__always) static var one: Fp2 { Fp2(.one, .zero) }
    @inline(__always) var isZero: Bool { c0.isZero && c1.isZero }

    @inline(__always)
    static func + (left: Fp2, right: Fp2) -> Fp2 { Fp2(left.c0 + right.c0, left.c1 + right.c1) }

    @inline(__always)
    static func - (left: Fp2, right: Fp2) -> Fp2 { Fp2(left.c0 - right.c0, left.c1 - right.c1) }

    @inline(__always)
    static prefix func - (value: Fp2) -> Fp2 { Fp2(-value.c0, -value.c1) }

    @inline(__always) var doubled: Fp2 { Fp2(c0.doubled, c1.doubled) }
    @inline(__always) var tripled: Fp2 { doubled + self }
    @inline(__always) var halved: Fp2 { Fp2(c0.halved, c1.halved) }

    /// Karatsuba's product: three products of coefficients and two reductions.
    @inline(never)
    static func * (left: Fp2, right: Fp2) -> Fp2 {
        let p0 = left.c0.wideProduct(right.c0)
        let p1 = left.c1.wideProduct(right.c1)
        let both = Fp.wideProduct(left.c0, plus: left.c1, right.c0, plus: right.c1)
        return Fp2(Fp(reducing: p0 - p1), Fp(reducing: both - (p0 + p1)))
    }

    @inline(__always)
    static func * (left: Fp2, right: Fp<Curve>) -> Fp2 { Fp2(left.c0 * right, left.c1 * right) }

    @inline(__always) var squared: Fp2 { Fp2((c0 + c1) * (c0 - c1), (c0 * c1).doubled) }

    /// The conjugate, which is also the power p.
    @inline(__always) var conjugate: Fp2 { Fp2(c0, -c1) }

    /// The product with the conjugate, an element of the base field.
    @inline(__always) var norm: Fp<Curve> { c0.squared + c1.squared }

    /// The product with ξ, of which the tower takes the cube root.
    @inline(__always) var timesXi: Fp2 { Curve.timesXi(self) }

    var inverse: Fp2 { conjugate * norm.inverse }

    /// A square root, or nil where there is none.
    ///
    /// The root a + b·u of c0 + c1·u has a² = (c0 ± √norm)/2 and b = c1/(2a); one of the signs gives a square
    /// (or -a² is one, when c1 = 0 and the root is purely imaginary).
    var squareRoot: Fp2? {
        if c1.isZero {
            if let root = c0.squareRoot { return Fp2(root, .zero) }
            return (-c0).squareRoot.map { Fp2(.zero, $0) }
        }
        guard let length = norm.squareRoot else { return nil }
        guard let a = (c0 + length).halved.squareRoot ?? (c0 - length).halved.squareRoot else { return nil }
        return Fp2(a, c1 * a.doubled.inverse)
    }

    /// The sign of RFC 9380, section 4.1: the parity of the first coefficient that is not zero.
    var isOdd: Bool { c0.isZero ? c1.isOdd : c0.isOdd }
}

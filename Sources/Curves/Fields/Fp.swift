/// An element of the base field of `Curve`, in Montgomery form.
struct Fp<Curve: PairingCurve>: SquareRootField {
    /// The element times 2^(64·count), below the modulus.
    private var limbs: Curve.Limbs

    @inline(__always)
    private init(montgomery limbs: Curve.Limbs) {
        self.limbs = limbs
    }

    /// The element `number`, or nil if that is not below the modulus.
    @inline(__always)
    init?(_ number: Curve.Limbs) {
        guard number < Curve.modulus else { return nil }
        self.init(montgomery: number)
        self = self * Fp(montgomery: Curve.radixSquared)
    }

    /// The number below the modulus that stands for the element.
    @inline(__always)
    var number: Curve.Limbs {
        (self * Fp(montgomery: Curve.Limbs(low: 1))).limbs
    }

    @inline(__always) static var zero: Fp { Fp(montgomery: .zero) }
    @inline(__always) static var one: Fp { Fp(montgomery: Curve.radix) }
    @inline(__always) var isZero: Bool { limbs.isZero }

    @inline(__always)
    static func + (left: Fp, right: Fp) -> Fp {
        let sum = left.limbs &+ right.limbs
        let (reduced, borrow) = sum.subtracting(Curve.modulus)
        return Fp(montgomery: sum.selected(if: borrow, else: reduced))
    }

    @inline(__always)
    static func - (left: Fp, right: Fp) -> Fp {
        let (difference, borrow) = left.limbs.subtracting(right.limbs)
        return Fp(montgomery: difference &+ Curve.modulus.selected(if: borrow, else: .zero))
    }

    @inline(__always)
    static prefix func - (value: Fp) -> Fp {
        .zero - value
    }

    @inline(__always) var doubled: Fp { self + self }

    /// Half the element: an odd representative is made even by the modulus, which is odd.
    @inline(__always)
    var halved: Fp {
        let even = limbs &+ Curve.modulus.selected(if: limbs[0] & 1 == 1, else: .zero)
        return Fp(montgomery: even.halved(top: 0))
    }

    // A call costs a tenth of the product; without it the point formulas would not fit the instruction cache.
    @inline(never)
    static func * (left: Fp, right: Fp) -> Fp {
        Fp(
            montgomery: .montgomeryProduct(
                left.limbs, right.limbs, modulus: Curve.modulus, inverse: Curve.negatedInverse))
    }

    @inline(__always) var squared: Fp { self * self }

    /// The product before its reduction.
    @inline(__always)
    func wideProduct(_ other: Fp) -> WideProduct<Curve> {
        WideProduct(limbs, other.limbs)
    }

    /// The product of `a + b` and `c + d` before its reduction. The sums fit the limbs, and the product of twice the
    /// modulus with itself fits twice their width.
    @inline(__always)
    static func wideProduct(_ a: Fp, plus b: Fp, _ c: Fp, plus d: Fp) -> WideProduct<Curve> {
        WideProduct(a.limbs &+ b.limbs, c.limbs &+ d.limbs)
    }

    @inline(__always)
    init(reducing product: WideProduct<Curve>) {
        limbs = product.reduced
    }

    var inverse: Fp {
        // The inverse of a·R is taken times R², which leaves a⁻¹·R.
        Fp(
            montgomery: limbs.inverted(
                times: Curve.radixSquared, modulus: Curve.modulus, inverse: Curve.negatedInverse))
    }

    /// A square root, or nil where there is none. For a modulus of 3 mod 4.
    var squareRoot: Fp? {
        let root = power((Curve.modulus &+ Curve.Limbs(low: 1)).divided(by: 4))
        return root.squared == self ? root : nil
    }

    /// Whether `number` is odd: the sign of RFC 9380, section 4.1.
    var isOdd: Bool { number[0] & 1 == 1 }
}

extension Fp: ExpressibleByIntegerLiteral {
    /// The value of a literal of the program, which must be below the modulus.
    init(integerLiteral literal: StaticBigInt) {
        let number = Curve.Limbs(literal: literal)
        precondition(number < Curve.modulus, "a literal beyond the modulus")
        self = Fp(montgomery: number) * Fp(montgomery: Curve.radixSquared)
    }
}

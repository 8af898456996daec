import Primitives

/// The curve BLS12-381 of EIP-2537 and EIP-4844: y² = x³ + 4, of Barreto, Lynn and Scott's family with
/// x = -0xd201000000010000, and its twist y² = x³ + 4ξ over Fp2 with ξ = 1 + u.
///
/// Every constant here is a function of x; the tests compute them anew.
enum BLS12: PairingCurve {
    typealias Limbs = SixLimbs

    /// The x of the family without its sign, which is negative.
    static var parameter: UInt64 { 0xd201_0000_0001_0000 }

    /// (x - 1)²·(x⁴ - x² + 1)/3 + x.
    @inline(__always)
    static var modulus: SixLimbs {
        SixLimbs(
            0xb9fe_ffff_ffff_aaab, 0x1eab_fffe_b153_ffff, 0x6730_d2a0_f6b0_f624,
            0x6477_4b84_f385_12bf, 0x4b1b_a7b6_434b_acd7, 0x1a01_11ea_397f_e69a)
    }

    @inline(__always) static var negatedInverse: UInt64 { 0x89f3_fffc_fffc_fffd }

    @inline(__always)
    static var radix: SixLimbs {
        SixLimbs(
            0x7609_0000_0002_fffd, 0xebf4_000b_c40c_0002, 0x5f48_9857_53c7_58ba,
            0x77ce_5853_7052_5745, 0x5c07_1a97_a256_ec6d, 0x15f6_5ec3_fa80_e493)
    }

    @inline(__always)
    static var radixSquared: SixLimbs {
        SixLimbs(
            0xf4df_1f34_1c34_1746, 0x0a76_e6a6_09d1_04f1, 0x8de5_476c_4c95_b6d5,
            0x67eb_88a9_939d_83c0, 0x9a79_3e85_b519_952d, 0x1198_8fe5_92ca_e3aa)
    }

    /// x⁴ - x² + 1, the order of both groups.
    static var order: UInt256 {
        UInt256(limbs: 0xffff_ffff_0000_0001, 0x53bd_a402_fffe_5bfe, 0x3339_d808_09a1_d805, 0x73ed_a753_299d_7d48)
    }

    /// a + a·u, where u turns c0 + c1·u into -c1 + c0·u.
    @inline(__always)
    static func timesXi(_ a: Fp2<BLS12>) -> Fp2<BLS12> {
        Fp2(a.c0 - a.c1, a.c0 + a.c1)
    }

    static let frobenius = FrobeniusCoefficients<BLS12>()

    static let g1Coefficient: Fp<BLS12> = 4
    /// The twist multiplies by ξ.
    static let g2Coefficient = Fp2<BLS12>(4, 4)

    // The untwisting map is (x/w², y/w³).
    static let twistFrobenius = (x: frobenius.two.inverse, y: frobenius.three.inverse)

    static var loopLength: UInt128 { UInt128(parameter) }
    static var isLoopNegative: Bool { true }
    static var finalSteps: [MillerStep] { [] }

    @inline(__always)
    static func multiply(
        _ value: Fp12<BLS12>, by line: Line<BLS12>, at point: AffinePoint<G1<BLS12>>
    ) -> Fp12<BLS12> {
        value.timesLine(line.constant, w2: line.x * point.x, w3: line.y * point.y)
    }

    /// The power `3·(p¹² - 1)/r`, whose part after the cyclotomic one is (x - 1)²·(x + p)·(x² + p² - 1) + 3
    /// (Hayashida, Hayasaka and Teruya, "Efficient final exponentiation via cyclotomic structure for pairings over
    /// families of elliptic curves", 2020).
    static func finalExponentiation(_ value: Fp12<BLS12>) -> Fp12<BLS12> {
        let f = value.cyclotomic
        let f1 = power(f) * f.conjugate
        let f2 = power(f1) * f1.conjugate
        let f3 = power(f2) * f2.frobenius
        let f4 = power(power(f3)) * f3.frobeniusSquared * f3.conjugate
        return f4 * f.cyclotomicSquared * f
    }

    /// The power x of a cyclotomic element.
    private static func power(_ value: Fp12<BLS12>) -> Fp12<BLS12> {
        value.cyclotomicPower(parameter).conjugate
    }
}

// The subgroups of order r, on which endomorphisms are multiplications by powers of x.
extension BLS12 {
    /// The cube root of one for which (x, y) → (βx, y) multiplies the first group by -x².
    static let beta: Fp<BLS12> = 0x5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe

    /// The digits of `scalar` modulo r to the base |x|, the lowest first. All are below the base, since r < x⁴.
    static func digits(of scalar: UInt256) -> [UInt64] {
        var rest = scalar % order
        return (0..<4).map { _ in
            let (quotient, digit) = rest.quotientAndRemainder(dividingByLimb: parameter)
            rest = quotient
            return digit
        }
    }
}

extension AffinePoint<G1<BLS12>> {
    /// Whether the point, which is on the curve, has order r: whether the endomorphism multiplies it by -x² (Scott,
    /// "A note on group membership tests for G1, G2 and GT on BLS pairing-friendly curves", 2021).
    var isInSubgroup: Bool {
        let multiple = JacobianPoint(self).multiplied(by: BLS12.parameter).multiplied(by: BLS12.parameter)
        return multiple.negated == JacobianPoint(endomorphism)
    }

    /// The point times -x², if it is in the subgroup.
    var endomorphism: AffinePoint { AffinePoint(BLS12.beta * x, y) }

    /// The point of the subgroup times `scalar`, in parts with scalars of 128 bits.
    func scaled(by scalar: UInt256) -> [ScaledPoint<G1<BLS12>>] {
        let digits = BLS12.digits(of: scalar)
        // At most |x|² - 1.
        let combined = { (low: Int) in UInt128(digits[low + 1]) * UInt128(BLS12.parameter) + UInt128(digits[low]) }
        return [
            ScaledPoint(point: self, scalar: combined(0)),
            ScaledPoint(point: endomorphism.negated, scalar: combined(2)),
        ]
    }
}

extension AffinePoint<G2<BLS12>> {
    /// Whether the point, which is on the twist, has order r: whether the Frobenius map multiplies it by x (Scott,
    /// as above).
    var isInSubgroup: Bool {
        JacobianPoint(self).multiplied(by: BLS12.parameter).negated == JacobianPoint(BLS12.frobenius(self))
    }

    /// The point of the subgroup times `scalar`, in parts with scalars of 64 bits.
    func scaled(by scalar: UInt256) -> [ScaledPoint<G2<BLS12>>] {
        var image = self
        return BLS12.digits(of: scalar).map { digit in
            defer { image = BLS12.frobenius(image).negated }
            return ScaledPoint(point: image, scalar: UInt128(digit))
        }
    }
}

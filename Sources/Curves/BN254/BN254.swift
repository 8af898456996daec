/// The curve alt_bn128 of EIP-196 and EIP-197: y² = x³ + 3, of Barreto and Naehrig's family with
/// x = 4965661367192848881, and its twist y² = x³ + 3/ξ over Fp2 with ξ = 9 + u.
///
/// Every constant here is a function of x; the tests compute them anew.
enum BN254: PairingCurve {
    typealias Limbs = FourLimbs

    /// The x of the family.
    static var parameter: UInt64 { 4_965_661_367_192_848_881 }

    /// 36x⁴ + 36x³ + 24x² + 6x + 1.
    @inline(__always)
    static var modulus: FourLimbs {
        FourLimbs(0x3c20_8c16_d87c_fd47, 0x9781_6a91_6871_ca8d, 0xb850_45b6_8181_585d, 0x3064_4e72_e131_a029)
    }

    @inline(__always) static var negatedInverse: UInt64 { 0x87d2_0782_e486_6389 }

    @inline(__always)
    static var radix: FourLimbs {
        FourLimbs(0xd35d_438d_c58f_0d9d, 0x0a78_eb28_f5c7_0b3d, 0x666e_a36f_7879_462c, 0x0e0a_77c1_9a07_df2f)
    }

    @inline(__always)
    static var radixSquared: FourLimbs {
        FourLimbs(0xf32c_fc5b_538a_fa89, 0xb5e7_1911_d445_01fb, 0x47ab_1eff_0a41_7ff6, 0x06d8_9f71_cab8_351f)
    }

    /// 9·a + a·u, where u turns c0 + c1·u into -c1 + c0·u.
    @inline(__always)
    static func timesXi(_ a: Fp2<BN254>) -> Fp2<BN254> {
        let nine = a.doubled.doubled.doubled + a
        return Fp2(nine.c0 - a.c1, nine.c1 + a.c0)
    }

    static let frobenius = FrobeniusCoefficients<BN254>()

    static let g1Coefficient: Fp<BN254> = 3
    /// The twist divides by ξ.
    static let g2Coefficient: Fp2<BN254> = Fp2(3, 0) * Fp2.one.timesXi.inverse

    // The untwisting map is (x·w², y·w³).
    static var twistFrobenius: (x: Fp2<BN254>, y: Fp2<BN254>) { (frobenius.two, frobenius.three) }

    static var loopLength: UInt128 { 6 * UInt128(parameter) + 2 }
    static var isLoopNegative: Bool { false }
    static var finalSteps: [MillerStep] { [.addFrobenius, .subtractFrobeniusSquared] }

    @inline(__always)
    static func multiply(
        _ value: Fp12<BN254>, by line: Line<BN254>, at point: AffinePoint<G1<BN254>>
    ) -> Fp12<BN254> {
        value.timesLine(line.y * point.y, w: line.x * point.x, w3: line.constant)
    }

    /// The power `2x·(6x² + 3x + 1)·(p¹² - 1)/r` (Fuentes-Castañeda, Knapp and Rodríguez-Henríquez, "Faster hashing
    /// to G2", 2011). With λ0 = 1 + 6x + 12x² + 12x³, λ1 = 4x + 6x² + 12x³, λ2 = 6x + 6x² + 12x³ and
    /// λ3 = -1 + 4x + 6x² + 12x³, the part of the exponent after the cyclotomic one is λ0 + λ1p + λ2p² + λ3p³.
    static func finalExponentiation(_ value: Fp12<BN254>) -> Fp12<BN254> {
        let f = value.cyclotomic
        let fx2 = f.cyclotomicPower(parameter).cyclotomicSquared
        let fx6 = fx2.cyclotomicSquared * fx2
        let fx6x = fx6.cyclotomicPower(parameter)
        let fx12xx = fx6x.cyclotomicSquared.cyclotomicPower(parameter)
        // 6x + 6x² + 12x³, from which each of the four differs by little.
        let lambda2 = fx12xx * fx6x * fx6
        let lambda1 = lambda2 * fx2.conjugate
        let lambda0 = lambda2 * fx6x * f
        let lambda3 = lambda1 * f.conjugate
        return lambda0 * lambda1.frobenius * lambda2.frobeniusSquared * lambda3.frobeniusSquared.frobenius
    }
}

extension AffinePoint<G2<BN254>> {
    /// Whether the point, which is on the twist, has order r.
    ///
    /// With ψ the Frobenius map seen through the twist: (x + 1) + xψ + xψ² = 2xψ³ (Dai, Lin, Zhao and Zhou, "Fast
    /// subgroup membership testings for G1, G2 and GT on pairing-friendly curves", 2022, section 5).
    var isInSubgroup: Bool {
        let multiple = JacobianPoint(self).multiplied(by: BN254.parameter)
        let image = BN254.frobenius(multiple)
        let secondImage = BN254.frobenius(image)
        let sum = multiple.adding(self).adding(image).adding(secondImage)
        return sum == BN254.frobenius(secondImage).doubled
    }
}

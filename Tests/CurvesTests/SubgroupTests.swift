import Fixtures
import Testing

@testable import Curves

/// The fast tests of membership, shown to be right: by the norms of the endomorphisms they use, and on points of all
/// kinds.
@Suite struct SubgroupTests {
    @Test func `only points of order r pass the test of BN254's twist`() {
        // Modulo the order N of all points: a + bψ with ψ² = tψ - p.
        let (x, p, r, n) = (BN254.x, BN254.prime, BN254.groupOrder, BN254.twistOrder)
        let t = p + 1 - r
        let minus = { (value: Natural) in (n - value % n) % n }
        // (x + 1) + xψ + xψ² - 2xψ³, where ψ³ = (t² - p)ψ - tp.
        let a = x + 1 + minus(x * p) + 2 * x * t * p
        let b = x + x * t + minus(2 * x * (t * t + minus(p)))
        #expect(Natural.greatestCommonDivisor((a * a + a * b * t + b * b * p) % n, n) == r)
        // On the subgroup ψ is p.
        #expect((a + b * p) % r == 0)
    }

    @Test(arguments: heavySeeds)
    func `a point of BN254's twist passes exactly if r times it is infinity`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let stray: AffinePoint<G2<BN254>> = strayPoint(&numbers)
        #expect(stray.isOnCurve)
        #expect(slowProduct(stray, BN254.twistOrder).isInfinity)
        #expect(!slowProduct(stray, BN254.groupOrder).isInfinity)
        #expect(!stray.isInSubgroup)
        let member = slowProduct(stray, BN254.twistOrder / BN254.groupOrder).affine
        #expect(!member.isInfinity)
        #expect(member.isInSubgroup)
        #expect(AffinePoint<G2<BN254>>.infinity.isInSubgroup)
    }

    @Test func `only points of order r pass the tests of BLS12-381`() {
        let (x, p, r) = (BLS12.x, BLS12.prime, BLS12.groupOrder)
        // On the curve, x² + φ with φ² + φ + 1 = 0 has the norm x⁴ - x² + 1, which is r.
        #expect(x.power(4) - x.power(2) + 1 == r)
        // On the twist, ψ - x with ψ² - tψ + p = 0 and t = x + 1 has the norm x² - tx + p = p - x. (x is negative.)
        let curveOrder = p + x
        #expect(curveOrder % r == 0)
        #expect(Natural.greatestCommonDivisor(curveOrder, BLS12.twistOrder) == r)
        // On the subgroup ψ is p, which is x modulo r.
        #expect((p + x) % r == 0)
    }

    @Test(arguments: heavySeeds)
    func `a point of BLS12-381 passes exactly if r times it is infinity`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let stray: AffinePoint<G2<BLS12>> = strayPoint(&numbers)
        #expect(slowProduct(stray, BLS12.twistOrder).isInfinity)
        #expect(!slowProduct(stray, BLS12.groupOrder).isInfinity)
        #expect(!stray.isInSubgroup)
        let member = slowProduct(stray, BLS12.twistOrder / BLS12.groupOrder).affine
        #expect(!member.isInfinity && member.isInSubgroup)
        let strayOfCurve = strayCurvePoint(&numbers)
        let curveOrder = BLS12.prime + BLS12.x
        #expect(slowProduct(strayOfCurve, curveOrder).isInfinity)
        #expect(!slowProduct(strayOfCurve, BLS12.groupOrder).isInfinity)
        #expect(!strayOfCurve.isInSubgroup)
        let memberOfCurve = slowProduct(strayOfCurve, curveOrder / BLS12.groupOrder).affine
        #expect(!memberOfCurve.isInfinity && memberOfCurve.isInSubgroup)
        #expect(AffinePoint<G1<BLS12>>.infinity.isInSubgroup && AffinePoint<G2<BLS12>>.infinity.isInSubgroup)
    }

    @Test func `points of small order are no members`() {
        // (0, ±2) has order 3, which divides the cofactor.
        let point = AffinePoint<G1<BLS12>>(0, 2)
        #expect(point.isOnCurve && slowProduct(point, 3).isInfinity)
        #expect(!point.isInSubgroup)
    }
}

/// A point of BLS12-381, hardly ever one of the subgroup.
func strayCurvePoint(_ numbers: inout SeededNumbers) -> AffinePoint<G1<BLS12>> {
    while true {
        let x: Fp<BLS12> = BLS12.element(&numbers)
        if let y = (x.squared * x + 4).squareRoot { return AffinePoint(x, y) }
    }
}

/// A point of the twist, hardly ever one of the subgroup.
func strayPoint<Curve: TestedCurve>(_ numbers: inout SeededNumbers) -> AffinePoint<G2<Curve>> {
    while true {
        let x: Fp2<Curve> = Curve.element(&numbers)
        if let y = (x.squared * x + Curve.g2Coefficient).squareRoot { return AffinePoint(x, y) }
    }
}

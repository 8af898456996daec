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

    @Test(arguments: seeds)
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
}

/// A point of the twist, hardly ever one of the subgroup.
func strayPoint<Curve: TestedCurve>(_ numbers: inout SeededNumbers) -> AffinePoint<G2<Curve>> {
    while true {
        let x: Fp2<Curve> = Curve.element(&numbers)
        if let y = (x.squared * x + Curve.g2Coefficient).squareRoot { return AffinePoint(x, y) }
    }
}

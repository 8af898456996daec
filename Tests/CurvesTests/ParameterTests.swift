import Fixtures
import Primitives
import Testing

@testable import Curves

/// Every constant, computed anew from the x of the curve's family.
@Suite struct ParameterTests {
    @Test func `the constants of BN254 follow from its x`() {
        checkMontgomery(BN254.self)
        let order = BN254.groupOrder
        #expect(BN254.order == UInt256(natural: order))
        #expect(BN254.g2Coefficient * Fp2.one.timesXi == Fp2(3, .zero))
        #expect(Fp2<BN254>.one.timesXi == Fp2(9, 1))
        #expect(BN254.natural(BN254.beta) == 18 * BN254.x.power(3) + 18 * BN254.x.power(2) + 9 * BN254.x + 1)
    }

    @Test func `the constants of BLS12-381 follow from its x`() {
        checkMontgomery(BLS12.self)
        #expect(BLS12.order == UInt256(natural: BLS12.groupOrder))
        #expect(BLS12.g2Coefficient == Fp2(4, .zero).timesXi)
        #expect(Fp2<BLS12>.one.timesXi == Fp2(1, 1))
        #expect(BLS12.beta != .one && BLS12.beta.squared * BLS12.beta == .one)
    }

    private func checkMontgomery<Curve: TestedCurve>(_ curve: Curve.Type) {
        let p = Curve.prime
        let limbs = { (value: Natural) in Curve.Limbs { value.limb($0) } }
        let radix = Natural(2).power(64 * Curve.Limbs.count)
        #expect(Curve.modulus == limbs(p))
        #expect(p.bitWidth <= 64 * Curve.Limbs.count - 2, "no room for the carries")
        #expect(p % 4 == 3, "square roots need it")
        #expect(Curve.radix == limbs(radix % p))
        #expect(Curve.radixSquared == limbs(radix * radix % p))
        #expect(Curve.negatedInverse &* Curve.modulus[0] == .max)
        // The sixth power of the first Frobenius coefficient is ξ^(p - 1) = conjugate(ξ)/ξ.
        let xi = Fp2<Curve>.one.timesXi
        let gamma = Curve.frobenius
        #expect(gamma.three.squared * xi == xi.conjugate)
        #expect(gamma.three == gamma.one * gamma.one * gamma.one)
        #expect(gamma.five == gamma.three * gamma.two)
        // ξ is neither a square nor a cube, so the towers have no zero divisors.
        #expect(xi.squareRoot == nil)
        let cubicResidue = slowPower(Fp12(Fp6(xi, .zero, .zero), .zero), (p * p - 1) / 3)
        #expect(cubicResidue != .one)
        #expect((p * p - 1) % 3 == 0)
        #expect(Curve.twistOrder % Curve.groupOrder == 0)
        #expect(Curve.twistOrder / Curve.groupOrder % Curve.groupOrder != 0)
        #expect((Curve.prime.power(4) - Curve.prime.power(2) + 1) % Curve.groupOrder == 0)
    }

    @Test(arguments: seeds)
    func `square roots exist for half of all elements`(seed: UInt64) {
        checkRoots(BN254.self, seed)
        checkRoots(BLS12.self, seed)
    }

    private func checkRoots<Curve: TestedCurve>(_ curve: Curve.Type, _ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let a: Fp<Curve> = Curve.element(&numbers)
        // -1 is not a square where p is 3 modulo 4.
        #expect(a.squared.squareRoot?.squared == a.squared)
        #expect((-a.squared).squareRoot == nil)
        let b: Fp2<Curve> = Curve.element(&numbers)
        #expect(b.squared.squareRoot?.squared == b.squared)
        #expect(b.squared.timesXi.squareRoot == nil)
        for special in [Fp2(a.squared, .zero), Fp2(-a.squared, .zero), .zero, Fp2(.zero, a)] {
            #expect(special.squareRoot?.squared == special)
        }
    }

    @Test(arguments: seeds)
    func `the halves of a scalar of BN254 make the scalar`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let lambda = 36 * BN254.x.power(3) + 18 * BN254.x.power(2) + 6 * BN254.x + 1
        let r = BN254.groupOrder
        let edges: [Natural] = [0, 1, lambda, r - 1, r, r + 1, Natural(2).power(256) - 1]
        for scalar in edges + (0..<40).map({ _ in Natural(bigEndian: numbers.bytes(32)) }) {
            let (first, second, isNegative) = BN254.halves(of: .init(natural: scalar))
            let image = Natural(wide: second) * lambda % r
            #expect((Natural(wide: first) + (isNegative ? r - image : image)) % r == scalar % r)
        }
        #expect(
            JacobianPoint(AffinePoint<G1<BN254>>(BN254.beta, 2)) == slowProduct(BN254.generator, lambda))
    }

    @Test(arguments: seeds)
    func `the digits of a scalar of BLS12-381 make the scalar`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let (x, r) = (BLS12.x, BLS12.groupOrder)
        for scalar in [0, 1, x, r - 1, r, r + 1, Natural(2).power(256) - 1]
            + (0..<40).map({ _ in Natural(bigEndian: numbers.bytes(32)) })
        {
            let digits = BLS12.digits(of: UInt256(natural: scalar))
            #expect(digits.count == 4 && digits.allSatisfy { Natural($0) < x })
            #expect(digits.reversed().reduce(Natural(0)) { $0 * x + Natural($1) } == scalar % r)
        }
    }

    @Test func `the parts of a multiple of BLS12-381 make the multiple`() {
        var numbers = SeededNumbers(seed: 11)
        let scalar = Natural(bigEndian: numbers.bytes(32))
        let (first, second) = (BLS12.generator, BLS12.twistGenerator)
        #expect(
            JacobianPoint.sum(of: first.scaled(by: UInt256(natural: scalar))) == slowProduct(first, scalar))
        #expect(
            JacobianPoint.sum(of: second.scaled(by: UInt256(natural: scalar))) == slowProduct(second, scalar))
    }
}

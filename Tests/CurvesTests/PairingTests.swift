import Fixtures
import Testing

@testable import Curves

/// Laws of the pairings, each tried on both curves.
@Suite struct PairingTests {
    @Test func `the generators are in the groups and have prime order`() {
        checkGenerators(BN254.self)
        checkGenerators(BLS12.self)
    }

    private func checkGenerators<Curve: TestedCurve>(_ curve: Curve.Type) {
        #expect(Curve.generator.isOnCurve)
        #expect(Curve.twistGenerator.isOnCurve)
        #expect(slowProduct(Curve.generator, Curve.groupOrder).isInfinity)
        #expect(slowProduct(Curve.twistGenerator, Curve.groupOrder).isInfinity)
    }

    @Test(arguments: heavySeeds)
    func `a pairing is bilinear and not degenerate`(seed: UInt64) {
        checkBilinearity(BN254.self, seed)
        checkBilinearity(BLS12.self, seed)
    }

    private func checkBilinearity<Curve: TestedCurve>(_ curve: Curve.Type, _ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let (m, n) = (Natural(numbers.next()), Natural(numbers.next()))
        let left = slowProduct(Curve.generator, m).affine
        let right = slowProduct(Curve.twistGenerator, n).affine
        let pairing = { Curve.finalExponentiation(Curve.millerLoop([$0])) }
        let value = pairing((Curve.generator, Curve.twistGenerator))
        #expect(value != .one)
        #expect(pairing((left, right)) == slowPower(value, m * n))
        #expect(slowPower(value, Curve.groupOrder) == .one)
        let other = slowProduct(Curve.generator, Curve.groupOrder - m * n % Curve.groupOrder).affine
        #expect(Curve.isPairingProductOne([(left, right), (other, Curve.twistGenerator)]))
        #expect(!Curve.isPairingProductOne([(left, right), (other.negated, Curve.twistGenerator)]))
    }

    @Test func `pairs with a point at infinity change nothing`() {
        checkInfinity(BN254.self)
        checkInfinity(BLS12.self)
    }

    private func checkInfinity<Curve: TestedCurve>(_ curve: Curve.Type) {
        let (p, q) = (Curve.generator, Curve.twistGenerator)
        #expect(Curve.isPairingProductOne([]))
        #expect(Curve.isPairingProductOne([(.infinity, q), (p, .infinity), (.infinity, .infinity)]))
        #expect(Curve.isPairingProductOne([(p, q), (.infinity, q), (p.negated, q)]))
        #expect(!Curve.isPairingProductOne([(p, q), (.infinity, q)]))
    }

    @Test func `the twisted Frobenius map multiplies the subgroup by p`() {
        checkTwistFrobenius(BN254.self)
        checkTwistFrobenius(BLS12.self)
    }

    private func checkTwistFrobenius<Curve: TestedCurve>(_ curve: Curve.Type) {
        let image = Curve.frobenius(Curve.twistGenerator)
        #expect(image.isOnCurve)
        #expect(JacobianPoint(image) == slowProduct(Curve.twistGenerator, Curve.prime % Curve.groupOrder))
    }

    @Test func `prepared lines give the same Miller function`() {
        checkPrepared(BN254.self)
        checkPrepared(BLS12.self)
    }

    private func checkPrepared<Curve: TestedCurve>(_ curve: Curve.Type) {
        var terms = [(point: Curve.generator, lines: PreparedLines<Curve>(Curve.twistGenerator))]
        #expect(Curve.millerLoop(&terms) == Curve.millerLoop([(Curve.generator, Curve.twistGenerator)]))
    }

    @Test func `the final exponentiation is the power that it says`() {
        let x = BN254.x
        checkFinalExponent(BN254.self, multiple: 2 * x * (6 * x * x + 3 * x + 1))
        checkFinalExponent(BLS12.self, multiple: 3)
    }

    private func checkFinalExponent<Curve: TestedCurve>(_ curve: Curve.Type, multiple: Natural) {
        var numbers = SeededNumbers(seed: 9)
        let value: Fp12<Curve> = Curve.element(&numbers)
        // The exponent is (p⁶ - 1)·(p² + 1) times this: the first part is `cyclotomic`, tried by itself.
        let p = Curve.prime
        let (exponent, remainder) = (p.power(4) - p.power(2) + 1).divided(by: Curve.groupOrder)
        #expect(remainder == 0)
        #expect(multiple % Curve.groupOrder != 0)
        let power = value.conjugate * value.inverse
        #expect(value.cyclotomic == power.frobenius.frobenius * power)
        #expect(Curve.finalExponentiation(value) == slowPower(value.cyclotomic, exponent * multiple))
    }
}

import Fixtures
import Testing

@testable import Curves

/// Laws of the fields, each tried on both curves.
@Suite struct FieldTests {
    @Test(arguments: seeds)
    func `the base field computes modulo its prime`(seed: UInt64) {
        checkBaseField(BN254.self, seed)
        checkBaseField(BLS12.self, seed)
    }

    private func checkBaseField<Curve: TestedCurve>(_ curve: Curve.Type, _ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let p = Curve.prime
        let a: Fp<Curve> = Curve.element(&numbers)
        let b: Fp<Curve> = Curve.element(&numbers)
        let (m, n) = (Curve.natural(a), Curve.natural(b))
        #expect(Curve.natural(a + b) == (m + n) % p)
        #expect(Curve.natural(a - b) == (m + p - n) % p)
        #expect(Curve.natural(a * b) == m * n % p)
        #expect(Curve.natural(-a) == (p - m) % p)
        #expect(Curve.natural(a.doubled) == 2 * m % p)
        #expect(Curve.natural(Fp(reducing: a.wideProduct(b) + a.wideProduct(a))) == (m * n + m * m) % p)
        #expect(Curve.natural(Fp(reducing: a.wideProduct(a) - b.wideProduct(b))) == (m * m + p * p - n * n) % p)
        #expect(a.halved.doubled == a)
        #expect(a.inverse * a == .one)
        #expect(a.isOdd == m.bit(0))
    }

    @Test func `extreme elements of the base field compute like all others`() {
        checkExtremes(BN254.self)
        checkExtremes(BLS12.self)
    }

    private func checkExtremes<Curve: TestedCurve>(_ curve: Curve.Type) {
        let p = Curve.prime
        let values = [0, 1, 2, p / 2, p / 2 + 1, p - 2, p - 1]
        for m in values {
            guard let a = Fp<Curve>(Curve.Limbs { m.limb($0) }) else {
                Issue.record("\(m) is refused")
                continue
            }
            #expect(Curve.natural(a) == m)
            #expect(a.inverse * a == (m == 0 ? .zero : .one))
            #expect(a.halved.doubled == a)
            for n in values {
                guard let b = Fp<Curve>(Curve.Limbs { n.limb($0) }) else { continue }
                #expect(Curve.natural(a * b) == m * n % p)
                #expect(Curve.natural(a + b) == (m + n) % p)
                #expect(Curve.natural(a - b) == (m + p - n) % p)
                #expect(Curve.natural(Fp(reducing: a.wideProduct(b) + a.wideProduct(b))) == 2 * m * n % p)
                #expect(Fp2(a, b) * Fp2(b, a) == Fp2(.zero, a * a + b * b))
            }
        }
        for m in [p, p + 1] {
            #expect(Fp<Curve>(Curve.Limbs { m.limb($0) }) == nil, "\(m) is not below the prime")
        }
    }

    @Test(arguments: seeds)
    func `small inverses and random ones multiply to one`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        for _ in 0..<20 {
            let small = Fp<BN254>(FourLimbs(low: numbers.next() >> UInt64(numbers.below(64)))) ?? .one
            #expect(small.inverse * small == (small.isZero ? .zero : .one))
        }
    }

    @Test(arguments: seeds)
    func `the towers are fields`(seed: UInt64) {
        checkTowers(BN254.self, seed)
        checkTowers(BLS12.self, seed)
    }

    private func checkTowers<Curve: TestedCurve>(_ curve: Curve.Type, _ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let (a, b, c): (Fp2<Curve>, Fp2<Curve>, Fp2<Curve>) =
            (Curve.element(&numbers), Curve.element(&numbers), Curve.element(&numbers))
        // u² = -1 decides products; the rest must agree with them.
        #expect(a * b == Fp2(a.c0 * b.c0 - a.c1 * b.c1, a.c0 * b.c1 + a.c1 * b.c0))
        #expect(a.squared == a * a)
        #expect(a * a.inverse == .one)
        #expect(a * a.conjugate == Fp2(a.norm, .zero))
        let (d, e, f): (Fp6<Curve>, Fp6<Curve>, Fp6<Curve>) =
            (Curve.element(&numbers), Curve.element(&numbers), Curve.element(&numbers))
        let v = Fp6<Curve>(.zero, .one, .zero)
        #expect(v * v * v == Fp6(Fp2.one.timesXi, .zero, .zero))
        #expect((d * e) * f == d * (e * f))
        #expect(d * (e + f) == d * e + d * f)
        #expect(d * e == e * d)
        #expect(d.timesV == d * v)
        #expect(d.times(a, b) == d * Fp6(a, b, .zero))
        #expect(d.times(a) == d * Fp6(a, .zero, .zero))
        #expect(d * d.inverse == .one)
        let (g, h): (Fp12<Curve>, Fp12<Curve>) = (Curve.element(&numbers), Curve.element(&numbers))
        let w = Fp12<Curve>(.zero, .one)
        #expect(w * w == Fp12(v, .zero))
        #expect(g * h == h * g)
        #expect((g * h) * w == g * (h * w))
        #expect(g.squared == g * g)
        #expect(g * g.inverse == .one)
        #expect(g.timesLine(a, w: b, w3: c) == g * Fp12(Fp6(a, .zero, .zero), Fp6(b, c, .zero)))
        #expect(g.timesLine(a, w2: b, w3: c) == g * Fp12(Fp6(a, b, .zero), Fp6(.zero, c, .zero)))
    }

    @Test func `the Frobenius map is the power p`() {
        checkFrobenius(BN254.self)
        checkFrobenius(BLS12.self)
    }

    private func checkFrobenius<Curve: TestedCurve>(_ curve: Curve.Type) {
        var numbers = SeededNumbers(seed: 3)
        let value: Fp12<Curve> = Curve.element(&numbers)
        #expect(value.frobenius == slowPower(value, Curve.prime))
        #expect(value.frobeniusSquared == value.frobenius.frobenius)
        #expect(value.conjugate == value.frobeniusSquared.frobeniusSquared.frobeniusSquared)
    }

    @Test func `cyclotomic shortcuts agree with plain powers`() {
        checkCyclotomic(BN254.self)
        checkCyclotomic(BLS12.self)
    }

    private func checkCyclotomic<Curve: TestedCurve>(_ curve: Curve.Type) {
        var numbers = SeededNumbers(seed: 4)
        let value = (Curve.element(&numbers) as Fp12<Curve>).cyclotomic
        #expect(value != .one)
        #expect(value.cyclotomicSquared == value * value)
        #expect(value.conjugate * value == .one)
        for exponent in [0, 1, 2, 3, 0xd201_0000_0001_0000, UInt64.max] {
            #expect(value.cyclotomicPower(exponent) == slowPower(value, Natural(exponent)))
        }
    }
}

import Fixtures
import Primitives
import Testing

@testable import Curves

/// Laws of the groups, each tried on both groups of both curves.
@Suite struct GroupTests {
    @Test(arguments: seeds)
    func `points form a group, whatever their coordinates`(seed: UInt64) {
        checkGroup(BN254.generator, seed)
        checkGroup(BLS12.generator, seed)
        checkGroup(BN254.twistGenerator, seed)
        checkGroup(BLS12.twistGenerator, seed)
    }

    private func checkGroup<Group: CurveGroup>(_ generator: AffinePoint<Group>, _ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let point = { (scalar: UInt64) in slowProduct(generator, Natural(scalar)) }
        let (m, n) = (numbers.next() >> 40, numbers.next() >> 40)
        let (p, q) = (point(m), point(n))
        #expect(p.isOnCurve && p.affine.isOnCurve)
        #expect(p.adding(q) == point(m + n))
        #expect(p.adding(q.affine) == point(m + n))
        #expect(JacobianPoint(p.affine.adding(q.affine)) == point(m + n))
        #expect(p.multiplied(by: n) == q.multiplied(by: m))
        // The cases that the general formulas do not cover.
        #expect(p.adding(p) == p.doubled)
        #expect(p.adding(p.affine) == p.doubled)
        #expect(p.affine.adding(p.affine) == p.doubled.affine)
        #expect(p.adding(p.negated).isInfinity)
        #expect(p.adding(p.affine.negated).isInfinity)
        #expect(p.affine.adding(p.affine.negated).isInfinity)
        let zero = JacobianPoint<Group>.infinity
        #expect(zero.adding(p) == p && p.adding(zero) == p && zero.adding(zero) == zero && zero.doubled == zero)
        #expect(zero.adding(p.affine) == p && p.adding(AffinePoint.infinity) == p && p != zero && zero != p)
        #expect(p.affine.adding(zero.affine) == p.affine && zero.affine.adding(p.affine) == p.affine)
        #expect(zero.affine.isInfinity && zero.affine.isOnCurve && JacobianPoint(zero.affine) == zero)
    }

    @Test(arguments: [0, 1, 3, 20])
    func `both ways to sum multiples agree with the slow way`(count: Int) {
        checkSum(BN254.generator, count)
        checkSum(BLS12.generator, count)
    }

    private func checkSum<Group: CurveGroup>(_ generator: AffinePoint<Group>, _ count: Int) {
        var numbers = SeededNumbers(seed: UInt64(count))
        var terms: [ScaledPoint<Group>] = []
        var expected = Natural(0)
        let edges: [UInt128] = [0, 1, .max, .max - 1, 1 << 127, UInt128(UInt64.max)]
        for index in 0..<count {
            let factor = numbers.next() >> 44
            let scalar =
                index < edges.count
                ? edges[index]
                : (UInt128(numbers.next()) << 64 | UInt128(numbers.next())) >> UInt128(numbers.below(100))
            terms.append(ScaledPoint(point: slowProduct(generator, Natural(factor)).affine, scalar: scalar))
            expected = expected + Natural(factor) * Natural(wide: scalar)
        }
        // Twice the same point, its negative and infinity: what meets in one bucket.
        if let first = terms.last {
            terms += [first, ScaledPoint(point: first.point.negated, scalar: first.scalar)]
            terms.append(ScaledPoint(point: .infinity, scalar: 5))
        }
        #expect(JacobianPoint.sum(of: terms) == slowProduct(generator, expected))
        #expect(JacobianPoint.interleavedSum(of: terms) == slowProduct(generator, expected))
        #expect(JacobianPoint.bucketSum(of: terms) == slowProduct(generator, expected))
    }

    @Test(arguments: [2, 3, 5, 7])
    func `signed digits make the scalar and are sparse`(width: Int) {
        var numbers = SeededNumbers(seed: UInt64(width))
        for scalar in [0, 1, .max, .max - 1, 1 << 127] + (0..<20).map({ _ in UInt128(numbers.next()) << 64 }) {
            let digits = nonAdjacentDigits(of: scalar, width: width)
            var value: UInt128 = 0
            var lastUsed = Int.min / 2
            for (position, digit) in digits.enumerated() where digit != 0 {
                #expect(digit % 2 != 0 && abs(Int(digit)) < 1 << (width - 1))
                #expect(position - lastUsed >= width)
                lastUsed = position
                // A digit at position 128 is 2^128, which wraps to nothing.
                if position < 128 { value &+= UInt128(truncatingIfNeeded: Int(digit)) << UInt128(position) }
            }
            #expect(value == scalar)
        }
    }
}

extension Natural {
    init(wide value: UInt128) {
        self = Natural(UInt64(value >> 64)) * Natural(2).power(64) + Natural(UInt64(truncatingIfNeeded: value))
    }
}

extension UInt256 {
    /// - Precondition: `natural` is below 2^256.
    init(natural: Natural) {
        self.init(limbs: natural.limb(0), natural.limb(1), natural.limb(2), natural.limb(3))
    }
}

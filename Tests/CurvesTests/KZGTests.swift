import Fixtures
import Primitives
import Testing

@testable import Curves

/// Proofs of evaluation; whole vectors of the precompile are answered in the EVM's tests.
@Suite struct KZGTests {
    private static let word = Bytes(repeating: 0, count: 32)
    private static let infinity = AffinePoint<G1<BLS12>>.infinity.compressed

    @Test func `the setup's point is on the curve, in the subgroup and written as published`() {
        #expect(KZGSetup.tauPoint.isOnCurve && KZGSetup.tauPoint.isInSubgroup && !KZGSetup.tauPoint.isInfinity)
        // Compressed, the imaginary part of x comes first, its highest bit set, and the third one for the greater y.
        let x = KZGSetup.tauPoint.x.c1.number.bigEndianBytes
        #expect([x[0] | 0xa0, x[1], x[2], x[3]] == [0xb5, 0xbf, 0xd7, 0xdd])
    }

    @Test(arguments: heavySeeds)
    func `a constant polynomial has its value everywhere and no other`(seed: UInt64) throws {
        // Its commitment is the value times the generator and every quotient is zero.
        var numbers = SeededNumbers(seed: seed)
        let value = UInt256(numbers.next())
        let commitment = slowProduct(BLS12.generator, Natural(bigEndian: value.bigEndianBytes)).affine.compressed
        let z = UInt256(numbers.next()).bigEndianBytes
        try KZGPrecompile.evaluatePoint(Self.word + z + value.bigEndianBytes + commitment + Self.infinity)
        let other = (value + 1).bigEndianBytes
        #expect(throws: CurveError.proofRefused) {
            try KZGPrecompile.evaluatePoint(Self.word + z + other + commitment + Self.infinity)
        }
        #expect(throws: CurveError.proofRefused) {
            try KZGPrecompile.evaluatePoint(Self.word + z + value.bigEndianBytes + commitment + commitment)
        }
    }

    @Test func `inputs are 192 bytes of canonical numbers`() {
        let good = Self.word + Self.word + Self.word + Self.infinity + Self.infinity
        #expect(throws: Never.self) { try KZGPrecompile.evaluatePoint(good) }
        for count in [0, 191, 193] {
            #expect(throws: CurveError.wrongByteCount(expected: 192, found: count)) {
                try KZGPrecompile.evaluatePoint(Bytes(repeating: 0, count: count))
            }
        }
        for start in [32, 64] {
            var input = good
            input.replaceSubrange(start..<(start + 32), with: BLS12.order.bigEndianBytes)
            #expect(throws: CurveError.scalarTooLarge(at: start)) { try KZGPrecompile.evaluatePoint(input) }
        }
    }

    @Test(arguments: heavySeeds)
    func `compression keeps a point, and refuses what is none`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        let point = slowProduct(BLS12.generator, Natural(numbers.next())).affine
        for member in [point, point.negated, .infinity] {
            #expect(try AffinePoint(compressed: member.compressed[...], at: 0) == member)
        }
        let stray = strayCurvePoint(&numbers)
        let decode = { (bytes: Bytes) in _ = try AffinePoint<G1<BLS12>>(compressed: bytes[...], at: 0) }
        #expect(throws: CurveError.notInSubgroup(at: 0)) { try decode(stray.compressed) }
        var bytes = point.compressed
        bytes[0] &= 0x7f
        #expect(throws: CurveError.badCompression(at: 0)) { try decode(bytes) }
        bytes = point.compressed
        bytes[0] |= 0x40
        #expect(throws: CurveError.badCompression(at: 0)) { try decode(bytes) }
        bytes = Self.infinity
        bytes[0] |= 0x20
        #expect(throws: CurveError.badCompression(at: 0)) { try decode(bytes) }
        bytes = BLS12.modulus.bigEndianBytes
        bytes[0] |= 0x80
        #expect(throws: CurveError.coordinateTooLarge(at: 0)) { try decode(bytes) }
        // 1³ + 4 = 5 is no square.
        bytes = Bytes(repeating: 0, count: 47) + [1]
        bytes[0] |= 0x80
        #expect(throws: CurveError.notOnCurve(at: 0)) { try decode(bytes) }
    }
}

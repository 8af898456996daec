import Fixtures
import Primitives
import Testing

@testable import Curves

/// What EIP-196 and EIP-197 say of inputs; whole vectors are answered in the EVM's tests.
@Suite struct BN254PrecompileTests {
    private static let order = UInt256(natural: BN254.groupOrder)
    private static let one = encoded(BN254.generator)
    private static let twistOne = encoded(BN254.twistGenerator)

    private static func encoded(_ point: AffinePoint<G1<BN254>>) -> Bytes {
        point.x.number.bigEndianBytes + point.y.number.bigEndianBytes
    }

    private static func encoded(_ point: AffinePoint<G2<BN254>>) -> Bytes {
        [point.x.c1, point.x.c0, point.y.c1, point.y.c0].flatMap(\.number.bigEndianBytes)
    }

    @Test func `missing bytes are zeros and further ones are ignored`() throws {
        let zeros = Bytes(repeating: 0, count: 64)
        #expect(try BN254Precompile.add([]) == zeros)
        #expect(try BN254Precompile.multiply([]) == zeros)
        #expect(try BN254Precompile.add(Self.one) == Self.one)
        #expect(try BN254Precompile.multiply(Self.one) == zeros)
        // The scalar's first byte is its highest.
        #expect(
            try BN254Precompile.multiply(Self.one + [1])
                == Self.encoded(slowProduct(BN254.generator, Natural(2).power(248)).affine))
        #expect(try BN254Precompile.add(Self.one + zeros + [9]) == Self.one)
        let unit = UInt256(1).bigEndianBytes
        #expect(try BN254Precompile.multiply(Self.one + unit + [9]) == Self.one)
    }

    @Test func `scalars count modulo the order, and need not be below it`() throws {
        let multiply = { try BN254Precompile.multiply(Self.one + UInt256(natural: $0).bigEndianBytes) }
        #expect(try multiply(BN254.groupOrder).allSatisfy { $0 == 0 })
        #expect(try multiply(BN254.groupOrder + 1) == Self.one)
        let most = Natural(2).power(256) - 1
        #expect(try multiply(most) == Self.encoded(slowProduct(BN254.generator, most % BN254.groupOrder).affine))
    }

    @Test func `what is no point is refused, and named by its place`() throws {
        let offCurve = UInt256(1).bigEndianBytes + UInt256(3).bigEndianBytes
        let prime = UInt256(natural: BN254.prime)
        #expect(throws: CurveError.notOnCurve(at: 64)) { try BN254Precompile.add(Self.one + offCurve) }
        #expect(throws: CurveError.notOnCurve(at: 0)) { try BN254Precompile.multiply(offCurve) }
        #expect(throws: CurveError.coordinateTooLarge(at: 0)) {
            try BN254Precompile.multiply(prime.bigEndianBytes + Bytes(repeating: 0, count: 32))
        }
        #expect(throws: CurveError.coordinateTooLarge(at: 32)) {
            try BN254Precompile.multiply(Bytes(repeating: 0, count: 32) + prime.bigEndianBytes)
        }
        #expect(throws: CurveError.notOnCurve(at: 192)) {
            try BN254Precompile.pairing(Self.one + Self.twistOne + offCurve + Self.twistOne)
        }
        #expect(throws: CurveError.notOnCurve(at: 64)) {
            try BN254Precompile.pairing(Self.one + Self.twistOne[64...] + Self.twistOne[..<64])
        }
        // Even beside the point at infinity the other point of a pair is checked.
        var numbers = SeededNumbers(seed: 5)
        let stray = Self.encoded(strayPoint(&numbers) as AffinePoint<G2<BN254>>)
        #expect(throws: CurveError.notInSubgroup(at: 64)) {
            try BN254Precompile.pairing(Bytes(repeating: 0, count: 64) + stray)
        }
    }

    @Test func `a pairing check takes whole pairs and answers with a word`() throws {
        let (yes, no) = (UInt256(1).bigEndianBytes, UInt256(0).bigEndianBytes)
        let pair = Self.one + Self.twistOne
        let inverse = Self.encoded(BN254.generator.negated) + Self.twistOne
        #expect(try BN254Precompile.pairing([]) == yes)
        #expect(try BN254Precompile.pairing(pair + inverse) == yes)
        #expect(try BN254Precompile.pairing(pair) == no)
        for count in [1, 191, 193] {
            #expect(throws: CurveError.notWholeGroups(of: 192, found: count)) {
                try BN254Precompile.pairing(Bytes(repeating: 0, count: count))
            }
        }
        #expect(BN254Precompile.pairingGas(byteCount: 384) == 113_000)
    }
}

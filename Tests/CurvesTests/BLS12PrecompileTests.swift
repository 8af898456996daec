import Fixtures
import Primitives
import Testing

@testable import Curves

/// What EIP-2537 says of inputs; whole vectors are answered in the EVM's tests.
@Suite struct BLS12PrecompileTests {
    private static let one = BLS12.generator.padded
    private static let twistOne = BLS12.twistGenerator.padded
    private static let zero = Bytes(repeating: 0, count: 128)
    private static let twistZero = Bytes(repeating: 0, count: 256)
    private static let unit = UInt256(1).bigEndianBytes

    @Test func `inputs have exactly their length`() {
        typealias Call = @Sendable (Bytes) throws(CurveError) -> Bytes
        let fixed: [(Call, Int)] = [
            (BLS12Precompile.g1Add, 256), (BLS12Precompile.g2Add, 512), (BLS12Precompile.mapFpToG1, 64),
            (BLS12Precompile.mapFp2ToG2, 128),
        ]
        for (call, count) in fixed {
            for wrong in [0, count - 1, count + 1, 2 * count] {
                #expect(throws: CurveError.wrongByteCount(expected: count, found: wrong)) {
                    try call(Bytes(repeating: 0, count: wrong))
                }
            }
        }
        let groups: [(Call, Int)] = [
            (BLS12Precompile.g1MSM, 160), (BLS12Precompile.g2MSM, 288), (BLS12Precompile.pairing, 384),
        ]
        for (call, size) in groups {
            for wrong in [0, size - 1, size + 1] {
                #expect(throws: CurveError.notWholeGroups(of: size, found: wrong)) {
                    try call(Bytes(repeating: 0, count: wrong))
                }
            }
        }
    }

    @Test func `padding must be zero and coordinates below the prime`() {
        for position in 0..<16 {
            var input = Self.one + Self.zero
            input[64 + position] = 1
            #expect(throws: CurveError.paddingNotZero(at: 64 + position)) { try BLS12Precompile.g1Add(input) }
        }
        let prime = Bytes(repeating: 0, count: 16) + BLS12.modulus.bigEndianBytes
        let zeroCoordinate = Bytes(repeating: 0, count: 64)
        #expect(throws: CurveError.coordinateTooLarge(at: 0)) { try BLS12Precompile.mapFpToG1(prime) }
        #expect(throws: CurveError.coordinateTooLarge(at: 64)) {
            try BLS12Precompile.mapFp2ToG2(zeroCoordinate + prime)
        }
        #expect(throws: CurveError.coordinateTooLarge(at: 128)) {
            try BLS12Precompile.g1Add(Self.one + prime + zeroCoordinate)
        }
    }

    @Test func `points must be on the curve, and in the subgroup where they are multiplied or paired`() throws {
        var numbers = SeededNumbers(seed: 21)
        let stray = strayCurvePoint(&numbers).padded
        let twistStray = (strayPoint(&numbers) as AffinePoint<G2<BLS12>>).padded
        let off = Self.one[64...] + Self.one[..<64]
        let twistOff = Self.twistOne[128...] + Self.twistOne[..<128]
        #expect(throws: CurveError.notOnCurve(at: 128)) { try BLS12Precompile.g1Add(Self.one + off) }
        #expect(throws: CurveError.notOnCurve(at: 256)) { try BLS12Precompile.g2Add(Self.twistOne + twistOff) }
        #expect(throws: CurveError.notOnCurve(at: 0)) { try BLS12Precompile.g1MSM(off + Self.unit) }
        #expect(throws: CurveError.notOnCurve(at: 0)) { try BLS12Precompile.g2MSM(twistOff + Self.unit) }
        #expect(throws: CurveError.notInSubgroup(at: 0)) { try BLS12Precompile.g1MSM(stray + Self.unit) }
        #expect(throws: CurveError.notInSubgroup(at: 0)) { try BLS12Precompile.g2MSM(twistStray + Self.unit) }
        #expect(throws: CurveError.notInSubgroup(at: 0)) { try BLS12Precompile.pairing(stray + Self.twistZero) }
        #expect(throws: CurveError.notInSubgroup(at: 128)) { try BLS12Precompile.pairing(Self.zero + twistStray) }
        #expect(try BLS12Precompile.g1Add(stray + Self.zero) == stray)
        #expect(try BLS12Precompile.g2Add(Self.twistZero + twistStray) == twistStray)
    }

    @Test func `scalars count modulo the order, and need not be below it`() throws {
        let past = (BLS12.order + 1).bigEndianBytes
        let most = Natural(2).power(256) - 1
        #expect(try BLS12Precompile.g1MSM(Self.one + past) == Self.one)
        #expect(try BLS12Precompile.g2MSM(Self.twistOne + past) == Self.twistOne)
        #expect(try BLS12Precompile.g1MSM(Self.one + BLS12.order.bigEndianBytes) == Self.zero)
        #expect(
            try BLS12Precompile.g1MSM(Self.one + UInt256.max.bigEndianBytes)
                == slowProduct(BLS12.generator, most % BLS12.groupOrder).affine.padded)
    }

    @Test func `a sum of multiples equals its terms added one by one`() throws {
        var numbers = SeededNumbers(seed: 22)
        var (input, twistInput): (Bytes, Bytes) = ([], [])
        var (sum, twistSum) = (Self.zero, Self.twistZero)
        for factor in 1...9 {
            let scalar = factor == 5 ? Bytes(repeating: 0, count: 32) : numbers.bytes(32)
            let point = factor == 6 ? Self.zero : slowProduct(BLS12.generator, Natural(UInt64(factor))).affine.padded
            let twistPoint = slowProduct(BLS12.twistGenerator, Natural(UInt64(factor))).affine.padded
            input += point + scalar
            twistInput += twistPoint + scalar
            sum = try BLS12Precompile.g1Add(sum + BLS12Precompile.g1MSM(point + scalar))
            twistSum = try BLS12Precompile.g2Add(twistSum + BLS12Precompile.g2MSM(twistPoint + scalar))
        }
        #expect(try BLS12Precompile.g1MSM(input) == sum)
        #expect(try BLS12Precompile.g2MSM(twistInput) == twistSum)
    }

    @Test func `a pairing check answers with a word`() throws {
        let pair = Self.one + Self.twistOne
        let inverse = BLS12.generator.negated.padded + Self.twistOne
        #expect(try BLS12Precompile.pairing(pair + inverse) == Self.unit)
        #expect(try BLS12Precompile.pairing(pair) == UInt256(0).bigEndianBytes)
        #expect(try BLS12Precompile.pairing(Self.zero + Self.twistOne) == Self.unit)
    }

    @Test func `gas grows with the terms, at a discount that ends`() {
        #expect(BLS12Precompile.g1MSMGas(byteCount: 0) == 0)
        #expect(BLS12Precompile.g1MSMGas(byteCount: 160) == 12_000)
        #expect(BLS12Precompile.g1MSMGas(byteCount: 160 * 128) == 12_000 * 128 * 519 / 1000)
        #expect(BLS12Precompile.g1MSMGas(byteCount: 160 * 1000) == 12_000 * 1000 * 519 / 1000)
        #expect(BLS12Precompile.g2MSMGas(byteCount: 288) == 22_500)
        #expect(BLS12Precompile.g2MSMGas(byteCount: 288 * 2000) == 22_500 * 2000 * 524 / 1000)
        #expect(BLS12Precompile.pairingGas(byteCount: 768) == 102_900)
    }
}

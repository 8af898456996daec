import Fixtures
import Primitives
import Testing

@testable import Crypto

@Suite
struct `Powers modulo a number` {
    enum Kind: CaseIterable {
        case odd
        case even
        case powerOfTwo
    }

    @Test(arguments: Kind.allCases, 0..<40)
    func `a power is that many factors`(kind: Kind, seed: Int) {
        var numbers = SeededNumbers(seed: UInt64(seed))
        let count = 1 + numbers.below(32)
        let (base, exponent) = (numbers.bytes(numbers.below(33)), numbers.bytes(numbers.below(10)))
        let modulus = modulus(kind, count, &numbers)
        var expected = UInt256(1) % UInt256(bigEndian: modulus)
        for byte in exponent {
            for bit in (0..<8).reversed() {
                expected = expected.mulmod(expected, UInt256(bigEndian: modulus))
                guard byte >> bit & 1 == 1 else { continue }
                expected = expected.mulmod(UInt256(bigEndian: base), UInt256(bigEndian: modulus))
            }
        }
        #expect(modularPower(base, exponent, modulo: modulus) == Bytes(expected.bigEndianBytes.suffix(count)))
    }

    @Test(arguments: Kind.allCases, 0..<8)
    func `the power of a power is the power of the product`(kind: Kind, seed: Int) {
        var numbers = SeededNumbers(seed: UInt64(seed))
        let modulus = modulus(kind, 33 + numbers.below(200), &numbers)
        let base = numbers.bytes(100)
        let (first, second) = (UInt256(numbers.next()), UInt256(numbers.next()))
        let step = modularPower(base, first.minimalBytes, modulo: modulus)
        let twice = modularPower(step, second.minimalBytes, modulo: modulus)
        #expect(twice == modularPower(base, (first * second).minimalBytes, modulo: modulus))
    }

    @Test(arguments: Kind.allCases, 0..<8)
    func `a modulus of more than 32 bytes and its short remainder agree`(kind: Kind, seed: Int) {
        var numbers = SeededNumbers(seed: UInt64(seed))
        let short = modulus(kind, 1 + numbers.below(32), &numbers)
        let (base, exponent) = (numbers.bytes(70), numbers.bytes(numbers.below(9)))
        // What is right modulo a multiple is right modulo the number.
        let long = short + Bytes(repeating: 0, count: 33)
        let power = modularPower(base, exponent, modulo: long)
        #expect(modularPower(power, [1], modulo: short) == modularPower(base, exponent, modulo: short))
    }

    @Test
    func `modulo zero and one everything is zero, and zero to the power of zero is one`() {
        #expect(modularPower([2], [], modulo: [0, 0]) == [0, 0])
        #expect(modularPower([2], [], modulo: []) == [])
        #expect(modularPower([2], [], modulo: [0, 1]) == [0, 0])
        #expect(modularPower([], [], modulo: [0, 6]) == [0, 1])
        #expect(modularPower([], [1], modulo: [0, 6]) == [0, 0])
    }

    private func modulus(_ kind: Kind, _ count: Int, _ numbers: inout SeededNumbers) -> Bytes {
        var modulus = numbers.bytes(count)
        switch kind {
        case .odd: modulus[count - 1] |= 1
        case .even:
            // Any number of zeros at the end, and something before them.
            let zeros = numbers.below(8 * count - 1) + 1
            for bit in 0..<zeros { modulus[count - 1 - bit / 8] &= ~(1 << (bit % 8)) }
            modulus[0] |= 0x80
        case .powerOfTwo:
            modulus = Bytes(repeating: 0, count: count)
            modulus[numbers.below(count)] = 1 << numbers.below(8)
        }
        return modulus
    }
}

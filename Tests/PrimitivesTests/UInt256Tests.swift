import Fixtures
import Primitives
import Testing

struct `Numbers of 256 bits` {
    /// Numbers whose limbs are often all zeros, all ones or a single bit, where carries and estimates go wrong.
    private static func edgy(_ numbers: inout SeededNumbers) -> UInt256 {
        func limb() -> UInt64 {
            switch numbers.below(8) {
            case 0, 1: 0
            case 2: .max
            case 3: 1 << UInt64(numbers.below(64))
            case 4: .max &- UInt64(numbers.below(3))
            case 5: UInt64(numbers.below(4))
            default: numbers.next()
            }
        }
        return UInt256(limbs: limb(), limb(), limb(), limb())
    }

    /// Quotient and remainder one bit at a time: slow and plain.
    private static func plainDivision(_ value: UInt256, _ divisor: UInt256) -> (UInt256, UInt256) {
        var (quotient, rest) = (UInt256.zero, UInt256.zero)
        for bit in stride(from: 255, through: 0, by: -1) {
            let overflows = rest >> 255 == 1
            rest = rest << 1 | (value >> bit) & 1
            quotient = quotient << 1
            if overflows || rest >= divisor {
                rest = rest &- divisor
                quotient = quotient | 1
            }
        }
        return (quotient, rest)
    }

    /// The product one bit at a time, reduced at every step.
    private static func plainMulmod(_ left: UInt256, _ right: UInt256, _ modulus: UInt256) -> UInt256 {
        func addmod(_ left: UInt256, _ right: UInt256) -> UInt256 {
            let (sum, overflow) = left.addingReportingOverflow(right)
            return overflow || sum >= modulus ? sum &- modulus : sum
        }
        let factor = plainDivision(left, modulus).1
        var result = UInt256.zero
        for bit in stride(from: 255, through: 0, by: -1) {
            result = addmod(result, result)
            if (right >> bit) & 1 == 1 { result = addmod(result, factor) }
        }
        return result
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `quotient times divisor plus remainder is the number`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        for _ in 0..<2_000 {
            let value = Self.edgy(&numbers)
            let divisor = Self.edgy(&numbers)
            if divisor.isZero { continue }
            let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
            let (product, overflow) = quotient.multipliedReportingOverflow(by: divisor)
            #expect(!overflow && rest < divisor && product + rest == value, "\(value) / \(divisor)")
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `division and modular multiplication agree with one bit at a time`(seed: UInt64) {
        var numbers = SeededNumbers(seed: 100 + seed)
        for _ in 0..<40 {
            let (left, right, modulus) = (Self.edgy(&numbers), Self.edgy(&numbers), Self.edgy(&numbers))
            if modulus.isZero { continue }
            #expect(left.quotientAndRemainder(dividingBy: modulus) == Self.plainDivision(left, modulus))
            #expect(left.mulmod(right, modulus) == Self.plainMulmod(left, right, modulus))
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `sums, products and shifts obey the laws of a ring`(seed: UInt64) {
        var numbers = SeededNumbers(seed: 200 + seed)
        for _ in 0..<1_000 {
            let (a, b, c) = (Self.edgy(&numbers), Self.edgy(&numbers), Self.edgy(&numbers))
            #expect(a &+ b == b &+ a && a &* b == b &* a)
            #expect((a &+ b) &- b == a)
            #expect(a &* (b &+ c) == a &* b &+ a &* c)
            #expect((a &* b) &* c == a &* (b &* c))
            #expect(a.multipliedFullWidth(by: b).low == a &* b)
            #expect(a.addingReportingOverflow(b).overflow == (a > ~b))
            #expect((a < b) == a.subtractingReportingOverflow(b).overflow)
            #expect(a ^ b == (a | b) & ~(a & b))
            let bits = numbers.below(256)
            #expect(a << bits == a &* (UInt256.one << bits))
            #expect(a >> bits == a / (UInt256.one << bits))
            #expect(a.signedLess(b) == (a ^ (.one << 255) < b ^ (.one << 255)))
            #expect(a.leadingZeroBitCount == 256 || a >> (255 - a.leadingZeroBitCount) == 1)
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `bytes and text read what they write`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: 300 + seed)
        for _ in 0..<200 {
            let value = Self.edgy(&numbers)
            #expect(UInt256(bigEndian: value.bigEndianBytes) == value)
            #expect(UInt256(bigEndian: value.minimalBytes) == value && value.minimalBytes.first != 0)
            #expect(value.minimalBytes.count == value.byteCount)
            #expect(try UInt256(decimal: value.description) == value)
            #expect(try UInt256(hex: value.quantity) == value)
            #expect(try UInt256(rlp: value.rlp) == value)
            #expect(UInt256(value.hash) == value)
            #expect((0..<32).map(value.byte) == value.bigEndianBytes)
        }
    }

    @Test
    func `decimal text has its limits`() throws {
        let max = "115792089237316195423570985008687907853269984665640564039457584007913129639935"
        #expect(UInt256.max.description == max)
        #expect(try UInt256(decimal: max) == .max)
        #expect(throws: DecimalError.tooLarge) { try UInt256(decimal: String(max.dropLast()) + "6") }
        #expect(throws: DecimalError.empty) { try UInt256(decimal: "") }
        #expect(throws: DecimalError.badDigit(at: 1)) { try UInt256(decimal: "1e3") }
        #expect((UInt256(10).exp(40)).description == "1" + String(repeating: "0", count: 40))
    }

    @Test
    func `the corners of two's complement are as the EVM has them`() {
        let least = UInt256.one << 255
        #expect(least.sdiv(.max) == least)
        #expect(UInt256.max.sdiv(0) == 0 && UInt256.max.smod(0) == 0)
        #expect(UInt256.max.addmod(.max, 0) == 0 && UInt256.max.mulmod(.max, 0) == 0)
        #expect(UInt256(0xff).signextend(0) == .max && UInt256(0x7f).signextend(0) == 0x7f)
        #expect(UInt256(0x80ff).signextend(1) == ~UInt256(0x7f00))
        #expect(UInt256(0xff).signextend(31) == 0xff && UInt256(0xff).signextend(.max) == 0xff)
        #expect(UInt256(0x1_00).signextend(0) == 0)
        #expect(least.arithmeticShiftRight(255) == .max && least.arithmeticShiftRight(300) == .max)
        #expect(UInt256.one.arithmeticShiftRight(300) == 0)
        #expect(UInt256.max << 256 == 0 && UInt256.max >> 256 == 0)
        #expect(UInt256.zero.exp(0) == 1 && UInt256(2).exp(256) == 0)
        #expect(UInt256.zero.leadingZeroBitCount == 256)
    }

    @Test
    func `overflow of a plain operator traps`() async {
        await #expect(processExitsWith: .failure) { _ = UInt256.max + .one }
        await #expect(processExitsWith: .failure) { _ = UInt256.zero - .one }
        await #expect(processExitsWith: .failure) { _ = UInt256.max * 2 }
        await #expect(processExitsWith: .failure) { _ = UInt256.one / .zero }
    }
}

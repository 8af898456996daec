/// A natural number of any size, for checks that must not use the code they check. Schoolbook arithmetic.
struct Natural: Equatable, Comparable, CustomStringConvertible {
    /// The digits to base 2^32, the lowest first, without leading zeros.
    private(set) var digits: [UInt32]

    private init(digits: [UInt32]) {
        self.digits = digits
        while self.digits.last == 0 { self.digits.removeLast() }
    }

    init(_ value: UInt64) {
        self.init(digits: [UInt32(truncatingIfNeeded: value), UInt32(value >> 32)])
    }

    init(bigEndian bytes: some Collection<UInt8>) {
        self = bytes.reduce(Natural(0)) { $0 * 256 + Natural(UInt64($1)) }
    }

    var bitWidth: Int { digits.count * 32 - (digits.last?.leadingZeroBitCount ?? 0) }

    func bit(_ index: Int) -> Bool {
        index / 32 < digits.count && digits[index / 32] >> UInt32(index % 32) & 1 == 1
    }

    /// Limb `index` of 64 bits.
    func limb(_ index: Int) -> UInt64 {
        let low = 2 * index < digits.count ? UInt64(digits[2 * index]) : 0
        let high = 2 * index + 1 < digits.count ? UInt64(digits[2 * index + 1]) : 0
        return high << 32 | low
    }

    var description: String {
        digits.isEmpty ? "0" : "0x" + digits.reversed().map { String($0, radix: 16) }.joined(separator: "_")
    }

    static func < (left: Natural, right: Natural) -> Bool {
        left.digits.count == right.digits.count
            ? left.digits.reversed().lexicographicallyPrecedes(right.digits.reversed())
            : left.digits.count < right.digits.count
    }

    static func + (left: Natural, right: Natural) -> Natural {
        var sum: [UInt32] = []
        var carry: UInt64 = 0
        for index in 0..<max(left.digits.count, right.digits.count) {
            carry += index < left.digits.count ? UInt64(left.digits[index]) : 0
            carry += index < right.digits.count ? UInt64(right.digits[index]) : 0
            sum.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        return Natural(digits: sum + [UInt32(carry)])
    }

    /// - Precondition: `right` is not the greater.
    static func - (left: Natural, right: Natural) -> Natural {
        var difference = left.digits
        var borrow: Int64 = 0
        for index in difference.indices {
            borrow += Int64(difference[index]) - (index < right.digits.count ? Int64(right.digits[index]) : 0)
            difference[index] = UInt32(truncatingIfNeeded: borrow)
            borrow >>= 32
        }
        precondition(borrow == 0, "\(left) - \(right) is negative")
        return Natural(digits: difference)
    }

    static func * (left: Natural, right: Natural) -> Natural {
        var product = [UInt32](repeating: 0, count: left.digits.count + right.digits.count + 1)
        for (shift, factor) in left.digits.enumerated() {
            var carry: UInt64 = 0
            for (index, digit) in right.digits.enumerated() {
                carry += UInt64(factor) * UInt64(digit) + UInt64(product[shift + index])
                product[shift + index] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            product[shift + right.digits.count] = UInt32(carry)
        }
        return Natural(digits: product)
    }

    /// Long division, each digit estimated from above by the leading digits and corrected (Knuth, volume 2, 4.3.1).
    func divided(by divisor: Natural) -> (quotient: Natural, remainder: Natural) {
        precondition(!divisor.digits.isEmpty, "division by zero")
        let shift = Natural(1 << UInt64(divisor.digits[divisor.digits.count - 1].leadingZeroBitCount))
        let scaled = divisor * shift
        let top = UInt64(scaled.digits[scaled.digits.count - 1])
        var rest = Natural(0)
        var quotient: [UInt32] = []
        for digit in (self * shift).digits.reversed() {
            rest = Natural(digits: [digit] + rest.digits)
            let count = scaled.digits.count
            let head =
                (rest.digits.count > count ? UInt64(rest.digits[count]) << 32 : 0)
                + (rest.digits.count >= count ? UInt64(rest.digits[count - 1]) : 0)
            var estimate = min(head / top, UInt64(UInt32.max))
            while scaled * Natural(estimate) > rest { estimate -= 1 }
            rest = rest - scaled * Natural(estimate)
            quotient.append(UInt32(estimate))
        }
        let result = Natural(digits: quotient.reversed())
        return (result, self - result * divisor)
    }

    static func / (left: Natural, right: Natural) -> Natural { left.divided(by: right).quotient }
    static func % (left: Natural, right: Natural) -> Natural { left.divided(by: right).remainder }

    func power(_ exponent: Int) -> Natural {
        (0..<exponent).reduce(Natural(1)) { power, _ in power * self }
    }

    static func greatestCommonDivisor(_ left: Natural, _ right: Natural) -> Natural {
        right == 0 ? left : greatestCommonDivisor(right, left % right)
    }
}

extension Natural: ExpressibleByIntegerLiteral {
    init(integerLiteral value: UInt64) {
        self.init(value)
    }
}

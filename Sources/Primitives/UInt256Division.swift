// Division: Knuth's algorithm D on 64-bit limbs, with the reciprocal of N. Möller and T. Granlund,
// "Improved division by invariant integers" (IEEE Transactions on Computers, 2011), so that a whole
// division needs one hardware division and every quotient digit only multiplications.

extension UInt256 {
    /// - Precondition: `divisor` is not zero.
    @inlinable
    public func quotientAndRemainder(dividingBy divisor: UInt256) -> (quotient: UInt256, remainder: UInt256) {
        precondition(!divisor.isZero, "UInt256 division by zero")
        if divisor.limb1 | divisor.limb2 | divisor.limb3 == 0 {
            if limb1 | limb2 | limb3 == 0 {
                let (quotient, rest) = limb0.quotientAndRemainder(dividingBy: divisor.limb0)
                return (UInt256(quotient), UInt256(rest))
            }
            let (quotient, rest) = quotientAndRemainder(dividingByLimb: divisor.limb0)
            return (quotient, UInt256(rest))
        }
        if self < divisor { return (0, self) }
        return LongDivisor(divisor).divide(self)
    }

    /// - Precondition: `divisor` is not zero.
    @inlinable
    public static func / (left: UInt256, right: UInt256) -> UInt256 {
        left.quotientAndRemainder(dividingBy: right).quotient
    }

    /// - Precondition: `divisor` is not zero.
    @inlinable
    public static func % (left: UInt256, right: UInt256) -> UInt256 {
        left.quotientAndRemainder(dividingBy: right).remainder
    }

    /// Division by one limb, the fast case.
    ///
    /// - Precondition: `divisor` is not zero.
    public func quotientAndRemainder(dividingByLimb divisor: UInt64) -> (quotient: UInt256, remainder: UInt64) {
        precondition(divisor != 0, "UInt256 division by zero")
        let divider = LimbDivisor(divisor)
        let shifted = self << divider.shift
        var rest = divider.shift == 0 ? 0 : limb3 >> UInt64(64 - divider.shift)
        let digit3 = divider.digit(&rest, shifted.limb3)
        let digit2 = divider.digit(&rest, shifted.limb2)
        let digit1 = divider.digit(&rest, shifted.limb1)
        let digit0 = divider.digit(&rest, shifted.limb0)
        return (UInt256(limbs: digit0, digit1, digit2, digit3), rest >> UInt64(divider.shift))
    }
}

/// A divisor of one limb, shifted so that its top bit is set, with floor((2^128 - 1) / divisor) - 2^64.
struct LimbDivisor {
    let shift: Int
    let divisor, reciprocal: UInt64

    /// - Precondition: `divisor` is not zero.
    init(_ divisor: UInt64) {
        shift = divisor.leadingZeroBitCount
        self.divisor = divisor << UInt64(shift)
        reciprocal = self.divisor.dividingFullWidth((~self.divisor, .max)).quotient
    }

    /// Divides `rest`·2^64 + `next`, leaves the remainder in `rest` and gives the quotient digit.
    ///
    /// - Precondition: `rest` is less than the (shifted) divisor.
    func digit(_ rest: inout UInt64, _ next: UInt64) -> UInt64 {
        let estimate =
            UInt128(reciprocal) &* UInt128(rest) &+ (UInt128(rest) << 64 | UInt128(next))
        var quotient = UInt64(truncatingIfNeeded: estimate >> 64) &+ 1
        var remainder = next &- quotient &* divisor
        if remainder > UInt64(truncatingIfNeeded: estimate) {
            quotient &-= 1
            remainder &+= divisor
        }
        if remainder >= divisor {
            quotient &+= 1
            remainder &-= divisor
        }
        rest = remainder
        return quotient
    }
}

/// A divisor of two to four limbs, shifted so that its top bit is set, with the reciprocal of its two
/// top limbs: floor((2^192 - 1) / top) - 2^64.
@usableFromInline
struct LongDivisor {
    let shift: Int
    let divisor: UInt256
    let top: UInt128
    let reciprocal: UInt64

    /// - Precondition: `divisor` is at least 2^64.
    @usableFromInline
    init(_ divisor: UInt256) {
        shift = divisor.leadingZeroBitCount
        self.divisor = divisor << shift
        top = UInt128(self.divisor.limb3) << 64 | UInt128(self.divisor.limb2)
        reciprocal = Self.reciprocal(of: self.divisor.limb3, self.divisor.limb2)
    }

    private static func reciprocal(of high: UInt64, _ low: UInt64) -> UInt64 {
        var guess = high.dividingFullWidth((~high, .max)).quotient
        var product = high &* guess &+ low
        if product < low {
            guess &-= 1
            if product >= high {
                guess &-= 1
                product &-= high
            }
            product &-= high
        }
        let (carry, rest) = UInt256.multiply(guess, low, adding: 0, 0)
        product &+= carry
        if product < carry {
            guess &-= 1
            if product > high || product == high && rest >= low { guess &-= 1 }
        }
        return guess
    }

    @usableFromInline
    func divide(_ value: UInt256) -> (quotient: UInt256, remainder: UInt256) {
        let bits = shift & 63
        var limbs = value << bits
        var rest = UInt256(bits == 0 ? 0 : value.limb3 >> UInt64(64 - bits))
        var quotient = UInt256(0)
        for _ in 0..<4 + shift / 64 {
            let digit = digit(&rest, limbs.limb3)
            limbs = UInt256(limbs: 0, limbs.limb0, limbs.limb1, limbs.limb2)
            quotient = UInt256(limbs: digit, quotient.limb0, quotient.limb1, quotient.limb2)
        }
        return (quotient, rest >> shift)
    }

    /// The remainder of `high`·2^256 + `low`.
    func remainder(of high: UInt256, _ low: UInt256) -> UInt256 {
        let bits = shift & 63
        var (upper, lower) = (high << bits, low << bits)
        var rest = UInt256(0)
        if bits != 0 {
            upper.limb0 |= low.limb3 >> UInt64(64 - bits)
            rest.limb0 = high.limb3 >> UInt64(64 - bits)
        }
        for _ in 0..<8 + shift / 64 {
            _ = digit(&rest, upper.limb3)
            upper = UInt256(limbs: lower.limb3, upper.limb0, upper.limb1, upper.limb2)
            lower = UInt256(limbs: 0, lower.limb0, lower.limb1, lower.limb2)
        }
        return rest >> shift
    }

    /// Divides `rest`·2^64 + `next`, leaves the remainder in `rest` and gives the quotient digit.
    ///
    /// - Precondition: `rest` is less than the (shifted) divisor.
    @inline(__always)
    private func digit(_ rest: inout UInt256, _ next: UInt64) -> UInt64 {
        let shifted = UInt256(limbs: next, rest.limb0, rest.limb1, rest.limb2)
        if rest.limb3 == 0 {
            // Below 2^256, and the divisor is at least 2^255: the digit is 0 or 1.
            let (difference, below) = shifted.subtractingReportingOverflow(divisor)
            rest = below ? shifted : difference
            return below ? 0 : 1
        }
        var digit = estimate(rest)
        let (high, low) = divisor.multipliedFullWidth(byLimb: digit)
        let (difference, borrow) = shifted.subtractingReportingOverflow(low)
        // The estimate is never too small. Where it is too large the difference is negative: add back.
        var above = rest.limb3 &- high &- (borrow ? 1 : 0)
        rest = difference
        while above != 0 {
            digit &-= 1
            let (sum, carry) = rest.addingReportingOverflow(divisor)
            rest = sum
            above &+= carry ? 1 : 0
        }
        return digit
    }

    /// The top three limbs of `rest` divided by the top two of the divisor, at most 2^64 - 1.
    @inline(__always)
    private func estimate(_ rest: UInt256) -> UInt64 {
        let upper = UInt128(rest.limb3) << 64 | UInt128(rest.limb2)
        guard upper < top else { return .max }
        let guess = UInt128(reciprocal) &* UInt128(rest.limb3) &+ upper
        var digit = UInt64(truncatingIfNeeded: guess >> 64)
        let first = UInt128(rest.limb2 &- digit &* divisor.limb3) << 64 | UInt128(rest.limb1)
        var remainder = first &- UInt128(divisor.limb2) &* UInt128(digit) &- top
        digit &+= 1
        if UInt64(truncatingIfNeeded: remainder >> 64) >= UInt64(truncatingIfNeeded: guess) {
            digit &-= 1
            remainder &+= top
        }
        if remainder >= top { digit &+= 1 }
        return digit
    }
}

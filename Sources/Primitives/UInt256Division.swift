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
        let limbs = value << bits
        // The upper four of five limbs are below the divisor: what was shifted out has fewer than 64 bits.
        var rest = limbs.droppingLowLimb(high: bits == 0 ? 0 : value.limb3 >> UInt64(64 - bits))
        var quotient = UInt256(digit(&rest, limbs.limb0))
        for _ in 0..<shift / 64 {
            let digit = digit(&rest, 0)
            quotient = UInt256(limbs: digit, quotient.limb0, quotient.limb1, quotient.limb2)
        }
        return (quotient, rest >> shift)
    }

    /// The remainder of `high`·2^256 + `low`.
    func remainder(of high: UInt256, _ low: UInt256) -> UInt256 {
        let bits = shift & 63
        var (upper, lower) = (high << bits, low << bits)
        var top = UInt64(0)
        if bits != 0 {
            upper.limb0 |= low.limb3 >> UInt64(64 - bits)
            top = high.limb3 >> UInt64(64 - bits)
        }
        var rest = upper.droppingLowLimb(high: top)
        _ = digit(&rest, upper.limb0)
        for _ in 0..<4 + shift / 64 {
            _ = digit(&rest, lower.limb3)
            lower = UInt256(limbs: 0, lower.limb0, lower.limb1, lower.limb2)
        }
        return rest >> shift
    }

    /// Divides `rest`·2^64 + `next`, leaves the remainder in `rest` and gives the quotient digit.
    ///
    /// - Precondition: `rest` is less than the (shifted) divisor.
    @inline(__always)
    private func digit(_ rest: inout UInt256, _ next: UInt64) -> UInt64 {
        let upper = UInt128(rest.limb3) << 64 | UInt128(rest.limb2)
        guard upper < top else { return largestDigit(&rest, next) }
        var (digit, above) = divideTop(upper, rest.limb1)

        // Take the digit's share of the two low limbs from what the division of the top left over.
        let (carry, low) = UInt256.multiply(digit, divisor.limb0, adding: 0, 0)
        let (high, middle) = UInt256.multiply(digit, divisor.limb1, adding: carry, 0)
        let share = UInt128(middle) << 64 | UInt128(low)
        let (below, borrow) = (UInt128(rest.limb0) << 64 | UInt128(next)).subtractingReportingOverflow(share)
        let (exact, first) = above.subtractingReportingOverflow(UInt128(high))
        let (last, second) = exact.subtractingReportingOverflow(borrow ? 1 : 0)
        above = last
        rest = UInt256(
            limbs: UInt64(truncatingIfNeeded: below), UInt64(truncatingIfNeeded: below >> 64),
            UInt64(truncatingIfNeeded: above), UInt64(truncatingIfNeeded: above >> 64))
        if first || second {
            // The estimate was one too large.
            digit &-= 1
            rest = rest &+ divisor
        }
        return digit
    }

    /// The quotient digit 2^64 - 1, or slightly less: the top limbs equal the divisor's.
    @inline(never)
    private func largestDigit(_ rest: inout UInt256, _ next: UInt64) -> UInt64 {
        var digit = UInt64.max
        let shifted = UInt256(limbs: next, rest.limb0, rest.limb1, rest.limb2)
        let (high, low) = divisor.multipliedFullWidth(byLimb: digit)
        let (difference, borrow) = shifted.subtractingReportingOverflow(low)
        // Negative while the digit is too large: add back.
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

    /// Divides three limbs by the top two of the divisor.
    ///
    /// - Precondition: `upper` is less than `top`.
    @inline(__always)
    private func divideTop(_ upper: UInt128, _ next: UInt64) -> (quotient: UInt64, remainder: UInt128) {
        let guess = UInt128(reciprocal) &* (upper >> 64) &+ upper
        var digit = UInt64(truncatingIfNeeded: guess >> 64)
        let first = UInt64(truncatingIfNeeded: upper) &- digit &* divisor.limb3
        var remainder =
            (UInt128(first) << 64 | UInt128(next)) &- UInt128(divisor.limb2) &* UInt128(digit) &- top
        digit &+= 1
        if UInt64(truncatingIfNeeded: remainder >> 64) >= UInt64(truncatingIfNeeded: guess) {
            digit &-= 1
            remainder &+= top
        }
        if remainder >= top {
            digit &+= 1
            remainder &-= top
        }
        return (digit, remainder)
    }
}

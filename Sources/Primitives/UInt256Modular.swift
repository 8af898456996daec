// Modular and two's complement arithmetic, as the EVM defines it: a zero divisor or modulus gives 0.

extension UInt256 {
    /// `(self + other) mod modulus` on the 257-bit sum; 0 if `modulus` is 0.
    public func addmod(_ other: UInt256, _ modulus: UInt256) -> UInt256 {
        guard !modulus.isZero else { return 0 }
        let left = self < modulus ? self : self % modulus
        let right = other < modulus ? other : other % modulus
        let (sum, overflow) = left.addingReportingOverflow(right)
        // Both terms are below the modulus, so one subtraction is enough.
        return overflow || sum >= modulus ? sum &- modulus : sum
    }

    /// `(self * other) mod modulus` on the 512-bit product; 0 if `modulus` is 0.
    public func mulmod(_ other: UInt256, _ modulus: UInt256) -> UInt256 {
        guard !modulus.isZero else { return 0 }
        let (high, low) = multipliedFullWidth(by: other)
        if high.isZero { return low % modulus }
        if modulus.limb1 | modulus.limb2 | modulus.limb3 == 0 {
            // high·2^256 + low, one half at a time: the remainder of the first leads the second.
            let divider = LimbDivisor(modulus.limb0)
            return UInt256(divider.remainder(of: high, low))
        }
        return LongDivisor(modulus).remainder(of: high, low)
    }

    /// `self` to the power `exponent` modulo 2^256; anything to the power 0 is 1.
    public func exp(_ exponent: UInt256) -> UInt256 {
        var result = UInt256(1)
        for bit in stride(from: 255 - exponent.leadingZeroBitCount, through: 0, by: -1) {
            result = result &* result
            if exponent.byte(31 - bit / 8) >> UInt8(bit & 7) & 1 == 1 { result = result &* self }
        }
        return result
    }

    /// Two's complement quotient, truncated towards zero; 0 if `divisor` is 0.
    ///
    /// The one overflow, -2^255 / -1, wraps to -2^255.
    public func sdiv(_ divisor: UInt256) -> UInt256 {
        guard !divisor.isZero else { return 0 }
        let quotient = magnitude / divisor.magnitude
        return isNegative == divisor.isNegative ? quotient : quotient.negated
    }

    /// Two's complement remainder with the sign of `self`; 0 if `divisor` is 0.
    public func smod(_ divisor: UInt256) -> UInt256 {
        guard !divisor.isZero else { return 0 }
        let rest = magnitude % divisor.magnitude
        return isNegative ? rest.negated : rest
    }

    /// Copies the sign bit of byte `index` (0 is the lowest) into every byte above it; the number itself
    /// if `index` is 31 or more.
    public func signextend(_ index: UInt256) -> UInt256 {
        guard let byte = index.asUInt64, byte < 31 else { return self }
        let shift = 248 - 8 * Int(byte)
        return (self << shift).arithmeticShiftRight(shift)
    }

    /// The absolute value of the two's complement reading; -2^255 gives 2^255.
    public var magnitude: UInt256 { isNegative ? negated : self }
}

extension LimbDivisor {
    /// The remainder of `high`·2^256 + `low`.
    func remainder(of high: UInt256, _ low: UInt256) -> UInt64 {
        var (upper, lower) = (high << shift, low << shift)
        var rest = UInt64(0)
        if shift != 0 {
            upper.limb0 |= low.limb3 >> UInt64(64 - shift)
            rest = high.limb3 >> UInt64(64 - shift)
        }
        for _ in 0..<8 {
            _ = digit(&rest, upper.limb3)
            upper = UInt256(limbs: lower.limb3, upper.limb0, upper.limb1, upper.limb2)
            lower = UInt256(limbs: 0, lower.limb0, lower.limb1, lower.limb2)
        }
        return rest >> UInt64(shift)
    }
}

// Sums, products, shifts and bits. Inlined wherever they are used: a word that goes through memory on its way to
// another function costs more than the sum itself.
// Wrapping operators (`&+`) reduce modulo 2^256; plain ones trap.

extension UInt256 {
    /// Sums of 128 bits carry between the limbs: of these the compiler makes one add and three adds with carry.
    @inlinable @inline(__always)
    public func addingReportingOverflow(_ other: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        let sum0 = UInt128(limb0) &+ UInt128(other.limb0)
        let sum1 = UInt128(limb1) &+ UInt128(other.limb1) &+ (sum0 &>> 64)
        let sum2 = UInt128(limb2) &+ UInt128(other.limb2) &+ (sum1 &>> 64)
        let sum3 = UInt128(limb3) &+ UInt128(other.limb3) &+ (sum2 &>> 64)
        return (UInt256(lowHalves: sum0, sum1, sum2, sum3), sum3 &>> 64 != 0)
    }

    /// self + ~other + 1: what is carried out is the opposite of a borrow.
    @inlinable @inline(__always)
    public func subtractingReportingOverflow(_ other: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        let sum0 = UInt128(limb0) &+ UInt128(~other.limb0) &+ 1
        let sum1 = UInt128(limb1) &+ UInt128(~other.limb1) &+ (sum0 &>> 64)
        let sum2 = UInt128(limb2) &+ UInt128(~other.limb2) &+ (sum1 &>> 64)
        let sum3 = UInt128(limb3) &+ UInt128(~other.limb3) &+ (sum2 &>> 64)
        return (UInt256(lowHalves: sum0, sum1, sum2, sum3), sum3 &>> 64 == 0)
    }

    @inlinable @inline(__always)
    init(lowHalves sum0: UInt128, _ sum1: UInt128, _ sum2: UInt128, _ sum3: UInt128) {
        self.init(
            limbs: UInt64(truncatingIfNeeded: sum0), UInt64(truncatingIfNeeded: sum1),
            UInt64(truncatingIfNeeded: sum2), UInt64(truncatingIfNeeded: sum3))
    }

    @inlinable @inline(__always)
    public func multipliedReportingOverflow(by other: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        let (high, low) = multipliedFullWidth(by: other)
        return (low, !high.isZero)
    }

    /// The whole 512-bit product.
    @inlinable @inline(__always)
    public func multipliedFullWidth(by other: UInt256) -> (high: UInt256, low: UInt256) {
        let row0 = other.multipliedFullWidth(byLimb: limb0)
        let row1 = other.multipliedFullWidth(byLimb: limb1, adding: row0.low.droppingLowLimb(high: row0.high))
        let row2 = other.multipliedFullWidth(byLimb: limb2, adding: row1.low.droppingLowLimb(high: row1.high))
        let row3 = other.multipliedFullWidth(byLimb: limb3, adding: row2.low.droppingLowLimb(high: row2.high))
        return (
            row3.low.droppingLowLimb(high: row3.high),
            UInt256(limbs: row0.low.limb0, row1.low.limb0, row2.low.limb0, row3.low.limb0)
        )
    }

    /// `self * limb + addend` as five limbs; it always fits.
    @inlinable @inline(__always)
    func multipliedFullWidth(byLimb limb: UInt64, adding addend: UInt256 = 0) -> (high: UInt64, low: UInt256) {
        let (carry0, low0) = Self.multiply(limb0, limb, adding: addend.limb0, 0)
        let (carry1, low1) = Self.multiply(limb1, limb, adding: addend.limb1, carry0)
        let (carry2, low2) = Self.multiply(limb2, limb, adding: addend.limb2, carry1)
        let (carry3, low3) = Self.multiply(limb3, limb, adding: addend.limb3, carry2)
        return (carry3, UInt256(limbs: low0, low1, low2, low3))
    }

    @inlinable @inline(__always)
    func droppingLowLimb(high: UInt64) -> UInt256 {
        UInt256(limbs: limb1, limb2, limb3, high)
    }

    /// `left * right + first + second` as two limbs; the largest case is exactly 2^128 - 1.
    @inlinable @inline(__always)
    static func multiply(
        _ left: UInt64, _ right: UInt64, adding first: UInt64, _ second: UInt64
    ) -> (high: UInt64, low: UInt64) {
        let product = UInt128(left) &* UInt128(right) &+ UInt128(first) &+ UInt128(second)
        return (UInt64(truncatingIfNeeded: product >> 64), UInt64(truncatingIfNeeded: product))
    }
}

extension UInt256 {
    @inlinable @inline(__always)
    public static func &+ (left: UInt256, right: UInt256) -> UInt256 {
        left.addingReportingOverflow(right).partialValue
    }

    @inlinable @inline(__always)
    public static func &- (left: UInt256, right: UInt256) -> UInt256 {
        left.subtractingReportingOverflow(right).partialValue
    }

    /// The low 256 bits of the product.
    @inlinable @inline(__always)
    public static func &* (left: UInt256, right: UInt256) -> UInt256 {
        let row0 = right.multipliedFullWidth(byLimb: left.limb0).low
        let (carry1, sum1) = multiply(left.limb1, right.limb0, adding: row0.limb1, 0)
        let (carry2, sum2) = multiply(left.limb1, right.limb1, adding: row0.limb2, carry1)
        let sum3 = row0.limb3 &+ carry2 &+ left.limb1 &* right.limb2
        let (carry4, sum4) = multiply(left.limb2, right.limb0, adding: sum2, 0)
        let sum5 = sum3 &+ carry4 &+ left.limb2 &* right.limb1 &+ left.limb3 &* right.limb0
        return UInt256(limbs: row0.limb0, sum1, sum4, sum5)
    }

    /// - Precondition: the sum fits 256 bits.
    @inlinable @inline(__always)
    public static func + (left: UInt256, right: UInt256) -> UInt256 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        precondition(!overflow, "UInt256 addition overflows")
        return sum
    }

    /// - Precondition: `right` is at most `left`.
    @inlinable @inline(__always)
    public static func - (left: UInt256, right: UInt256) -> UInt256 {
        let (rest, overflow) = left.subtractingReportingOverflow(right)
        precondition(!overflow, "UInt256 subtraction underflows")
        return rest
    }

    /// - Precondition: the product fits 256 bits.
    @inlinable @inline(__always)
    public static func * (left: UInt256, right: UInt256) -> UInt256 {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        precondition(!overflow, "UInt256 multiplication overflows")
        return product
    }

    @inlinable public static func += (left: inout UInt256, right: UInt256) { left = left + right }
    @inlinable public static func -= (left: inout UInt256, right: UInt256) { left = left - right }
    @inlinable public static func *= (left: inout UInt256, right: UInt256) { left = left * right }

    /// The two's complement: 2^256 - self, and 0 for 0.
    @inlinable public var negated: UInt256 { 0 &- self }
}

extension UInt256 {
    @inlinable @inline(__always)
    public static func & (left: UInt256, right: UInt256) -> UInt256 {
        UInt256(
            limbs: left.limb0 & right.limb0, left.limb1 & right.limb1, left.limb2 & right.limb2,
            left.limb3 & right.limb3)
    }

    @inlinable @inline(__always)
    public static func | (left: UInt256, right: UInt256) -> UInt256 {
        UInt256(
            limbs: left.limb0 | right.limb0, left.limb1 | right.limb1, left.limb2 | right.limb2,
            left.limb3 | right.limb3)
    }

    @inlinable @inline(__always)
    public static func ^ (left: UInt256, right: UInt256) -> UInt256 {
        UInt256(
            limbs: left.limb0 ^ right.limb0, left.limb1 ^ right.limb1, left.limb2 ^ right.limb2,
            left.limb3 ^ right.limb3)
    }

    @inlinable @inline(__always)
    public static prefix func ~ (value: UInt256) -> UInt256 {
        UInt256(limbs: ~value.limb0, ~value.limb1, ~value.limb2, ~value.limb3)
    }

    /// Shifts towards the high end; 256 bits or more leave 0.
    ///
    /// - Precondition: `bits` is not negative.
    @inlinable @inline(__always)
    public static func << (value: UInt256, bits: Int) -> UInt256 {
        precondition(bits >= 0, "a shift is not negative")
        guard bits < 256 else { return 0 }
        var moved = value
        if bits & 128 != 0 { moved = UInt256(limbs: 0, 0, moved.limb0, moved.limb1) }
        if bits & 64 != 0 { moved = UInt256(limbs: 0, moved.limb0, moved.limb1, moved.limb2) }
        let rest = UInt64(bits & 63)
        guard rest != 0 else { return moved }
        let back = 64 &- rest
        return UInt256(
            limbs: moved.limb0 &<< rest,
            moved.limb1 &<< rest | moved.limb0 &>> back,
            moved.limb2 &<< rest | moved.limb1 &>> back,
            moved.limb3 &<< rest | moved.limb2 &>> back)
    }

    /// Shifts towards the low end; 256 bits or more leave 0.
    ///
    /// - Precondition: `bits` is not negative.
    @inlinable @inline(__always)
    public static func >> (value: UInt256, bits: Int) -> UInt256 {
        precondition(bits >= 0, "a shift is not negative")
        guard bits < 256 else { return 0 }
        var moved = value
        if bits & 128 != 0 { moved = UInt256(limbs: moved.limb2, moved.limb3, 0, 0) }
        if bits & 64 != 0 { moved = UInt256(limbs: moved.limb1, moved.limb2, moved.limb3, 0) }
        let rest = UInt64(bits & 63)
        guard rest != 0 else { return moved }
        let back = 64 &- rest
        return UInt256(
            limbs: moved.limb0 &>> rest | moved.limb1 &<< back,
            moved.limb1 &>> rest | moved.limb2 &<< back,
            moved.limb2 &>> rest | moved.limb3 &<< back,
            moved.limb3 &>> rest)
    }

    /// Shifts towards the low end, filling with the sign bit (EIP-145, SAR).
    ///
    /// - Precondition: `bits` is not negative.
    @inlinable @inline(__always)
    public func arithmeticShiftRight(_ bits: Int) -> UInt256 {
        isNegative ? ~(~self >> bits) : self >> bits
    }

    /// How many of the highest bits are zero: 256 for 0 (EIP-7939, CLZ).
    @inlinable @inline(__always)
    public var leadingZeroBitCount: Int {
        if limb3 != 0 { return limb3.leadingZeroBitCount }
        if limb2 != 0 { return 64 + limb2.leadingZeroBitCount }
        if limb1 != 0 { return 128 + limb1.leadingZeroBitCount }
        return 192 + limb0.leadingZeroBitCount
    }
}

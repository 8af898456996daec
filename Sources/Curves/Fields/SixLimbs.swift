/// 384 bits: the digits of BLS12-381's base field.
struct SixLimbs: LimbVector {
    var l0, l1, l2, l3, l4, l5: UInt64

    @inline(__always)
    init(_ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64, _ l4: UInt64, _ l5: UInt64) {
        (self.l0, self.l1, self.l2, self.l3, self.l4, self.l5) = (l0, l1, l2, l3, l4, l5)
    }

    @inline(__always)
    init(_ limb: (Int) -> UInt64) {
        self.init(limb(0), limb(1), limb(2), limb(3), limb(4), limb(5))
    }

    static var count: Int { 6 }
    @inline(__always) static var zero: SixLimbs { SixLimbs(0, 0, 0, 0, 0, 0) }
    @inline(__always) var isZero: Bool { l0 | l1 | l2 | l3 | l4 | l5 == 0 }

    @inline(__always)
    subscript(index: Int) -> UInt64 {
        switch index {
        case 0: l0
        case 1: l1
        case 2: l2
        case 3: l3
        case 4: l4
        default: l5
        }
    }

    @inline(__always)
    static func &+ (left: SixLimbs, right: SixLimbs) -> SixLimbs {
        var carry = false
        let l0 = add(left.l0, right.l0, &carry)
        let l1 = add(left.l1, right.l1, &carry)
        let l2 = add(left.l2, right.l2, &carry)
        let l3 = add(left.l3, right.l3, &carry)
        let l4 = add(left.l4, right.l4, &carry)
        let l5 = add(left.l5, right.l5, &carry)
        return SixLimbs(l0, l1, l2, l3, l4, l5)
    }

    @inline(__always)
    func subtracting(_ other: SixLimbs) -> (difference: SixLimbs, borrow: Bool) {
        var borrow = false
        let d0 = subtract(l0, other.l0, &borrow)
        let d1 = subtract(l1, other.l1, &borrow)
        let d2 = subtract(l2, other.l2, &borrow)
        let d3 = subtract(l3, other.l3, &borrow)
        let d4 = subtract(l4, other.l4, &borrow)
        let d5 = subtract(l5, other.l5, &borrow)
        return (SixLimbs(d0, d1, d2, d3, d4, d5), borrow)
    }

    @inline(__always)
    func selected(if condition: Bool, else other: SixLimbs) -> SixLimbs {
        let mask: UInt64 = condition ? .max : 0
        return SixLimbs(
            l0 & mask | other.l0 & ~mask, l1 & mask | other.l1 & ~mask,
            l2 & mask | other.l2 & ~mask, l3 & mask | other.l3 & ~mask,
            l4 & mask | other.l4 & ~mask, l5 & mask | other.l5 & ~mask)
    }

    @inline(__always)
    func halved(top: UInt64) -> SixLimbs {
        SixLimbs(
            l0 >> 1 | l1 << 63, l1 >> 1 | l2 << 63, l2 >> 1 | l3 << 63,
            l3 >> 1 | l4 << 63, l4 >> 1 | l5 << 63, l5 >> 1 | top << 63)
    }
}

// Montgomery multiplication: one row a limb of the right factor.
extension SixLimbs {
    @inline(__always)
    static func montgomeryProduct(
        _ a: SixLimbs, _ b: SixLimbs, modulus p: SixLimbs, inverse: UInt64
    ) -> SixLimbs {
        var sum = zero
        sum.addRow(a, b.l0, p, inverse)
        sum.addRow(a, b.l1, p, inverse)
        sum.addRow(a, b.l2, p, inverse)
        sum.addRow(a, b.l3, p, inverse)
        sum.addRow(a, b.l4, p, inverse)
        sum.addRow(a, b.l5, p, inverse)
        let (reduced, borrow) = sum.subtracting(p)
        return sum.selected(if: borrow, else: reduced)
    }

    @inline(__always)
    static func montgomerySum(
        _ a: SixLimbs, _ b: SixLimbs, plus c: SixLimbs, _ d: SixLimbs, modulus p: SixLimbs, inverse: UInt64
    ) -> SixLimbs {
        var sum = zero
        sum.addRows(a, b.l0, c, d.l0, p, inverse)
        sum.addRows(a, b.l1, c, d.l1, p, inverse)
        sum.addRows(a, b.l2, c, d.l2, p, inverse)
        sum.addRows(a, b.l3, c, d.l3, p, inverse)
        sum.addRows(a, b.l4, c, d.l4, p, inverse)
        sum.addRows(a, b.l5, c, d.l5, p, inverse)
        let (reduced, borrow) = sum.subtracting(p)
        return sum.selected(if: borrow, else: reduced)
    }

    /// `(self + a·b + m·p) / 2^64` with the m that makes the division exact.
    @inline(__always)
    private mutating func addRow(_ a: SixLimbs, _ b: UInt64, _ p: SixLimbs, _ inverse: UInt64) {
        var high: UInt64 = 0
        var carry: UInt64 = 0
        let low = multiplyAdd(l0, a.l0, b, &high)
        let m = low &* inverse
        _ = multiplyAdd(low, m, p.l0, &carry)
        l0 = multiplyAdd(multiplyAdd(l1, a.l1, b, &high), m, p.l1, &carry)
        l1 = multiplyAdd(multiplyAdd(l2, a.l2, b, &high), m, p.l2, &carry)
        l2 = multiplyAdd(multiplyAdd(l3, a.l3, b, &high), m, p.l3, &carry)
        l3 = multiplyAdd(multiplyAdd(l4, a.l4, b, &high), m, p.l4, &carry)
        l4 = multiplyAdd(multiplyAdd(l5, a.l5, b, &high), m, p.l5, &carry)
        l5 = high &+ carry
    }

    /// `(self + a·b + c·d + m·p) / 2^64` with the m that makes the division exact.
    @inline(__always)
    private mutating func addRows(
        _ a: SixLimbs, _ b: UInt64, _ c: SixLimbs, _ d: UInt64, _ p: SixLimbs, _ inverse: UInt64
    ) {
        var high: UInt64 = 0
        var other: UInt64 = 0
        var carry: UInt64 = 0
        let low = multiplyAdd(multiplyAdd(l0, a.l0, b, &high), c.l0, d, &other)
        let m = low &* inverse
        _ = multiplyAdd(low, m, p.l0, &carry)
        let s1 = multiplyAdd(multiplyAdd(l1, a.l1, b, &high), c.l1, d, &other)
        l0 = multiplyAdd(s1, m, p.l1, &carry)
        let s2 = multiplyAdd(multiplyAdd(l2, a.l2, b, &high), c.l2, d, &other)
        l1 = multiplyAdd(s2, m, p.l2, &carry)
        let s3 = multiplyAdd(multiplyAdd(l3, a.l3, b, &high), c.l3, d, &other)
        l2 = multiplyAdd(s3, m, p.l3, &carry)
        let s4 = multiplyAdd(multiplyAdd(l4, a.l4, b, &high), c.l4, d, &other)
        l3 = multiplyAdd(s4, m, p.l4, &carry)
        let s5 = multiplyAdd(multiplyAdd(l5, a.l5, b, &high), c.l5, d, &other)
        l4 = multiplyAdd(s5, m, p.l5, &carry)
        l5 = high &+ other &+ carry
    }
}

// The steps of the inversion.
extension SixLimbs {
    @inline(__always)
    static func combined(_ a: SixLimbs, _ u: Int64, _ b: SixLimbs, _ v: Int64) -> SixLimbs {
        var sum: Int128 = 0
        sum &+= product(a.l0, u) &+ product(b.l0, v)
        let s0 = takeLimb(&sum)
        sum &+= product(a.l1, u) &+ product(b.l1, v)
        let s1 = takeLimb(&sum)
        sum &+= product(a.l2, u) &+ product(b.l2, v)
        let s2 = takeLimb(&sum)
        sum &+= product(a.l3, u) &+ product(b.l3, v)
        let s3 = takeLimb(&sum)
        sum &+= product(a.l4, u) &+ product(b.l4, v)
        let s4 = takeLimb(&sum)
        sum &+= Int128(Int64(bitPattern: a.l5)) &* Int128(u) &+ Int128(Int64(bitPattern: b.l5)) &* Int128(v)
        let s5 = takeLimb(&sum)
        return SixLimbs(s0, s1, s2, s3, s4, s5).dividedByStep(high: sum)
    }

    @inline(__always)
    static func combined(
        _ a: SixLimbs, _ u: Int64, _ b: SixLimbs, _ v: Int64, _ p: SixLimbs, _ w: Int64
    ) -> SixLimbs {
        var sum: Int128 = 0
        sum &+= product(a.l0, u) &+ product(b.l0, v) &+ product(p.l0, w)
        let s0 = takeLimb(&sum)
        sum &+= product(a.l1, u) &+ product(b.l1, v) &+ product(p.l1, w)
        let s1 = takeLimb(&sum)
        sum &+= product(a.l2, u) &+ product(b.l2, v) &+ product(p.l2, w)
        let s2 = takeLimb(&sum)
        sum &+= product(a.l3, u) &+ product(b.l3, v) &+ product(p.l3, w)
        let s3 = takeLimb(&sum)
        sum &+= product(a.l4, u) &+ product(b.l4, v) &+ product(p.l4, w)
        let s4 = takeLimb(&sum)
        sum &+= Int128(Int64(bitPattern: a.l5)) &* Int128(u) &+ Int128(Int64(bitPattern: b.l5)) &* Int128(v)
        sum &+= product(p.l5, w)
        let s5 = takeLimb(&sum)
        return SixLimbs(s0, s1, s2, s3, s4, s5).dividedByStep(high: sum)
    }

    /// The number with `high` above its limbs, divided by 2^60; it must fit the limbs.
    @inline(__always)
    private func dividedByStep(high: Int128) -> SixLimbs {
        let top = UInt64(truncatingIfNeeded: high)
        return SixLimbs(
            l0 >> 60 | l1 << 4, l1 >> 60 | l2 << 4, l2 >> 60 | l3 << 4,
            l3 >> 60 | l4 << 4, l4 >> 60 | l5 << 4, l5 >> 60 | top << 4)
    }
}

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
    func adding(_ other: SixLimbs, carry: inout UInt128) -> SixLimbs {
        let s0 = add(l0, other.l0, &carry)
        let s1 = add(l1, other.l1, &carry)
        let s2 = add(l2, other.l2, &carry)
        let s3 = add(l3, other.l3, &carry)
        let s4 = add(l4, other.l4, &carry)
        let s5 = add(l5, other.l5, &carry)
        return SixLimbs(s0, s1, s2, s3, s4, s5)
    }

    @inline(__always) var complement: SixLimbs { SixLimbs(~l0, ~l1, ~l2, ~l3, ~l4, ~l5) }

    @inline(__always)
    func selected(if condition: Bool, else other: SixLimbs) -> SixLimbs {
        SixLimbs(
            condition ? l0 : other.l0, condition ? l1 : other.l1,
            condition ? l2 : other.l2, condition ? l3 : other.l3,
            condition ? l4 : other.l4, condition ? l5 : other.l5)
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

    /// `(self + a·b + m·p) / 2^64` with the m that makes the division exact.
    @inline(__always)
    private mutating func addRow(_ a: SixLimbs, _ b: UInt64, _ p: SixLimbs, _ inverse: UInt64) {
        var high: UInt64 = 0
        let s0 = multiplyAdd(l0, a.l0, b, &high)
        let s1 = multiplyAdd(l1, a.l1, b, &high)
        let s2 = multiplyAdd(l2, a.l2, b, &high)
        let s3 = multiplyAdd(l3, a.l3, b, &high)
        let s4 = multiplyAdd(l4, a.l4, b, &high)
        let s5 = multiplyAdd(l5, a.l5, b, &high)
        self = SixLimbs(s0, s1, s2, s3, s4, s5).reducedRow(high, p, inverse)
    }

    /// The number with `top` above its limbs, plus m·p, divided by 2^64.
    @inline(__always)
    private func reducedRow(_ top: UInt64, _ p: SixLimbs, _ inverse: UInt64) -> SixLimbs {
        let m = l0 &* inverse
        var carry: UInt64 = 0
        _ = multiplyAdd(l0, m, p.l0, &carry)
        let r0 = multiplyAdd(l1, m, p.l1, &carry)
        let r1 = multiplyAdd(l2, m, p.l2, &carry)
        let r2 = multiplyAdd(l3, m, p.l3, &carry)
        let r3 = multiplyAdd(l4, m, p.l4, &carry)
        let r4 = multiplyAdd(l5, m, p.l5, &carry)
        return SixLimbs(r0, r1, r2, r3, r4, top &+ carry)
    }
}

// Products of twice the width, and their reduction, for sums of products that are reduced once.
extension SixLimbs {
    @inline(__always)
    func multipliedFullWidth(by other: SixLimbs) -> (low: SixLimbs, high: SixLimbs) {
        var rest = SixLimbs.zero
        let low0 = rest.takeRow(self, other.l0)
        let low1 = rest.takeRow(self, other.l1)
        let low2 = rest.takeRow(self, other.l2)
        let low3 = rest.takeRow(self, other.l3)
        let low4 = rest.takeRow(self, other.l4)
        let low5 = rest.takeRow(self, other.l5)
        return (SixLimbs(low0, low1, low2, low3, low4, low5), rest)
    }

    /// Adds a·b, takes the lowest limb out and moves the others down.
    @inline(__always)
    private mutating func takeRow(_ a: SixLimbs, _ b: UInt64) -> UInt64 {
        var high: UInt64 = 0
        let s0 = multiplyAdd(l0, a.l0, b, &high)
        let s1 = multiplyAdd(l1, a.l1, b, &high)
        let s2 = multiplyAdd(l2, a.l2, b, &high)
        let s3 = multiplyAdd(l3, a.l3, b, &high)
        let s4 = multiplyAdd(l4, a.l4, b, &high)
        let s5 = multiplyAdd(l5, a.l5, b, &high)
        self = SixLimbs(s1, s2, s3, s4, s5, high)
        return s0
    }

    @inline(__always)
    static func montgomeryReduction(low: SixLimbs, high: SixLimbs, modulus p: SixLimbs, inverse: UInt64) -> SixLimbs {
        var rest = low
        var carry: UInt128 = 0
        rest.reduceRow(high.l0, &carry, p, inverse)
        rest.reduceRow(high.l1, &carry, p, inverse)
        rest.reduceRow(high.l2, &carry, p, inverse)
        rest.reduceRow(high.l3, &carry, p, inverse)
        rest.reduceRow(high.l4, &carry, p, inverse)
        rest.reduceRow(high.l5, &carry, p, inverse)
        let (reduced, borrow) = rest.subtracting(p)
        return rest.selected(if: borrow, else: reduced)
    }

    /// Adds m·p with the m that makes the lowest limb 0, and moves down with `next`; `carry` is due one limb higher.
    @inline(__always)
    private mutating func reduceRow(_ next: UInt64, _ carry: inout UInt128, _ p: SixLimbs, _ inverse: UInt64) {
        let m = l0 &* inverse
        var high: UInt64 = 0
        _ = multiplyAdd(l0, m, p.l0, &high)
        let r0 = multiplyAdd(l1, m, p.l1, &high)
        let r1 = multiplyAdd(l2, m, p.l2, &high)
        let r2 = multiplyAdd(l3, m, p.l3, &high)
        let r3 = multiplyAdd(l4, m, p.l4, &high)
        let r4 = multiplyAdd(l5, m, p.l5, &high)
        self = SixLimbs(r0, r1, r2, r3, r4, add(next, high, &carry))
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

/// 256 bits: the digits of BN254's base field.
struct FourLimbs: LimbVector {
    var l0, l1, l2, l3: UInt64

    @inline(__always)
    init(_ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64) {
        (self.l0, self.l1, self.l2, self.l3) = (l0, l1, l2, l3)
    }

    @inline(__always)
    init(_ limb: (Int) -> UInt64) {
        self.init(limb(0), limb(1), limb(2), limb(3))
    }

    static var count: Int { 4 }
    @inline(__always) static var zero: FourLimbs { FourLimbs(0, 0, 0, 0) }
    @inline(__always) var isZero: Bool { l0 | l1 | l2 | l3 == 0 }

    @inline(__always)
    subscript(index: Int) -> UInt64 {
        switch index {
        case 0: l0
        case 1: l1
        case 2: l2
        default: l3
        }
    }

    @inline(__always)
    func adding(_ other: FourLimbs, carry: inout UInt128) -> FourLimbs {
        let s0 = add(l0, other.l0, &carry)
        let s1 = add(l1, other.l1, &carry)
        let s2 = add(l2, other.l2, &carry)
        let s3 = add(l3, other.l3, &carry)
        return FourLimbs(s0, s1, s2, s3)
    }

    @inline(__always) var complement: FourLimbs { FourLimbs(~l0, ~l1, ~l2, ~l3) }

    @inline(__always)
    func selected(if condition: Bool, else other: FourLimbs) -> FourLimbs {
        FourLimbs(
            condition ? l0 : other.l0, condition ? l1 : other.l1,
            condition ? l2 : other.l2, condition ? l3 : other.l3)
    }

    @inline(__always)
    func halved(top: UInt64) -> FourLimbs {
        FourLimbs(
            l0 >> 1 | l1 << 63, l1 >> 1 | l2 << 63, l2 >> 1 | l3 << 63,
            l3 >> 1 | top << 63)
    }
}

// Montgomery multiplication: one row a limb of the right factor.
extension FourLimbs {
    @inline(__always)
    static func montgomeryProduct(
        _ a: FourLimbs, _ b: FourLimbs, modulus p: FourLimbs, inverse: UInt64
    ) -> FourLimbs {
        var sum = zero
        sum.addRow(a, b.l0, p, inverse)
        sum.addRow(a, b.l1, p, inverse)
        sum.addRow(a, b.l2, p, inverse)
        sum.addRow(a, b.l3, p, inverse)
        let (reduced, borrow) = sum.subtracting(p)
        return sum.selected(if: borrow, else: reduced)
    }

    /// `(self + a·b + m·p) / 2^64` with the m that makes the division exact.
    @inline(__always)
    private mutating func addRow(_ a: FourLimbs, _ b: UInt64, _ p: FourLimbs, _ inverse: UInt64) {
        var high: UInt64 = 0
        let s0 = multiplyAdd(l0, a.l0, b, &high)
        let s1 = multiplyAdd(l1, a.l1, b, &high)
        let s2 = multiplyAdd(l2, a.l2, b, &high)
        let s3 = multiplyAdd(l3, a.l3, b, &high)
        self = FourLimbs(s0, s1, s2, s3).reducedRow(high, p, inverse)
    }

    /// The number with `top` above its limbs, plus m·p, divided by 2^64.
    @inline(__always)
    private func reducedRow(_ top: UInt64, _ p: FourLimbs, _ inverse: UInt64) -> FourLimbs {
        let m = l0 &* inverse
        var carry: UInt64 = 0
        _ = multiplyAdd(l0, m, p.l0, &carry)
        let r0 = multiplyAdd(l1, m, p.l1, &carry)
        let r1 = multiplyAdd(l2, m, p.l2, &carry)
        let r2 = multiplyAdd(l3, m, p.l3, &carry)
        return FourLimbs(r0, r1, r2, top &+ carry)
    }
}

// Products of twice the width, and their reduction, for sums of products that are reduced once.
extension FourLimbs {
    @inline(__always)
    func multipliedFullWidth(by other: FourLimbs) -> (low: FourLimbs, high: FourLimbs) {
        var rest = FourLimbs.zero
        let low0 = rest.takeRow(self, other.l0)
        let low1 = rest.takeRow(self, other.l1)
        let low2 = rest.takeRow(self, other.l2)
        let low3 = rest.takeRow(self, other.l3)
        return (FourLimbs(low0, low1, low2, low3), rest)
    }

    /// Adds a·b, takes the lowest limb out and moves the others down.
    @inline(__always)
    private mutating func takeRow(_ a: FourLimbs, _ b: UInt64) -> UInt64 {
        var high: UInt64 = 0
        let s0 = multiplyAdd(l0, a.l0, b, &high)
        let s1 = multiplyAdd(l1, a.l1, b, &high)
        let s2 = multiplyAdd(l2, a.l2, b, &high)
        let s3 = multiplyAdd(l3, a.l3, b, &high)
        self = FourLimbs(s1, s2, s3, high)
        return s0
    }

    @inline(__always)
    static func montgomeryReduction(low: FourLimbs, high: FourLimbs, modulus p: FourLimbs, inverse: UInt64) -> FourLimbs
    {
        var rest = low
        var carry: UInt128 = 0
        rest.reduceRow(high.l0, &carry, p, inverse)
        rest.reduceRow(high.l1, &carry, p, inverse)
        rest.reduceRow(high.l2, &carry, p, inverse)
        rest.reduceRow(high.l3, &carry, p, inverse)
        let (reduced, borrow) = rest.subtracting(p)
        return rest.selected(if: borrow, else: reduced)
    }

    /// Adds m·p with the m that makes the lowest limb 0, and moves down with `next`; `carry` is due one limb higher.
    @inline(__always)
    private mutating func reduceRow(_ next: UInt64, _ carry: inout UInt128, _ p: FourLimbs, _ inverse: UInt64) {
        let m = l0 &* inverse
        var high: UInt64 = 0
        _ = multiplyAdd(l0, m, p.l0, &high)
        let r0 = multiplyAdd(l1, m, p.l1, &high)
        let r1 = multiplyAdd(l2, m, p.l2, &high)
        let r2 = multiplyAdd(l3, m, p.l3, &high)
        self = FourLimbs(r0, r1, r2, add(next, high, &carry))
    }
}

// The steps of the inversion.
extension FourLimbs {
    @inline(__always)
    static func combined(_ a: FourLimbs, _ u: Int64, _ b: FourLimbs, _ v: Int64) -> FourLimbs {
        var sum: Int128 = 0
        sum &+= product(a.l0, u) &+ product(b.l0, v)
        let s0 = takeLimb(&sum)
        sum &+= product(a.l1, u) &+ product(b.l1, v)
        let s1 = takeLimb(&sum)
        sum &+= product(a.l2, u) &+ product(b.l2, v)
        let s2 = takeLimb(&sum)
        sum &+= Int128(Int64(bitPattern: a.l3)) &* Int128(u) &+ Int128(Int64(bitPattern: b.l3)) &* Int128(v)
        let s3 = takeLimb(&sum)
        return FourLimbs(s0, s1, s2, s3).dividedByStep(high: sum)
    }

    @inline(__always)
    static func combined(
        _ a: FourLimbs, _ u: Int64, _ b: FourLimbs, _ v: Int64, _ p: FourLimbs, _ w: Int64
    ) -> FourLimbs {
        var sum: Int128 = 0
        sum &+= product(a.l0, u) &+ product(b.l0, v) &+ product(p.l0, w)
        let s0 = takeLimb(&sum)
        sum &+= product(a.l1, u) &+ product(b.l1, v) &+ product(p.l1, w)
        let s1 = takeLimb(&sum)
        sum &+= product(a.l2, u) &+ product(b.l2, v) &+ product(p.l2, w)
        let s2 = takeLimb(&sum)
        sum &+= Int128(Int64(bitPattern: a.l3)) &* Int128(u) &+ Int128(Int64(bitPattern: b.l3)) &* Int128(v)
        sum &+= product(p.l3, w)
        let s3 = takeLimb(&sum)
        return FourLimbs(s0, s1, s2, s3).dividedByStep(high: sum)
    }

    /// The number with `high` above its limbs, divided by 2^60; it must fit the limbs.
    @inline(__always)
    private func dividedByStep(high: Int128) -> FourLimbs {
        let top = UInt64(truncatingIfNeeded: high)
        return FourLimbs(
            l0 >> 60 | l1 << 4, l1 >> 60 | l2 << 4, l2 >> 60 | l3 << 4,
            l3 >> 60 | top << 4)
    }
}

import Primitives

/// A fixed number of 64-bit limbs, the least significant first: the digits of a prime field's element.
///
/// Everything a Montgomery field asks of its digits, written once for each width so that the compiler keeps the
/// limbs in registers. Sums and differences wrap; the caller knows its bounds.
protocol LimbVector: Equatable, Sendable, BitwiseCopyable {
    /// How many limbs there are.
    static var count: Int { get }
    static var zero: Self { get }

    /// Takes limb `i` from `limb(i)`.
    init(_ limb: (Int) -> UInt64)

    /// - Precondition: `index` is in `0..<count`.
    subscript(index: Int) -> UInt64 { get }

    var isZero: Bool { get }

    /// The sum with `carry`, which becomes what does not fit: 0 or 1.
    func adding(_ other: Self, carry: inout UInt128) -> Self

    /// Every bit inverted.
    var complement: Self { get }

    /// `self` where `condition` holds, else `other`, without a branch.
    func selected(if condition: Bool, else other: Self) -> Self

    /// Half the value; `top` becomes the highest bit.
    func halved(top: UInt64) -> Self

    /// `a·b / 2^(64·count) mod p`, below p, for operands below p (Montgomery 1985, with multiplication and
    /// reduction interleaved limb by limb as in Koç, Acar and Kaliski 1996).
    ///
    /// - Parameters:
    ///   - p: An odd modulus with at least two leading zero bits, so that no carry leaves the limbs.
    ///   - inverse: `-1/p mod 2^64`.
    static func montgomeryProduct(_ a: Self, _ b: Self, modulus p: Self, inverse: UInt64) -> Self

    /// The whole product.
    func multipliedFullWidth(by other: Self) -> (low: Self, high: Self)

    /// `(low + 2^(64·count)·high) / 2^(64·count) mod p`, below p, for a number below 2^(64·count)·p.
    static func montgomeryReduction(low: Self, high: Self, modulus p: Self, inverse: UInt64) -> Self

    /// `(a·u + b·v) / 2^60`, exact, all in two's complement.
    ///
    /// - Precondition: `|u| + |v| <= 2^60`, and the sum is a multiple of 2^60.
    static func combined(_ a: Self, _ u: Int64, _ b: Self, _ v: Int64) -> Self

    /// `(a·u + b·v + p·w) / 2^60`, exact, all in two's complement.
    ///
    /// - Precondition: `|u| + |v| <= 2^60`, `|w| <= 2^61`, and the sum is a multiple of 2^60.
    static func combined(_ a: Self, _ u: Int64, _ b: Self, _ v: Int64, _ p: Self, _ w: Int64) -> Self
}

extension LimbVector {
    /// Whether the number is negative when read as two's complement.
    @inline(__always)
    var isNegative: Bool { Int64(bitPattern: self[Self.count - 1]) < 0 }

    @inline(__always)
    static func &+ (left: Self, right: Self) -> Self {
        var carry: UInt128 = 0
        return left.adding(right, carry: &carry)
    }

    /// The difference, and whether `other` was the greater.
    @inline(__always)
    func subtracting(_ other: Self) -> (difference: Self, borrow: Bool) {
        // self + ~other + 1 carries where a difference does not borrow.
        var carry: UInt128 = 1
        let difference = adding(other.complement, carry: &carry)
        return (difference, carry == 0)
    }

    @inline(__always)
    static func < (left: Self, right: Self) -> Bool {
        left.subtracting(right).borrow
    }

    /// Bit `index`, 0 for the lowest.
    @inline(__always)
    func bit(_ index: Int) -> Bool {
        self[index >> 6] >> UInt64(index & 63) & 1 == 1
    }

    /// The `width` bits from bit `low` upwards; bits above the limbs are 0.
    ///
    /// - Precondition: `width` is below 64 and `low` lies within the limbs.
    func bits(from low: Int, width: Int) -> Int {
        let limb = low >> 6
        let shift = low & 63
        var window = self[limb] >> UInt64(shift)
        if shift + width > 64, limb + 1 < Self.count { window |= self[limb + 1] << UInt64(64 - shift) }
        return Int(truncatingIfNeeded: window & (1 << UInt64(width) - 1))
    }

    /// The number divided by a small one, rounded down.
    func divided(by divisor: UInt64) -> Self {
        var remainder: UInt64 = 0
        var quotients: [UInt64] = []
        for index in (0..<Self.count).reversed() {
            let (quotient, rest) = divisor.dividingFullWidth((remainder, self[index]))
            quotients.append(quotient)
            remainder = rest
        }
        return Self { quotients[Self.count - 1 - $0] }
    }

    /// The vector whose only limb is the lowest one.
    init(low: UInt64) {
        self.init { $0 == 0 ? low : 0 }
    }

    /// The value of a literal. Traps where it is negative or does not fit: a literal is part of the program.
    init(literal: StaticBigInt) {
        precondition(literal.signum() >= 0 && literal.bitWidth <= 64 * Self.count + 1, "a literal beyond the limbs")
        self.init { UInt64(literal[$0]) }
    }

    /// Reads `8·count` bytes from `start`, the most significant first.
    @inline(__always)
    init(bigEndian bytes: ArraySlice<UInt8>, at start: Int) {
        self.init { index in
            let first = start + 8 * (Self.count - 1 - index)
            var word: UInt64 = 0
            for position in first..<(first + 8) { word = word << 8 | UInt64(bytes[position]) }
            return word
        }
    }

    /// All `8·count` bytes, the most significant first.
    var bigEndianBytes: Bytes {
        var bytes: Bytes = []
        bytes.reserveCapacity(8 * Self.count)
        for index in (0..<Self.count).reversed() {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: self[index] >> UInt64(shift)))
            }
        }
        return bytes
    }
}

/// The low limb of `left + right + carry`; the bit above it becomes `carry`. Of a chain of these the compiler makes
/// additions with carry; of carries that are Booleans it makes branches.
@inline(__always)
func add(_ left: UInt64, _ right: UInt64, _ carry: inout UInt128) -> UInt64 {
    let sum = UInt128(left) &+ UInt128(right) &+ carry
    carry = sum &>> 64
    return UInt64(truncatingIfNeeded: sum)
}

/// The low limb of `addend + left·right + carry`; the high limb, which cannot overflow, becomes `carry`.
@inline(__always)
func multiplyAdd(_ addend: UInt64, _ left: UInt64, _ right: UInt64, _ carry: inout UInt64) -> UInt64 {
    let wide = UInt128(left) &* UInt128(right) &+ UInt128(addend) &+ UInt128(carry)
    carry = UInt64(truncatingIfNeeded: wide >> 64)
    return UInt64(truncatingIfNeeded: wide)
}

/// Adds `limb·factor` to the running signed sum and takes its low limb out; `limb` is unsigned.
@inline(__always)
func product(_ limb: UInt64, _ factor: Int64) -> Int128 {
    Int128(limb) &* Int128(factor)
}

/// The low limb of a running signed sum, which moves one limb down.
@inline(__always)
func takeLimb(_ sum: inout Int128) -> UInt64 {
    let limb = UInt64(truncatingIfNeeded: sum)
    sum >>= 64
    return limb
}

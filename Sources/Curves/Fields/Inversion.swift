// Inversion modulo an odd number by the division steps of Bernstein and Yang, "Fast constant-time gcd computation
// and modular inversion" (2019), in the variant that may branch on its operands: everything here is public.

/// The steps of one batch, as the matrix [[u, v], [q, r]] that takes 2^60·(f, g) to the new pair.
private struct DivisionSteps {
    static let count: UInt64 = 60

    var u: Int64 = 1
    var v: Int64 = 0
    var q: Int64 = 0
    var r: Int64 = 1

    /// Takes 60 steps on the low limbs of `f`, which is odd, and `g`, which alone decide them.
    ///
    /// - Parameter eta: Bernstein and Yang's -δ, kept from batch to batch.
    @inline(__always)
    init(_ f: UInt64, _ g: UInt64, eta: inout Int64) {
        var (f, g) = (f, g)
        var left = Self.count
        while true {
            // A step with an even g halves it; factors are doubled instead of halving the other column.
            let zeros = UInt64(truncatingIfNeeded: (g | 1 << left).trailingZeroBitCount)
            g &>>= zeros
            u &<<= Int64(truncatingIfNeeded: zeros)
            v &<<= Int64(truncatingIfNeeded: zeros)
            eta &-= Int64(truncatingIfNeeded: zeros)
            left &-= zeros
            if left == 0 { return }
            if eta < 0 {
                eta = 0 &- eta
                (f, g) = (g, 0 &- f)
                (u, q) = (q, 0 &- u)
                (v, r) = (r, 0 &- v)
            }
            // Until eta runs out the steps add f to g to clear one bit each: at most six of them at once, with the
            // multiple -g/f mod 64. For an odd f, f·(2 - f²) is its inverse mod 64.
            let limit = min(UInt64(truncatingIfNeeded: eta &+ 1), left, 6)
            let multiple = (g &* f &* (f &* f &- 2)) & ((1 << limit) &- 1)
            g &+= f &* multiple
            q &+= u &* Int64(truncatingIfNeeded: multiple)
            r &+= v &* Int64(truncatingIfNeeded: multiple)
        }
    }
}

extension LimbVector {
    /// `factor / self mod p`, below p; 0 for 0.
    ///
    /// - Parameters:
    ///   - factor: Below p.
    ///   - p: An odd prime above `self` with at least two leading zero bits.
    ///   - inverse: `-1/p mod 2^64`.
    @inline(never)
    func inverted(times factor: Self, modulus p: Self, inverse: UInt64) -> Self {
        // Throughout, f = d·self/factor and g = e·self/factor modulo p, and d and e lie between -2p and p.
        var (f, g) = (p, self)
        var (d, e) = (Self.zero, factor)
        var eta: Int64 = -1
        while !g.isZero {
            let steps = DivisionSteps(f[0], g[0], eta: &eta)
            (f, g) = (
                Self.combined(f, steps.u, g, steps.v),
                Self.combined(f, steps.q, g, steps.r)
            )
            (d, e) = (
                Self.halvedSum(d, steps.u, e, steps.v, p, inverse),
                Self.halvedSum(d, steps.q, e, steps.r, p, inverse)
            )
        }
        // f is now ±1, the greatest common divisor.
        if d.isNegative { d = d &+ p }
        if f.isNegative { d = Self.zero.subtracting(d).difference }
        return d.isNegative ? d &+ p : d
    }

    /// `(d·u + e·v) / 2^60 mod p`, between -2p and p like `d` and `e`.
    @inline(__always)
    private static func halvedSum(
        _ d: Self, _ u: Int64, _ e: Self, _ v: Int64, _ p: Self, _ inverse: UInt64
    ) -> Self {
        // A p for each negative operand brings the sum between -2^60·p and 2^60·p; less than 2^60 times p taken
        // off again makes it a multiple of 2^60.
        let lift = (d.isNegative ? u : 0) &+ (e.isNegative ? v : 0)
        let low = d[0] &* UInt64(bitPattern: u) &+ e[0] &* UInt64(bitPattern: v)
        let excess = (UInt64(bitPattern: lift) &- low &* inverse) & (1 << DivisionSteps.count - 1)
        return combined(d, u, e, v, p, lift &- Int64(truncatingIfNeeded: excess))
    }
}

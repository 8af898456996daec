import Primitives

// The endomorphism (x, y) → (βx, y) of the first group is multiplication by λ = 36x³ + 18x² + 6x + 1. Every scalar is
// k1 + k2·λ modulo r with halves of at most 128 bits (Gallant, Lambert and Vanstone, "Faster point multiplication on
// elliptic curves with efficient endomorphisms", 2001).
extension BN254 {
    /// 36x⁴ + 36x³ + 18x² + 6x + 1, the order of both groups.
    static var order: UInt256 {
        UInt256(limbs: 0x43e1_f593_f000_0001, 0x2833_e848_79b9_7091, 0xb850_45b6_8181_585d, 0x3064_4e72_e131_a029)
    }

    /// 18x³ + 18x² + 9x + 1, a cube root of one.
    static let beta: Fp<BN254> = 0x59e2_6bce_a0d4_8bac_d4f2_63f1_acdb_5c4f_5763_4731_77ff_fffe

    // The lattice of the pairs (a, b) with a + b·λ = 0 mod r has the basis (s, -l), (l + s, s).
    private static var short: UInt256 { UInt256(2 * UInt64(parameter) + 1) }
    private static var long: UInt256 { UInt256(parameter) * UInt256(parameter) * 6 + UInt256(2 * parameter) }

    // The basis's coordinates of (k, 0) are k·s/r and k·l/r: multiples of 1/r stand here as multiples of 2^-256.
    private static var shortOverOrder: UInt256 { UInt256(limbs: 0xd91d_232e_c7e0_b3d7, 2, 0, 0) }
    private static var longOverOrder: UInt256 {
        UInt256(limbs: 0x7a7b_d9d4_391e_b18d, 0x4cce_f014_a773_d2cf, 2, 0)
    }

    /// The halves of `scalar` with the sign of the second. Rounding makes the first never negative and both at most
    /// twice as long as the longest basis vector, which has 127 bits less a fifth.
    static func halves(of scalar: UInt256) -> (first: UInt128, second: UInt128, isSecondNegative: Bool) {
        let scalar = scalar % order
        let firstMultiple = scalar.multipliedFullWidth(by: shortOverOrder).high
        let secondMultiple = scalar.multipliedFullWidth(by: longOverOrder).high
        let first = scalar &- firstMultiple &* short &- secondMultiple &* (long + short)
        let second = firstMultiple &* long &- secondMultiple &* short
        return (low(first), low(second.isNegative ? 0 &- second : second), second.isNegative)
    }

    private static func low(_ value: UInt256) -> UInt128 {
        UInt128(value.limb1) << 64 | UInt128(value.limb0)
    }

    /// `scalar` times `point`.
    static func multiply(_ point: AffinePoint<G1<BN254>>, by scalar: UInt256) -> JacobianPoint<G1<BN254>> {
        let (first, second, isSecondNegative) = halves(of: scalar)
        let image = AffinePoint<G1<BN254>>(beta * point.x, isSecondNegative ? -point.y : point.y)
        return .sum(of: [ScaledPoint(point: point, scalar: first), ScaledPoint(point: image, scalar: second)])
    }
}

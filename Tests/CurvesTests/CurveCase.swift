import Fixtures
import Primitives
import Testing

@testable import Curves

/// What a curve is made of, from the one number x of its family, and what the tests draw from it.
protocol TestedCurve: PairingCurve {
    /// The absolute value of x.
    static var x: Natural { get }
    /// p, r and the order of the points of the twist over Fp2, as polynomials of x.
    static var prime: Natural { get }
    static var groupOrder: Natural { get }
    static var twistOrder: Natural { get }
    static var generator: AffinePoint<G1<Self>> { get }
    static var twistGenerator: AffinePoint<G2<Self>> { get }
}

extension BN254: TestedCurve {
    static var x: Natural { 4_965_661_367_192_848_881 }
    static var prime: Natural { 36 * x.power(4) + 36 * x.power(3) + 24 * x.power(2) + 6 * x + 1 }
    static var groupOrder: Natural { 36 * x.power(4) + 36 * x.power(3) + 18 * x.power(2) + 6 * x + 1 }
    // p + 1 - t is r, and the twist has r·(p - 1 + t).
    static var twistOrder: Natural { groupOrder * (prime + prime - groupOrder) }
    static var generator: AffinePoint<G1<BN254>> { AffinePoint(1, 2) }
    /// P2 of EIP-197.
    static var twistGenerator: AffinePoint<G2<BN254>> {
        AffinePoint(
            Fp2(
                0x1800deef_121f1e76_426a0066_5e5c4479_674322d4_f75edadd_46debd5c_d992f6ed,
                0x198e9393_920d483a_7260bfb7_31fb5d25_f1aa4933_35a9e712_97e485b7_aef312c2),
            Fp2(
                0x12c85ea5_db8c6deb_4aab7180_8dcb408f_e3d1e769_0c43d37b_4ce6cc01_66fa7daa,
                0x090689d0_585ff075_ec9e99ad_690c3395_bc4b3133_70b38ef3_55acdadc_d122975b))
    }
}

// The signs of x's powers: only the first and third are negative, as x is.
extension BLS12: TestedCurve {
    static var x: Natural { 0xd201_0000_0001_0000 }
    static var prime: Natural { (x + 1).power(2) * groupOrder / 3 - x }
    static var groupOrder: Natural { x.power(4) - x.power(2) + 1 }
    /// r·(x⁸ - 4x⁷ + 5x⁶ - 4x⁴ + 6x³ - 4x² - 4x + 13)/9.
    static var twistOrder: Natural {
        let cofactor =
            x.power(8) + 4 * x.power(7) + 5 * x.power(6) + 4 * x + 13
            - (4 * x.power(4) + 6 * x.power(3) + 4 * x.power(2))
        return groupOrder * (cofactor / 9)
    }
}

extension TestedCurve {
    /// A field element with equal chances for every value, near enough.
    static func element(_ numbers: inout SeededNumbers) -> Fp<Self> {
        let number = Natural(bigEndian: numbers.bytes(8 * Limbs.count + 8)) % prime
        return Fp(Limbs { number.limb($0) }) ?? .zero
    }

    static func element(_ numbers: inout SeededNumbers) -> Fp2<Self> {
        Fp2(element(&numbers), element(&numbers))
    }

    static func element(_ numbers: inout SeededNumbers) -> Fp6<Self> {
        Fp6(element(&numbers), element(&numbers), element(&numbers))
    }

    static func element(_ numbers: inout SeededNumbers) -> Fp12<Self> {
        Fp12(element(&numbers), element(&numbers))
    }

    static func natural(_ element: Fp<Self>) -> Natural {
        Natural(bigEndian: element.number.bigEndianBytes)
    }
}

/// Seeds of a law that is cheap to try; each draws its own operands.
let seeds: [UInt64] = Array(1...4)

/// Seeds of a law that takes pairings or multiplications by whole orders. A build without optimisation is some sixty
/// times slower, so it tries fewer.
#if DEBUG
    let heavySeeds: [UInt64] = [1]
#else
    let heavySeeds: [UInt64] = Array(1...16)
#endif

/// Doubling and adding with affine points and a scalar of any size: the slow way that the fast ones must agree with.
func slowProduct<Group: CurveGroup>(_ point: AffinePoint<Group>, _ scalar: Natural) -> JacobianPoint<Group> {
    var result = JacobianPoint<Group>.infinity
    for bit in (0..<scalar.bitWidth).reversed() {
        result = result.doubled
        if scalar.bit(bit) { result = result.adding(point) }
    }
    return result
}

func slowPower<Curve: PairingCurve>(_ value: Fp12<Curve>, _ exponent: Natural) -> Fp12<Curve> {
    var result = Fp12<Curve>.one
    for bit in (0..<exponent.bitWidth).reversed() {
        result = result.squared
        if exponent.bit(bit) { result = result * value }
    }
    return result
}

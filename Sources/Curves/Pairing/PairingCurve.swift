/// The parameters of a pairing-friendly curve over a prime of `Limbs`, with its towers
/// Fp2 = Fp[u]/(u² + 1), Fp6 = Fp2[v]/(v³ - ξ), Fp12 = Fp6[w]/(w² - v).
protocol PairingCurve: Sendable {
    associatedtype Limbs: LimbVector

    /// The prime p of the base field.
    static var modulus: Limbs { get }
    /// `-1/p mod 2^64`.
    static var negatedInverse: UInt64 { get }
    /// `2^(64·count) mod p`.
    static var radix: Limbs { get }
    /// `2^(128·count) mod p`.
    static var radixSquared: Limbs { get }

    /// The product with ξ.
    static func timesXi(_ value: Fp2<Self>) -> Fp2<Self>
    static var frobenius: FrobeniusCoefficients<Self> { get }

    static var g1Coefficient: Fp<Self> { get }
    static var g2Coefficient: Fp2<Self> { get }

    /// What the Frobenius map of the curve, seen through the twist, multiplies the conjugates of x and y by.
    static var twistFrobenius: (x: Fp2<Self>, y: Fp2<Self>) { get }

    /// The length of the Miller loop without its sign.
    static var loopLength: UInt128 { get }
    static var isLoopNegative: Bool { get }
    /// What follows the loop.
    static var finalSteps: [MillerStep] { get }
    /// The product of `value` with `line` taken at the point (x, y) of the curve.
    static func multiply(_ value: Fp12<Self>, by line: Line<Self>, at point: AffinePoint<G1<Self>>) -> Fp12<Self>
    /// The power by a multiple of `(p¹² - 1)/r` that is not a multiple of r.
    static func finalExponentiation(_ value: Fp12<Self>) -> Fp12<Self>
}

/// The powers `ξ^(i·(p - 1)/6)`, which the Frobenius map puts to the powers of w.
struct FrobeniusCoefficients<Curve: PairingCurve>: Sendable {
    let one, two, three, four, five: Fp2<Curve>
    /// The products of each with its conjugate, for the map's square.
    let oneNorm, twoNorm, threeNorm, fourNorm, fiveNorm: Fp<Curve>

    init() {
        let exponent = Curve.modulus.subtracting(Curve.Limbs(low: 1)).difference.divided(by: 6)
        one = Fp2.one.timesXi.power(exponent)
        two = one.squared
        three = two * one
        four = two.squared
        five = four * one
        (oneNorm, twoNorm, threeNorm) = (one.norm, two.norm, three.norm)
        (fourNorm, fiveNorm) = (four.norm, five.norm)
    }
}

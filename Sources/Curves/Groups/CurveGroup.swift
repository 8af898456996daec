/// A short Weierstrass curve `y² = x³ + coefficient` over a field. Not every point of it need lie in the subgroup
/// of prime order.
protocol CurveGroup: Sendable {
    associatedtype Coordinate: Field
    static var coefficient: Coordinate { get }
}

/// The points of the curve over the base field.
enum G1<Curve: PairingCurve>: CurveGroup {
    @inline(__always) static var coefficient: Fp<Curve> { Curve.g1Coefficient }
}

/// The points of the twist over the quadratic extension.
enum G2<Curve: PairingCurve>: CurveGroup {
    @inline(__always) static var coefficient: Fp2<Curve> { Curve.g2Coefficient }
}

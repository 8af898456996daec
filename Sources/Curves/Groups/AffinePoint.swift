/// A point by its two coordinates. The point at infinity is (0, 0), which is on no curve with a coefficient other
/// than 0; the precompiles write it so too.
struct AffinePoint<Group: CurveGroup>: Equatable, Sendable, BitwiseCopyable {
    var x, y: Group.Coordinate

    /// The point with these coordinates, which the caller knows to be on the curve or checks with `isOnCurve`.
    @inline(__always)
    init(_ x: Group.Coordinate, _ y: Group.Coordinate) {
        (self.x, self.y) = (x, y)
    }

    static var infinity: AffinePoint { AffinePoint(.zero, .zero) }
    @inline(__always) var isInfinity: Bool { x.isZero && y.isZero }

    var isOnCurve: Bool {
        isInfinity || y.squared == x.squared * x + Group.coefficient
    }

    @inline(__always) var negated: AffinePoint { AffinePoint(x, -y) }

    /// The sum by chord or tangent, with one inversion.
    func adding(_ other: AffinePoint) -> AffinePoint {
        if isInfinity { return other }
        if other.isInfinity { return self }
        let slope: Group.Coordinate
        if x != other.x {
            slope = (other.y - y) * (other.x - x).inverse
        } else if y == other.y && !y.isZero {
            let square = x.squared
            slope = (square.doubled + square) * y.doubled.inverse
        } else {
            return .infinity
        }
        let sum = slope.squared - x - other.x
        return AffinePoint(sum, slope * (x - sum) - y)
    }
}

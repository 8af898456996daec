/// The point (x/z², y/z³), infinity where z is 0: sums without inversions.
///
/// The formulas are the Explicit-Formulas Database's dbl-2009-l, add-2007-bl and madd-2007-bl for a = 0.
struct JacobianPoint<Group: CurveGroup>: Sendable, BitwiseCopyable {
    var x, y, z: Group.Coordinate

    @inline(__always)
    init(_ x: Group.Coordinate, _ y: Group.Coordinate, _ z: Group.Coordinate) {
        (self.x, self.y, self.z) = (x, y, z)
    }

    @inline(__always)
    init(_ point: AffinePoint<Group>) {
        self = point.isInfinity ? .infinity : JacobianPoint(point.x, point.y, .one)
    }

    @inline(__always) static var infinity: JacobianPoint { JacobianPoint(.one, .one, .zero) }
    @inline(__always) var isInfinity: Bool { z.isZero }
    @inline(__always) var negated: JacobianPoint { JacobianPoint(x, -y, z) }

    var affine: AffinePoint<Group> {
        if isInfinity { return .infinity }
        let inverse = z.inverse
        let square = inverse.squared
        return AffinePoint(x * square, y * square * inverse)
    }

    var isOnCurve: Bool {
        let square = z.squared
        return isInfinity || y.squared == x.squared * x + Group.coefficient * square.squared * square
    }

    var doubled: JacobianPoint {
        let a = x.squared
        let b = y.squared
        let c = b.squared
        let d = ((x + b).squared - a - c).doubled
        let e = a.doubled + a
        let newX = e.squared - d.doubled
        return JacobianPoint(newX, e * (d - newX) - c.doubled.doubled.doubled, (y * z).doubled)
    }

    func adding(_ other: JacobianPoint) -> JacobianPoint {
        if isInfinity { return other }
        if other.isInfinity { return self }
        let zSquare = z.squared
        let otherSquare = other.z.squared
        let u = x * otherSquare
        let s = y * other.z * otherSquare
        let h = other.x * zSquare - u
        let r = (other.y * z * zSquare - s).doubled
        if h.isZero { return r.isZero ? doubled : .infinity }
        let i = h.doubled.squared
        let j = h * i
        let v = u * i
        let newX = r.squared - j - v.doubled
        return JacobianPoint(
            newX, r * (v - newX) - (s * j).doubled, ((z + other.z).squared - zSquare - otherSquare) * h)
    }

    func adding(_ other: AffinePoint<Group>) -> JacobianPoint {
        if isInfinity { return JacobianPoint(other) }
        if other.isInfinity { return self }
        let zSquare = z.squared
        let h = other.x * zSquare - x
        let r = (other.y * z * zSquare - y).doubled
        if h.isZero { return r.isZero ? doubled : .infinity }
        let hSquare = h.squared
        let i = hSquare.doubled.doubled
        let j = h * i
        let v = x * i
        let newX = r.squared - j - v.doubled
        return JacobianPoint(
            newX, r * (v - newX) - (y * j).doubled, (z + h).squared - zSquare - hSquare)
    }

    /// `scalar` times the point, by doubling and adding: for scalars of few set bits.
    func multiplied(by scalar: UInt64) -> JacobianPoint {
        var result = JacobianPoint.infinity
        for bit in (0..<(64 - scalar.leadingZeroBitCount)).reversed() {
            result = result.doubled
            if scalar >> UInt64(bit) & 1 == 1 { result = result.adding(self) }
        }
        return result
    }
}

extension JacobianPoint: Equatable {
    /// Whether both are the same point, however scaled.
    static func == (left: JacobianPoint, right: JacobianPoint) -> Bool {
        if left.isInfinity || right.isInfinity { return left.isInfinity && right.isInfinity }
        let leftSquare = left.z.squared
        let rightSquare = right.z.squared
        return left.x * rightSquare == right.x * leftSquare
            && left.y * rightSquare * right.z == right.y * leftSquare * left.z
    }
}

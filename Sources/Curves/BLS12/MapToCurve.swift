/// A rational map between curves: (x, y) → (xNumerator/xDenominator, y·yNumerator/yDenominator), four polynomials
/// of x with their coefficients from the lowest power upwards.
struct Isogeny<Group: CurveGroup>: Sendable {
    let xNumerator, xDenominator, yNumerator, yDenominator: [Group.Coordinate]

    /// The image of the point (x, y); infinity where a denominator vanishes.
    func image(_ x: Group.Coordinate, _ y: Group.Coordinate) -> JacobianPoint<Group> {
        let xDenominator = Self.value(xDenominator, at: x)
        let yDenominator = Self.value(yDenominator, at: x)
        let scaled = xDenominator * yDenominator.squared
        return JacobianPoint(
            Self.value(xNumerator, at: x) * scaled,
            y * Self.value(yNumerator, at: x) * scaled * xDenominator.squared,
            xDenominator * yDenominator)
    }

    private static func value(_ polynomial: [Group.Coordinate], at x: Group.Coordinate) -> Group.Coordinate {
        polynomial.dropLast().reversed().reduce(polynomial.last ?? .zero) { $0 * x + $1 }
    }
}

/// A curve `y² = x³ + a·x + b` with a and b other than 0, onto which the simplified map of Shallue, van de Woestijne
/// and Ulas takes any element of the field (RFC 9380, section 6.6.2).
struct SimplifiedSWU<Coordinate: SquareRootField> {
    let a, b: Coordinate
    /// Z of the RFC, which is not a square.
    let nonSquare: Coordinate

    /// The point of the curve that belongs to `element`.
    func point(_ element: Coordinate) -> (x: Coordinate, y: Coordinate) {
        let ratio = nonSquare * element.squared
        let sum = ratio.squared + ratio
        let denominator = sum.isZero ? nonSquare * a : -(a * sum)
        let first = b * (sum + .one) * denominator.inverse
        // If the right side is no square there, it is at the other x: the product of both is Z³ times a square.
        let (x, y): (Coordinate, Coordinate)
        if let root = rightSide(first).squareRoot {
            (x, y) = (first, root)
        } else {
            let second = ratio * first
            (x, y) = (second, rightSide(second).squareRoot ?? .zero)
        }
        return (x, element.isOdd == y.isOdd ? y : -y)
    }

    func rightSide(_ x: Coordinate) -> Coordinate {
        (x.squared + a) * x + b
    }
}

extension BLS12 {
    // RFC 9380, section 8.8.1.
    static let curveBeforeG1 = SimplifiedSWU<Fp<BLS12>>(
        a: 0x00144698a3b8e9433d693a02c96d4982b0ea985383ee66a8d8e8981aefd881ac98936f8da0e0f97f5cf428082d584c1d,
        b: 0x12e2908d11688030018b12e8753eee3b2016c1f0f24f4070a0b9c14fcef35ef55a23215a316ceaa5d1cc48e98e172be0,
        nonSquare: 11)

    // RFC 9380, section 8.8.2.
    static let curveBeforeG2 = SimplifiedSWU<Fp2<BLS12>>(
        a: Fp2(0, 240), b: Fp2(1012, 1012), nonSquare: -Fp2(2, 1))

    /// The point of the first group that belongs to `element`: map_to_curve and clear_cofactor of RFC 9380.
    static func mapToG1(_ element: Fp<BLS12>) -> JacobianPoint<G1<BLS12>> {
        let (x, y) = curveBeforeG1.point(element)
        let point = isogenyOntoG1.image(x, y)
        // 1 - x clears the cofactor.
        return point.multiplied(by: parameter).adding(point)
    }

    /// The point of the second group that belongs to `element`.
    ///
    /// The cofactor is cleared by x² - x - 1 + (x - 1)ψ + 2ψ² (Budroni and Pintore, "Efficient hash maps to G2 on BLS
    /// curves", 2017), which is what RFC 9380's h_eff multiplies by.
    static func mapToG2(_ element: Fp2<BLS12>) -> JacobianPoint<G2<BLS12>> {
        let (x, y) = curveBeforeG2.point(element)
        let point = isogenyOntoG2.image(x, y)
        let sum = point.multiplied(by: parameter).negated.adding(frobenius(point))
        let product = sum.multiplied(by: parameter).negated
        return product.adding(sum.negated).adding(point.negated).adding(frobenius(frobenius(point.doubled)))
    }
}

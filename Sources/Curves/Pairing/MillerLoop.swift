/// A line through points of the twist: `y·yP + x·xP + constant` for the point (xP, yP) of the curve, each term with
/// the power of w that the twist gives it, and all times a factor of Fp2 that the final exponentiation removes.
struct Line<Curve: PairingCurve>: Sendable, BitwiseCopyable {
    var y, x, constant: Fp2<Curve>
}

/// What the running point of a Miller loop does to give its next line.
enum MillerStep: Sendable {
    case double
    case add
    case subtract
    /// Adds the image of the point under the Frobenius map.
    case addFrobenius
    /// Subtracts its image under the map's square.
    case subtractFrobeniusSquared
}

/// Gives the lines of a Miller loop in the loop's order.
protocol LineSource {
    associatedtype Curve: PairingCurve
    mutating func line(of step: MillerStep) -> Line<Curve>
}

extension PairingCurve {
    /// The steps of the loop from after its highest digit; true where the value is squared first.
    static var millerSteps: [MillerStep] {
        var steps: [MillerStep] = []
        for digit in sparseDigits(of: loopLength).reversed().dropFirst() {
            steps.append(.double)
            if digit > 0 { steps.append(.add) }
            if digit < 0 { steps.append(.subtract) }
        }
        return steps
    }

    /// The product of the Miller functions of all terms, with shared squares.
    static func millerLoop<Source: LineSource>(
        _ terms: inout [(point: AffinePoint<G1<Self>>, lines: Source)]
    ) -> Fp12<Self> where Source.Curve == Self {
        var value = Fp12<Self>.one
        for step in millerSteps {
            if step == .double { value = value.squared }
            multiplyLines(into: &value, of: step, &terms)
        }
        if isLoopNegative { value = value.conjugate }
        for step in finalSteps { multiplyLines(into: &value, of: step, &terms) }
        return value
    }

    private static func multiplyLines<Source: LineSource>(
        into value: inout Fp12<Self>, of step: MillerStep,
        _ terms: inout [(point: AffinePoint<G1<Self>>, lines: Source)]
    ) where Source.Curve == Self {
        for index in terms.indices {
            let line = terms[index].lines.line(of: step)
            value = multiply(value, by: line, at: terms[index].point)
        }
    }

    /// Whether the product of the pairings of all pairs is 1. Pairs with a point at infinity do not change it.
    ///
    /// - Precondition: All points lie in the subgroups of prime order.
    static func isPairingProductOne(_ pairs: [(AffinePoint<G1<Self>>, AffinePoint<G2<Self>>)]) -> Bool {
        finalExponentiation(millerLoop(pairs)) == .one
    }

    /// The product of the Miller functions of all pairs, before the final exponentiation.
    static func millerLoop(_ pairs: [(AffinePoint<G1<Self>>, AffinePoint<G2<Self>>)]) -> Fp12<Self> {
        var terms: [(point: AffinePoint<G1<Self>>, lines: RunningPoint<Self>)] = []
        for (point, twistPoint) in pairs where !point.isInfinity && !twistPoint.isInfinity {
            terms.append((point, RunningPoint(twistPoint)))
        }
        return millerLoop(&terms)
    }

    /// The Frobenius map of the curve seen through the twist: multiplication by p on the subgroup.
    static func frobenius(_ point: AffinePoint<G2<Self>>) -> AffinePoint<G2<Self>> {
        AffinePoint(point.x.conjugate * twistFrobenius.x, point.y.conjugate * twistFrobenius.y)
    }

    static func frobenius(_ point: JacobianPoint<G2<Self>>) -> JacobianPoint<G2<Self>> {
        JacobianPoint(
            point.x.conjugate * twistFrobenius.x, point.y.conjugate * twistFrobenius.y, point.z.conjugate)
    }
}

/// A multiple of a point of the twist in homogeneous coordinates (x/z, y/z), and the lines that lead to it
/// (Costello, Lange and Naehrig, "Faster pairing computations on curves with high-degree twists", 2010).
struct RunningPoint<Curve: PairingCurve>: LineSource, Sendable {
    private let start: AffinePoint<G2<Curve>>
    private var x, y, z: Fp2<Curve>

    init(_ point: AffinePoint<G2<Curve>>) {
        start = point
        (x, y, z) = (point.x, point.y, .one)
    }

    mutating func line(of step: MillerStep) -> Line<Curve> {
        switch step {
        case .double: doubleWithTangent()
        case .add: addWithChord(start)
        case .subtract: addWithChord(start.negated)
        case .addFrobenius: addWithChord(Curve.frobenius(start))
        case .subtractFrobeniusSquared: addWithChord(Curve.frobenius(Curve.frobenius(start)).negated)
        }
    }

    // The tangent's slope is 3x²/2yz: the line is scaled by -2yz.
    private mutating func doubleWithTangent() -> Line<Curve> {
        let a = (x * y).halved
        let b = y.squared
        let c = z.squared
        let e = c.tripled * Curve.g2Coefficient
        let f = e.tripled
        let g = (b + f).halved
        let h = (y + z).squared - b - c
        let line = Line<Curve>(y: -h, x: x.squared.tripled, constant: e - b)
        x = a * (b - f)
        y = g.squared - e.squared.tripled
        z = b * h
        return line
    }

    // The chord's slope is theta/lambda: the line is scaled by lambda.
    private mutating func addWithChord(_ point: AffinePoint<G2<Curve>>) -> Line<Curve> {
        let theta = y - point.y * z
        let lambda = x - point.x * z
        let thetaSquare = theta.squared
        let lambdaSquare = lambda.squared
        let lambdaCube = lambdaSquare * lambda
        let g = x * lambdaSquare
        let h = lambdaCube + z * thetaSquare - g.doubled
        x = lambda * h
        y = theta * (g - h) - lambdaCube * y
        z = z * lambdaCube
        return Line(y: lambda, x: -theta, constant: theta * point.x - lambda * point.y)
    }
}

/// The lines of a point known in advance.
struct PreparedLines<Curve: PairingCurve>: LineSource, Sendable {
    private let lines: [Line<Curve>]
    private var next = 0

    init(_ point: AffinePoint<G2<Curve>>) {
        var running = RunningPoint(point)
        lines = (Curve.millerSteps + Curve.finalSteps).map { running.line(of: $0) }
    }

    mutating func line(of step: MillerStep) -> Line<Curve> {
        next += 1
        return lines[next - 1]
    }
}

import Fixtures
import Testing

@testable import Curves

/// RFC 9380's maps, by what their definition promises.
@Suite struct MapToCurveTests {
    @Test(arguments: heavySeeds)
    func `the isogenies are homomorphisms onto the curves`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        checkIsogeny(BLS12.curveBeforeG1, BLS12.isogenyOntoG1, BLS12.element(&numbers), BLS12.element(&numbers))
        checkIsogeny(BLS12.curveBeforeG2, BLS12.isogenyOntoG2, BLS12.element(&numbers), BLS12.element(&numbers))
    }

    /// A wrong coefficient would take points off the curve or sums to other sums.
    private func checkIsogeny<Group: CurveGroup>(
        _ curve: SimplifiedSWU<Group.Coordinate>, _ isogeny: Isogeny<Group>, _ u: Group.Coordinate,
        _ v: Group.Coordinate
    ) {
        let (first, second) = (curve.point(u), curve.point(v))
        #expect(first.y.squared == curve.rightSide(first.x))
        #expect(first.y.isOdd == u.isOdd)
        let slope = (second.y - first.y) * (second.x - first.x).inverse
        let sum = slope.squared - first.x - second.x
        let image = isogeny.image(first.x, first.y)
        #expect(image.isOnCurve && !image.isInfinity)
        #expect(
            isogeny.image(sum, slope * (first.x - sum) - first.y)
                == image.adding(isogeny.image(second.x, second.y)))
    }

    @Test(arguments: heavySeeds)
    func `an element's points are in the subgroups`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let point = BLS12.mapToG1(BLS12.element(&numbers)).affine
        #expect(point.isOnCurve && point.isInSubgroup && !point.isInfinity)
        let twistPoint = BLS12.mapToG2(BLS12.element(&numbers)).affine
        #expect(twistPoint.isOnCurve && twistPoint.isInSubgroup && !twistPoint.isInfinity)
    }

    @Test func `the elements for which the formulas divide by zero have points too`() {
        // Z²u⁴ + Zu² vanishes for 0 and for u² = -1/Z, which is a square since -1 and Z are none.
        let z = BLS12.curveBeforeG1.nonSquare
        let u = (-z.inverse).squareRoot
        #expect(u != nil)
        for element in [.zero, u ?? .zero] {
            #expect(BLS12.mapToG1(element).affine.isInSubgroup)
            let (x, y) = BLS12.curveBeforeG1.point(element)
            #expect(y.squared == BLS12.curveBeforeG1.rightSide(x))
        }
        #expect(BLS12.mapToG2(.zero).affine.isInSubgroup)
    }

    @Test func `the parameters of the maps are as the RFC requires`() {
        #expect(BLS12.curveBeforeG1.nonSquare.squareRoot == nil)
        #expect(BLS12.curveBeforeG2.nonSquare.squareRoot == nil)
        let isogeny = BLS12.isogenyOntoG1
        #expect([isogeny.xNumerator.count, isogeny.xDenominator.count] == [12, 11])
        #expect([isogeny.yNumerator.count, isogeny.yDenominator.count] == [16, 16])
    }

    @Test func `the cofactor is cleared by the RFC's factor`() {
        // h_eff of RFC 9380, section 8.8.2: 3·(x² - 1) times the twist's cofactor.
        let x = BLS12.x
        let factor = 3 * (x * x - 1) * (BLS12.twistOrder / BLS12.groupOrder)
        let element = Fp2<BLS12>(5, 7)
        let (px, py) = BLS12.curveBeforeG2.point(element)
        let point = BLS12.isogenyOntoG2.image(px, py).affine
        #expect(BLS12.mapToG2(element) == slowProduct(point, factor))
    }
}

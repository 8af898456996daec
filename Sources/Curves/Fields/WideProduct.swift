/// A product of two numbers of `Limbs`, or a sum of such products that is still to be reduced.
struct WideProduct<Curve: PairingCurve> {
    private var low, high: Curve.Limbs

    // Called rather than inlined, like the reduction: five copies in every product of Fp2 would not leave room for
    // much else in the instruction cache.
    @inline(never)
    init(_ left: Curve.Limbs, _ right: Curve.Limbs) {
        (low, high) = left.multipliedFullWidth(by: right)
    }

    @inline(__always)
    private init(low: Curve.Limbs, high: Curve.Limbs) {
        (self.low, self.high) = (low, high)
    }

    /// The sum, which must fit.
    @inline(__always)
    static func + (left: WideProduct, right: WideProduct) -> WideProduct {
        var carry: UInt128 = 0
        let low = left.low.adding(right.low, carry: &carry)
        return WideProduct(low: low, high: left.high.adding(right.high, carry: &carry))
    }

    /// The difference; of a greater `right` it is 2^(64·count) times the modulus more, which the reduction removes.
    @inline(__always)
    static func - (left: WideProduct, right: WideProduct) -> WideProduct {
        var carry: UInt128 = 1
        let low = left.low.adding(right.low.complement, carry: &carry)
        let high = left.high.adding(right.high.complement, carry: &carry)
        return WideProduct(low: low, high: high &+ Curve.modulus.selected(if: carry == 0, else: .zero))
    }

    /// The element in Montgomery form, for a number below 2^(64·count) times the modulus.
    @inline(never)
    var reduced: Curve.Limbs {
        .montgomeryReduction(low: low, high: high, modulus: Curve.modulus, inverse: Curve.negatedInverse)
    }
}

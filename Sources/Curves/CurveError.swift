/// Why the input of a curve operation is refused.
public enum CurveError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The input has not exactly `expected` bytes.
    case wrongByteCount(expected: Int, found: Int)
    /// The input is not a whole number of groups of `expected` bytes, or has none where at least one is needed.
    case notWholeGroups(of: Int, found: Int)
    /// A byte that must be zero, at this position of the input, is not.
    case paddingNotZero(at: Int)
    /// The coordinate that starts at this byte of the input is not below the field's prime.
    case coordinateTooLarge(at: Int)
    /// The point that starts at this byte of the input is not on the curve.
    case notOnCurve(at: Int)
    /// The point that starts at this byte of the input is on the curve, but not in the subgroup of prime order.
    case notInSubgroup(at: Int)
    /// The scalar that starts at this byte of the input is not below the order of the subgroup.
    case scalarTooLarge(at: Int)
    /// The flags of the compressed point that starts at this byte of the input contradict its other bits.
    case badCompression(at: Int)
    /// The proof does not show what it should.
    case proofRefused

    public var description: String {
        switch self {
        case .wrongByteCount(let expected, let found): "expected \(expected) bytes, found \(found)"
        case .notWholeGroups(let size, let found): "expected groups of \(size) bytes, found \(found) bytes"
        case .paddingNotZero(let position): "expected byte \(position) to be zero"
        case .coordinateTooLarge(let position): "the coordinate at byte \(position) is not below the prime"
        case .notOnCurve(let position): "the point at byte \(position) is not on the curve"
        case .notInSubgroup(let position): "the point at byte \(position) is not in the subgroup"
        case .scalarTooLarge(let position): "the scalar at byte \(position) is not below the group's order"
        case .badCompression(let position): "the compressed point at byte \(position) has wrong flags"
        case .proofRefused: "the proof does not show that the polynomial has this value"
        }
    }
}

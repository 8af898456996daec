/// What the groups ask of the field of their coordinates.
protocol Field: Equatable, Sendable, BitwiseCopyable {
    static var zero: Self { get }
    static var one: Self { get }

    static func + (left: Self, right: Self) -> Self
    static func - (left: Self, right: Self) -> Self
    static func * (left: Self, right: Self) -> Self
    static prefix func - (value: Self) -> Self

    var isZero: Bool { get }
    var doubled: Self { get }
    var squared: Self { get }
    /// The inverse; 0 for 0.
    var inverse: Self { get }
}

extension Field {
    /// `self` to the power `exponent`, by windows of four bits from the top.
    func power<Exponent: LimbVector>(_ exponent: Exponent) -> Self {
        var powers = [Self.one, self]
        for _ in 2..<16 { powers.append(powers[powers.count - 1] * self) }
        var result = Self.one
        var started = false
        for window in (0..<(16 * Exponent.count)).reversed() {
            if started { result = result.squared.squared.squared.squared }
            let digit = exponent.bits(from: 4 * window, width: 4)
            guard digit > 0 else { continue }
            result = started ? result * powers[digit] : powers[digit]
            started = true
        }
        return result
    }
}

/// A field where square roots can be taken.
protocol SquareRootField: Field {
    /// A square root, or nil where there is none.
    var squareRoot: Self? { get }
    /// The sign of RFC 9380, section 4.1.
    var isOdd: Bool { get }
}

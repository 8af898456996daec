/// Digits of `scalar` to base 2, the lowest first: each 0, or odd and below 2^(width - 1) in magnitude and followed
/// by at least `width - 1` zeros.
func nonAdjacentDigits(of scalar: UInt128, width: Int) -> [Int8] {
    var digits: [Int8] = []
    digits.reserveCapacity(129)
    var rest = scalar
    while rest != 0 {
        var digit = 0
        var carry = false
        if rest & 1 == 1 {
            digit = Int(truncatingIfNeeded: rest & (1 << UInt128(width) - 1))
            if digit >= 1 << (width - 1) { digit -= 1 << width }
            (rest, carry) =
                digit > 0
                ? rest.subtractingReportingOverflow(UInt128(digit))
                : rest.addingReportingOverflow(UInt128(-digit))
        }
        digits.append(Int8(digit))
        rest = rest >> 1 | (carry ? 1 << 127 : 0)
    }
    return digits
}

/// Digits -1, 0 and 1 of `scalar` to base 2, the lowest first, as few as possible of them other than 0.
func sparseDigits(of scalar: UInt128) -> [Int8] {
    let signed = nonAdjacentDigits(of: scalar, width: 2)
    guard scalar.nonzeroBitCount <= signed.count(where: { $0 != 0 }) else { return signed }
    // No more digits without signs, and perhaps one place less.
    return (0..<(128 - scalar.leadingZeroBitCount)).map { Int8(scalar >> UInt128($0) & 1) }
}

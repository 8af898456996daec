/// One summand of a multi-scalar product. Endomorphisms bring every scalar below 2^128.
struct ScaledPoint<Group: CurveGroup>: Sendable {
    var point: AffinePoint<Group>
    var scalar: UInt128
}

extension JacobianPoint {
    /// The sum of the points, each times its scalar.
    static func sum(of terms: [ScaledPoint<Group>]) -> JacobianPoint {
        let terms = terms.filter { !$0.point.isInfinity && $0.scalar != 0 }
        // Below this many terms their own tables cost less than buckets; measured.
        let fewTermsMax = 16
        return terms.count <= fewTermsMax ? interleavedSum(of: terms) : bucketSum(of: terms)
    }

    /// Straus's method with signed digits: shared doublings, and odd multiples of each point.
    static func interleavedSum(of terms: [ScaledPoint<Group>]) -> JacobianPoint {
        let width = 5
        let digits = terms.map { nonAdjacentDigits(of: $0.scalar, width: width) }
        let multiples = terms.map { oddMultiples(of: $0.point, count: 1 << (width - 2)) }
        var result = JacobianPoint.infinity
        for position in (0..<(digits.map(\.count).max() ?? 0)).reversed() {
            result = result.doubled
            for (term, termDigits) in digits.enumerated() where position < termDigits.count {
                let digit = Int(termDigits[position])
                if digit > 0 { result = result.adding(multiples[term][digit / 2]) }
                if digit < 0 { result = result.adding(multiples[term][-digit / 2].negated) }
            }
        }
        return result
    }

    /// The point times 1, 3, 5 and so on.
    private static func oddMultiples(of point: AffinePoint<Group>, count: Int) -> [JacobianPoint] {
        var multiples = [JacobianPoint(point)]
        let twice = multiples[0].doubled
        for _ in 1..<count { multiples.append(multiples[multiples.count - 1].adding(twice)) }
        return multiples
    }
}

// Pippenger's buckets.
extension JacobianPoint {
    /// Sums windows of digits: each digit's points go to the digit's bucket, a running sum weighs the buckets.
    static func bucketSum(of terms: [ScaledPoint<Group>]) -> JacobianPoint {
        let bits = terms.map { 128 - $0.scalar.leadingZeroBitCount }.max() ?? 0
        let width = windowWidth(terms: terms.count, bits: bits)
        // One more bit than the scalars have, for the carry of the signed digits.
        let windows = bits / width + 1
        var digits = [Int32](repeating: 0, count: windows * terms.count)
        for (term, scaled) in terms.enumerated() {
            var carry = 0
            for window in 0..<windows {
                let low = UInt128(window * width)
                let chunk = low < 128 ? Int(truncatingIfNeeded: scaled.scalar >> low & (1 << UInt128(width) - 1)) : 0
                let digit = chunk + carry
                carry = digit > 1 << (width - 1) ? 1 : 0
                digits[window * terms.count + term] = Int32(digit - carry << width)
            }
        }
        var result = JacobianPoint.infinity
        for window in (0..<windows).reversed() {
            for _ in 0..<width { result = result.doubled }
            result = result.adding(
                weightedSum(of: terms, digits: digits[(window * terms.count)...], buckets: 1 << (width - 1)))
        }
        return result
    }

    private static func weightedSum(
        of terms: [ScaledPoint<Group>], digits: ArraySlice<Int32>, buckets count: Int
    ) -> JacobianPoint {
        var buckets = [JacobianPoint](repeating: .infinity, count: count)
        for (term, digit) in zip(terms, digits) {
            if digit > 0 { buckets[Int(digit) - 1] = buckets[Int(digit) - 1].adding(term.point) }
            if digit < 0 { buckets[Int(-digit) - 1] = buckets[Int(-digit) - 1].adding(term.point.negated) }
        }
        var running = JacobianPoint.infinity
        var sum = JacobianPoint.infinity
        for bucket in buckets.reversed() {
            running = running.adding(bucket)
            sum = sum.adding(running)
        }
        return sum
    }

    /// The width for which the additions cost least: a term's is mixed, with 11 products, a bucket's two have 16.
    private static func windowWidth(terms: Int, bits: Int) -> Int {
        let widths = 2...14
        let cost = { (width: Int) in (bits / width + 1) * (terms * 11 + (1 << width) * 16) }
        return widths.min { cost($0) < cost($1) } ?? widths.lowerBound
    }
}

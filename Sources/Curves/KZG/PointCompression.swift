import Primitives

// The compressed form of a point of the first group: x in 48 bytes, whose three highest bits are flags, since the
// prime has 381 bits. It comes from Zcash; the consensus specifications require it.
extension AffinePoint<G1<BLS12>> {
    static let compressedBytes = 48

    private enum Flag {
        static let compressed: UInt8 = 0x80
        static let infinity: UInt8 = 0x40
        /// y is the greater of the two roots.
        static let greaterRoot: UInt8 = 0x20
        static let all: UInt8 = 0xe0
    }

    /// The point, in the subgroup, that is written compressed from `start`.
    init(compressed input: ArraySlice<UInt8>, at start: Int) throws(CurveError) {
        let flags = input[start] & Flag.all
        var bytes = input[start..<(start + Self.compressedBytes)]
        bytes[start] ^= flags
        guard flags & Flag.compressed != 0 else { throw .badCompression(at: start) }
        if flags & Flag.infinity != 0 {
            guard flags & Flag.greaterRoot == 0, bytes.allSatisfy({ $0 == 0 }) else {
                throw .badCompression(at: start)
            }
            self = .infinity
            return
        }
        guard let x = Fp<BLS12>(SixLimbs(bigEndian: bytes, at: start)) else { throw .coordinateTooLarge(at: start) }
        guard let root = (x.squared * x + G1<BLS12>.coefficient).squareRoot else { throw .notOnCurve(at: start) }
        self.init(x, root.isGreaterRoot == (flags & Flag.greaterRoot != 0) ? root : -root)
        guard isInSubgroup else { throw .notInSubgroup(at: start) }
    }

    var compressed: Bytes {
        var bytes = x.number.bigEndianBytes
        bytes[0] |= Flag.compressed
        if isInfinity { bytes[0] |= Flag.infinity } else if y.isGreaterRoot { bytes[0] |= Flag.greaterRoot }
        return bytes
    }
}

extension Fp {
    /// Whether the number that stands for the element exceeds that of its negative.
    fileprivate var isGreaterRoot: Bool { (-self).number < number }
}

public import Primitives

/// What BLAKE2b's compression function works on (RFC 7693 §3.2).
public struct Blake2Block: Sendable {
    /// Eight words.
    public struct Lanes: Hashable, Sendable {
        public var word0, word1, word2, word3, word4, word5, word6, word7: UInt64

        public init(
            _ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64,
            _ word4: UInt64, _ word5: UInt64, _ word6: UInt64, _ word7: UInt64
        ) {
            (self.word0, self.word1, self.word2, self.word3) = (word0, word1, word2, word3)
            (self.word4, self.word5, self.word6, self.word7) = (word4, word5, word6, word7)
        }

        /// The words in a row, each least significant byte first: 64 bytes.
        public var bytes: Bytes {
            unsafe Bytes(unsafeUninitializedCapacity: 64) { buffer, count in
                count = 64
                unsafe UnsafeMutableRawBufferPointer(buffer).storeBytes(
                    of: (
                        word0.littleEndian, word1.littleEndian, word2.littleEndian, word3.littleEndian,
                        word4.littleEndian, word5.littleEndian, word6.littleEndian, word7.littleEndian
                    ), as: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64).self)
            }
        }
    }

    /// h: what the blocks before this one made.
    public var state: Lanes
    /// The first and the second half of m, the 128 bytes of the block.
    public var message: (Lanes, Lanes)
    /// t: how many bytes were hashed up to the end of this block; the low word first.
    public var byteCount: (UInt64, UInt64)
    /// f
    public var isLast: Bool

    public init(state: Lanes, message: (Lanes, Lanes), byteCount: (UInt64, UInt64), isLast: Bool) {
        self.state = state
        self.message = message
        self.byteCount = byteCount
        self.isLast = isLast
    }

    /// F (RFC 7693 §3.2): the next state. BLAKE2b itself uses 12 rounds (EIP-152 leaves it to the caller).
    public func compressed(rounds: UInt32) -> Lanes {
        let initial = Self.initialState
        var work = WorkVector(
            v0: state.word0, v1: state.word1, v2: state.word2, v3: state.word3,
            v4: state.word4, v5: state.word5, v6: state.word6, v7: state.word7,
            v8: initial.word0, v9: initial.word1, v10: initial.word2, v11: initial.word3,
            v12: initial.word4 ^ byteCount.0, v13: initial.word5 ^ byteCount.1,
            v14: isLast ? ~initial.word6 : initial.word6, v15: initial.word7)
        work.mix(message, rounds: rounds)
        return Lanes(
            state.word0 ^ work.v0 ^ work.v8, state.word1 ^ work.v1 ^ work.v9,
            state.word2 ^ work.v2 ^ work.v10, state.word3 ^ work.v3 ^ work.v11,
            state.word4 ^ work.v4 ^ work.v12, state.word5 ^ work.v5 ^ work.v13,
            state.word6 ^ work.v6 ^ work.v14, state.word7 ^ work.v7 ^ work.v15)
    }

    /// IV (RFC 7693 §2.6), the same as SHA-512's.
    static let initialState = Lanes(
        0x6A09_E667_F3BC_C908, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0xA54F_F53A_5F1D_36F1,
        0x510E_527F_ADE6_82D1, 0x9B05_688C_2B3E_6C1F, 0x1F83_D9AB_FB41_BD6B, 0x5BE0_CD19_137E_2179)
}

/// v: sixteen words, as single fields so that they can live in registers.
private struct WorkVector {
    var v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15: UInt64

    /// The rounds, each with the message in its own order: σ (RFC 7693 §2.7), which starts again after ten.
    mutating func mix(_ message: (Blake2Block.Lanes, Blake2Block.Lanes), rounds: UInt32) {
        let (m0, m1, m2, m3) = (message.0.word0, message.0.word1, message.0.word2, message.0.word3)
        let (m4, m5, m6, m7) = (message.0.word4, message.0.word5, message.0.word6, message.0.word7)
        let (m8, m9, m10, m11) = (message.1.word0, message.1.word1, message.1.word2, message.1.word3)
        let (m12, m13, m14, m15) = (message.1.word4, message.1.word5, message.1.word6, message.1.word7)
        var work = self
        var row = 0
        for _ in 0..<rounds {
            switch row {
            case 0: work.round(m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15)
            case 1: work.round(m14, m10, m4, m8, m9, m15, m13, m6, m1, m12, m0, m2, m11, m7, m5, m3)
            case 2: work.round(m11, m8, m12, m0, m5, m2, m15, m13, m10, m14, m3, m6, m7, m1, m9, m4)
            case 3: work.round(m7, m9, m3, m1, m13, m12, m11, m14, m2, m6, m5, m10, m4, m0, m15, m8)
            case 4: work.round(m9, m0, m5, m7, m2, m4, m10, m15, m14, m1, m11, m12, m6, m8, m3, m13)
            case 5: work.round(m2, m12, m6, m10, m0, m11, m8, m3, m4, m13, m7, m5, m15, m14, m1, m9)
            case 6: work.round(m12, m5, m1, m15, m14, m13, m4, m10, m0, m7, m6, m3, m9, m2, m8, m11)
            case 7: work.round(m13, m11, m7, m14, m12, m1, m3, m9, m5, m0, m15, m4, m8, m6, m2, m10)
            case 8: work.round(m6, m15, m14, m9, m11, m3, m0, m8, m12, m2, m13, m7, m1, m4, m10, m5)
            default: work.round(m10, m2, m8, m4, m7, m6, m1, m5, m15, m11, m9, m14, m3, m12, m13, m0)
            }
            row = row == 9 ? 0 : row + 1
        }
        self = work
    }

    /// One round: the columns, then the diagonals.
    @inline(__always)
    private mutating func round(
        _ x0: UInt64, _ y0: UInt64, _ x1: UInt64, _ y1: UInt64, _ x2: UInt64, _ y2: UInt64, _ x3: UInt64, _ y3: UInt64,
        _ x4: UInt64, _ y4: UInt64, _ x5: UInt64, _ y5: UInt64, _ x6: UInt64, _ y6: UInt64, _ x7: UInt64, _ y7: UInt64
    ) {
        mixWords(&v0, &v4, &v8, &v12, x0, y0)
        mixWords(&v1, &v5, &v9, &v13, x1, y1)
        mixWords(&v2, &v6, &v10, &v14, x2, y2)
        mixWords(&v3, &v7, &v11, &v15, x3, y3)
        mixWords(&v0, &v5, &v10, &v15, x4, y4)
        mixWords(&v1, &v6, &v11, &v12, x5, y5)
        mixWords(&v2, &v7, &v8, &v13, x6, y6)
        mixWords(&v3, &v4, &v9, &v14, x7, y7)
    }
}

/// G (RFC 7693 §3.1)
@inline(__always)
private func mixWords(
    _ a: inout UInt64, _ b: inout UInt64, _ c: inout UInt64, _ d: inout UInt64, _ x: UInt64, _ y: UInt64
) {
    a = a &+ b &+ x
    d = rotateRight(d ^ a, 32)
    c = c &+ d
    b = rotateRight(b ^ c, 24)
    a = a &+ b &+ y
    d = rotateRight(d ^ a, 16)
    c = c &+ d
    b = rotateRight(b ^ c, 63)
}

@inline(__always)
private func rotateRight(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    word &>> bits | word &<< (64 &- bits)
}

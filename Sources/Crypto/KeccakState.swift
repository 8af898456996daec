/// One row of the Keccak state: the five lanes that share a y coordinate (FIPS 202 §3.1).
struct KeccakPlane {
    var x0: UInt64 = 0
    var x1: UInt64 = 0
    var x2: UInt64 = 0
    var x3: UInt64 = 0
    var x4: UInt64 = 0

    /// χ (FIPS 202 §3.2.4): each lane is mixed with its two right neighbours.
    @inline(__always)
    var chi: KeccakPlane {
        KeccakPlane(
            x0: x0 ^ (~x1 & x2), x1: x1 ^ (~x2 & x3), x2: x2 ^ (~x3 & x4), x3: x3 ^ (~x4 & x0), x4: x4 ^ (~x0 & x1))
    }
}

/// The 1600 bits of Keccak: 25 lanes in memory order, so that a sponge can treat it as 200 bytes.
struct KeccakState {
    var y0 = KeccakPlane()
    var y1 = KeccakPlane()
    var y2 = KeccakPlane()
    var y3 = KeccakPlane()
    var y4 = KeccakPlane()

    /// Keccak-f[1600] (FIPS 202 §3.3): 24 rounds.
    ///
    /// Two rounds a loop: the two states then swap registers without copies, and the body still fits the
    /// micro-operation cache. Fully unrolled it is slower.
    @inline(never)
    mutating func permute() {
        var state = self
        for pair in 0..<12 {
            let constants = Self.roundConstants[pair]
            state = state.round(constants.even).round(constants.odd)
        }
        self = state
    }

    /// One round: θ, then ρ and π in one move, then χ and ι.
    @inline(__always)
    private func round(_ constant: UInt64) -> KeccakState {
        let c0 = y0.x0 ^ y1.x0 ^ y2.x0 ^ y3.x0 ^ y4.x0
        let c1 = y0.x1 ^ y1.x1 ^ y2.x1 ^ y3.x1 ^ y4.x1
        let c2 = y0.x2 ^ y1.x2 ^ y2.x2 ^ y3.x2 ^ y4.x2
        let c3 = y0.x3 ^ y1.x3 ^ y2.x3 ^ y3.x3 ^ y4.x3
        let c4 = y0.x4 ^ y1.x4 ^ y2.x4 ^ y3.x4 ^ y4.x4
        let d0 = c4 ^ rotate(c1, 1)
        let d1 = c0 ^ rotate(c2, 1)
        let d2 = c1 ^ rotate(c3, 1)
        let d3 = c2 ^ rotate(c4, 1)
        let d4 = c3 ^ rotate(c0, 1)
        // Lane (x, y) moves to (y, 2x + 3y) and turns by its offset (FIPS 202 §3.2.2, table 2).
        let b0 = KeccakPlane(
            x0: y0.x0 ^ d0, x1: rotate(y1.x1 ^ d1, 44), x2: rotate(y2.x2 ^ d2, 43),
            x3: rotate(y3.x3 ^ d3, 21), x4: rotate(y4.x4 ^ d4, 14))
        let b1 = KeccakPlane(
            x0: rotate(y0.x3 ^ d3, 28), x1: rotate(y1.x4 ^ d4, 20), x2: rotate(y2.x0 ^ d0, 3),
            x3: rotate(y3.x1 ^ d1, 45), x4: rotate(y4.x2 ^ d2, 61))
        let b2 = KeccakPlane(
            x0: rotate(y0.x1 ^ d1, 1), x1: rotate(y1.x2 ^ d2, 6), x2: rotate(y2.x3 ^ d3, 25),
            x3: rotate(y3.x4 ^ d4, 8), x4: rotate(y4.x0 ^ d0, 18))
        let b3 = KeccakPlane(
            x0: rotate(y0.x4 ^ d4, 27), x1: rotate(y1.x0 ^ d0, 36), x2: rotate(y2.x1 ^ d1, 10),
            x3: rotate(y3.x2 ^ d2, 15), x4: rotate(y4.x3 ^ d3, 56))
        let b4 = KeccakPlane(
            x0: rotate(y0.x2 ^ d2, 62), x1: rotate(y1.x3 ^ d3, 55), x2: rotate(y2.x4 ^ d4, 39),
            x3: rotate(y3.x0 ^ d0, 41), x4: rotate(y4.x1 ^ d1, 2))
        var next = KeccakState(y0: b0.chi, y1: b1.chi, y2: b2.chi, y3: b3.chi, y4: b4.chi)
        next.y0.x0 ^= constant
        return next
    }

    /// The constants of ι (FIPS 202 §3.2.5), one pair a loop.
    private static let roundConstants: [12 of (even: UInt64, odd: UInt64)] = [
        (0x0000_0000_0000_0001, 0x0000_0000_0000_8082), (0x8000_0000_0000_808A, 0x8000_0000_8000_8000),
        (0x0000_0000_0000_808B, 0x0000_0000_8000_0001), (0x8000_0000_8000_8081, 0x8000_0000_0000_8009),
        (0x0000_0000_0000_008A, 0x0000_0000_0000_0088), (0x0000_0000_8000_8009, 0x0000_0000_8000_000A),
        (0x0000_0000_8000_808B, 0x8000_0000_0000_008B), (0x8000_0000_0000_8089, 0x8000_0000_0000_8003),
        (0x8000_0000_0000_8002, 0x8000_0000_0000_0080), (0x0000_0000_0000_800A, 0x8000_0000_8000_000A),
        (0x8000_0000_8000_8081, 0x8000_0000_0000_8080), (0x0000_0000_8000_0001, 0x8000_0000_8000_8008),
    ]
}

@inline(__always)
private func rotate(_ lane: UInt64, _ offset: UInt64) -> UInt64 {
    lane &<< offset | lane &>> (64 &- offset)
}

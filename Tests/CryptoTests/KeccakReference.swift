import Primitives

/// Keccak-256 written from the text of FIPS 202 §3, slowly and plainly: a second opinion on the fast one.
///
/// Offsets and constants are computed by the standard's own rules, so that no table can be wrong twice.
enum KeccakReference {
    static func digest(_ message: Bytes) -> Hash32 {
        let rate = 136
        var padded = message + [1]
        while !padded.count.isMultiple(of: rate) { padded.append(0) }
        padded[padded.count - 1] |= 0x80
        var state = [UInt64](repeating: 0, count: 25)
        for start in stride(from: 0, to: padded.count, by: rate) {
            for index in 0..<rate {
                state[index / 8] ^= UInt64(padded[start + index]) << UInt64(8 * (index % 8))
            }
            permute(&state)
        }
        return Hash32((0..<32).map { UInt8(truncatingIfNeeded: state[$0 / 8] >> UInt64(8 * ($0 % 8))) })
    }

    private static func permute(_ state: inout [UInt64]) {
        for round in 0..<24 {
            // θ
            let columns = (0..<5).map { x in (0..<5).reduce(UInt64(0)) { $0 ^ state[x + 5 * $1] } }
            for index in 0..<25 {
                state[index] ^= columns[(index + 4) % 5] ^ rotate(columns[(index + 1) % 5], 1)
            }
            // ρ and π
            var moved = state
            var (x, y) = (1, 0)
            for step in 0..<24 {
                let lane = rotate(state[x + 5 * y], (step + 1) * (step + 2) / 2 % 64)
                (x, y) = (y, (2 * x + 3 * y) % 5)
                moved[x + 5 * y] = lane
            }
            // χ
            for index in 0..<25 {
                let row = index / 5 * 5
                state[index] = moved[index] ^ (~moved[row + (index + 1) % 5] & moved[row + (index + 2) % 5])
            }
            // ι
            state[0] ^= constant(round)
        }
    }

    /// Bits 2^j − 1 of the constant come from the shift register x^8 + x^6 + x^5 + x^4 + 1.
    private static func constant(_ round: Int) -> UInt64 {
        var word: UInt64 = 0
        for exponent in 0...6 {
            var register: UInt16 = 1
            for _ in 0..<(exponent + 7 * round) % 255 {
                register <<= 1
                if register & 0x100 != 0 { register ^= 0x171 }
            }
            word |= UInt64(register & 1) << (1 << exponent - 1)
        }
        return word
    }

    private static func rotate(_ lane: UInt64, _ count: Int) -> UInt64 {
        count == 0 ? lane : lane << count | lane >> (64 - count)
    }
}

import Primitives
import Testing

@testable import Crypto

@Suite
struct `BLAKE2b's compression` {
    @Test
    func `one block of twelve rounds hashes abc as RFC 7693 does`() {
        var state = Blake2Block.initialState
        // The parameter block: a digest of 64 bytes, no key, fanout and depth 1.
        state.word0 ^= 0x0101_0040
        let none = Blake2Block.Lanes(0, 0, 0, 0, 0, 0, 0, 0)
        var text = none
        text.word0 = 0x63_6261
        let block = Blake2Block(state: state, message: (text, none), byteCount: (3, 0), isLast: true)
        let expected = """
            0xba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
            7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923
            """
        #expect(block.compressed(rounds: 12).bytes.hex == expected)
    }

    @Test
    func `the last block, the byte count and each round make a difference`() {
        let lanes = Blake2Block.Lanes(1, 2, 3, 4, 5, 6, 7, 8)
        let block = Blake2Block(state: lanes, message: (lanes, lanes), byteCount: (0, 0), isLast: false)
        var (last, low, high) = (block, block, block)
        last.isLast = true
        low.byteCount.0 = 1
        high.byteCount.1 = 1
        let results = [block, last, low, high].map { $0.compressed(rounds: 12) }
        #expect(Set(results).count == 4)
        #expect(Set((0...30).map { block.compressed(rounds: UInt32($0)) }).count == 31)
    }
}

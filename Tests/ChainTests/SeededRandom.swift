import Primitives

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func bytes(_ count: Int) -> Bytes {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func hash() -> Hash32 { Hash32(next(), next(), next(), next()) }

    /// Zero now and then, for zeros have encodings of their own.
    mutating func word() -> UInt256 {
        switch next() % 4 {
        case 0: 0
        case 1: UInt256(next() % 300)
        case 2: UInt256(next())
        default: UInt256(hash())
        }
    }

    mutating func address() -> Address { Address(bytes(20)) }

    mutating func count(upTo max: Int) -> Int { Int(next() % UInt64(max + 1)) }

    mutating func flag() -> Bool { next() & 1 == 0 }
}

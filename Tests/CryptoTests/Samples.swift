import Crypto
import Primitives

/// A digest that is different for every `seed` and the same in every run.
func sampleDigest(_ seed: Int, _ domain: String = "digest") -> Hash32 {
    keccak256(Bytes("\(domain) \(seed)".utf8))
}

/// `count` bytes that look random and are the same in every run.
func sampleBytes(_ count: Int) -> Bytes {
    var bytes = Bytes()
    var block = 0
    while bytes.count < count {
        bytes += sampleDigest(block, "bytes").bytes
        block += 1
    }
    return Bytes(bytes.prefix(count))
}

/// `value` with one bit turned over; bit 0 is the most significant.
func flip(_ bit: Int, of value: Bytes) -> Bytes {
    var flipped = value
    flipped[bit / 8] ^= 0x80 >> UInt8(bit % 8)
    return flipped
}

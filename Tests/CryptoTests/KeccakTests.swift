import Crypto
import Fixtures
import Primitives
import Testing

@Suite
struct `Keccak-256` {
    @Test(arguments: [
        ("", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        ("abc", "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        ("transfer(address,uint256)", "0xa9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b"),
    ])
    func `a text has the digest everybody knows`(text: String, digest: String) {
        #expect(keccak256(Bytes(text.utf8)).hex == digest)
    }

    @Test
    func `every length from 0 to 300 agrees with the plain reference`() {
        let bytes = sampleBytes(300)
        for count in 0...300 {
            let message = Bytes(bytes.prefix(count))
            #expect(keccak256(message) == KeccakReference.digest(message), "\(count) bytes")
        }
    }

    @Test
    func `a slice has the digest of its bytes, wherever it starts`() {
        let bytes = sampleBytes(600)
        for start in [0, 1, 3, 7, 8, 135, 136, 137] {
            for count in [0, 1, 31, 135, 136, 137, 272, 400] {
                let slice = bytes[start..<start + count]
                #expect(keccak256(slice) == keccak256(Bytes(slice)), "\(count) bytes from \(start)")
            }
        }
    }

    @Test(arguments: 0..<20)
    func `hashes and addresses have the digest of their bytes`(seed: Int) {
        let (first, second) = (sampleDigest(seed, "first"), sampleDigest(seed, "second"))
        #expect(keccak256(first) == keccak256(first.bytes))
        #expect(keccak256(first, second) == keccak256(first.bytes + second.bytes))
        let address = Address(lastBytesOf: first)
        #expect(keccak256(address) == keccak256(address.bytes))
    }
}

@Suite(.enabled(if: Fixtures.arePresent))
struct `Keccak-256 fixtures` {
    @Test
    func `every generated message has its digest`() throws {
        let vectors = try #require(Fixtures.json("generated/keccak256.json.gz") as? [[String: String]])
        #expect(vectors.count == 73)
        for vector in vectors {
            let message = try Bytes(hex: #require(vector["in"]))
            #expect(keccak256(message).hex == vector["out"], "\(message.count) bytes")
            #expect(KeccakReference.digest(message).hex == vector["out"], "reference, \(message.count) bytes")
        }
    }
}

import Fixtures
import Primitives
import Testing

@testable import Crypto

/// n, the order of P-256.
private let nodeOrder = UInt256(
    limbs: 0xF3B9_CAC2_FC63_2551, 0xBCE6_FAAD_A717_9E84, 0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_0000_0000)
/// p, the prime of its field.
private let fieldPrime = UInt256(
    limbs: 0xFFFF_FFFF_FFFF_FFFF, 0x0000_0000_FFFF_FFFF, 0x0000_0000_0000_0000, 0xFFFF_FFFF_0000_0001)

private func word(_ value: UInt256) -> Hash32 { Hash32(value.bigEndianBytes) }

@Suite
struct `Node signatures` {
    let scheme = P256()

    @Test(arguments: 0..<32)
    func `what a key signs verifies, and s is low`(seed: Int) throws {
        let key = try NodeKey(sampleDigest(seed, "node"))
        let digest = sampleDigest(seed)
        let signature = key.sign(digest)
        #expect(signature.s <= word(nodeOrder / 2))
        #expect(scheme.verify(signature, of: digest, by: key.publicKey))
    }

    @Test
    func `a signature with any bit of it or of the digest changed is refused`() throws {
        let key = try NodeKey(sampleDigest(0, "node"))
        let digest = sampleDigest(0)
        let signature = key.sign(digest)
        for bit in 0..<512 {
            let changed = try NodeSignature(checking: flip(bit, of: signature.bytes))
            #expect(!scheme.verify(changed, of: digest, by: key.publicKey), "bit \(bit)")
        }
        for bit in 0..<256 {
            let changed = Hash32(flip(bit, of: digest.bytes))
            #expect(!scheme.verify(signature, of: changed, by: key.publicKey), "bit \(bit)")
        }
    }

    @Test
    func `another key is refused`() throws {
        let key = try NodeKey(sampleDigest(0, "node"))
        let other = try NodeKey(sampleDigest(1, "node"))
        #expect(!scheme.verify(key.sign(sampleDigest(0)), of: sampleDigest(0), by: other.publicKey))
    }

    @Test(arguments: 0..<8)
    func `the high s of a valid signature is refused`(seed: Int) throws {
        let key = try NodeKey(sampleDigest(seed, "node"))
        var signature = key.sign(sampleDigest(seed))
        signature.s = word(nodeOrder - UInt256(signature.s))
        #expect(!scheme.verify(signature, of: sampleDigest(seed), by: key.publicKey))
        // It is valid ECDSA all the same: only the rule of one form refuses it.
        let operation = try #require(P256Operation(.verifying, key.publicKey))
        #expect(operation.verify(signature, of: sampleDigest(seed)))
    }

    @Test
    func `r and s outside their ranges are refused`() throws {
        let key = try NodeKey(sampleDigest(0, "node"))
        let good = key.sign(sampleDigest(0))
        for bad in [UInt256.zero, nodeOrder, nodeOrder + 1, fieldPrime, .max] {
            let badR = NodeSignature(r: word(bad), s: good.s)
            #expect(!scheme.verify(badR, of: sampleDigest(0), by: key.publicKey))
            let badS = NodeSignature(r: good.r, s: word(bad))
            #expect(!scheme.verify(badS, of: sampleDigest(0), by: key.publicKey))
        }
        #expect(!scheme.verify(NodeSignature(r: .zero, s: .zero), of: .zero, by: key.publicKey))
    }

    @Test
    func `digests of all zeros and all ones are signed as they are`() throws {
        let key = try NodeKey(sampleDigest(0, "node"))
        for digest in [Hash32.zero, word(.max), word(nodeOrder)] {
            #expect(scheme.verify(key.sign(digest), of: digest, by: key.publicKey))
        }
        // n and 0 are the same number modulo n: ECDSA cannot tell them apart, hash functions never make them.
        #expect(scheme.verify(key.sign(.zero), of: word(nodeOrder), by: key.publicKey))
    }

    @Test
    func `many threads sign and verify at once`() async throws {
        let keys = try (0..<4).map { try NodeKey(sampleDigest($0, "node")) }
        let refused = await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask {
                    (0..<25).count { round in
                        let (key, digest) = (keys[(task + round) % 4], sampleDigest(100 * task + round))
                        return !P256().verify(key.sign(digest), of: digest, by: key.publicKey)
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(refused == 0)
    }

    @Test
    func `the cache of loaded keys stays within two generations and forgets no answer`() throws {
        let cache = VerifierCache(generationKeysMax: 4)
        let keys = try (0..<20).map { try NodeKey(sampleDigest($0, "node")) }
        for round in 0..<3 {
            for (index, key) in keys.enumerated() {
                let digest = sampleDigest(100 * round + index)
                let verifier = try #require(cache[key.publicKey])
                #expect(verifier.verify(key.sign(digest), of: digest))
                #expect(cache.count <= 8)
            }
        }
    }
}

@Suite
struct `Node keys` {
    @Test
    func `a secret is at least 1 and below the order`() throws {
        for bad in [UInt256.zero, nodeOrder, nodeOrder + 1, .max] {
            #expect(throws: KeyError.secretOutOfRange) { try NodeKey(word(bad)) }
        }
        // The public key of 1 is the generator (SEC 2), that of n − 1 its negative.
        let one = try NodeKey(word(1)).publicKey
        let generator = """
            0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
            4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5
            """
        #expect(one.bytes.hex == generator)
        let negative = try NodeKey(word(nodeOrder - 1)).publicKey
        #expect(negative.x == one.x)
        #expect(negative.y == word(fieldPrime - UInt256(one.y)))
    }

    @Test
    func `fresh keys differ and sign`() {
        let (first, second) = (NodeKey(), NodeKey())
        #expect(first.secret != second.secret)
        #expect(P256().verify(first.sign(.zero), of: .zero, by: first.publicKey))
    }

    @Test
    func `a key read back from its secret is the same key`() throws {
        let key = NodeKey()
        #expect(try NodeKey(key.secret).publicKey == key.publicKey)
    }

    @Test
    func `an address is the end of keccak over both coordinates`() throws {
        let key = try NodeKey(sampleDigest(0, "node")).publicKey
        #expect(key.address.bytes == keccak256(key.bytes).bytes.suffix(20))
    }

    @Test
    func `keys have the order of their bytes`() throws {
        let keys = try (0..<10).map { try NodeKey(sampleDigest($0, "node")).publicKey }
        #expect(keys.sorted().map(\.bytes) == keys.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
    }

    @Test
    func `a public key with any bit changed is off the curve or another key`() throws {
        let key = try NodeKey(sampleDigest(0, "node"))
        let signature = key.sign(sampleDigest(0))
        var onCurve = 0
        for bit in 0..<512 {
            guard let changed = try? NodePublicKey(checking: flip(bit, of: key.publicKey.bytes)) else { continue }
            onCurve += 1
            #expect(!P256().verify(signature, of: sampleDigest(0), by: changed))
        }
        // A changed y never fits; a changed x would need the same y, or the mirrored one.
        #expect(onCurve == 0)
    }

    @Test
    func `points off the curve and coordinates beyond the field are refused`() throws {
        let key = try NodeKey(sampleDigest(0, "node")).publicKey
        let zero = Bytes(repeating: 0, count: 32)
        let beyond = [
            zero + zero, key.x.bytes + zero, zero + key.y.bytes, key.y.bytes + key.x.bytes,
            fieldPrime.bigEndianBytes + key.y.bytes, Bytes(repeating: 0xFF, count: 64),
        ]
        for bytes in beyond {
            #expect(throws: KeyError.notOnCurve, "\(bytes.hex)") { try NodePublicKey(checking: bytes) }
        }
        // x = 5 is on the curve; x = p + 5 is the same residue written beyond the field.
        let five = try y(of: 5)
        #expect(throws: Never.self) { try NodePublicKey(checking: word(5).bytes + five) }
        #expect(throws: KeyError.notOnCurve) {
            try NodePublicKey(checking: (fieldPrime + 5).bigEndianBytes + five)
        }
        for count in [0, 63, 65] {
            #expect(throws: KeyError.wrongByteCount(expected: 64, found: count)) {
                try NodePublicKey(checking: Bytes(repeating: 1, count: count))
            }
        }
    }

    /// A y for this x, by the square root that exists because p = 3 modulo 4.
    private func y(of x: UInt256) throws -> Bytes {
        let b = try UInt256(hex: "0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
        func multiply(_ left: UInt256, _ right: UInt256) -> UInt256 { left.mulmod(right, fieldPrime) }
        let cube = multiply(multiply(x, x), x)
        let square = cube.addmod(fieldPrime - multiply(3, x), fieldPrime).addmod(b, fieldPrime)
        var root = UInt256.one
        for byte in ((fieldPrime + 1) / 4).bigEndianBytes {
            for bit in (0..<8).reversed() {
                root = multiply(root, root)
                if byte >> UInt8(bit) & 1 == 1 { root = multiply(root, square) }
            }
        }
        try #require(multiply(root, root) == square, "x is not on the curve")
        return root.bigEndianBytes
    }
}

@Suite
struct `Keys and signatures in RLP` {
    @Test(arguments: 0..<8)
    func `a public key and a signature read back as they were written`(seed: Int) throws {
        let key = try NodeKey(sampleDigest(seed, "node"))
        let signature = key.sign(sampleDigest(seed))
        #expect(key.publicKey.rlp == [0xb8, 64] + key.publicKey.bytes)
        #expect(try NodePublicKey(rlp: key.publicKey.rlp) == key.publicKey)
        #expect(signature.rlp == [0xb8, 64] + signature.bytes)
        #expect(try NodeSignature(rlp: signature.rlp) == signature)
    }

    @Test
    func `a public key off the curve is refused with its place`() throws {
        let bytes = Bytes(repeating: 1, count: 64)
        #expect(throws: RLPError.invalidValue(at: 0, KeyError.notOnCurve.description)) {
            try NodePublicKey(rlp: bytes.rlp)
        }
    }

    @Test(arguments: [0, 63, 65])
    func `other lengths are refused`(count: Int) {
        let bytes = Bytes(repeating: 1, count: count)
        #expect(throws: RLPError.self) { try NodePublicKey(rlp: bytes.rlp) }
        #expect(throws: RLPError.self) { try NodeSignature(rlp: bytes.rlp) }
        #expect(throws: KeyError.wrongByteCount(expected: 64, found: count)) { try NodeSignature(checking: bytes) }
    }
}

@Suite(.enabled(if: Fixtures.arePresent))
struct `P-256 fixtures` {
    @Test(arguments: ["precompiles/eip-7951/test-vectors.json.gz", "precompiles/eels/0x0100.json.gz"])
    func `a signature verifies exactly where precompile 0x100 says so, high s apart`(file: String) throws {
        var verified = 0
        for vector in try Self.vectors(file) where vector.input.count == 160 {
            let input = vector.input
            let signature = try NodeSignature(checking: input[32..<96])
            let isHigh = signature.s > word(nodeOrder / 2)
            let key = try? NodePublicKey(checking: input[96..<160])
            let digest = Hash32(input[..<32])
            let found = key.map { P256().verify(signature, of: digest, by: $0) } ?? false
            #expect(found == (vector.isValid && !isHigh), "\(vector.name)")
            guard isHigh, vector.isValid, let key else { continue }
            let mirrored = NodeSignature(r: signature.r, s: word(nodeOrder - UInt256(signature.s)))
            #expect(P256().verify(mirrored, of: digest, by: key), "\(vector.name), mirrored")
            verified += 1
        }
        #expect(verified > 0, "the file has valid signatures with high s")
    }

    struct Vector {
        let name: String
        let input: Bytes
        let isValid: Bool
    }

    static func vectors(_ file: String) throws -> [Vector] {
        let document = try Fixtures.json(file)
        if let vectors = (document as? [String: Any])?["vectors"] as? [[String: Any]] {
            return try vectors.map { vector in
                Vector(
                    name: try #require(vector["name"] as? String),
                    input: try Bytes(hex: #require(vector["input"] as? String)),
                    isValid: try #require(vector["output"] as? String) != "0x")
            }
        }
        return try #require(document as? [[String: Any]]).map { vector in
            Vector(
                name: try #require(vector["Name"] as? String),
                input: try Bytes(hex: "0x" + #require(vector["Input"] as? String)),
                isValid: try #require(vector["Expected"] as? String) != "")
        }
    }
}

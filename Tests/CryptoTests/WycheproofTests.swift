import Crypto
import Fixtures
import Foundation
import Primitives
import Testing

@Suite(.enabled(if: Fixtures.arePresent))
struct `Wycheproof ECDSA over secp256k1` {
    /// Valid signatures that Ethereum cannot write down, by number: the x of their nonce's point is n or more,
    /// r is what is left of it modulo n, and a single bit of parity cannot say so.
    static let unwritable = ["p1363": [115, 247], "bitcoin": [346]]

    @Test
    func `signatures of fixed width are valid exactly where the vectors say so`() throws {
        let vectors = try Self.vectors("p1363")
        #expect(vectors.count == 252)
        for vector in vectors {
            let found = vector.signature.count == 64 && isValid(vector, vector.signature)
            #expect(found == vector.isExpected, "\(vector.id): \(vector.comment)")
        }
    }

    @Test
    func `signatures in strict DER with low s are valid exactly where the vectors say so`() throws {
        let vectors = try Self.vectors("bitcoin")
        #expect(vectors.count == 463)
        for vector in vectors {
            let signature = strictDER(vector.signature)
            let found = signature.map { isLowS($0) && isValid(vector, $0) } ?? false
            #expect(found == vector.isExpected, "\(vector.id): \(vector.comment)")
        }
    }

    /// Valid if recovery by either parity finds the vector's key.
    private func isValid(_ vector: Vector, _ signature: Bytes) -> Bool {
        [false, true].contains { parity in
            let signature = AccountSignature(
                r: UInt256(bigEndian: signature[..<32]), s: UInt256(bigEndian: signature[32...]), yParity: parity)
            return recoverPublicKey(signature, digest: vector.digest) == vector.publicKey
        }
    }

    private func isLowS(_ signature: Bytes) -> Bool {
        AccountSignature(r: 1, s: UInt256(bigEndian: signature[32...]), yParity: false).isLowS
    }

    /// SEQUENCE { INTEGER, INTEGER } in its one DER form, as r‖s; nil if r or s is negative or above 256 bits.
    private func strictDER(_ bytes: Bytes) -> Bytes? {
        guard bytes.count >= 2, bytes[0] == 0x30, bytes[1] < 0x80, Int(bytes[1]) == bytes.count - 2 else { return nil }
        var rest = bytes[2...]
        guard let r = integer(&rest), let s = integer(&rest), rest.isEmpty else { return nil }
        return r + s
    }

    private func integer(_ rest: inout ArraySlice<UInt8>) -> Bytes? {
        guard rest.count >= 3, rest.removeFirst() == 0x02 else { return nil }
        let count = Int(rest.removeFirst())
        guard count > 0, count <= rest.count else { return nil }
        let content = rest.prefix(count)
        rest = rest.dropFirst(count)
        let digits = content.drop { $0 == 0 }
        let shortest = digits.first.map { $0 >= 0x80 ? digits.count + 1 : digits.count } ?? 1
        guard content.count == shortest, digits.count <= 32 else { return nil }
        return Bytes(repeating: 0, count: 32 - digits.count) + digits
    }

    struct Vector {
        let id: Int
        let comment: String
        let publicKey: Bytes
        let digest: Hash32
        let signature: Bytes
        let isExpected: Bool
    }

    static func vectors(_ variant: String) throws -> [Vector] {
        let document = try Fixtures.object("crypto/wycheproof/ecdsa_secp256k1_sha256_\(variant)_test.json.gz")
        let groups = try #require(document["testGroups"] as? [[String: Any]])
        let unwritable = try #require(Self.unwritable[variant])
        return try groups.flatMap { group in
            let key = try #require(group["publicKey"] as? [String: Any])
            let point = try Bytes(hex: "0x" + #require(key["uncompressed"] as? String))
            return try #require(group["tests"] as? [[String: Any]]).map { test in
                let id = try #require(test["tcId"] as? Int)
                return Vector(
                    id: id, comment: try #require(test["comment"] as? String),
                    publicKey: Bytes(point[1...]),
                    digest: sha256(try Bytes(hex: "0x" + #require(test["msg"] as? String))),
                    signature: try Bytes(hex: "0x" + #require(test["sig"] as? String)),
                    isExpected: test["result"] as? String == "valid" && !unwritable.contains(id))
            }
        }
    }
}

@Suite(.enabled(if: Fixtures.arePresent))
struct `Cryptographic fixtures` {
    static let run: Set = [
        "ecdsa_secp256k1_sha256_bitcoin_test.json.gz", "ecdsa_secp256k1_sha256_p1363_test.json.gz",
        "seed", "key", "addr",
    ]
    static let notApplicable = [
        "ed25519_test.json.gz": "no part of the design uses Ed25519: accounts are secp256k1, nodes P-256 (D6)",
        "sig_of_emptystring": """
        the message is not known: the vector's own key did not sign Keccak-256 or SHA-256 of nothing, nor zero
        """,
        "aes1": "AES-CTR of the RLPx transport: links between nodes are TLS 1.3 (D6)",
        "ecies1": "ECIES of the RLPx handshake: links between nodes are TLS 1.3 (D6)",
    ]

    @Test
    func `every vector file runs here or is named with the reason why not`() throws {
        let folder = try #require(Fixtures.folder).appending(path: "crypto/wycheproof")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        let addresses = try #require(Fixtures.json("basic/keyaddrtest.json") as? [[String: Any]])
        let fields = Set(addresses.flatMap(\.keys)).sorted()
        for name in files.sorted() + fields + (try Fixtures.object("basic/crypto.json").keys.sorted()) {
            #expect(Self.run.contains(name) != (Self.notApplicable[name] != nil), "\(name)")
        }
    }
}

import Primitives
import Testing

@testable import Crypto

@Suite
struct `Digests of OpenSSL` {
    @Test
    func `SHA-256 of abc is the example of FIPS 180`() {
        let expected = "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(sha256(Bytes("abc".utf8)).hex == expected)
    }

    @Test
    func `RIPEMD-160 of abc is the example of its authors`() {
        #expect(ripemd160(Bytes("abc".utf8)).hex == "0x8eb208f7e05d987a9b044a8e98c6b087f15a0bfc")
    }

    @Test
    func `HMAC-SHA-512 gives test case 2 of RFC 4231`() {
        let code = hmacSHA512(key: Bytes("Jefe".utf8), Bytes("what do ya want for nothing?".utf8))
        let expected = """
            0x164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
            9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737
            """
        #expect(code.hex == expected)
    }

    @Test
    func `PBKDF2 gives the first seed of BIP-39's vectors`() {
        let words = Array(repeating: "abandon", count: 11) + ["about"]
        let seed = pbkdf2SHA512(
            password: Bytes(words.joined(separator: " ").utf8), salt: Bytes("mnemonicTREZOR".utf8), rounds: 2048)
        let expected = """
            0xc55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e5349553\
            1f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04
            """
        #expect(seed.hex == expected)
    }

    @Test
    func `an empty password and an empty salt are a password and a salt`() {
        #expect(pbkdf2SHA512(password: [], salt: [], rounds: 1).count == 64)
        #expect(hmacSHA512(key: [], []).count == 64)
    }
}

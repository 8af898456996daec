import Crypto
import Fixtures
import Primitives
import Testing

/// n, the order of secp256k1.
let accountOrder = UInt256(
    limbs: 0xBFD2_5E8C_D036_4141, 0xBAAE_DCE6_AF48_A03B, 0xFFFF_FFFF_FFFF_FFFE, 0xFFFF_FFFF_FFFF_FFFF)

extension AccountSignature {
    /// The other valid form: s turned into n − s, and with it the parity.
    var mirrored: AccountSignature {
        AccountSignature(r: r, s: accountOrder - s, yParity: !yParity)
    }
}

@Suite
struct `Account signatures` {
    @Test(arguments: 0..<32)
    func `what a key signs recovers to its address`(seed: Int) throws {
        let key = try AccountKey(sampleDigest(seed, "account"))
        let digest = sampleDigest(seed)
        let signature = key.sign(digest)
        #expect(signature.isLowS)
        #expect(recoverAddress(signature, digest: digest) == key.address)
        #expect(key.sign(digest) == signature, "RFC 6979: the same question has the same answer")
    }

    @Test(arguments: 0..<8)
    func `the mirrored high s recovers too, and is known as high`(seed: Int) throws {
        let key = try AccountKey(sampleDigest(seed, "account"))
        let mirrored = key.sign(sampleDigest(seed)).mirrored
        #expect(!mirrored.isLowS)
        #expect(recoverAddress(mirrored, digest: sampleDigest(seed)) == key.address)
    }

    @Test
    func `a changed digest, parity, r or s never recovers to the signer`() throws {
        let key = try AccountKey(sampleDigest(0, "account"))
        let digest = sampleDigest(0)
        let signature = key.sign(digest)
        for bit in 0..<256 {
            let changed = Hash32(flip(bit, of: digest.bytes))
            #expect(recoverAddress(signature, digest: changed) != key.address)
            var other = signature
            other.r = UInt256(bigEndian: flip(bit, of: signature.r.bigEndianBytes))
            #expect(recoverAddress(other, digest: digest) != key.address)
            other = signature
            other.s = UInt256(bigEndian: flip(bit, of: signature.s.bigEndianBytes))
            #expect(recoverAddress(other, digest: digest) != key.address)
        }
        var other = signature
        other.yParity.toggle()
        #expect(recoverAddress(other, digest: digest) != key.address)
    }

    @Test
    func `r and s outside 1 to n − 1 recover to nobody`() throws {
        let good = try AccountKey(sampleDigest(1, "account")).sign(sampleDigest(1))
        for bad in [UInt256.zero, accountOrder, accountOrder + 1, .max] {
            for parity in [false, true] {
                let badR = AccountSignature(r: bad, s: good.s, yParity: parity)
                #expect(recoverAddress(badR, digest: sampleDigest(1)) == nil)
                let badS = AccountSignature(r: good.r, s: bad, yParity: parity)
                #expect(recoverAddress(badS, digest: sampleDigest(1)) == nil)
            }
        }
    }

    @Test
    func `low s ends at half the order`() {
        let half = accountOrder / 2
        #expect(AccountSignature(r: 1, s: half, yParity: false).isLowS)
        #expect(!AccountSignature(r: 1, s: half + 1, yParity: false).isLowS)
    }

    @Test
    func `a secret is at least 1 and below the order`() throws {
        #expect(throws: KeyError.secretOutOfRange) { try AccountKey(.zero) }
        for bad in [accountOrder, accountOrder + 1, .max] {
            #expect(throws: KeyError.secretOutOfRange) { try AccountKey(Hash32(bad.bigEndianBytes)) }
        }
        // The public key of 1 is the generator itself.
        #expect(
            try AccountKey(Hash32(UInt256(1).bigEndianBytes)).address
                == Address(hex: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"))
        #expect(throws: Never.self) { try AccountKey(Hash32((accountOrder - 1).bigEndianBytes)) }
    }

    @Test
    func `a printed key shows no secret`() throws {
        let account = try AccountKey(sampleDigest(3, "account"))
        let node = try NodeKey(sampleDigest(3, "node"))
        for (text, secret) in [
            ("\(account)", account.secret), ("\([account])", account.secret),
            ("\(node)", node.secret), ("\([node])", node.secret),
        ] {
            #expect(!text.contains(secret.hex.dropFirst(2)), "\(text)")
        }
    }

    @Test
    func `many threads recover at once and agree`() async throws {
        let keys = try (0..<4).map { try AccountKey(sampleDigest($0, "account")) }
        let wrong = await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask {
                    (0..<25).count { round in
                        let (key, digest) = (keys[(task + round) % 4], sampleDigest(100 * task + round))
                        return recoverAddress(key.sign(digest), digest: digest) != key.address
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }
}

@Suite
struct `Development wallet` {
    static let words = "test test test test test test test test test test test junk"

    @Test(arguments: [
        (0, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"), (1, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        (2, "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"), (3, "0x90F79bf6EB2c4f870365E785982E1f101E93b906"),
        (4, "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"), (5, "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"),
        (6, "0x976EA74026E726554dB657fA54763abd0C3a0aa9"), (7, "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955"),
        (8, "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f"), (9, "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"),
    ])
    func `the usual mnemonic gives the usual accounts`(index: UInt32, address: String) throws {
        #expect(try HDWallet(mnemonic: Self.words).account(index).address == Address(hex: address))
    }

    @Test
    func `the first account has the secret every tool prints`() throws {
        let secret = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
        #expect(try HDWallet(mnemonic: Self.words).account(0).secret.hex == secret)
    }

    @Test
    func `a passphrase opens another wallet`() throws {
        let other = try HDWallet(mnemonic: Self.words, passphrase: "x").account(0)
        #expect(try HDWallet(mnemonic: Self.words).account(0).address != other.address)
    }

    @Test
    func `an index from 2^31 up has no key`() throws {
        let wallet = HDWallet(mnemonic: Self.words)
        #expect(throws: KeyError.noKeyAtIndex(1 << 31)) { try wallet.account(1 << 31) }
        #expect(throws: Never.self) { try wallet.account((1 << 31) - 1) }
    }
}

@Suite(.enabled(if: Fixtures.arePresent))
struct `Account fixtures` {
    @Test
    func `seeds of keyaddrtest have their keys and addresses`() throws {
        let vectors = try #require(Fixtures.json("basic/keyaddrtest.json") as? [[String: Any]])
        #expect(vectors.count == 2)
        for vector in vectors {
            let seed = try #require(vector["seed"] as? String)
            let key = try AccountKey(keccak256(Bytes(seed.utf8)))
            #expect(key.secret.hex == "0x\(try #require(vector["key"] as? String))", "\(seed)")
            #expect(key.address.hex == "0x\(try #require(vector["addr"] as? String))", "\(seed)")
        }
    }
}

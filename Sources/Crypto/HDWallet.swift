import Primitives

/// The accounts of a mnemonic: BIP-39 for the seed, BIP-32 for the tree, path m/44'/60'/0'/0/i.
///
/// Meant for the development accounts that tools know by heart. Words are taken as they are: no word list is
/// checked, and text outside ASCII must already be in Unicode form NFKD.
public struct HDWallet: Sendable {
    private let master: ExtendedKey

    public init(mnemonic: String, passphrase: String = "") {
        let seed = pbkdf2SHA512(
            password: Bytes(mnemonic.utf8), salt: Bytes("mnemonic".utf8) + Bytes(passphrase.utf8), rounds: 2048)
        master = ExtendedKey(hmacSHA512(key: Bytes("Bitcoin seed".utf8), seed))
    }

    /// The key at m/44'/60'/0'/0/`index`.
    ///
    /// - Throws: `.noKeyAtIndex` if `index` is 2^31 or more, or where BIP-32 defines no key.
    public func account(_ index: UInt32) throws(KeyError) -> AccountKey {
        guard index < ExtendedKey.hardened else { throw .noKeyAtIndex(index) }
        var key = master
        for step in [44 | ExtendedKey.hardened, 60 | ExtendedKey.hardened, ExtendedKey.hardened, 0, index] {
            key = try key.child(step)
        }
        return try AccountKey(Hash32(key.secret))
    }
}

/// A secret with its chain code (BIP-32).
private struct ExtendedKey: Sendable {
    let secret: Bytes
    let chainCode: Bytes

    /// Steps from here up derive from the secret alone, so that a leaked child does not lead to its siblings.
    static let hardened: UInt32 = 1 << 31

    init(_ bytes: Bytes) {
        secret = Bytes(bytes[..<32])
        chainCode = Bytes(bytes[32...])
    }

    private init(secret: Bytes, chainCode: Bytes) {
        self.secret = secret
        self.chainCode = chainCode
    }

    func child(_ step: UInt32) throws(KeyError) -> ExtendedKey {
        guard let point = Secp256k1.publicKey(of: secret) else { throw .secretOutOfRange }
        let origin = step < Self.hardened ? Secp256k1.serializeCompressed(point) : [0] + secret
        let number = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: step >> $0) }
        let derived = ExtendedKey(hmacSHA512(key: chainCode, origin + number))
        guard let sum = Secp256k1.add(derived.secret, to: secret) else { throw .noKeyAtIndex(step) }
        return ExtendedKey(secret: sum, chainCode: derived.chainCode)
    }
}

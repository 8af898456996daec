import CSecp256k1
public import Primitives

/// A recoverable ECDSA signature over secp256k1, as a transaction carries it.
public struct AccountSignature: Hashable, Sendable {
    public var r: UInt256
    public var s: UInt256
    /// Whether the y coordinate of the nonce's point is odd: 1 or 0 in `yParity`, 28 or 27 in the oldest `v`.
    public var yParity: Bool

    public init(r: UInt256, s: UInt256, yParity: Bool) {
        self.r = r
        self.s = s
        self.yParity = yParity
    }

    /// Whether `s` is at most half of the curve's order (EIP-2), so that no second form of this signature counts.
    public var isLowS: Bool { s <= Self.halfOrder }

    private static let halfOrder = UInt256(
        limbs: 0xDFE9_2F46_681B_20A0, 0x5D57_6E73_57A4_501D, 0xFFFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF)

    /// r‖s, 64 bytes.
    fileprivate var compact: Bytes { r.bigEndianBytes + s.bigEndianBytes }
}

/// The secret of an account, on secp256k1.
public struct AccountKey: Sendable {
    public let secret: Hash32
    public let address: Address

    /// - Throws: `.secretOutOfRange` unless 1 ≤ `secret` < n.
    public init(_ secret: Hash32) throws(KeyError) {
        guard let point = Secp256k1.publicKey(of: secret.bytes) else { throw .secretOutOfRange }
        self.secret = secret
        self.address = Address(lastBytesOf: keccak256(Secp256k1.serialize(point)))
    }

    /// Signs a 32-byte digest as it is. Deterministic (RFC 6979), always with low s (EIP-2).
    public func sign(_ digest: Hash32) -> AccountSignature {
        var signature = secp256k1_ecdsa_recoverable_signature()
        let signed = unsafe secp256k1_ecdsa_sign_recoverable(
            Secp256k1.context, &signature, digest.bytes, secret.bytes, nil, nil)
        precondition(signed == 1, "a checked secret signs any digest")
        var parity: Int32 = 0
        let compact = unsafe Bytes(unsafeUninitializedCapacity: 64) { buffer, count in
            count = 64
            _ = unsafe secp256k1_ecdsa_recoverable_signature_serialize_compact(
                Secp256k1.context, buffer.baseAddress!, &parity, &signature)
        }
        // Bit 1 of the recovery id says that r was reduced by n, a chance of one in 2^127. Ethereum cannot
        // write it down; the signature would then name another account, as it would in every other client.
        return AccountSignature(
            r: UInt256(bigEndian: compact[..<32]), s: UInt256(bigEndian: compact[32...]), yParity: parity & 1 == 1)
    }
}

extension AccountKey: CustomStringConvertible {
    /// The address only: a secret must not reach a log by interpolation.
    public var description: String { "AccountKey(\(address))" }
}

/// The account whose key made `signature` over `digest`.
///
/// High `s` counts, as the ecrecover precompile wants; a transaction refuses it before (EIP-2).
/// - Returns: nil if r or s is 0 or not below the order, or if no point of the curve has r as its x.
public func recoverAddress(_ signature: AccountSignature, digest: Hash32) -> Address? {
    recoverPublicKey(signature, digest: digest).map { Address(lastBytesOf: keccak256($0)) }
}

/// The public key, x‖y in 64 bytes, that made `signature` over `digest`; nil as in `recoverAddress`.
public func recoverPublicKey(_ signature: AccountSignature, digest: Hash32) -> Bytes? {
    var parsed = secp256k1_ecdsa_recoverable_signature()
    var point = secp256k1_pubkey()
    guard
        unsafe secp256k1_ecdsa_recoverable_signature_parse_compact(
            Secp256k1.context, &parsed, signature.compact, signature.yParity ? 1 : 0) == 1,
        unsafe secp256k1_ecdsa_recover(Secp256k1.context, &point, &parsed, digest.bytes) == 1
    else { return nil }
    return Secp256k1.serialize(point)
}

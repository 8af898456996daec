public import Crypto
public import Primitives

/// The wish of an account to run the code at `address` (EIP-7702), as a set-code transaction carries it.
///
/// One that does not hold is passed over when the transaction runs; it does not make the transaction invalid.
/// So any value that fits its field is kept.
public struct Authorization: Hashable, Sendable {
    /// The chain it is for; 0 stands for all.
    public var chainID: UInt256
    /// Whose code to run; zero clears an earlier wish.
    public var address: Address
    /// The nonce that the authority must have.
    public var nonce: UInt64
    /// 0 or 1 in one that holds.
    public var yParity: UInt8
    public var r: UInt256
    public var s: UInt256

    public init(chainID: UInt256, address: Address, nonce: UInt64, yParity: UInt8, r: UInt256, s: UInt256) {
        self.chainID = chainID
        self.address = address
        self.nonce = nonce
        self.yParity = yParity
        self.r = r
        self.s = s
    }

    /// Signs the wish of the account of `key`.
    public static func signed(
        chainID: UInt256, address: Address, nonce: UInt64, by key: AccountKey
    ) -> Authorization {
        var authorization = Authorization(
            chainID: chainID, address: address, nonce: nonce, yParity: 0, r: 0, s: 0)
        let signature = key.sign(authorization.signingHash)
        authorization.yParity = signature.yParity ? 1 : 0
        authorization.r = signature.r
        authorization.s = signature.s
        return authorization
    }

    /// keccak(0x05 ‖ rlp([chainID, address, nonce])).
    public var signingHash: Hash32 {
        var encoder = RLPEncoder()
        encoder.list { list in
            list.append(chainID)
            list.append(address)
            list.append(nonce)
        }
        return keccak256([Authorization.magic] + encoder.bytes)
    }

    /// Separates these signatures from those of transactions: no envelope starts with it.
    public static let magic: UInt8 = 0x05

    /// The account that signed, or nil if no account did with a low s (EIP-2).
    public func recoverAuthority() -> Address? {
        guard yParity <= 1 else { return nil }
        let signature = AccountSignature(r: r, s: s, yParity: yParity == 1)
        guard signature.isLowS else { return nil }
        return recoverAddress(signature, digest: signingHash)
    }
}

extension Authorization: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(chainID)
            list.append(address)
            list.append(nonce)
            list.append(UInt64(yParity))
            list.append(r)
            list.append(s)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        chainID = try list.uint256()
        address = try list.address()
        nonce = try list.uint64()
        let position = list.position
        let parity = try list.uint64()
        guard let yParity = UInt8(exactly: parity) else {
            throw .invalidValue(at: position, "expected a parity of one byte, found \(parity)")
        }
        self.yParity = yParity
        r = try list.uint256()
        s = try list.uint256()
        try list.finish()
    }
}

public import Crypto
public import Primitives

/// A signed transaction of one of Ethereum's five kinds. Immutable, so its hash is computed once.
///
/// The bytes it came in are not kept: the decoder takes canonical input only, so encoding gives them back.
/// Whether it may run is asked of `check(under:)` and, where the state matters, of validation.
public struct Transaction: Sendable {
    /// What was signed.
    public let content: Content
    public let signature: AccountSignature
    /// keccak(envelope).
    public let hash: Hash32

    /// The longest envelope that is decoded.
    ///
    /// More data than this cannot be paid for: at ten gas a byte (EIP-7623) the largest transaction of
    /// 2²⁴ gas (EIP-7825) carries 1.6 MiB. What is relayed before it is in a block is limited closer by the pool.
    public static let envelopeBytesMax = 2 << 20
    /// The highest chain id whose EIP-155 `v` fits 64 bits (EIP-2294).
    public static let chainIDMax = UInt64.max / 2 - 36
    /// The longest initcode (EIP-3860).
    public static let initCodeBytesMax = 49_152
    /// An account's nonce stops at 2⁶⁴ − 1, so a transaction's is at most one less (EIP-2681).
    public static let nonceMax = UInt64.max - 1

    /// - Precondition: A typed transaction has a chain id, none is above `chainIDMax`, and blob and set-code
    ///   transactions have a recipient: others have no encoding.
    public init(_ content: Content, signature: AccountSignature) {
        let kind = content.kind
        precondition(kind == .legacy || content.chainID != nil, "a typed transaction has a chain id")
        precondition((content.chainID ?? 0) <= Transaction.chainIDMax, "chain id above \(Transaction.chainIDMax)")
        precondition(content.to != nil || kind.mayCreate, "a \(kind) transaction has a recipient")
        let normalized = content.normalized
        let envelope = normalized.envelope(signature: signature)
        self.init(decoded: normalized, signature: signature, hash: keccak256(envelope))
    }

    /// For the decoder, which has the envelope at hand. `content` is normalized, and `hash` that of its envelope.
    init(decoded content: Content, signature: AccountSignature, hash: Hash32) {
        self.content = content
        self.signature = signature
        self.hash = hash
    }

    /// Signs `content` with the key of the account that sends it. The preconditions of `init` hold.
    public static func signed(_ content: Content, by key: AccountKey) -> Transaction {
        Transaction(content, signature: key.sign(content.normalized.signingHash))
    }

    public var kind: Kind { content.kind }
    public var chainID: UInt64? { content.chainID }
    public var nonce: UInt64 { content.nonce }
    public var maxPriorityFeePerGas: UInt256 { content.maxPriorityFeePerGas }
    public var maxFeePerGas: UInt256 { content.maxFeePerGas }
    /// The one gas price of a legacy or access-list transaction; nil in the kinds that have two fees.
    public var gasPrice: UInt256? { kind.hasGasPrice ? maxFeePerGas : nil }
    public var gasLimit: Gas { content.gasLimit }
    public var to: Address? { content.to }
    public var isCreation: Bool { to == nil }
    public var value: UInt256 { content.value }
    public var data: Bytes { content.data }
    public var accessList: [AccessListEntry] { content.accessList }
    public var maxFeePerBlobGas: UInt256 { content.maxFeePerBlobGas }
    public var blobVersionedHashes: [Hash32] { content.blobVersionedHashes }
    public var authorizations: [Authorization] { content.authorizations }

    /// What one gas costs the sender where the base fee is `baseFee`, or nil if that is above `maxFeePerGas`.
    public func effectiveGasPrice(baseFee: UInt256) -> UInt256? {
        guard maxFeePerGas >= baseFee else { return nil }
        return baseFee + min(maxPriorityFeePerGas, maxFeePerGas - baseFee)
    }

    /// The hash that the sender signed.
    public var signingHash: Hash32 { content.signingHash }

    /// The account that signed: the sender.
    ///
    /// - Throws: `.signatureOutOfRange`, `.highS` (EIP-2) or `.unrecoverable`.
    public func recoverSender() throws(TransactionError) -> Address {
        guard !signature.r.isZero, !signature.s.isZero, signature.r < Transaction.curveOrder,
            signature.s < Transaction.curveOrder
        else { throw .signatureOutOfRange }
        guard signature.isLowS else { throw .highS }
        guard let sender = recoverAddress(signature, digest: signingHash) else { throw .unrecoverable }
        return sender
    }

    /// The order of secp256k1 (SEC 2, section 2.4.1).
    private static let curveOrder = UInt256(
        Hash32(0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_fffe, 0xbaae_dce6_af48_a03b, 0xbfd2_5e8c_d036_4141))
}

/// The hash covers every field and the signature, so it stands for the whole.
extension Transaction: Hashable {
    public static func == (left: Transaction, right: Transaction) -> Bool {
        left.hash == right.hash
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(hash)
    }
}

/// The address of the contract that `sender` creates with a transaction or CREATE at `nonce`:
/// the last twenty bytes of keccak(rlp([sender, nonce])) (Yellow Paper, section 7).
public func createAddress(sender: Address, nonce: UInt64) -> Address {
    var encoder = RLPEncoder()
    encoder.list { list in
        list.append(sender)
        list.append(nonce)
    }
    return Address(lastBytesOf: keccak256(encoder.bytes))
}

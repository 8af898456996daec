import Crypto
public import Primitives

extension Transaction {
    /// The bytes that are hashed and sent (EIP-2718).
    public var envelope: Bytes {
        content.envelope(signature: signature)
    }

    /// Decodes a whole envelope. Canonical input only, and nothing behind it.
    ///
    /// - Throws: A case of `TransactionError`'s first group.
    public init(envelope: Bytes) throws(TransactionError) {
        guard let first = envelope.first else { throw .empty }
        guard envelope.count <= Transaction.envelopeBytesMax else {
            throw .tooLarge(limit: Transaction.envelopeBytesMax, found: envelope.count)
        }
        if first >= 0xc0 {
            try self.init(legacy: envelope)
        } else {
            guard first != 0, let kind = Kind(rawValue: first) else { throw .unknownKind(first) }
            try self.init(kind, typed: envelope)
        }
    }

    private init(legacy envelope: Bytes) throws(TransactionError) {
        var content = Content(kind: .legacy, chainID: nil, nonce: 0, maxFeePerGas: 0, to: nil)
        let tail = try content.decode(envelope, payloadAt: 0)
        // EIP-155: v is 27 or 28 by the parity, or 35 + 2 × chain id + parity.
        let yParity: Bool
        switch tail.parityOrV {
        case 27, 28:
            yParity = tail.parityOrV == 28
        case 35...:
            let chainID = (tail.parityOrV - 35) / 2
            guard chainID <= Transaction.chainIDMax else { throw .chainIDTooLarge(chainID) }
            content.chainID = chainID
            yParity = tail.parityOrV & 1 == 0
        default:
            throw .invalidV(tail.parityOrV)
        }
        let signature = AccountSignature(r: tail.r, s: tail.s, yParity: yParity)
        self.init(decoded: content, signature: signature, hash: keccak256(envelope))
    }

    private init(_ kind: Kind, typed envelope: Bytes) throws(TransactionError) {
        var content = Content(kind: kind, chainID: nil, nonce: 0, maxFeePerGas: 0, to: nil)
        if kind == .blob, Transaction.isNetworkForm(envelope) { throw .blobSidecar }
        let tail = try content.decode(envelope, payloadAt: 1)
        if let chainID = content.chainID, chainID > Transaction.chainIDMax { throw .chainIDTooLarge(chainID) }
        guard tail.parityOrV <= 1 else { throw .invalidParity(tail.parityOrV) }
        guard content.to != nil || kind.mayCreate else { throw .missingRecipient(kind) }
        let signature = AccountSignature(r: tail.r, s: tail.s, yParity: tail.parityOrV == 1)
        self.init(decoded: content, signature: signature, hash: keccak256(envelope))
    }

    /// Whether a blob transaction comes as [transaction, blobs, commitments, proofs] (EIP-4844).
    private static func isNetworkForm(_ envelope: Bytes) -> Bool {
        var decoder = RLPDecoder(envelope[1...])
        return (try? decoder.list().nextIsList) ?? false
    }
}

extension Transaction.Content {
    /// Reads the list of fields and signature that starts at `start` and fills the rest of `envelope`.
    fileprivate mutating func decode(
        _ envelope: Bytes, payloadAt start: Int
    ) throws(TransactionError) -> (parityOrV: UInt64, r: UInt256, s: UInt256) {
        do throws(RLPError) {
            var decoder = start == 0 ? RLPDecoder(envelope) : RLPDecoder(envelope[start...])
            var list = try decoder.list()
            try decoder.finish()
            if kind != .legacy { chainID = try list.uint64() }
            try decodeFields(from: &list)
            let tail = (try list.uint64(), try list.uint256(), try list.uint256())
            try list.finish()
            return tail
        } catch {
            throw .encoding(error)
        }
    }
}

/// Inside a block body: a legacy transaction is its list, a typed one the byte string of its envelope.
extension Transaction: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        if kind == .legacy { encoder.appendRaw(envelope) } else { encoder.append(envelope) }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        let isList = try decoder.nextIsList
        let envelope = try isList ? decoder.rawItem() : decoder.bytes(max: Transaction.envelopeBytesMax)
        if !isList, let first = envelope.first, first >= 0xc0 {
            throw .invalidValue(at: start, "a legacy transaction wrapped in a string")
        }
        do throws(TransactionError) {
            try self.init(envelope: envelope)
        } catch {
            guard case .encoding(let error) = error else { throw .invalidValue(at: start, error.description) }
            throw error
        }
    }
}

import Crypto
public import Primitives

extension Transaction {
    /// The first byte of the envelope (EIP-2718); a legacy transaction has none.
    public enum Kind: UInt8, CaseIterable, Hashable, Sendable {
        case legacy = 0
        /// EIP-2930
        case accessList = 1
        /// EIP-1559
        case dynamicFee = 2
        /// EIP-4844, without its sidecar
        case blob = 3
        /// EIP-7702
        case setCode = 4

        /// Whether the kind has one gas price in place of a fee cap and a tip.
        public var hasGasPrice: Bool { self == .legacy || self == .accessList }

        /// Whether the kind may have no recipient.
        public var mayCreate: Bool { self != .blob && self != .setCode }
    }

    /// What a transaction says, before it is signed.
    public struct Content: Hashable, Sendable {
        public var kind: Kind
        /// The chain it is for; nil in a legacy transaction from before EIP-155, which any chain takes.
        public var chainID: UInt64?
        public var nonce: UInt64
        /// Peb per gas for the proposer, at most. Equal to `maxFeePerGas` in the kinds that have one gas price.
        public var maxPriorityFeePerGas: UInt256
        /// Peb per gas in all, at most. The gas price in the kinds that have one.
        public var maxFeePerGas: UInt256
        public var gasLimit: Gas
        /// Nil creates a contract.
        public var to: Address?
        /// Peb.
        public var value: UInt256
        public var data: Bytes
        public var accessList: [AccessListEntry]
        public var maxFeePerBlobGas: UInt256
        public var blobVersionedHashes: [Hash32]
        public var authorizations: [Authorization]

        /// Fields that the kind does not carry are dropped when a transaction is made of it.
        public init(
            kind: Kind = .dynamicFee, chainID: UInt64?, nonce: UInt64, maxPriorityFeePerGas: UInt256 = 0,
            maxFeePerGas: UInt256, gasLimit: Gas = GasSchedule.transaction, to: Address?, value: UInt256 = 0,
            data: Bytes = [], accessList: [AccessListEntry] = [], maxFeePerBlobGas: UInt256 = 0,
            blobVersionedHashes: [Hash32] = [], authorizations: [Authorization] = []
        ) {
            self.kind = kind
            self.chainID = chainID
            self.nonce = nonce
            self.maxPriorityFeePerGas = maxPriorityFeePerGas
            self.maxFeePerGas = maxFeePerGas
            self.gasLimit = gasLimit
            self.to = to
            self.value = value
            self.data = data
            self.accessList = accessList
            self.maxFeePerBlobGas = maxFeePerBlobGas
            self.blobVersionedHashes = blobVersionedHashes
            self.authorizations = authorizations
        }

        /// Only what the kind carries, so that equal transactions have equal contents.
        var normalized: Content {
            var content = self
            if kind.hasGasPrice { content.maxPriorityFeePerGas = maxFeePerGas }
            if kind == .legacy { content.accessList = [] }
            if kind != .blob {
                content.maxFeePerBlobGas = 0
                content.blobVersionedHashes = []
            }
            if kind != .setCode { content.authorizations = [] }
            return content
        }
    }
}

extension Transaction.Content {
    /// The hash that a sender signs: the envelope without the signature; in a legacy transaction for one chain,
    /// with chain id, 0, 0 in its place (EIP-155).
    public var signingHash: Hash32 {
        var encoder = startEnvelope()
        encoder.list { list in
            encodeFields(into: &list)
            if kind == .legacy, let chainID {
                list.append(chainID)
                list.append(UInt64(0))
                list.append(UInt64(0))
            }
        }
        return keccak256(encoder.bytes)
    }

    /// The type and the list of fields and signature (EIP-2718); in a legacy transaction the list alone.
    func envelope(signature: AccountSignature) -> Bytes {
        var encoder = startEnvelope()
        encoder.list { list in
            encodeFields(into: &list)
            let parity: UInt64 = signature.yParity ? 1 : 0
            if kind == .legacy {
                list.append(chainID.map { 35 + 2 * $0 + parity } ?? 27 + parity)
            } else {
                list.append(parity)
            }
            list.append(signature.r)
            list.append(signature.s)
        }
        return encoder.bytes
    }

    private func startEnvelope() -> RLPEncoder {
        var encoder = RLPEncoder(capacity: 160 + data.count)
        // A type stands before the list as it is; as an integer below 0x80 it is its own encoding.
        if kind != .legacy { encoder.append(UInt64(kind.rawValue)) }
        return encoder
    }

    private func encodeFields(into list: inout RLPEncoder) {
        if kind != .legacy { list.append(chainID ?? 0) }
        list.append(nonce)
        if !kind.hasGasPrice { list.append(maxPriorityFeePerGas) }
        list.append(maxFeePerGas)
        list.append(gasLimit)
        list.append(to)
        list.append(value)
        list.append(data)
        if kind != .legacy { list.append(list: accessList) }
        if kind == .blob {
            list.append(maxFeePerBlobGas)
            list.append(list: blobVersionedHashes)
        }
        if kind == .setCode { list.append(list: authorizations) }
    }

    /// Reads what `encodeFields` writes behind the chain id.
    mutating func decodeFields(from list: inout RLPDecoder) throws(RLPError) {
        nonce = try list.uint64()
        if !kind.hasGasPrice { maxPriorityFeePerGas = try list.uint256() }
        maxFeePerGas = try list.uint256()
        if kind.hasGasPrice { maxPriorityFeePerGas = maxFeePerGas }
        gasLimit = try list.uint64()
        to = try list.optionalAddress()
        value = try list.uint256()
        data = try list.bytes()
        // The length of the envelope bounds every list in it.
        if kind != .legacy {
            accessList = try list.array(of: AccessListEntry.self, max: Transaction.envelopeBytesMax)
        }
        if kind == .blob {
            maxFeePerBlobGas = try list.uint256()
            blobVersionedHashes = try list.array(of: Hash32.self, max: Transaction.envelopeBytesMax)
        }
        if kind == .setCode {
            authorizations = try list.array(of: Authorization.self, max: Transaction.envelopeBytesMax)
        }
    }
}

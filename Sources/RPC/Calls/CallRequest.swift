import Chain
import Primitives

/// The transaction object of eth_call and its like: what would be sent, unsigned, as far as the caller says.
struct CallRequest {
    /// Who sends it; the zero address where nobody is named.
    let from: Address
    /// The gas limit, where one is named.
    let gas: Gas?
    let nonce: UInt64?
    let gasPrice: UInt256?
    private(set) var maxFeePerGas: UInt256?
    private(set) var maxPriorityFeePerGas: UInt256?
    /// Whether an access list is named, be it an empty one.
    private let hasAccessList: Bool
    /// Whether `input` and `data` are both named and differ. A call goes by `input`; to send it would be rash.
    let isAmbiguous: Bool
    /// All of it, with zero where nothing is named.
    private(set) var content: Transaction.Content

    init(_ argument: JSONValue) throws(ArgumentError) {
        guard let object = argument.object else {
            throw ArgumentError("expected a transaction object, found \(argument.kind)")
        }
        from = try member(object, "from", addressArgument) ?? .zero
        gas = try member(object, "gas", quantityArgument)
        nonce = try member(object, "nonce", quantityArgument)
        gasPrice = try member(object, "gasPrice", wideQuantityArgument)
        maxFeePerGas = try member(object, "maxFeePerGas", wideQuantityArgument)
        maxPriorityFeePerGas = try member(object, "maxPriorityFeePerGas", wideQuantityArgument)
        if gasPrice != nil, maxFeePerGas != nil || maxPriorityFeePerGas != nil {
            throw ArgumentError("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified")
        }
        for name in ["blobs", "commitments", "proofs"] where object[name]?.isNull == false {
            throw ArgumentError("\(name): blob sidecars are not taken here, blobVersionedHashes are")
        }
        hasAccessList = object["accessList"]?.isNull == false
        let authorizations = try elements(object, "authorizationList", authorizationArgument)
        let blobs = try elements(object, "blobVersionedHashes", hashArgument)
        // `input`, or `data` as it was called before.
        let input = try member(object, "input", dataArgument)
        let data = try member(object, "data", dataArgument)
        isAmbiguous = input != nil && data != nil && input != data
        content = Transaction.Content(
            kind: authorizations.isEmpty ? blobs.isEmpty ? .dynamicFee : .blob : .setCode,
            chainID: try member(object, "chainId", quantityArgument), nonce: nonce ?? 0,
            maxPriorityFeePerGas: gasPrice ?? maxPriorityFeePerGas ?? .zero,
            maxFeePerGas: gasPrice ?? maxFeePerGas ?? .zero, gasLimit: gas ?? 0,
            to: try member(object, "to", addressArgument),
            value: try member(object, "value", wideQuantityArgument) ?? .zero, data: input ?? data ?? [],
            accessList: try elements(object, "accessList", accessListEntry),
            maxFeePerBlobGas: try member(object, "maxFeePerBlobGas", wideQuantityArgument) ?? .zero,
            blobVersionedHashes: blobs, authorizations: authorizations)
    }

    /// The content for the chain with `chainID`, as far as it can be run there at all.
    func content(on chainID: UInt64, takingBlobs: Bool) throws(RPCError) -> Transaction.Content {
        if let asked = content.chainID, asked != chainID {
            throw .server("chainId does not match node's (have=\(asked), want=\(chainID))")
        }
        guard content.authorizations.isEmpty || content.to != nil else {
            throw .server("EIP-7702 transaction cannot be used to create contract")
        }
        for (index, hash) in content.blobVersionedHashes.enumerated() where hash[0] != 1 {
            throw .server("blob \(index) has invalid hash version")
        }
        if content.kind == .blob {
            guard takingBlobs else { throw .server("transaction type not supported") }
            guard content.to != nil else { throw .server("blob transaction of type create") }
        }
        var content = content
        content.chainID = chainID
        return content
    }

    /// The same where it offers so much per gas; its price, where it names one.
    func offering(cap: UInt256, tip: UInt256) -> CallRequest {
        var offering = self
        (offering.content.maxFeePerGas, offering.content.maxPriorityFeePerGas) = (cap, tip)
        if gasPrice == nil { (offering.maxFeePerGas, offering.maxPriorityFeePerGas) = (cap, tip) }
        return offering
    }

    /// The kind of transaction that such an object becomes, where `unpriced` is that of one which names no price.
    func kind(unpriced: Transaction.Kind) -> Transaction.Kind {
        if content.kind != .dynamicFee { return content.kind }
        if gasPrice != nil { return hasAccessList ? .accessList : .legacy }
        return maxFeePerGas != nil || maxPriorityFeePerGas != nil ? .dynamicFee : unpriced
    }
}

private func accessListEntry(_ value: JSONValue) throws(ArgumentError) -> AccessListEntry {
    AccessListEntry(
        address: try required(value, "address", addressArgument),
        storageKeys: try elements(value.object ?? JSONObject(), "storageKeys", hashArgument))
}

private func authorizationArgument(_ value: JSONValue) throws(ArgumentError) -> Authorization {
    Authorization(
        chainID: try required(value, "chainId", wideQuantityArgument),
        address: try required(value, "address", addressArgument), nonce: try required(value, "nonce", quantityArgument),
        yParity: UInt8(clamping: try required(value, "yParity", quantityArgument)),
        r: try required(value, "r", wideQuantityArgument), s: try required(value, "s", wideQuantityArgument))
}

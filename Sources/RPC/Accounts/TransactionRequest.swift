import Chain
import Primitives

/// The transaction object of eth_sendTransaction and eth_signTransaction: what is named, and what is left to us.
struct TransactionRequest {
    let call: CallRequest
    /// The object itself, for an estimate of its gas.
    let argument: JSONValue
    let nonce: UInt64?
    let gasPrice: UInt256?
    let maxFeePerGas: UInt256?
    let maxPriorityFeePerGas: UInt256?
    /// Whether an access list is named, be it an empty one.
    let hasAccessList: Bool

    var from: Address { call.from }

    init(_ argument: JSONValue) throws(ArgumentError) {
        call = try CallRequest(argument)
        self.argument = argument
        func named<Value>(
            _ name: String, _ read: (JSONValue) throws(ArgumentError) -> Value
        ) throws(ArgumentError) -> Value? {
            guard let value = argument[name], !value.isNull else { return nil }
            return try read(value)
        }
        guard try named("from", addressArgument) != nil else { throw ArgumentError("from is missing") }
        nonce = try named("nonce", quantityArgument)
        gasPrice = try named("gasPrice", wideQuantityArgument)
        maxFeePerGas = try named("maxFeePerGas", wideQuantityArgument)
        maxPriorityFeePerGas = try named("maxPriorityFeePerGas", wideQuantityArgument)
        hasAccessList = argument["accessList"].map { !$0.isNull } ?? false
        let isBlob = ["blobVersionedHashes", "blobs", "maxFeePerBlobGas"].contains { name in
            argument[name].map { !$0.isNull } ?? false
        }
        if isBlob { throw ArgumentError("transaction type not supported: this chain has no blobs") }
    }

    /// What is still wrong with it whoever fills in the rest, in geth's words.
    func check(chainID: UInt64) throws(RPCError) {
        if let named = call.content.chainID, named != chainID {
            throw .server("chainId does not match node's (have=\(named), want=\(chainID))")
        }
        if call.content.to == nil, call.content.data.isEmpty {
            throw .server("contract creation without any data provided")
        }
        if call.content.to == nil, !call.content.authorizations.isEmpty {
            throw .server("EIP-7702 transaction cannot be used to create contract")
        }
        if maxFeePerGas?.isZero == true { throw .server("maxFeePerGas must be non-zero") }
        if gasPrice?.isZero == true { throw .server("gasPrice must be non-zero after london fork") }
    }

    /// The transaction, all of it known: one price makes it a legacy one, or one with an access list.
    func content(chainID: UInt64, nonce: UInt64, gas: Gas, fees: Fees) -> Transaction.Content {
        var content = call.content
        (content.chainID, content.nonce, content.gasLimit) = (chainID, nonce, gas)
        (content.maxFeePerGas, content.maxPriorityFeePerGas) = (fees.cap, fees.tip)
        if !content.authorizations.isEmpty {
            content.kind = .setCode
        } else if gasPrice == nil {
            content.kind = .dynamicFee
        } else {
            content.kind = hasAccessList ? .accessList : .legacy
        }
        return content
    }

    /// Peb per gas.
    struct Fees {
        let cap, tip: UInt256
    }
}

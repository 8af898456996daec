import Chain
import EVM
import EthereumChain
import Primitives

/// eth_fillTransaction: names what a caller left open, as a wallet would before it signs.
extension RPCContext {
    func fill(_ request: CallRequest) async throws(RPCError) -> UnsignedTransaction {
        let pending = try await at(.pending)
        let head = chain.headHeight
        let found = try reading { () throws(ChainReadError) in try chain.header(at: head) }
        guard let header = found else { throw .headerNotFound }
        var content = try request.content(
            on: profile.chainID, takingBlobs: profile.blobGasMax(at: header.timestamp) > 0)
        guard content.to != nil || !content.data.isEmpty else {
            throw .server("contract creation without any data provided")
        }
        try fillFees(of: &content, for: request, after: header)
        content.kind = request.kind(unpriced: .dynamicFee)
        if request.nonce == nil {
            let sealed = try account(request.from, at: head)?.nonce ?? 0
            content.nonce = max(sealed, await node.pendingNonce(of: request.from) ?? 0)
        }
        if request.gas == nil {
            content.gasLimit = try pending.estimate(CallRun(request, at: pending.chain.headHeight, in: pending))
        }
        return UnsignedTransaction(content)
    }

    /// As geth does it: the tip that is usual, and a cap that two base fees fit under.
    private func fillFees(
        of content: inout Transaction.Content, for request: CallRequest, after header: EthereumHeader
    ) throws(RPCError) {
        if content.kind == .blob, content.maxFeePerBlobGas.isZero {
            content.maxFeePerBlobGas = profile.blobBaseFee(after: header, at: header.timestamp) &* 2
        }
        if let price = request.gasPrice {
            guard !price.isZero else { throw .server("gasPrice must be non-zero after london fork") }
            return
        }
        if let cap = request.maxFeePerGas, request.maxPriorityFeePerGas != nil, cap.isZero {
            throw .server("maxFeePerGas must be non-zero")
        }
        let tip: UInt256
        if let named = request.maxPriorityFeePerGas { tip = named } else { tip = try tips.suggestion(self) }
        let cap = request.maxFeePerGas ?? header.baseFee &* 2 &+ tip
        guard cap >= tip else {
            throw .server("maxFeePerGas (\(cap.quantity)) < maxPriorityFeePerGas (\(tip.quantity))")
        }
        (content.maxPriorityFeePerGas, content.maxFeePerGas) = (tip, cap)
    }
}

extension JSONWriter {
    /// The transaction as geth gives it to be signed: its encoding, and its members.
    mutating func filledTransaction(_ filled: UnsignedTransaction) {
        beginObject()
        name("raw")
        hex(filled.envelope)
        name("tx")
        beginObject()
        members(of: filled.content, hash: filled.hash, nil)
        endObject()
        endObject()
    }
}

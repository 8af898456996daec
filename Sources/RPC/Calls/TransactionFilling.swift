import Chain
import EVM
import EthereumChain
import Primitives

/// What a caller left open of a transaction, named as a wallet would name it before it signs.
extension RPCContext {
    /// The next nonce, fees that a few full blocks do not outbid, the gas that it needs where all has run that waits;
    /// as geth does it.
    func filled(_ request: CallRequest) async throws(RPCError) -> Transaction.Content {
        if request.isAmbiguous {
            throw .server(
                "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass transaction call data")
        }
        let header = try head().header
        let fees = try fees(for: request, after: header)
        // Its gas is that of a transaction which offers what this one will.
        let priced = request.offering(cap: fees.cap, tip: fees.tip)
        var content = try priced.content(
            on: profile.chainID, takingBlobs: profile.blobGasMax(at: header.timestamp) > 0)
        guard content.to != nil || !content.data.isEmpty else {
            throw .server("contract creation without any data provided")
        }
        if content.kind == .blob, content.maxFeePerBlobGas.isZero {
            content.maxFeePerBlobGas = profile.blobBaseFee(after: header, at: header.timestamp) &* 2
        }
        content.kind = request.kind(unpriced: .dynamicFee)
        if request.nonce == nil { content.nonce = try await nextNonce(of: request.from) }
        if request.gas == nil {
            let pending = try await at(.pending)
            content.gasLimit = try pending.estimate(CallRun(priced, at: pending.chain.headHeight, in: pending))
        }
        return content
    }

    /// The nonce after all that the account has sealed and waiting.
    func nextNonce(of address: Address) async throws(RPCError) -> UInt64 {
        // In this order: what the pool has let go by then can be read from the chain.
        let waiting = await node.pendingNonce(of: address) ?? 0
        return max(waiting, try account(address, at: chain.headHeight)?.nonce ?? 0)
    }

    /// Peb per gas: the tip that is usual, and a cap that two base fees fit under, where none are named.
    private func fees(
        for request: CallRequest, after header: EthereumHeader
    ) throws(RPCError) -> (cap: UInt256, tip: UInt256) {
        if let price = request.gasPrice {
            guard !price.isZero else { throw .server("gasPrice must be non-zero after london fork") }
            return (price, price)
        }
        if let cap = request.maxFeePerGas, cap.isZero { throw .server("maxFeePerGas must be non-zero") }
        guard let tip = request.maxPriorityFeePerGas else {
            let usual = try tips.suggestion(self)
            // A tip that nobody named does not make a request wrong.
            return request.maxFeePerGas.map { ($0, min($0, usual)) } ?? (header.baseFee &* 2 &+ usual, usual)
        }
        let (sum, overflow) = (header.baseFee &* 2).addingReportingOverflow(tip)
        guard !overflow else { throw .server("max priority fee per gas is too high") }
        let cap = request.maxFeePerGas ?? sum
        guard cap >= tip else {
            throw .server("maxFeePerGas (\(cap.quantity)) < maxPriorityFeePerGas (\(tip.quantity))")
        }
        return (cap, tip)
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

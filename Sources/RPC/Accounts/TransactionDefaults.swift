import Chain
import EVM
import Primitives
import Validation

extension RPCContext {
    /// Fills in what a request leaves open, as geth does: the next nonce, fees that a few full blocks do not outbid,
    /// the gas that it needs now.
    func filled(_ request: TransactionRequest) async throws(RPCError) -> Transaction.Content {
        try request.check(chainID: profile.chainID)
        let fees = try fees(for: request)
        let gas: Gas
        if let named = request.call.gas { gas = named } else { gas = try estimate(request) }
        let nonce: UInt64
        if let named = request.nonce { nonce = named } else { nonce = try await nextNonce(of: request.from) }
        return request.content(chainID: profile.chainID, nonce: nonce, gas: gas, fees: fees)
    }

    /// The nonce after all that the account has sealed and waiting.
    func nextNonce(of address: Address) async throws(RPCError) -> UInt64 {
        let sealed = try account(address, at: chain.headHeight)?.nonce ?? 0
        return max(sealed, await node.pendingNonce(of: address) ?? 0)
    }

    private func fees(for request: TransactionRequest) throws(RPCError) -> TransactionRequest.Fees {
        if let price = request.gasPrice { return TransactionRequest.Fees(cap: price, tip: price) }
        let tip: UInt256
        if let named = request.maxPriorityFeePerGas { tip = named } else { tip = try tips.suggestion(self) }
        if let cap = request.maxFeePerGas {
            // A tip that nobody named does not make a request wrong.
            if request.maxPriorityFeePerGas == nil { return TransactionRequest.Fees(cap: cap, tip: min(cap, tip)) }
            guard cap >= tip else { throw .server("maxFeePerGas (\(cap)) < maxPriorityFeePerGas (\(tip))") }
            return TransactionRequest.Fees(cap: cap, tip: tip)
        }
        let baseFee = nextBaseFee(after: try head().header)
        let doubled = baseFee.multipliedReportingOverflow(by: 2)
        let cap = doubled.partialValue.addingReportingOverflow(tip)
        guard !doubled.overflow, !cap.overflow else { throw .server("max priority fee per gas is too high") }
        return TransactionRequest.Fees(cap: cap.partialValue, tip: tip)
    }

    private func estimate(_ request: TransactionRequest) throws(RPCError) -> Gas {
        let run = try CallRun(request.call, at: chain.headHeight, in: self)
        return try GasEstimate(run: run, gasMax: min(limits.callGasMax, profile.policy(of: run.header).gasMax ?? .max))
            .find()
    }
}

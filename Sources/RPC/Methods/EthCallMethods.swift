import Chain
import EVM
import Primitives

/// eth_call and eth_estimateGas. Value transfers are answered in full; code waits for the EVM and is
/// refused in plain words, never guessed at.
func ethCallMethods(_ context: RPCContext) -> [RPCMethod] {
    let parameters: [Parameter] = [
        .required("transaction", .call), .optional("block", .blockOrHash), .optional("stateOverrides", .overrides),
        .optional("blockOverrides", .overrides),
    ]
    return [
        RPCMethod(
            "eth_call", "Runs a transaction on the state of a block without sending it.", parameters, result: "bytes",
            .reading { arguments, writer throws(RPCError) in
                let call = try arguments.read(0, CallRequest.init)
                let height = try context.transferHeight(call, arguments)
                let cost = try context.cost(of: call, gas: call.gas ?? 0)
                try context.check(call, at: height, canPay: cost, for: "gas * price + value")
                writer.hex([])
            }),
        RPCMethod(
            "eth_estimateGas", "The least gas limit with which a transaction succeeds.", parameters, result: "quantity",
            .reading { arguments, writer throws(RPCError) in
                let call = try arguments.read(0, CallRequest.init)
                let height = try context.transferHeight(call, arguments)
                try context.check(call, at: height, canPay: call.content.value, for: "transfer")
                writer.quantity(try context.estimate(call, at: height))
            }),
    ]
}

/// Addresses up to here, and the one below, are Ethereum's precompiled contracts in Osaka.
private let lastLowPrecompile: UInt64 = 0x11
private let p256Precompile: UInt64 = 0x100

extension RPCContext {
    /// The height on whose state the call runs, once it is sure that it runs no code there.
    fileprivate func transferHeight(_ call: CallRequest, _ arguments: Arguments) throws(RPCError) -> Height {
        let height = try stateHeight(arguments.blockOrHash(1))
        for index in 2...3 {
            guard let overrides = arguments[index] else { continue }
            guard let object = overrides.object else {
                throw .invalidArgument(index, "expected an object, found \(overrides.kind)")
            }
            guard object.members.isEmpty else { throw .server("overrides are not supported yet") }
        }
        guard let to = call.content.to else { throw .server("contract creation is not supported yet") }
        guard call.content.authorizations.isEmpty else { throw .server("code delegation is not supported yet") }
        let isPrecompile =
            UInt256(to).asUInt64.map { (1...lastLowPrecompile).contains($0) || $0 == p256Precompile } ?? false
        guard !isPrecompile, try account(to, at: height)?.hasCode != true else {
            throw .server("contract calls are not supported yet: \(to) has code")
        }
        return height
    }

    /// What the sender must have: all gas at its price, and the value.
    fileprivate func cost(of call: CallRequest, gas: Gas) throws(RPCError) -> UInt256 {
        let fees = call.content.maxFeePerGas.multipliedReportingOverflow(by: UInt256(gas))
        let sum = fees.partialValue.addingReportingOverflow(call.content.value)
        guard !fees.overflow, !sum.overflow else { throw .server("insufficient funds for gas * price + value") }
        return sum.partialValue
    }

    fileprivate func check(
        _ call: CallRequest, at height: Height, canPay cost: UInt256, for purpose: String
    ) throws(RPCError) {
        guard !cost.isZero else { return }
        let balance = try account(call.from, at: height)?.balance ?? .zero
        guard balance >= cost else {
            throw .server("insufficient funds for \(purpose): address \(call.from) have \(balance) want \(cost)")
        }
    }

    fileprivate func estimate(_ call: CallRequest, at height: Height) throws(RPCError) -> Gas {
        let needed = max(call.content.intrinsicGas, call.content.floorGas)
        var allowance = min(call.gas ?? rules.transactionGasMax, rules.transactionGasMax)
        let (price, value) = (call.content.maxFeePerGas, call.content.value)
        if !price.isZero {
            let balance = try account(call.from, at: height)?.balance ?? .zero
            let affordable = balance >= value ? (balance - value) / price : .zero
            allowance = min(allowance, affordable.asUInt64 ?? .max)
        }
        guard needed <= allowance else { throw .server("gas required exceeds allowance (\(allowance))") }
        return needed
    }
}

import Chain
import EVM
import Primitives
import Validation

/// eth_call and eth_estimateGas: what a transaction would do in a block, without sending it.
func ethCallMethods(_ context: RPCContext) -> [RPCMethod] {
    let parameters: [Parameter] = [
        .required("transaction", .call), .optional("block", .blockOrHash), .optional("stateOverrides", .overrides),
        .optional("blockOverrides", .overrides),
    ]
    return [
        RPCMethod(
            "eth_call", "Runs a transaction on the state of a block without sending it.", parameters, result: "bytes",
            .asking { arguments, writer throws(RPCError) in
                let context = try await context.at(arguments.blockOrHash(1))
                let run = try context.run(arguments)
                let gas = min(run.request.gas ?? .max, context.limits.callGasMax)
                if let obstacle = try run.obstacle(gas: gas) { throw .server("err: \(obstacle) (supplied gas \(gas))") }
                let result = try run.run(gas: gas)
                guard result.outcome.succeeded else { throw try run.failure(of: result, gas: gas) }
                writer.hex(result.output)
            }),
        RPCMethod(
            "eth_estimateGas", "The least gas limit with which a transaction succeeds.", parameters, result: "quantity",
            .asking { arguments, writer throws(RPCError) in
                let context = try await context.at(arguments.blockOrHash(1))
                let run = try context.run(arguments)
                let policy = context.profile.policy(of: run.header)
                let gasMax = min(context.limits.callGasMax, policy.gasMax ?? .max)
                writer.quantity(try GasEstimate(run: run, gasMax: gasMax).find())
            }),
    ]
}

extension RPCContext {
    /// The call of argument 0 on the state of argument 1.
    fileprivate func run(_ arguments: Arguments) throws(RPCError) -> CallRun {
        let call = try arguments.read(0, CallRequest.init)
        let height = try stateHeight(arguments.blockOrHash(1))
        for index in 2...3 {
            guard let overrides = arguments[index] else { continue }
            guard let object = overrides.object else {
                throw .invalidArgument(index, "expected an object, found \(overrides.kind)")
            }
            guard object.members.isEmpty else { throw .server("overrides are not supported yet") }
        }
        return try CallRun(call, at: height, in: self)
    }
}

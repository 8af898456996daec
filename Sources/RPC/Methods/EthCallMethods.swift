import Chain
import EVM
import Primitives
import Validation

/// eth_call, eth_estimateGas and eth_createAccessList: what a transaction would do in a block, without sending it.
func ethCallMethods(_ context: RPCContext) -> [RPCMethod] {
    let parameters: [Parameter] = [
        .required("transaction", .call), .optional("block", .blockOrHash),
        .optional("stateOverrides", .stateOverrides), .optional("blockOverrides", .blockOverrides),
    ]
    return [
        RPCMethod(
            "eth_call", "Runs a transaction on the state of a block without sending it.", parameters, result: "bytes",
            .asking { arguments, writer throws(RPCError) in
                let context = try await context.at(arguments.blockOrHash(1))
                let run = try context.run(arguments)
                let gas = run.gas(atMost: context.limits.callGasMax)
                if let obstacle = try run.obstacle(gas: gas) { throw .server(obstacle.told(gas: gas)) }
                let result = try run.run(gas: gas)
                guard result.outcome.succeeded else { throw try run.failure(of: result, gas: gas) }
                writer.hex(result.output)
            }),
        RPCMethod(
            "eth_estimateGas", "The least gas limit with which a transaction succeeds.", parameters, result: "quantity",
            .asking { arguments, writer throws(RPCError) in
                let context = try await context.at(arguments.blockOrHash(1))
                writer.quantity(try context.estimate(context.run(arguments)))
            }),
        RPCMethod(
            "eth_createAccessList", "The access list that makes a transaction cheapest to foresee (EIP-2930).",
            Array(parameters.prefix(3)), result: "object: accessList, gasUsed, error if it fails",
            .asking { arguments, writer throws(RPCError) in
                let context = try await context.at(arguments.blockOrHash(1))
                let run = try context.run(arguments)
                let gas = run.gas(atMost: context.limits.callGasMax)
                writer.accessListing(try AccessListing(run: run, gas: gas, limits: context.limits).find())
            }),
    ]
}

extension CallRun {
    /// The gas limit that the caller names, or all that a call may have.
    fileprivate func gas(atMost limit: Gas) -> Gas { min(request.gas ?? .max, limit) }
}

extension RPCContext {
    /// The call of argument 0 on the state of argument 1, with what arguments 2 and 3 suppose.
    fileprivate func run(_ arguments: Arguments) throws(RPCError) -> CallRun {
        let call = try arguments.read(0, CallRequest.init)
        let height = try stateHeight(arguments.blockOrHash(1))
        let overrides = try arguments.readOptional(2, StateOverrides.init) ?? .none
        let block = try (arguments.readOptional(3, BlockOverrides.init) ?? .none).checkedForCall()
        return try CallRun(call, at: height, supposing: overrides, block: block, in: self)
    }

    /// The least gas limit with which the call succeeds.
    func estimate(_ run: CallRun) throws(RPCError) -> Gas {
        let policy = profile.policy(of: run.header)
        return try GasEstimate(run: run, gasMax: min(limits.callGasMax, policy.gasMax ?? .max)).find()
    }
}

extension JSONWriter {
    fileprivate mutating func accessListing(_ listing: AccessListing.Result) {
        beginObject()
        accessList(listing.accessList)
        if let failure = listing.failure {
            name("error")
            // Without the reason of a revert, which geth does not tell here.
            string(failure.code == RPCError.revertedCode ? "execution reverted" : failure.message)
        }
        name("gasUsed")
        quantity(listing.result.outcome.gasUsed)
        endObject()
    }
}

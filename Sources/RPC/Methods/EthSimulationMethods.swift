import Primitives

/// eth_simulateV1 and eth_fillTransaction: what could be sent, and what would come of it.
func ethSimulationMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "eth_simulateV1", "Runs blocks of transactions on the state of a block without sending them.",
            [.required("payload", .simulation), .optional("block", .blockOrHash)],
            result: "array of blocks with calls",
            .reading { arguments, writer throws(RPCError) in
                let request = try arguments.read(0, SimulationRequest.init)
                let height = try context.stateHeight(arguments.blockOrHash(1))
                let blocks = try Simulation(request, at: height, in: context).run()
                writer.beginArray()
                for block in blocks { try writer.simulatedBlock(block, hydrated: request.showsTransactions) }
                writer.endArray()
            }),
        RPCMethod(
            "eth_fillTransaction", "Names nonce, gas and fees where a transaction does not, ready to be signed.",
            [.required("transaction", .call)], result: "object: raw, tx",
            .asking { arguments, writer throws(RPCError) in
                let filled = try await context.filled(arguments.read(0, CallRequest.init))
                writer.filledTransaction(UnsignedTransaction(filled))
            }),
    ]
}

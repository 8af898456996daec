import Chain
import Primitives

/// eth_* about the chain as a whole.
func ethChainMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "eth_chainId", "The chain id that transactions are signed for (EIP-695).", result: "quantity",
            .immediate { _, writer in writer.quantity(context.profile.chainID) }),
        RPCMethod(
            "eth_blockNumber", "The height of the last sealed block.", result: "quantity",
            .immediate { _, writer in writer.quantity(context.chain.headHeight) }),
        RPCMethod(
            "eth_syncing", "How far this node is behind, or false.", result: "object or false",
            .asking { _, writer in
                guard let report = await context.node.syncing() else { return writer.bool(false) }
                writer.sync(report)
            }),
    ]
}

extension JSONWriter {
    mutating func sync(_ report: SyncReport) {
        object { writer in
            writer.name("startingBlock")
            writer.quantity(report.startingHeight)
            writer.name("currentBlock")
            writer.quantity(report.currentHeight)
            writer.name("highestBlock")
            writer.quantity(report.highestHeight)
        }
    }
}

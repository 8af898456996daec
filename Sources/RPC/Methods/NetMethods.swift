import Chain
import Crypto
import Primitives

/// web3_* and net_*: who we are and whom we know.
func netMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "web3_clientVersion", "Name and version of this node.", result: "text",
            .immediate { _, writer in writer.string(context.clientVersion) }),
        RPCMethod(
            "web3_sha3", "Keccak-256 of the data.", [.required("data", .data)], result: "32 bytes",
            .reading { arguments, writer throws(RPCError) in writer.hex(keccak256(try arguments.data(0))) }),
        RPCMethod(
            "net_version", "The chain id as a decimal text.", result: "text",
            .immediate { _, writer in writer.string(String(context.profile.chainID)) }),
        RPCMethod(
            "net_listening", "Whether this node accepts connections.", result: "true",
            .immediate { _, writer in writer.bool(true) }),
        RPCMethod(
            "net_peerCount", "How many nodes are connected to this one.", result: "quantity",
            .asking { _, writer in writer.quantity(await context.node.peers().count) }),
    ]
}

import Chain
import EthereumChain
import Primitives

/// eth_* from the time when blocks were mined and had uncles, which those of a council have not.
func ethSealingMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "eth_protocolVersion", "The version of the protocol that nodes talk with each other.",
            result: "quantity or null",
            .immediate { _, writer in
                if let identity = context.identity { writer.quantity(identity.protocolVersion) } else { writer.null() }
            }),
        RPCMethod(
            "eth_coinbase", "The account that is paid when this node proposes a block.", result: "address",
            .asking { _, writer throws(RPCError) in
                guard let seat = await context.seat() else { throw .server("etherbase must be explicitly specified") }
                writer.hex(seat.rewardAddress)
            }),
        RPCMethod(
            "eth_mining", "Whether this node has a seat in the council, and so takes its turns to propose.",
            result: "true or false",
            .asking { _, writer in writer.bool(await context.seat() != nil) }),
        RPCMethod(
            "eth_hashrate", "Always zero: nothing is mined.", result: "quantity",
            .immediate { _, writer in writer.quantity(0) }),
        RPCMethod(
            "eth_getUncleCountByBlockHash", "How many uncles the block with that hash has.",
            [.required("hash", .hash)], result: "quantity or null",
            .reading { arguments, writer throws(RPCError) in
                try writer.uncleCount(context.block(.hash(arguments.hash(0))))
            }),
        RPCMethod(
            "eth_getUncleCountByBlockNumber", "How many uncles the block at that height has.",
            [.required("block", .block)], result: "quantity or null",
            .reading { arguments, writer throws(RPCError) in
                try writer.uncleCount(context.block(arguments.block(0)))
            }),
        RPCMethod(
            "eth_getUncleByBlockHashAndIndex", "The uncle at that place of the block with that hash.",
            [.required("hash", .hash), .required("index", .quantity)], result: "header or null",
            .reading { arguments, writer throws(RPCError) in
                let index = try arguments.quantity(1)
                try writer.uncle(at: index, of: context.block(.hash(arguments.hash(0))))
            }),
        RPCMethod(
            "eth_getUncleByBlockNumberAndIndex", "The uncle at that place of the block at that height.",
            [.required("block", .block), .required("index", .quantity)], result: "header or null",
            .reading { arguments, writer throws(RPCError) in
                let index = try arguments.quantity(1)
                try writer.uncle(at: index, of: context.block(arguments.block(0)))
            }),
    ]
}

extension RPCContext {
    /// This node's seat in the council that seals next; nil where it has none.
    func seat() async -> CouncilMember? {
        guard let identity else { return nil }
        return await node.sealers(at: chain.headHeight + 1)?.council.member(identity.address)
    }
}

extension JSONWriter {
    fileprivate mutating func uncleCount(_ block: LoadedBlock?) {
        if let block { quantity(block.block.ommers.count) } else { null() }
    }

    /// An uncle as a block that nobody has the transactions of.
    fileprivate mutating func uncle(at index: UInt64, of block: LoadedBlock?) {
        guard let ommers = block?.block.ommers, index < ommers.count else { return null() }
        let uncle = EthereumBlock(header: ommers[Int(index)], transactions: [], withdrawals: nil)
        beginObject()
        header(uncle.header, hash: uncle.hash)
        name("size")
        quantity(uncle.encodedBytes)
        name("uncles")
        beginArray()
        endArray()
        endObject()
    }
}

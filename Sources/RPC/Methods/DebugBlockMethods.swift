import Chain
import EthereumChain
import Primitives

/// debug_* about whole blocks: those that were refused, and what it takes to execute one elsewhere.
func debugBlockMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "debug_getBadBlocks", "The last blocks that this node found against the rules, newest first.",
            result: "array of objects: block, hash, rlp",
            .asking { _, writer throws(RPCError) in
                writer.beginArray()
                for report in await context.node.badBlocks() {
                    try writer.badBlock(report, in: context)
                    try writer.checkSize()
                }
                writer.endArray()
            }),
        RPCMethod(
            "debug_executionWitness", "What it takes to execute a block without the rest of the state.",
            [.required("block", .blockOrHash)], result: "object: headers, codes, state, keys",
            .reading { arguments, writer throws(RPCError) in
                try context.witness(arguments.blockOrHash(0), to: &writer)
            }),
    ]
}

/// The reasons, which Ethereum's form of a bad block has no room for.
func badBlockMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "ranger_getBadBlocks",
            "What is wrong with the last blocks that this node found against the rules, newest first.",
            result: "array of objects: hash, number, reason, proposer, round",
            .asking { _, writer in
                writer.beginArray()
                for report in await context.node.badBlocks() { writer.reason(report) }
                writer.endArray()
            })
    ]
}

extension RPCContext {
    fileprivate func witness(_ reference: BlockReference, to writer: inout JSONWriter) throws(RPCError) {
        guard let height = try height(of: reference) else { throw .blockNotFound(reference) }
        guard height > 0 else { throw .server("block number 0 found, but parent missing") }
        let found = try reading { () throws(ChainReadError) in try chain.witness(ofBlockAt: height) }
        guard let witness = found else { throw .blockNotFound(.height(height)) }
        writer.beginObject()
        writer.name("headers")
        writer.beginArray()
        // The parent, and whatever leads from it to the oldest block that code asked for.
        for number in stride(from: height - 1, through: min(witness.oldestBlock ?? height, height - 1), by: -1) {
            guard let header = try reading({ () throws(ChainReadError) in try chain.header(at: number) }) else {
                throw .internalError("block \(number) is not there")
            }
            writer.beginObject()
            writer.header(header, hash: header.hash)
            writer.endObject()
        }
        writer.endArray()
        for (name, list) in [
            ("codes", witness.codes), ("state", witness.state), ("keys", witness.keys),
        ] as [(StaticString, [Bytes])] {
            writer.name(name)
            writer.beginArray()
            for bytes in list {
                writer.hex(bytes)
                try writer.checkSize()
            }
            writer.endArray()
        }
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func badBlock(_ report: BadBlockReport, in context: RPCContext) throws(RPCError) {
        // Who signed may be just what is wrong.
        let senders = report.block.transactions.map { (try? $0.recoverSender()) ?? .zero }
        beginObject()
        name("block")
        try block(
            LoadedBlock(report.block, chain: context.chain, profile: context.profile, senders: senders), hydrated: true)
        name("hash")
        hex(report.block.hash)
        name("rlp")
        hex(report.block.rlp)
        endObject()
    }

    fileprivate mutating func reason(_ report: BadBlockReport) {
        beginObject()
        name("hash")
        hex(report.block.hash)
        name("number")
        quantity(report.block.header.number)
        name("reason")
        string(report.reason)
        name("proposer")
        if let proposer = report.proposer { hex(proposer) } else { null() }
        name("round")
        if let round = report.round { quantity(round) } else { null() }
        endObject()
    }
}

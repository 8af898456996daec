import Chain
import EthereumChain
import Primitives

/// debug_getRaw*: what hashes are taken of, byte for byte as Ethereum has it.
func debugRawMethods(_ context: RPCContext) -> [RPCMethod] {
    let block: [Parameter] = [.required("block", .blockOrHash)]
    return [
        RPCMethod(
            "debug_getRawHeader", "The encoding of a header, whose Keccak-256 is the block's hash.", block,
            result: "bytes",
            .reading { arguments, writer throws(RPCError) in
                writer.hex(try context.existingBlock(arguments, "header").header.rlp)
            }),
        RPCMethod(
            "debug_getRawBlock", "The encoding of a block: [header, transactions, ommers, withdrawals].", block,
            result: "bytes",
            .reading { arguments, writer throws(RPCError) in
                writer.hex(try context.existingBlock(arguments, "block").block.rlp)
            }),
        RPCMethod(
            "debug_getRawReceipts", "The encodings of a block's receipts, as the receipts root commits to them.", block,
            result: "array of bytes or null",
            .reading { arguments, writer throws(RPCError) in
                guard let block = try context.block(arguments.blockOrHash(0)) else { return writer.null() }
                writer.beginArray()
                for receipt in try block.receipts() {
                    writer.hex(receipt.envelope)
                    try writer.checkSize()
                }
                writer.endArray()
            }),
        RPCMethod(
            "debug_getRawTransaction", "The encoding of a transaction, sealed or waiting; nothing if there is none.",
            [.required("hash", .hash)], result: "bytes",
            .asking { arguments, writer throws(RPCError) in
                writer.hex(try await context.envelope(of: arguments.hash(0)) ?? [])
            }),
    ]
}

extension RPCContext {
    fileprivate func existingBlock(_ arguments: Arguments, _ what: String) throws(RPCError) -> LoadedBlock {
        let reference = try arguments.blockOrHash(0)
        if let block = try block(reference) { return block }
        switch reference {
        case .height(let height): throw .server("\(what) #\(height) not found")
        case .hash(let hash): throw .server("\(what) \(hash) not found")
        case .latest, .pending: throw .server("\(what) not found")
        }
    }
}

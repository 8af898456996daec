import Chain
import EthereumChain
import Primitives

/// eth_getRawTransaction*: transactions as they were sent. "0x" where there is none, as in geth.
func ethRawTransactionMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "eth_getRawTransactionByHash", "The envelope of the transaction with that hash, sealed or waiting.",
            [.required("hash", .hash)], result: "bytes",
            .asking { arguments, writer throws(RPCError) in
                writer.hex(try await context.envelope(of: arguments.hash(0)) ?? [])
            }),
        RPCMethod(
            "eth_getRawTransactionByBlockHashAndIndex", "The envelope at that place of the block with that hash.",
            [.required("hash", .hash), .required("index", .quantity)], result: "bytes",
            .reading { arguments, writer throws(RPCError) in
                let index = try arguments.quantity(1)
                writer.hex(try context.block(.hash(arguments.hash(0)))?.envelope(at: index) ?? [])
            }),
        RPCMethod(
            "eth_getRawTransactionByBlockNumberAndIndex", "The envelope at that place of the block at that height.",
            [.required("block", .block), .required("index", .quantity)], result: "bytes",
            .reading { arguments, writer throws(RPCError) in
                let index = try arguments.quantity(1)
                writer.hex(try context.block(arguments.block(0))?.envelope(at: index) ?? [])
            }),
    ]
}

extension LoadedBlock {
    fileprivate func envelope(at index: UInt64) -> Bytes? {
        index < block.transactions.count ? block.transactions[Int(index)].envelope : nil
    }
}

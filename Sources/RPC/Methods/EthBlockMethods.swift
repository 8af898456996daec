import Chain
import EthereumChain
import Primitives

/// eth_* about blocks. A block that does not exist is null, not an error.
func ethBlockMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "eth_getBlockByNumber", "The block at that height.",
            [.required("block", .block), .optional("hydrated", .flag)], result: "block or null",
            .asking { arguments, writer throws(RPCError) in
                let hydrated = try arguments.flag(1) ?? false
                let reference = try arguments.block(0)
                guard reference == .pending else {
                    return try writer.blockOrNull(context.block(reference), hydrated: hydrated)
                }
                if let pending = try await context.pendingBlock() {
                    return try writer.pendingBlock(pending, hydrated: hydrated)
                }
                let head = try context.head()
                writer.pendingBlock(after: head, baseFee: context.nextBaseFee(after: head.header))
            }),
        RPCMethod(
            "eth_getBlockByHash", "The block with that hash.",
            [.required("hash", .hash), .optional("hydrated", .flag)], result: "block or null",
            .reading { arguments, writer throws(RPCError) in
                let hydrated = try arguments.flag(1) ?? false
                try writer.blockOrNull(context.block(.hash(arguments.hash(0))), hydrated: hydrated)
            }),
        RPCMethod(
            "eth_getHeaderByNumber", "The header of the block at that height.", [.required("block", .block)],
            result: "header or null",
            .asking { arguments, writer throws(RPCError) in
                let reference = try arguments.block(0)
                guard reference == .pending else { return try writer.headerOrNull(context.block(reference)) }
                let head = try context.head()
                let next = EthereumHeader(pendingAfter: head, baseFee: context.nextBaseFee(after: head.header))
                writer.headerObject(try await context.pendingBlock()?.header ?? next, hash: nil)
            }),
        RPCMethod(
            "eth_getHeaderByHash", "The header of the block with that hash.", [.required("hash", .hash)],
            result: "header or null",
            .reading { arguments, writer throws(RPCError) in
                try writer.headerOrNull(context.block(.hash(arguments.hash(0))))
            }),
        RPCMethod(
            "eth_getBlockTransactionCountByNumber", "How many transactions the block at that height has.",
            [.required("block", .block)], result: "quantity or null",
            .asking { arguments, writer throws(RPCError) in
                let reference = try arguments.block(0)
                guard reference == .pending else { return try writer.transactionCount(context.block(reference)) }
                writer.quantity(try await context.pendingBlock()?.block.transactions.count ?? 0)
            }),
        RPCMethod(
            "eth_getBlockTransactionCountByHash", "How many transactions the block with that hash has.",
            [.required("hash", .hash)], result: "quantity or null",
            .reading { arguments, writer throws(RPCError) in
                try writer.transactionCount(context.block(.hash(arguments.hash(0))))
            }),
        RPCMethod(
            "eth_getBlockReceipts", "The receipts of all transactions of a block.",
            [.required("block", .blockOrHash)], result: "array of receipts or null",
            .asking { arguments, writer throws(RPCError) in
                let reference = try arguments.blockOrHash(0)
                guard let block = try await context.at(reference).block(reference) else { return writer.null() }
                try writer.receipts(of: block)
            }),
    ]
}

extension JSONWriter {
    fileprivate mutating func blockOrNull(_ block: LoadedBlock?, hydrated: Bool) throws(RPCError) {
        if let block { try self.block(block, hydrated: hydrated) } else { null() }
    }

    fileprivate mutating func headerOrNull(_ block: LoadedBlock?) {
        if let block { headerObject(block.header, hash: block.hash) } else { null() }
    }

    fileprivate mutating func transactionCount(_ block: LoadedBlock?) {
        if let block { quantity(block.block.transactions.count) } else { null() }
    }
}

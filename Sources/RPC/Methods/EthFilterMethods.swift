import Chain
import Primitives

/// eth_new*Filter and what is asked of them: for clients that poll. Those that subscribe need none.
func ethFilterMethods(_ context: RPCContext) -> [RPCMethod] {
    let id: [Parameter] = [.required("filterId", .wideQuantity)]
    return [
        RPCMethod(
            "eth_newFilter", "Installs a filter of logs; it expires when nobody asks for it.",
            [.required("filter", .logFilter)], result: "filter id",
            .immediate { arguments, writer throws(RPCError) in
                let filter = try arguments.read(0, LogFilter.init)
                try filter.checkRange()
                let place = LogPlace(height: context.chain.headHeight + 1)
                let subject = FilterBook.Subject.logs(filter, next: place)
                writer.quantity(try context.filters.install(subject, of: arguments.caller))
            }),
        RPCMethod(
            "eth_newBlockFilter", "Installs a filter of sealed blocks.", result: "filter id",
            .immediate { arguments, writer throws(RPCError) in
                let subject = FilterBook.Subject.blocks(next: context.chain.headHeight + 1)
                writer.quantity(try context.filters.install(subject, of: arguments.caller))
            }),
        RPCMethod(
            "eth_newPendingTransactionFilter", "Installs a filter of transactions that wait in the pool and could run.",
            [.optional("hydrated", .flag)], result: "filter id",
            .immediate { arguments, writer throws(RPCError) in
                let hydrated = try arguments.flag(0) ?? false
                writer.quantity(try context.filters.installPending(hydrated: hydrated, of: arguments.caller))
            }),
        RPCMethod(
            "eth_uninstallFilter", "Removes a filter.", id, result: "true or false",
            .immediate { arguments, writer throws(RPCError) in
                writer.bool(context.filters.uninstall(try arguments.read(0, wideQuantityArgument)))
            }),
        RPCMethod(
            "eth_getFilterChanges", "What is new since the filter was asked before: hashes, transactions or logs.", id,
            result: "array of hashes, transactions or logs",
            .asking { arguments, writer throws(RPCError) in
                try await context.changes(of: arguments.read(0, wideQuantityArgument), &writer)
            }),
        RPCMethod(
            "eth_getFilterLogs", "All logs that match a filter of logs.", id, result: "array of logs",
            .reading { arguments, writer throws(RPCError) in
                let filter = try context.filters.logFilter(try arguments.read(0, wideQuantityArgument))
                try context.logs(of: filter, to: &writer)
            }),
    ]
}

extension RPCContext {
    fileprivate func changes(of id: UInt256, _ writer: inout JSONWriter) async throws(RPCError) {
        switch try filters.take(id, head: chain.headHeight) {
        case .nothing:
            writer.beginArray()
            writer.endArray()
        case .blocks(let heights):
            do throws(RPCError) {
                try hashes(ofBlocksAt: heights, to: &writer)
            } catch {
                filters.giveBack(id, from: LogPlace(height: heights.lowerBound))
                throw error
            }
        case .logs(let filter, let start, let last):
            do throws(RPCError) {
                if let rest = try newLogs(of: filter, from: start, through: last, to: &writer) {
                    filters.giveBack(id, from: rest)
                }
            } catch {
                filters.giveBack(id, from: start)
                throw error
            }
        case .pending(let hashes, hydrated: false):
            writer.array(hashes) { writer, hash in writer.hex(hash) }
        case .pending(let hashes, hydrated: true):
            try await transactions(hashes, to: &writer)
        }
    }

    private func hashes(ofBlocksAt heights: ClosedRange<Height>, to writer: inout JSONWriter) throws(RPCError) {
        writer.beginArray()
        for height in heights {
            let found = try reading { () throws(ChainReadError) in try chain.hash(ofBlockAt: height) }
            guard let hash = found else { throw .internalError("block \(height) is not there") }
            writer.hex(hash)
        }
        writer.endArray()
    }

    /// - Returns: The first log that one answer has no room for, if any.
    private func newLogs(
        of filter: LogFilter, from start: LogPlace, through last: Height, to writer: inout JSONWriter
    ) throws(RPCError) -> LogPlace? {
        writer.beginArray()
        var rest: LogPlace?
        if let (start, last) = filter.part(from: start, through: last) {
            rest = try logs(of: filter, from: start, through: last, to: &writer) { writer in
                // The largest log that a block has room for fits into the other half.
                writer.count <= limits.responseBytesMax / 2
            }
        }
        writer.endArray()
        return rest
    }

    /// Those of the transactions that still wait or have been sealed, in full.
    private func transactions(_ hashes: [Hash32], to writer: inout JSONWriter) async throws(RPCError) {
        writer.beginArray()
        for hash in hashes {
            guard !Task.isCancelled else { throw .timeout }
            try await knownTransaction(hash, to: &writer)
            try writer.checkSize()
        }
        writer.endArray()
    }
}

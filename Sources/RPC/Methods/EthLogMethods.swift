import Chain
import EthereumChain
import Primitives

/// eth_getLogs. The filters that a node remembers come later; they ask the same.
func ethLogMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "eth_getLogs", "The logs of a block or a range of blocks that match a filter.",
            [.required("filter", .logFilter)], result: "array of logs",
            .reading { arguments, writer throws(RPCError) in
                try context.logs(of: arguments.read(0, LogFilter.init), to: &writer)
            })
    ]
}

extension RPCContext {
    fileprivate func logs(of filter: LogFilter, to writer: inout JSONWriter) throws(RPCError) {
        let heights = try heights(filter.span)
        var count = 0
        writer.beginArray()
        for height in heights {
            // Whoever waited for the answer has been told that it does not come.
            guard !Task.isCancelled else { throw .timeout }
            let header = try reading { () throws(ChainReadError) in try chain.header(at: height) }
            guard let header else { throw .internalError("block \(height) is not there") }
            guard filter.mayMatch(header.logsBloom), header.logsBloom != .empty else { continue }
            guard let block = try blocks.block(at: height) else { throw .internalError("block \(height) is not there") }
            count += try logs(of: block, filter, room: limits.logsMax - count, to: &writer)
        }
        writer.endArray()
    }

    /// - Returns: How many were written.
    private func logs(
        of block: LoadedBlock, _ filter: LogFilter, room: Int, to writer: inout JSONWriter
    ) throws(RPCError) -> Int {
        let inclusion = Inclusion(block)
        var (written, logIndex) = (0, 0)
        for (index, receipt) in try block.receipts().enumerated() {
            for log in receipt.logs {
                if filter.matches(log) {
                    guard written < room else {
                        throw .server("query returned more than \(limits.logsMax) results; ask for fewer blocks")
                    }
                    writer.log(
                        log, of: block.block.transactions[index].hash, in: inclusion, at: index, logIndex: logIndex)
                    try writer.checkSize()
                    written += 1
                }
                logIndex += 1
            }
        }
        return written
    }

    private func heights(_ span: LogFilter.Span) throws(RPCError) -> ClosedRange<Height> {
        let head = chain.headHeight
        switch span {
        case .block(let hash):
            guard let height = try height(of: .hash(hash)) else { throw .server("unknown block") }
            return height...height
        case .range(let from, let to):
            let (from, to) = (asked(from, head), asked(to, head))
            guard from <= to else { throw .invalidParameters("invalid block range params") }
            guard to <= head else { throw .invalidParameters("block range extends beyond current head block") }
            guard to - from < limits.logBlocksMax else {
                throw .invalidParameters("exceed maximum block range: \(limits.logBlocksMax)")
            }
            return from...to
        }
    }

    private func asked(_ reference: BlockReference, _ head: Height) -> Height {
        if case .height(let height) = reference { height } else { head }
    }
}

import Chain
import EthereumChain
import Primitives

/// eth_getLogs. The filters that a node remembers ask the same.
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

/// A log's place in the chain.
struct LogPlace: Equatable {
    let height: Height
    /// Counts through the block.
    let logIndex: Int

    init(height: Height, logIndex: Int = 0) {
        (self.height, self.logIndex) = (height, logIndex)
    }
}

extension RPCContext {
    /// All logs that `filter` means, as an array.
    func logs(of filter: LogFilter, to writer: inout JSONWriter) throws(RPCError) {
        let heights = try heights(filter.span)
        let first = heights.lowerBound
        writer.beginArray()
        let rest = try logs(of: filter, from: LogPlace(height: first), through: heights.upperBound, to: &writer) {
            writer throws(RPCError) in
            try writer.checkSize()
            return true
        }
        if let rest {
            // In words that indexers look for to ask again for less.
            let range = "[\(UInt256(first).quantity), \(UInt256(max(first, rest.height - 1)).quantity)]"
            let advice = rest.height > first ? " Try with this block range \(range)." : ""
            throw .server("query returned more than \(limits.logsMax) results.\(advice)")
        }
        writer.endArray()
    }

    /// Writes the logs that match, from `start` through the block at `last`, at most `limits.logsMax` of them.
    ///
    /// - Parameter hasRoom: Asked before each log whether the answer may grow.
    /// - Returns: The first log for which there was no room; nil where all were written.
    func logs(
        of filter: LogFilter, from start: LogPlace, through last: Height, to writer: inout JSONWriter,
        hasRoom: (inout JSONWriter) throws(RPCError) -> Bool
    ) throws(RPCError) -> LogPlace? {
        var room = limits.logsMax
        for height in start.height...last {
            // Whoever waited for the answer has been told that it does not come.
            guard !Task.isCancelled else { throw .timeout }
            let header = try reading { () throws(ChainReadError) in try chain.header(at: height) }
            guard let header else { throw .internalError("block \(height) is not there") }
            guard filter.mayMatch(header.logsBloom), header.logsBloom != .empty else { continue }
            guard let block = try blocks.block(at: height) else { throw .internalError("block \(height) is not there") }
            let inclusion = Inclusion(block)
            var logIndex = 0
            for (index, receipt) in try block.receipts().enumerated() {
                for log in receipt.logs {
                    let place = LogPlace(height: height, logIndex: logIndex)
                    logIndex += 1
                    guard filter.matches(log), height > start.height || place.logIndex >= start.logIndex else {
                        continue
                    }
                    guard room > 0, try hasRoom(&writer) else { return place }
                    room -= 1
                    writer.log(
                        log, of: block.block.transactions[index].hash, in: inclusion, at: index,
                        logIndex: place.logIndex)
                }
            }
        }
        return nil
    }

    private func heights(_ span: LogFilter.Span) throws(RPCError) -> ClosedRange<Height> {
        let head = chain.headHeight
        switch span {
        case .block(let hash):
            guard let height = try height(of: .hash(hash)) else { throw .server("unknown block") }
            return height...height
        case .range(.pending, _), .range(_, .pending): throw .pendingLogs
        case .range(let from, let to):
            let (from, to) = (asked(from, head), asked(to, head))
            guard from <= to else { throw .invalidBlockRange }
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

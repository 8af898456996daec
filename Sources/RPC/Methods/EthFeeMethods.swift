import Chain
import EthereumChain
import Primitives

/// eth_* about prices. Header, history and suggestions agree on the base fee.
func ethFeeMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "eth_gasPrice", "The base fee of the next block and the suggested tip.", result: "quantity",
            .reading { _, writer throws(RPCError) in
                let tip = try context.tips.suggestion(context)
                let baseFee = context.nextBaseFee(after: try context.head().header)
                writer.quantity(baseFee &+ tip)
            }),
        RPCMethod(
            "eth_maxPriorityFeePerGas", "The suggested tip.", result: "quantity",
            .reading { _, writer throws(RPCError) in writer.quantity(try context.tips.suggestion(context)) }),
        RPCMethod(
            "eth_baseFee", "The base fee of the next block.", result: "quantity",
            .reading { _, writer throws(RPCError) in
                writer.quantity(context.nextBaseFee(after: try context.head().header))
            }),
        RPCMethod(
            "eth_blobBaseFee", "What one blob gas costs in the head (EIP-4844).", result: "quantity",
            .reading { _, writer throws(RPCError) in
                writer.quantity(context.profile.blobBaseFee(of: try context.head().header))
            }),
        RPCMethod(
            "eth_feeHistory", "Base fees, fullness and tips of past blocks (EIP-1559).",
            [
                .required("blockCount", .quantity), .required("newestBlock", .block),
                .optional("percentiles", .percentiles),
            ],
            result: "object",
            .reading { arguments, writer throws(RPCError) in try context.feeHistory(arguments, &writer) }),
    ]
}

extension RPCContext {
    fileprivate func feeHistory(_ arguments: Arguments, _ writer: inout JSONWriter) throws(RPCError) {
        let percentiles = try percentiles(arguments)
        let newest = try newestBlock(arguments)
        let countMax = percentiles.isEmpty ? limits.feeHistoryBlocksMax : limits.feeHistoryRewardBlocksMax
        let count = min(try arguments.read(0, blockCountArgument), UInt64(countMax), newest + 1)
        guard count > 0 else { return writer.emptyFeeHistory() }
        var blocks: [LoadedBlock] = []
        for height in (newest + 1 - count)...newest {
            guard let block = try self.blocks.block(at: height) else {
                throw .internalError("block \(height) is not there")
            }
            blocks.append(block)
        }
        let rewards = try percentiles.isEmpty ? nil : rewards(of: blocks, at: percentiles)
        let headers = blocks.map(\.header)
        let last = headers[headers.count - 1]
        let prices = FeeHistory(
            headers: headers, nextBaseFee: nextBaseFee(after: last),
            blobBaseFees: headers.map { profile.blobBaseFee(of: $0) }
                + [profile.blobBaseFee(after: last, at: last.timestamp)],
            blobGasRatios: headers.map { header in
                let most = profile.blobGasMax(at: header.timestamp)
                return most == 0 ? 0 : Double(header.blobGasUsed ?? 0) / Double(most)
            },
            rewards: rewards)
        writer.feeHistory(prices)
    }

    private func newestBlock(_ arguments: Arguments) throws(RPCError) -> Height {
        let head = chain.headHeight
        guard case .height(let asked) = try arguments.block(1) else { return head }
        guard asked <= head else {
            throw .server("request beyond head block: requested \(asked), head \(head)")
        }
        return asked
    }

    private func percentiles(_ arguments: Arguments) throws(RPCError) -> [Double] {
        guard let list = arguments[2] else { return [] }
        guard let values = list.array else { throw .invalidArgument(2, "expected an array, found \(list.kind)") }
        guard values.count <= limits.rewardPercentilesMax else {
            throw .server("over the query limit \(limits.rewardPercentilesMax)")
        }
        var percentiles: [Double] = []
        for value in values {
            guard let percentile = value.double else { throw .invalidArgument(2, "expected numbers") }
            guard (0...100).contains(percentile), percentile >= percentiles.last ?? 0 else {
                throw .server("invalid reward percentile: \(percentile)")
            }
            percentiles.append(percentile)
        }
        return percentiles
    }

    /// For each block the tips at the percentiles of its gas.
    private func rewards(of blocks: [LoadedBlock], at percentiles: [Double]) throws(RPCError) -> [[UInt256]] {
        var rewards: [[UInt256]] = []
        for block in blocks { rewards.append(try self.rewards(of: block, at: percentiles)) }
        return rewards
    }

    private func rewards(of block: LoadedBlock, at percentiles: [Double]) throws(RPCError) -> [UInt256] {
        var gasBefore: Gas = 0
        var paid: [(tip: UInt256, gas: Gas)] = []
        for (transaction, receipt) in zip(block.block.transactions, try block.receipts()) {
            let tip = transaction.tip(baseFee: block.header.baseFee)
            paid.append((tip, receipt.cumulativeGasUsed - gasBefore))
            gasBefore = receipt.cumulativeGasUsed
        }
        guard !paid.isEmpty else { return percentiles.map { _ in .zero } }
        paid.sort { $0.tip < $1.tip }
        var place = 0
        var gas = paid[0].gas
        return percentiles.map { percentile in
            let threshold = UInt64(Double(block.header.gasUsed) * percentile / 100)
            while gas < threshold, place < paid.count - 1 {
                place += 1
                gas += paid[place].gas
            }
            return paid[place].tip
        }
    }
}

/// What eth_feeHistory tells: a value a block, and of fees those of the next block too.
private struct FeeHistory {
    let headers: [EthereumHeader]
    let nextBaseFee: UInt256
    let blobBaseFees: [UInt256]
    let blobGasRatios: [Double]
    let rewards: [[UInt256]]?
}

/// A hex quantity, or a decimal number as JSON or as text.
private func blockCountArgument(_ value: JSONValue) throws(ArgumentError) -> UInt64 {
    if case .number(let digits) = value, let count = UInt64(digits) { return count }
    if let text = value.string, let count = UInt64(text) { return count }
    return try quantityArgument(value)
}

extension JSONWriter {
    fileprivate mutating func emptyFeeHistory() {
        beginObject()
        name("oldestBlock")
        quantity(0)
        for list in ["baseFeePerGas", "gasUsedRatio", "baseFeePerBlobGas", "blobGasUsedRatio"] as [StaticString] {
            name(list)
            beginArray()
            endArray()
        }
        endObject()
    }

    fileprivate mutating func feeHistory(_ history: FeeHistory) {
        beginObject()
        name("oldestBlock")
        quantity(history.headers[0].number)
        if let rewards = history.rewards {
            name("reward")
            array(rewards) { writer, tips in
                writer.array(tips) { writer, tip in writer.quantity(tip) }
            }
        }
        name("baseFeePerGas")
        array(history.headers.map(\.baseFee) + [history.nextBaseFee]) { writer, fee in writer.quantity(fee) }
        name("gasUsedRatio")
        array(history.headers) { writer, header in
            writer.number(header.gasLimit == 0 ? 0 : Double(header.gasUsed) / Double(header.gasLimit))
        }
        name("baseFeePerBlobGas")
        array(history.blobBaseFees) { writer, fee in writer.quantity(fee) }
        name("blobGasUsedRatio")
        array(history.blobGasRatios) { writer, ratio in writer.number(ratio) }
        endObject()
    }
}

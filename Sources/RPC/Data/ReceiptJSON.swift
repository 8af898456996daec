import Chain
import EthereumChain
import Primitives

extension JSONWriter {
    /// All receipts of a block.
    mutating func receipts(of block: LoadedBlock) throws(RPCError) {
        let receipts = try block.receipts()
        let senders = try block.senders()
        let inclusion = Inclusion(block)
        var gasBefore: Gas = 0
        var logsBefore = 0
        beginArray()
        for (index, receipt) in receipts.enumerated() {
            self.receipt(
                receipt, of: block.block.transactions[index], sender: senders[index], in: inclusion, at: index,
                gasBefore: gasBefore, logsBefore: logsBefore)
            try checkSize()
            gasBefore = receipt.cumulativeGasUsed
            logsBefore += receipt.logs.count
        }
        endArray()
    }

    /// The receipt of the transaction at `index` of a block.
    mutating func receipt(at index: Int, of block: LoadedBlock) throws(RPCError) {
        let receipts = try block.receipts()
        receipt(
            receipts[index], of: block.block.transactions[index], sender: try block.senders()[index],
            in: Inclusion(block), at: index, gasBefore: index == 0 ? 0 : receipts[index - 1].cumulativeGasUsed,
            logsBefore: receipts[..<index].reduce(0) { $0 + $1.logs.count })
    }

    private mutating func receipt(
        _ receipt: Receipt, of transaction: Transaction, sender: Address, in inclusion: Inclusion, at index: Int,
        gasBefore: Gas, logsBefore: Int
    ) {
        beginObject()
        name("blockHash")
        hex(inclusion.blockHash)
        name("blockNumber")
        quantity(inclusion.height)
        if transaction.kind == .blob {
            name("blobGasPrice")
            quantity(inclusion.blobBaseFee)
            name("blobGasUsed")
            quantity(UInt64(transaction.blobVersionedHashes.count) * GasSchedule.blob)
        }
        name("contractAddress")
        if transaction.to == nil {
            hex(createAddress(sender: sender, nonce: transaction.nonce))
        } else {
            null()
        }
        name("cumulativeGasUsed")
        quantity(receipt.cumulativeGasUsed)
        name("effectiveGasPrice")
        quantity(transaction.effectiveGasPrice(baseFee: inclusion.baseFee) ?? transaction.maxFeePerGas)
        name("from")
        hex(sender)
        name("gasUsed")
        quantity(receipt.cumulativeGasUsed - gasBefore)
        name("logs")
        beginArray()
        for (place, log) in receipt.logs.enumerated() {
            self.log(log, of: transaction.hash, in: inclusion, at: index, logIndex: logsBefore + place)
        }
        endArray()
        name("logsBloom")
        hex(receipt.bloom.bytes)
        if let stateRoot = receipt.stateRoot {
            name("root")
            hex(stateRoot)
        } else {
            name("status")
            quantity(receipt.succeeded ? 1 : 0)
        }
        name("to")
        if let to = transaction.to { hex(to) } else { null() }
        name("transactionHash")
        hex(transaction.hash)
        name("transactionIndex")
        quantity(index)
        name("type")
        quantity(UInt64(receipt.kind.rawValue))
        endObject()
    }

    /// A log of the transaction at `index` of a block; `logIndex` counts through the block.
    mutating func log(
        _ log: Log, of transaction: Hash32, in inclusion: Inclusion, at index: Int, logIndex: Int
    ) {
        beginObject()
        name("address")
        hex(log.address)
        name("topics")
        beginArray()
        for topic in log.topics { hex(topic) }
        endArray()
        name("data")
        hex(log.data)
        name("blockNumber")
        quantity(inclusion.height)
        name("transactionHash")
        hex(transaction)
        name("transactionIndex")
        quantity(index)
        name("blockHash")
        hex(inclusion.blockHash)
        name("blockTimestamp")
        quantity(inclusion.timestamp)
        name("logIndex")
        quantity(logIndex)
        name("removed")
        bool(false)
        endObject()
    }
}

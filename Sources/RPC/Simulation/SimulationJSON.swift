import Chain
import EVM
import EthereumChain
import Primitives

extension JSONWriter {
    /// A simulated block: as a sealed one is shown, and what came of its calls.
    mutating func simulatedBlock(_ block: SimulatedBlock, hydrated: Bool) throws(RPCError) {
        beginObject()
        header(block.header, hash: block.hash)
        name("size")
        quantity(block.encodedBytes)
        let inclusion = Inclusion(block.header, hash: block.hash, blobBaseFee: block.blobBaseFee)
        name("transactions")
        beginArray()
        for (index, call) in block.calls.enumerated() {
            if hydrated {
                transaction(call.transaction, sender: call.sender, in: inclusion, at: index)
                try checkSize()
            } else {
                hex(call.transaction.hash)
            }
        }
        endArray()
        name("uncles")
        beginArray()
        endArray()
        if let withdrawals = block.withdrawals { self.withdrawals(withdrawals) }
        name("calls")
        beginArray()
        var logsBefore = 0
        for (index, call) in block.calls.enumerated() {
            simulatedCall(call, in: inclusion, at: index, logsBefore: logsBefore)
            logsBefore += call.logs.count
            try checkSize()
        }
        endArray()
        endObject()
    }

    private mutating func simulatedCall(
        _ call: SimulatedCall, in inclusion: Inclusion, at index: Int, logsBefore: Int
    ) {
        beginObject()
        name("returnData")
        hex(call.output)
        name("logs")
        beginArray()
        for (place, record) in call.logs.enumerated() {
            log(Log(record), of: call.transaction.hash, in: inclusion, at: index, logIndex: logsBefore + place)
        }
        endArray()
        name("gasUsed")
        quantity(call.gasUsed)
        name("maxUsedGas")
        quantity(call.peakGasUsed)
        name("status")
        quantity(call.failure == nil ? 1 : 0)
        if let failure = call.failure {
            name("error")
            beginObject()
            name("code")
            number(failure.code)
            name("message")
            string(failure.message)
            if let data = failure.data {
                name("data")
                value(data)
            }
            endObject()
        }
        endObject()
    }
}

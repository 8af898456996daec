import Chain
import EthereumChain
import Primitives

extension JSONWriter {
    /// A built block as the engine API gives it (ExecutionPayloadV3), with what it is worth.
    mutating func payload(_ built: BuiltBlock) {
        object { writer in
            writer.name("executionPayload")
            writer.executionPayload(built.block)
            writer.name("blockValue")
            writer.quantity(built.value)
            writer.name("blobsBundle")
            writer.object { writer in
                for list in ["commitments", "proofs", "blobs"] as [StaticString] {
                    writer.name(list)
                    writer.beginArray()
                    writer.endArray()
                }
            }
            writer.name("executionRequests")
            writer.array(built.requests) { writer, request in writer.hex(request) }
            writer.name("shouldOverrideBuilder")
            writer.bool(false)
        }
    }

    private mutating func executionPayload(_ block: EthereumBlock) {
        let header = block.header
        beginObject()
        for (name, hash) in [
            ("parentHash", header.parentHash), ("stateRoot", header.stateRoot), ("receiptsRoot", header.receiptsRoot),
            ("prevRandao", header.prevRandao), ("blockHash", block.hash),
        ] as [(StaticString, Hash32)] {
            self.name(name)
            hex(hash)
        }
        name("feeRecipient")
        hex(header.beneficiary)
        name("logsBloom")
        hex(header.logsBloom.bytes)
        for (name, number) in [
            ("blockNumber", header.number), ("gasLimit", header.gasLimit), ("gasUsed", header.gasUsed),
            ("timestamp", header.timestamp), ("blobGasUsed", header.blobGasUsed ?? 0),
            ("excessBlobGas", header.excessBlobGas ?? 0),
        ] as [(StaticString, UInt64)] {
            self.name(name)
            quantity(number)
        }
        name("extraData")
        hex(header.extraData)
        name("baseFeePerGas")
        quantity(header.baseFee)
        name("transactions")
        beginArray()
        for transaction in block.transactions { hex(transaction.envelope) }
        endArray()
        withdrawals(block.withdrawals ?? [])
        endObject()
    }
}

import Chain
import Crypto
import Primitives

/// txpool_*: what waits for a block, in geth's form.
func txpoolMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "txpool_status", "How many transactions wait: pending ones could run now, queued ones miss a nonce.",
            result: "object",
            .asking { _, writer throws(RPCError) in
                let count = await context.node.poolCount()
                writer.beginObject()
                writer.name("pending")
                writer.quantity(count.pending)
                writer.name("queued")
                writer.quantity(count.queued)
                writer.endObject()
            }),
        RPCMethod(
            "txpool_content", "All transactions that wait, by sender and nonce.", result: "object",
            .asking { _, writer throws(RPCError) in
                try writer.poolContent(await context.node.poolContent(of: nil)) {
                    (writer: inout JSONWriter, transaction, sender) throws(RPCError) in
                    writer.transaction(transaction, sender: sender, in: nil, at: nil)
                }
            }),
        RPCMethod(
            "txpool_contentFrom", "The transactions of one sender that wait, by nonce.",
            [.required("address", .address)], result: "object",
            .asking { arguments, writer throws(RPCError) in
                let address = try arguments.address(0)
                let found = await context.node.poolContent(of: address).first
                writer.beginObject()
                for (name, transactions) in [("pending" as StaticString, found?.pending), ("queued", found?.queued)] {
                    writer.name(name)
                    try writer.byNonce(transactions ?? []) { (writer: inout JSONWriter, transaction) in
                        writer.transaction(transaction, sender: address, in: nil, at: nil)
                    }
                }
                writer.endObject()
            }),
        RPCMethod(
            "txpool_inspect", "All transactions that wait, by sender and nonce, each in a line of text.",
            result: "object",
            .asking { _, writer throws(RPCError) in
                try writer.poolContent(await context.node.poolContent(of: nil)) {
                    (writer: inout JSONWriter, transaction, _) throws(RPCError) in
                    writer.string(transaction.poolSummary)
                }
            }),
    ]
}

extension JSONWriter {
    /// `{"pending": {sender: {nonce: …}}, "queued": …}`
    fileprivate mutating func poolContent(
        _ senders: [PoolSenderReport],
        _ each: (inout JSONWriter, Transaction, Address) throws(RPCError) -> Void
    ) throws(RPCError) {
        beginObject()
        name("pending")
        try bySender(senders, \.pending, each)
        name("queued")
        try bySender(senders, \.queued, each)
        endObject()
    }

    private mutating func bySender(
        _ senders: [PoolSenderReport], _ list: (PoolSenderReport) -> [Transaction],
        _ each: (inout JSONWriter, Transaction, Address) throws(RPCError) -> Void
    ) throws(RPCError) {
        beginObject()
        for report in senders {
            let transactions = list(report)
            guard !transactions.isEmpty else { continue }
            name(text: report.sender.checksummed)
            try byNonce(transactions) { (writer: inout JSONWriter, transaction) throws(RPCError) in
                try each(&writer, transaction, report.sender)
            }
        }
        endObject()
    }

    /// `{nonce: …}`, the nonces in decimal.
    fileprivate mutating func byNonce(
        _ transactions: [Transaction], _ each: (inout JSONWriter, Transaction) throws(RPCError) -> Void
    ) throws(RPCError) {
        beginObject()
        for transaction in transactions {
            name(text: String(transaction.nonce))
            try each(&self, transaction)
            try checkSize()
        }
        endObject()
    }
}

extension Transaction {
    /// What txpool_inspect says of it, as geth words it.
    fileprivate var poolSummary: String {
        let target = to.map(\.checksummed) ?? "contract creation"
        return "\(target): \(value) wei + \(gasLimit) gas × \(maxFeePerGas) wei"
    }
}

extension Address {
    /// With the letters that carry a checksum (EIP-55).
    var checksummed: String {
        let digits = Bytes(hex.utf8.dropFirst(2))
        let hash = keccak256(digits).bytes
        var text = "0x"
        for (index, digit) in digits.enumerated() {
            let nibble = index.isMultiple(of: 2) ? hash[index / 2] >> 4 : hash[index / 2] & 0xf
            let isUpper = digit >= UInt8(ascii: "a") && nibble >= 8
            text.unicodeScalars.append(Unicode.Scalar(isUpper ? digit - 0x20 : digit))
        }
        return text
    }
}

public import Primitives
import Trie

/// What a transaction did, as the block's receipts root commits to it (EIP-658, EIP-2718).
public struct Receipt: Hashable, Sendable {
    public let kind: Transaction.Kind
    /// False if execution reverted or failed; the fee is paid all the same.
    public let succeeded: Bool
    /// The state after the transaction, which stood in the status's place before Byzantium (EIP-658); else nil. Only
    /// old blocks of other chains have it: none is decoded.
    public let stateRoot: Hash32?
    /// The gas of this transaction and all before it in the block.
    public let cumulativeGasUsed: Gas
    /// The filter over `logs`.
    public let bloom: LogsBloom
    public let logs: [Log]

    /// More logs than this cannot be paid for: 375 gas each (Yellow Paper, G_log) in 2²⁴ gas (EIP-7825) make
    /// 44,739. Rules with a higher cap are for tests.
    public static let logsMax = 1 << 20

    public init(kind: Transaction.Kind, succeeded: Bool, cumulativeGasUsed: Gas, logs: [Log], stateRoot: Hash32? = nil)
    {
        self.kind = kind
        self.succeeded = succeeded
        self.cumulativeGasUsed = cumulativeGasUsed
        self.logs = logs
        self.stateRoot = stateRoot
        bloom = logs.isEmpty ? .empty : LogsBloom(logs)
    }

    /// The root over the envelopes of `receipts` by position, as the header must name it.
    public static func root(of receipts: [Receipt]) -> Hash32 {
        MerkleTrie.orderedRoot(receipts.map(\.envelope))
    }

    /// The filter over all logs of a block.
    public static func bloom(of receipts: [Receipt]) -> LogsBloom {
        var bloom = LogsBloom.empty
        for receipt in receipts where !receipt.logs.isEmpty { bloom.formUnion(receipt.bloom) }
        return bloom
    }

    /// The type and the list (EIP-2718); for a legacy transaction the list alone.
    public var envelope: Bytes {
        var encoder = RLPEncoder(capacity: 280)
        if kind != .legacy { encoder.append(UInt64(kind.rawValue)) }
        encoder.list { list in
            if let stateRoot { list.append(stateRoot) } else { list.append(succeeded) }
            list.append(cumulativeGasUsed)
            list.append(bloom)
            list.append(list: logs)
        }
        return encoder.bytes
    }

    /// Decodes a whole envelope. Refuses a bloom that is not that of the logs.
    public init(envelope: Bytes) throws(RLPError) {
        var decoder = RLPDecoder(envelope)
        var kind = Transaction.Kind.legacy
        if try !decoder.nextIsList {
            let number = try decoder.uint64()
            guard number != 0, let typed = UInt8(exactly: number).flatMap(Transaction.Kind.init(rawValue:)) else {
                throw .invalidValue(at: 0, "receipt type \(number)")
            }
            kind = typed
        }
        var list = try decoder.list()
        try decoder.finish()
        let succeeded = try list.bool()
        let cumulativeGasUsed = try list.uint64()
        let position = list.position
        let bloom = try LogsBloom(from: &list)
        let logs = try list.array(of: Log.self, max: Receipt.logsMax)
        try list.finish()
        self.init(kind: kind, succeeded: succeeded, cumulativeGasUsed: cumulativeGasUsed, logs: logs)
        guard self.bloom == bloom else { throw .invalidValue(at: position, "the bloom is not that of the logs") }
    }
}

/// Inside a list: a legacy receipt is its list, a typed one the byte string of its envelope.
extension Receipt: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        if kind == .legacy { encoder.appendRaw(envelope) } else { encoder.append(envelope) }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        let isList = try decoder.nextIsList
        let envelope = try isList ? decoder.rawItem() : decoder.bytes()
        if !isList, let first = envelope.first, first >= 0xc0 {
            throw .invalidValue(at: start, "a legacy receipt wrapped in a string")
        }
        try self.init(envelope: envelope)
    }
}

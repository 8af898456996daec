import Chain
import Crypto
import Primitives

/// A transaction that nobody signed, in the encoding of one whose v, r and s are zero: what simulated blocks hold,
/// and what eth_fillTransaction gives back to be signed.
struct UnsignedTransaction {
    let content: Transaction.Content
    /// What stands in the body of a block (EIP-2718).
    let envelope: Bytes
    let hash: Hash32

    /// - Precondition: That of `Transaction.init`.
    init(_ content: Transaction.Content) {
        self.content = content
        envelope = content.kind == .legacy ? content.legacyEnvelope : Transaction(content, signature: .nobodys).envelope
        hash = keccak256(envelope)
    }

    /// As an element of the list of a block's transactions.
    func encode(into encoder: inout RLPEncoder) {
        if content.kind == .legacy { encoder.appendRaw(envelope) } else { encoder.append(envelope) }
    }
}

extension Transaction.Content {
    /// A legacy transaction that is signed has a v of 27 at least: one with zero is no `Transaction`.
    fileprivate var legacyEnvelope: Bytes {
        var encoder = RLPEncoder(capacity: 160 + data.count)
        encoder.list { list in
            list.append(nonce)
            list.append(maxFeePerGas)
            list.append(gasLimit)
            list.append(to)
            list.append(value)
            list.append(data)
            for _ in 0..<3 { list.append(UInt64(0)) }
        }
        return encoder.bytes
    }
}

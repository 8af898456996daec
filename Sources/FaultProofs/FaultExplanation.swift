import Chain
public import EVM
public import Primitives

/// A proven fault in the words of people, and all that is known of it as data.
public struct FaultExplanation: Hashable, Sendable {
    /// One line: who did what.
    public let headline: String
    /// What happened, sentence by sentence, for somebody who knows what a block is and little more.
    public let story: [String]
    public let kind: FaultProof.Kind
    public let rule: String
    /// What the rule is there for.
    public let meaning: String
    public let height: Height
    public let round: UInt64?
    public let block: Hash32
    /// The transaction at fault, where it is one.
    public let transaction: ExplainedTransaction?
    /// Where execution left what the block says, where the proof shows that.
    public let divergence: Divergence?
    public let expected: String
    public let found: String
    /// Whose signatures show it, in ascending order.
    public let signers: [Address]
    /// Whether a quorum sealed the block; else one validator signed alone.
    public let isSealed: Bool
    /// What was signed, one line a signature: where the fault is in the votes themselves.
    public let statements: [String]
    /// The first accounts that honest execution of the block changes, where nothing smaller is known; at most
    /// `changesMax`.
    public let changes: [ExplainedChange]
    /// How many it changes in all.
    public let changeCount: Int
    /// What an operator can do.
    public let advice: [String]

    public static let changesMax = 8

    /// All of it as lines of text.
    public var lines: [String] {
        var lines = [headline, ""] + story
        lines += ["", "rule      \(rule): \(meaning)", "expected  \(expected)", "found     \(found)"]
        lines.append("where     height \(height)" + (round.map { ", round \($0)" } ?? "") + ", block \(block)")
        if let transaction { lines.append("          transaction \(transaction.position), \(transaction.hash)") }
        if let divergence {
            lines.append("          \(divergence.field) of \(divergence.account)")
            for (depth, call) in divergence.calls.enumerated() {
                lines.append("          " + String(repeating: "  ", count: min(depth, 20)) + call.description)
            }
        }
        lines += changes.map { "changed   \($0.description)" }
        lines += statements.map { "signed    \($0)" }
        lines += signers.map { "\(isSealed ? "sealed by" : "signed by") \($0)" }
        return lines + advice.map { "to do     \($0)" }
    }
}

/// A transaction as an explanation names it.
public struct ExplainedTransaction: Hashable, Sendable {
    /// Where it stands in its block.
    public let position: Int
    public let hash: Hash32
    /// Nil where its signature gives none.
    public let sender: Address?
    /// Nil where it creates a contract.
    public let recipient: Address?
    public let nonce: UInt64
    /// Peb.
    public let value: UInt256

    init(_ transaction: Transaction, at position: Int) {
        self.position = position
        hash = transaction.hash
        sender = try? transaction.recoverSender()
        recipient = transaction.to
        nonce = transaction.nonce
        value = transaction.value
    }
}

/// The first thing that a transaction wrote otherwise than its block says.
public struct Divergence: Hashable, Sendable {
    /// From the transaction's own call to the one that wrote; empty where no call did, but fees or nothing at all.
    public let calls: [ExplainedCall]
    public let account: Address
    /// Nil where it is not about storage.
    public let slot: UInt256?
    /// "slot 0", "balance", "nonce" or "code".
    public let field: String
    public let expected: String
    public let found: String
}

/// One call on the way to a divergence.
public struct ExplainedCall: Hashable, Sendable, CustomStringConvertible {
    public let kind: TracedCall.Kind
    public let from: Address
    /// Whose code runs; the new contract; the heir.
    public let to: Address
    /// Peb.
    public let value: UInt256
    /// The first four bytes of the call's data: what Solidity and Vyper tell functions apart by.
    public let selector: Bytes

    public var description: String {
        "\(kind.rawValue) \(to)" + (selector.isEmpty ? "" : " \(selector.hex)")
            + (value.isZero ? "" : " with \(value) peb")
    }
}

/// What honest execution makes of an account.
public struct ExplainedChange: Hashable, Sendable, CustomStringConvertible {
    public let address: Address
    /// Nil where there was none.
    public let before: Account?
    /// Nil where there is none.
    public let after: Account?

    /// Balance and nonce, before and after.
    public var description: String {
        let (old, new) = (before ?? Account(), after ?? Account())
        var parts: [String] = []
        if old.balance != new.balance { parts.append("balance \(old.balance) to \(new.balance) peb") }
        if old.nonce != new.nonce { parts.append("nonce \(old.nonce) to \(new.nonce)") }
        if old.codeHash != new.codeHash { parts.append("code") }
        return "\(address): " + parts.joined(separator: ", ")
    }
}

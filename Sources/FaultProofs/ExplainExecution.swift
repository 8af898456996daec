import Chain
import EVM
import Primitives
import Validation

extension ExplanationDraft {
    // MARK: One transaction

    mutating func tell(_ evidence: TransactionEvidence, under rules: ChainRules) {
        let known = try? evidence.transaction()
        transaction = known.map { ExplainedTransaction($0, at: evidence.position) }
        guard let execution = evidence.execution else {
            return tellOfBlock(
                "The transaction is the proof, with its place under the header's transactions root: it takes no state "
                    + "to see this.")
        }
        tellOfBlock(
            "The proof runs this transaction alone, on what the block below holds and what the block itself says that "
                + "the transactions before it wrote.")
        guard let known, let sender = transaction?.sender else { return }
        let subject = TransactionCase(
            header: evidence.header, transaction: known, sender: sender, position: evidence.position)
        let (stateRoot, listRoot) = (execution.parent.stateRoot, evidence.extension.accessListRoot)
        guard
            let plain = try? replay(
                subject, stateRoot: stateRoot, accessListRoot: listRoot, witness: execution.witness, under: rules),
            let difference = plain.difference
        else { return }
        var calls: [ExplainedCall] = []
        if let written = difference.expected {
            var tracer = WriteTracer(to: written)
            _ = try? replay(
                subject, stateRoot: stateRoot, accessListRoot: listRoot, witness: execution.witness, under: rules,
                tracer: &tracer)
            calls = tracer.calls
        }
        tell(difference, calls)
    }

    private mutating func tell(_ difference: AccessDifference, _ calls: [ExplainedCall]) {
        let divergence = Divergence(
            calls: calls, account: difference.address, slot: difference.slot, field: difference.fieldName,
            expected: difference.expected.value, found: difference.found.value)
        self.divergence = divergence
        let field = "\(divergence.field) of \(divergence.account)"
        let sentence: String
        switch (difference.expected, difference.found) {
        case (nil, _): sentence = "It does not write \(field). The block says that it wrote \(divergence.found)."
        case (_, nil): sentence = "It writes \(divergence.expected) to \(field). The block says nothing of that."
        default:
            sentence =
                "It writes \(divergence.expected) to \(field). The block says that it wrote \(divergence.found)."
        }
        let way = calls.map { "\($0.kind.rawValue) \($0.to.hex)" }.joined(separator: ", then ")
        // Takes the place of the sentence with the two values as bytes.
        story[2] = sentence + (calls.isEmpty ? "" : " That is done by \(way).")
    }

    // MARK: The whole block

    mutating func tell(_ evidence: ExecutionEvidence, under rules: ChainRules) {
        let block = evidence.block
        if let index = fault.transactionIndex, block.transactions.indices.contains(index) {
            transaction = ExplainedTransaction(block.transactions[index], at: index)
        }
        tellOfBlock(
            "The proof runs all \(block.transactions.count) transactions of the block, on the part of the state below "
                + "that they use.")
        let ledger = WitnessLedger(root: evidence.parent.stateRoot, witness: evidence.witness)
        guard transaction == nil, let effects = try? effects(of: block, reading: ledger, under: rules) else { return }
        let changed = effects.changes.accounts
        changeCount = changed.count
        changes = changed.prefix(FaultExplanation.changesMax).map {
            ExplainedChange(address: $0.address, before: $0.before, after: $0.after)
        }
        if rule == .stateRoot {
            story.insert(
                "Of a root nobody can read which account it has otherwise. All that the block says of each "
                    + "transaction is right, so what differs was done outside of them. Honest execution changes "
                    + "\(changed.count) accounts.", at: story.count - 1)
        } else {
            story.insert(
                "Only the sum of what the block says is in this proof, not its parts; honest execution changes "
                    + "\(changed.count) accounts.", at: story.count - 1)
        }
    }
}

extension AccessDifference {
    /// Short where the slot is a small number, as in contracts written by hand.
    fileprivate var fieldName: String {
        slot.map { "slot \($0.shortText)" } ?? field
    }
}

extension BlockAccess? {
    /// The value that the entry says, for people.
    fileprivate var value: String {
        switch self {
        case .storageWrite(_, _, _, let word): word.shortText
        case .balance(_, _, let balance): "\(balance) peb"
        case .nonce(_, _, let nonce): "\(nonce)"
        case .code(_, _, let code): code.isEmpty ? "no code" : "\(code.count) bytes of code"
        case .storageRead, .touched, nil: "nothing"
        }
    }
}

extension UInt256 {
    /// A small number as such, another word as its bytes.
    fileprivate var shortText: String {
        self <= UInt256(UInt64.max) ? description : hash.hex
    }
}

public import Chain
public import Crypto
import Primitives
import Validation

/// Checks a proof and puts it into words.
public func explain(
    _ proof: FaultProof, genesis: Genesis, councils: ProvenCouncils? = nil, scheme: some SignatureScheme
) throws(ProofRejection) -> FaultExplanation {
    explain(proof, showing: try verify(proof, genesis: genesis, councils: councils, scheme: scheme), genesis: genesis)
}

/// Puts a proof into words that holds.
///
/// A proof by execution is executed once more for it, now under observation. The same proof has the same words
/// everywhere.
///
/// - Parameter fault: What `verify` has found of this very proof.
public func explain(_ proof: FaultProof, showing fault: ProvenFault, genesis: Genesis) -> FaultExplanation {
    var draft = ExplanationDraft(fault)
    switch proof {
    case .pair(let first, let second): draft.tell(first, second)
    case .header(let evidence): draft.tell(evidence)
    case .body: draft.tellOfBlock("The block itself is the proof: it takes no state to see this.")
    case .transaction(let evidence): draft.tell(evidence, under: genesis.rules)
    case .execution(let evidence): draft.tell(evidence, under: genesis.rules)
    case .justification(let evidence): draft.tell(evidence)
    case .fork(let evidence): draft.tell(evidence)
    }
    return draft.explanation
}

/// An explanation on its way.
struct ExplanationDraft {
    let fault: ProvenFault
    var headline = ""
    var story: [String] = []
    var meaning = ""
    var transaction: ExplainedTransaction?
    var divergence: Divergence?
    var statements: [String] = []
    var changes: [ExplainedChange] = []
    var changeCount = 0
    var advice: [String] = []

    init(_ fault: ProvenFault) {
        self.fault = fault
    }

    var explanation: FaultExplanation {
        FaultExplanation(
            headline: headline, story: story, kind: fault.kind, rule: fault.rule, meaning: meaning,
            height: fault.height, round: fault.round, block: fault.block, transaction: transaction,
            divergence: divergence, expected: fault.expected, found: fault.found, signers: fault.guilty,
            isSealed: fault.isSealed, statements: statements, changes: changes, changeCount: changeCount,
            advice: advice + ["Keep the proof: `node verify-fault` shows it to anybody who has the genesis file."])
    }

    var rule: BlockRule? { BlockRule(rawValue: fault.rule) }

    /// "Validator 0x1234abcd" or "3 validators".
    var signers: String {
        guard fault.guilty.count == 1, let only = fault.guilty.first else {
            return "\(fault.guilty.count) validators"
        }
        return "Validator \(only.short)"
    }

    /// Who signed the block, and what came of it.
    var deedSentence: String {
        let round = fault.round.map { " in round \($0)" } ?? ""
        let names = fault.guilty.map(\.hex).joined(separator: ", ")
        guard fault.isSealed else {
            return "\(names) proposed block \(fault.block.short) at height \(fault.height)\(round) and signed it. "
                + "Honest validators refuse such a block: without a quorum of liars the round passes, and another one "
                + "is sealed."
        }
        return "Block \(fault.block.short) at height \(fault.height) was sealed\(round): a quorum signed that it is "
            + "right, \(names)."
    }

    /// The words for every fault of a block.
    ///
    /// - Parameter shown: How the proof shows it.
    mutating func tellOfBlock(_ shown: String) {
        let deed = rule?.deed ?? "which breaks the rule \(fault.rule)"
        headline = "\(signers) \(fault.isSealed ? "sealed" : "proposed") block \(fault.height), \(deed)"
        meaning = rule?.meaning ?? "a rule of this chain"
        story = [deedSentence]
        if let transaction {
            let to = transaction.recipient.map { "to \($0)" } ?? "to create a contract"
            let from = transaction.sender.map { "by \($0) " } ?? ""
            story.append("At fault is transaction \(transaction.position), \(transaction.hash), \(from)\(to).")
        } else if let index = fault.transactionIndex {
            story.append("At fault is transaction \(index).")
        }
        let sender = transaction?.sender?.hex ?? "its sender"
        story.append(
            rule?.sentence(expected: fault.expected, found: fault.found, by: sender)
                ?? "The rules lead to \(fault.expected). The block has \(fault.found).")
        story.append(shown)
        story.append("It may be a defect of their software and no malice: the proof shows what was signed, not why.")
        advice = Self.advice(onBlock: fault)
    }

    private static func advice(onBlock fault: ProvenFault) -> [String] {
        guard fault.isSealed else {
            return [
                "Nothing has to be repaired unless a quorum has sealed the same block: then there is a second fault, with its "
                    + "certificate.",
                "Ask the operator of \(fault.guilty.map(\.short).joined(separator: ", ")) which software it runs, and "
                    + "take it out of the council if it goes on.",
            ]
        }
        let good = fault.height > 0 ? fault.height - 1 : 0
        return [
            "Rely on nothing from height \(fault.height) on: the last good state is that of height \(good), and honest "
                + "nodes go on serving it.",
            "Halt the council. Its members agree by other means on how to go on from height \(good), without those "
                + "who sealed this.",
        ]
    }

    // MARK: HEADER

    mutating func tell(_ evidence: HeaderEvidence) {
        switch evidence.relation {
        case .alone: tellOfBlock("The header alone is the proof, with its signatures.")
        case .child: tellOfBlock("The header and the one below it are the proof, with the signatures.")
        }
    }
}

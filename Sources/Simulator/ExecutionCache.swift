import Chain
import Primitives
import Validation

/// Executions that some machine has done before: one block on one state has one outcome, whoever runs it.
struct ExecutionCache: Sendable {
    /// Outcomes that are kept; then all are forgotten at once.
    static let outcomesMax = 512

    private struct Question: Hashable, Sendable {
        let block: Hash32
        let state: Hash32
        let conduct: Conduct
    }

    private struct Answer: Sendable {
        let block: Block
        let bound: RoundBound
        let outcome: Result<ValidatedBlock, ValidationFailure<StateGap>>
    }

    private var answers: [Question: [Answer]] = [:]

    /// What `validate` says; from memory where it has said so before.
    mutating func validate(
        _ block: Block, after ancestry: Ancestry, reading ledger: MemoryLedger, under rules: ChainRules,
        round bound: RoundBound, senders: [Hash32: Address] = [:], conduct: Conduct
    ) throws(ValidationFailure<StateGap>) -> ValidatedBlock {
        let question = Question(block: block.hash, state: ledger.stateRoot, conduct: conduct)
        if let known = answers[question]?.first(where: { $0.block == block && Self.covers($0, bound) }) {
            return try known.outcome.get()
        }
        let outcome: Result<ValidatedBlock, ValidationFailure<StateGap>>
        do throws(ValidationFailure<StateGap>) {
            outcome = .success(
                try Validation.validate(
                    block, after: ancestry, reading: ledger, under: rules, round: bound, senders: senders,
                    conduct: conduct))
        } catch {
            outcome = .failure(error)
        }
        if answers.count >= Self.outcomesMax { answers = [:] }
        answers[question, default: []].append(Answer(block: block, bound: bound, outcome: outcome))
        return try outcome.get()
    }

    /// A block that pays the proposer of a round is still valid if it is proposed again, or sealed, there or later.
    private static func covers(_ answer: Answer, _ bound: RoundBound) -> Bool {
        guard answer.bound != bound else { return true }
        guard case .success = answer.outcome else { return false }
        if case .proposedFresh = bound { return false }
        return answer.bound.round <= bound.round
    }
}

import Chain
import Primitives

extension SignedVote {
    /// What was said, by whom.
    var statement: String {
        let place = "height \(vote.height), round \(vote.round)"
        let claim: String
        switch vote.kind {
        case .proposal: claim = "proposes block \(vote.block)"
        case .prepare: claim = "prepares block \(vote.block)"
        case .commit: claim = "commits to block \(vote.block)"
        case .roundChange:
            claim =
                vote.preparedRound.map { "asks for the round, having prepared block \(vote.block) in round \($0)" }
                ?? "asks for the round, having prepared no block"
        }
        return "\(validator) (\(place)) \(claim)"
    }
}

extension ExplanationDraft {
    // MARK: PAIR

    mutating func tell(_ first: SignedVote, _ second: SignedVote) {
        let rule = Contradiction(rawValue: fault.rule)
        statements = [first.statement, second.statement]
        headline = "\(signers) \(rule?.deed ?? "contradicted itself") at height \(fault.height)"
        meaning = rule?.meaning ?? "a validator does not contradict itself"
        story = [
            "Validators agree on a block by signed votes, and each may vote only so that no two blocks can win.",
            "\(first.validator) signed two votes of which an honest validator signs one at most. Expected was "
                + "\(fault.expected); there is \(fault.found).",
            "Both signatures are the proof: nobody else can have made them.",
            "A copy of the node that runs with the same key, or a log of votes that was deleted, leads to the same.",
        ]
        advice = [
            "One such validator alone cannot make a fork: the chain goes on.",
            "Ask the operator of \(first.validator.short) whether two processes use its key, and whether its log of "
                + "votes was deleted. Until that is known, its key should not vote.",
        ]
    }

    // MARK: JUSTIFICATION

    mutating func tell(_ evidence: JustificationEvidence) {
        statements =
            [evidence.proposal.statement] + evidence.justification.roundChanges.map(\.statement)
            + evidence.justification.prepares.map(\.statement)
        headline = "\(signers) proposed block \(fault.height) in round \(fault.round ?? 0) without a right to"
        meaning =
            "who proposes in a later round shows that a quorum asked for it, and takes over the block that a quorum "
            + "may already have agreed on"
        story = [
            "When a round passes without a block, the validators ask for the next one, and each says which block it "
                + "has prepared. The next proposer signs these reasons together with its proposal.",
            "\(evidence.proposal.validator) signed reasons that do not hold. Expected was \(fault.expected). "
                + "Found was: \(fault.found).",
            "Honest validators refuse such a proposal, and ask for the round after it.",
        ]
        advice = [
            "Nothing has to be repaired: the proposal is refused.",
            "Ask the operator of \(evidence.proposal.validator.short) which software it runs.",
        ]
    }

    // MARK: FORK

    mutating func tell(_ evidence: ForkEvidence) {
        for branch in [evidence.first, evidence.second] {
            let certificate = branch.certificate
            statements.append(
                "block \(certificate.block) sealed in round \(certificate.round) by "
                    + certificate.signers.map(\.hex).joined(separator: ", "))
        }
        statements += evidence.votes.map(\.statement)
        headline =
            fault.guilty.isEmpty
            ? "Two blocks were sealed at height \(fault.height)"
            : "Two blocks were sealed at height \(fault.height), and \(signers.lowercasedFirst) made both possible"
        meaning = "there is one sealed block at a height: a sealed block is final"
        story = [
            "At height \(fault.height) there are two different blocks, each with the seals of a quorum. Whoever saw "
                + "only one of them takes it for final.",
            evidence.votes.isEmpty && !evidence.isInOneRound
                ? "Who is guilty is in votes that this proof does not have: those between rounds "
                    + "\(evidence.first.certificate.round) and \(evidence.second.certificate.round)."
                : "\(fault.guilty.map(\.hex).joined(separator: ", ")) signed for both, or denied the first when asked "
                    + "for the second: without them there would be no second block.",
            "That takes more liars than this chain is made to stand: more than a third of the validators.",
        ]
        advice = [
            "Take nothing from height \(fault.height) on for final, and move nothing of value.",
            "Halt the council. Its members agree by other means on which of the two blocks counts, without those who "
                + "are convicted.",
        ]
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}

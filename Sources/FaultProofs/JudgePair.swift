import Chain
import Crypto
import Primitives

extension Judge {
    // MARK: PAIR

    /// E1 to E6: two votes by one validator at one height that no honest one casts both of.
    ///
    /// The committee of a height depends on its parent, which two votes do not name. A council member has no
    /// business to contradict itself in either case, so the council is what counts.
    func judge(_ first: SignedVote, _ second: SignedVote) throws(ProofRejection) -> ProvenFault {
        guard first.validator == second.validator else {
            throw .noContradiction("they are by \(first.validator) and \(second.validator)")
        }
        guard let name = Contradiction(between: first.vote, second.vote) else {
            throw .noContradiction(
                Contradiction(between: second.vote, first.vote) == nil
                    ? "an honest validator may cast both" : "they stand in the wrong order")
        }
        for signed in [first, second] { try checkSignature(of: signed) }
        let deed = Deed(name, first.vote, second.vote)
        return ProvenFault(
            kind: .pair, rule: name.rawValue, height: first.vote.height, round: first.vote.round,
            block: first.vote.block == .zero ? second.vote.block : first.vote.block, guilty: [first.validator],
            expected: deed.expected, found: deed.found, isSealed: false, transactionIndex: nil)
    }

    /// Checks a vote against the council in force, whether or not its author was drawn into the committee.
    func checkSignature(of signed: SignedVote) throws(ProofRejection) {
        guard let member = rulebook.councils.council(at: signed.vote.height).member(signed.validator) else {
            throw .foreignValidator(signed.validator)
        }
        let digest = signed.vote.digest(chain: rulebook.genesis.identity)
        guard scheme.verify(signed.signature, of: digest, by: member.publicKey) else {
            throw .vote(.badSignature(signed.validator))
        }
    }
}

/// A contradiction in words: what the first vote left room for, and what was said.
private struct Deed {
    let expected: String
    let found: String

    init(_ name: Contradiction, _ first: Vote, _ second: Vote) {
        switch name {
        case .doubleCommit, .doublePrepare:
            expected = "a \(first.kind) for one block in round \(first.round)"
            found = "\(first.kind.plural) for \(first.block) and \(second.block)"
        case .crossVote:
            expected = "a commit to \(first.block), which it prepared in round \(first.round)"
            found = "a commit to \(second.block)"
        case .amnesia:
            expected =
                "a round change that names \(first.block), to which it committed in round \(first.round), or a block "
                + "prepared later"
            found = "a round change to round \(second.round) that names \(second.claim)"
        case .doubleRoundChange:
            expected = "one claim of what it has prepared, to everybody it asks for round \(first.round)"
            found = "a round change that names \(first.claim), and one that names \(second.claim)"
        case .doubleProposal:
            (expected, found) = Deed.doubleProposal(first, second)
        }
    }

    private static func doubleProposal(_ first: Vote, _ second: Vote) -> (expected: String, found: String) {
        guard first.block == second.block else {
            return ("one proposal in round \(first.round)", "proposals of \(first.block) and \(second.block)")
        }
        if let one = first.content, let other = second.content, one != other {
            return ("one content of block \(first.block)", "contents \(one) and \(other)")
        }
        let reasons = [first, second].compactMap { $0.justification?.hex }.joined(separator: " and ")
        return ("one justification for block \(first.block) in round \(first.round)", "justifications \(reasons)")
    }
}

extension Vote {
    /// What a round change says it has prepared.
    fileprivate var claim: String {
        preparedRound.map { "\(block) of round \($0)" } ?? "no block"
    }
}

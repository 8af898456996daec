import Chain
import Crypto
import Primitives

extension Judge {
    /// E1, E2, E6: two different commits, prepares or proposals by one validator in one round.
    ///
    /// The committee of a height depends on its parent, which two votes do not name. A council member has no
    /// business to vote twice in either case, so the council is what counts.
    func judge(_ first: SignedVote, _ second: SignedVote) throws(ProofRejection) -> ProvenFault {
        guard first.validator == second.validator else {
            throw .noContradiction("they are by \(first.validator) and \(second.validator)")
        }
        guard first.vote.isWellFormed, second.vote.isWellFormed else { throw .noContradiction("malformed") }
        let rule = try contradiction(between: first.vote, second.vote)
        guard let member = rulebook.genesis.council.member(first.validator) else {
            throw .foreignValidator(first.validator)
        }
        for signed in [first, second] {
            let digest = signed.vote.digest(chain: rulebook.genesis.identity)
            guard scheme.verify(signed.signature, of: digest, by: member.publicKey) else {
                throw .vote(.badSignature(signed.validator))
            }
        }
        return ProvenFault(
            kind: .pair, rule: rule.name, height: first.vote.height, round: first.vote.round, block: first.vote.block,
            guilty: [first.validator],
            expected: first.vote.block == second.vote.block
                ? "one content of block \(first.vote.block)"
                : "blocks \(first.vote.block) and \(second.vote.block)",
            found: rule.votes, isSealed: false, transactionIndex: nil)
    }
}

extension Vote {
    /// By which the two votes of a pair ascend.
    var rank: (Hash32, Hash32, Hash32) { (block, content ?? .zero, justification ?? .zero) }
}

/// What two votes by one validator amount to.
///
/// - Throws: `.noContradiction` where an honest validator may cast both, or they are not in ascending order.
func contradiction(
    between first: Vote, _ second: Vote
) throws(ProofRejection) -> (name: String, votes: String) {
    guard first.kind == second.kind, first.height == second.height, first.round == second.round else {
        throw .noContradiction("they differ in kind, height or round")
    }
    guard first.rank < second.rank else {
        throw .noContradiction("they do not ascend by block, content and justification")
    }
    switch first.kind {
    case .commit: return ("E1", "commits")
    case .prepare: return ("E2", "prepares")
    case .proposal:
        // A proposal that names no content says less than one that does, but nothing else.
        guard first.block != second.block || first.content != nil else {
            throw .noContradiction("one of them names no content")
        }
        return ("E6", "proposals")
    case .roundChange: throw .noContradiction("pairs with a round change are not judged yet")
    }
}

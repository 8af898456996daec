import Chain
import Crypto
import Primitives

extension Judge {
    // MARK: JUSTIFICATION

    /// C10 and C11: the proposer signed reasons that do not let it propose this block in this round.
    ///
    /// All of it is in its signature: the block's hash binds header and parent, and with them the committee; the hash
    /// of the justification binds every vote in it to the last byte. The rule is the one that validators accept by.
    func judge(_ evidence: JustificationEvidence) throws(ProofRejection) -> ProvenFault {
        let vote = evidence.proposal.vote
        let header = evidence.header
        guard vote.kind == .proposal, vote.round > 0, let signed = vote.justification else {
            throw .wrongAccusation(
                expected: "a proposal of a round above 0 that names its justification",
                found: "a \(vote.kind) of round \(vote.round)")
        }
        let found = evidence.justification.hash
        guard found == signed else { throw .unbound(part: "the justification", expected: signed, found: found) }
        let accusation = Accusation.proposed(evidence.proposal)
        try check(accusation, names: header.number)
        try bind(evidence.extension, to: header, as: "the extension")
        try bindCouncil(at: header.number, to: evidence.extension)
        try check(accusation, of: header, hash: header.hash)
        let committee = rulebook.committee(at: header.number, parent: header.parentHash)
        let context = VotingContext(height: header.number, committee: committee, chain: rulebook.genesis.identity)
        do throws(JustificationError) {
            try context.check(evidence.justification, of: vote, scheme: scheme)
        } catch {
            return ProvenFault(
                kind: .justification, rule: "justification", height: vote.height, round: vote.round,
                block: vote.block, guilty: [evidence.proposal.validator],
                expected: "\(committee.quorum) of \(committee.count) validators that ask for round \(vote.round), and "
                    + "of the blocks that they have prepared, the one prepared last",
                found: "\(error)", isSealed: false, transactionIndex: nil)
        }
        throw .noFault
    }
}

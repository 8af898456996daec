import Chain
import Crypto
import Primitives

extension Judge {
    // MARK: FORK

    /// B26: two blocks sealed at one height. Guilty is who contradicts itself by signatures that are all in here.
    func judge(_ evidence: ForkEvidence) throws(ProofRejection) -> ProvenFault {
        let (first, second) = (evidence.first, evidence.second)
        let height = first.header.number
        guard second.header.number == height else {
            throw .noContradiction("the headers are of heights \(height) and \(second.header.number)")
        }
        guard first.header.hash < second.header.hash else {
            throw .noContradiction("the headers do not ascend by hash")
        }
        let (guilty, names) = try evidence.convicted()
        for branch in [first, second] {
            do throws(CertificateError) {
                try branch.certificate.check(isFor: branch.header.hash, at: height)
            } catch {
                throw .certificate(error)
            }
        }
        var lines: [String] = []
        for branch in [first, second] {
            let committee = rulebook.committee(at: height, parent: branch.header.parentHash)
            do throws(CertificateError) {
                try branch.verifySeals(committee: committee, chain: rulebook.genesis.identity, scheme: scheme)
            } catch {
                throw .certificate(error)
            }
            let certificate = branch.certificate
            lines.append(
                "\(certificate.block), sealed in round \(certificate.round) by \(certificate.seals.count) of "
                    + "\(committee.count)")
        }
        for signed in evidence.votes { try checkSignature(of: signed) }
        let reasons = names.isEmpty ? "" : "; convicted by \(names.map(\.rawValue).joined(separator: ", "))"
        return ProvenFault(
            kind: .fork, rule: "fork", height: height, round: evidence.lower.round, block: evidence.lower.block,
            guilty: guilty, expected: "one sealed block at height \(height)",
            found: lines.joined(separator: ", and ") + reasons, isSealed: true, transactionIndex: nil)
    }
}

extension ForkEvidence {
    /// Who contradicts itself, in ascending order, and by which rules. Signatures are checked elsewhere.
    fileprivate func convicted() throws(ProofRejection) -> (guilty: [Address], by: [Contradiction]) {
        guard !isInOneRound else {
            guard votes.isEmpty else { throw .noContradiction("seals of one round need no further votes") }
            let others = second.certificate.signers
            let both = first.certificate.signers.filter { others.contains($0) }
            return (both, both.isEmpty ? [] : [.doubleCommit])
        }
        for (vote, next) in zip(votes, votes.dropFirst()) where vote.validator >= next.validator {
            throw .noContradiction("the votes do not ascend by validator")
        }
        let seals = lower.votes
        var names: [Contradiction] = []
        for vote in votes {
            guard let seal = seals.first(where: { $0.validator == vote.validator }) else {
                throw .noContradiction("\(vote.validator) did not seal in round \(lower.round)")
            }
            guard let name = seal.contradiction(to: vote)?.name else {
                throw .noContradiction("the vote of \(vote.validator) does not contradict its seal")
            }
            if !names.contains(name) { names.append(name) }
        }
        return (votes.map(\.validator), names.sorted { $0.rawValue < $1.rawValue })
    }
}

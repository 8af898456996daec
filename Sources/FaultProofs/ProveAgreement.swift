public import Chain
public import Crypto
import Primitives

/// The proof that one validator cast both votes (E1 to E6), in whichever order they are given; nil where an honest
/// one may cast both.
///
/// The signatures are not checked here.
public func proveContradiction(_ one: SignedVote, _ other: SignedVote) -> FaultProof? {
    one.contradiction(to: other).map { .pair($0.first, $0.second) }
}

/// The proof that `proposal` is not justified; nil where it is, and where its proposer did not sign what was sent
/// along, so that another may have put it there.
///
/// - Parameter councils: Those of genesis where nil.
public func proveUnjustified(
    _ proposal: SignedVote, of block: Block, because justification: Justification, genesis: Genesis,
    councils: ProvenCouncils? = nil, scheme: some SignatureScheme
) -> FaultProof? {
    let evidence = JustificationEvidence(
        proposal: proposal, header: block.header, extension: block.extension, justification: justification)
    let judge = Judge(genesis: genesis, councils: councils ?? ProvenCouncils(genesis), scheme: scheme)
    do throws(ProofRejection) {
        _ = try judge.judge(evidence)
    } catch {
        return nil
    }
    return .justification(evidence)
}

/// The proof that a height was sealed twice; nil where the headers are of two heights, or one and the same.
///
/// It convicts whoever sealed both blocks in one round, or contradicts a seal of the lower round by one of `votes`.
/// With the votes that honest validators have seen these are at least 2q − n, as long as fewer than q lie.
///
/// - Parameters:
///   - one: Its certificate is verified, as is that of `other`; which of them is which does not matter.
///   - votes: Any votes of that height, verified. Those that contradict no seal are left out.
public func proveFork(
    _ one: CertifiedHeader, _ other: CertifiedHeader, votes: some Sequence<SignedVote>
) -> FaultProof? {
    let (hash, otherHash) = (one.header.hash, other.header.hash)
    guard hash != otherHash, one.header.number == other.header.number else { return nil }
    let (first, second) = hash < otherHash ? (one, other) : (other, one)
    var evidence = ForkEvidence(first: first, second: second, votes: [])
    guard !evidence.isInOneRound else { return .fork(evidence) }
    var found: [SignedVote] = []
    for seal in evidence.lower.votes {
        let contradicting = votes.filter { $0.contradiction(to: seal) != nil }
        if let vote = contradicting.min(by: { $0.vote.precedes($1.vote) }) { found.append(vote) }
    }
    evidence.votes = found
    return .fork(evidence)
}

extension Vote {
    /// An order by which everybody with the same votes picks the same one.
    fileprivate func precedes(_ other: Vote) -> Bool {
        (round, kind.rawValue, block, preparedRound ?? 0)
            < (other.round, other.kind.rawValue, other.block, other.preparedRound ?? 0)
    }
}

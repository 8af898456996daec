import Chain
import Consensus
import Crypto
import FaultProofs
import Primitives
import Ranger
import Validation

extension Node {
    /// Consensus has seen two votes that contradict each other.
    mutating func report(_ conflict: Conflict) {
        note(.conflict(conflict))
        if let proof = proveContradiction(conflict.first, conflict.second) { judgeOwn(proof) }
    }

    /// Our own findings are verified like anybody's before a word is said.
    mutating func judgeOwn(_ proof: FaultProof) {
        guard ranger.desk.admit(proof.id, isOwn: true) == .judge else { return }
        out.append(.judge(proof, from: nil))
    }

    // MARK: Refused proposals

    /// Somebody refused this signed proposal; if its block is invalid, the signature is the evidence.
    mutating func suspect(_ proposal: Proposal) {
        let vote = proposal.vote.vote
        if let proof = proveUnjustified(
            proposal.vote, of: proposal.block, because: proposal.justification, genesis: genesis, scheme: scheme)
        {
            return judgeOwn(proof)
        }
        guard proposal.block.hash == vote.block, proposal.block.header.number == vote.height,
            !suspects.contains(where: { $0.vote.vote == vote }), suspects.count < Self.suspectsMax,
            vote.height > tail.height, !isFrozen
        else { return }
        suspects.append(proposal)
        judgeSuspects()
    }

    mutating func judgeSuspects() {
        let height = tail.height + 1
        suspects.removeAll { $0.vote.vote.height < height }
        for proposal in suspects where proposal.vote.vote.height == height {
            let vote = proposal.vote.vote
            let isReproposal = vote.round > 0
            out.append(
                .validate(
                    ValidationRequest(
                        block: proposal.block, ancestry: ancestry,
                        bound: isReproposal ? .reproposed(vote.round) : .proposedFresh(vote.round),
                        purpose: .suspect(proposal.vote), conduct: .honest, senders: senders(of: proposal.block),
                        accusation: .proposed(proposal.vote))))
            judged.append(proposal)
        }
        judged.removeFirst(max(0, judged.count - Self.suspectsMax))
        suspects.removeAll { $0.vote.vote.height == height }
    }

    mutating func suspectValidated(_ vote: SignedVote, _ outcome: ValidationOutcome) {
        let proposal = judged.first { $0.vote.vote == vote.vote }
        judged.removeAll { $0.vote.vote == vote.vote }
        switch outcome {
        case .invalid(let fault, let proof):
            if let block = proposal?.block {
                badBlocks.keep(.init(block, hash: vote.vote.block, why: fault.description, proposal: vote))
            }
            if let proof { judgeOwn(proof) }
        case .valid: suspectIsValid(vote)
        case .unreadable(let reason): note(.blockRefused(height: vote.vote.height, why: "unreadable: \(reason)"))
        case .stale: break
        }
    }

    /// The block is in order; what remains is a proposer out of turn.
    private mutating func suspectIsValid(_ vote: SignedVote) {
        let proposer = committee(at: vote.vote.height, parent: tail.hash)
            .proposer(height: vote.vote.height, round: vote.vote.round)
        guard proposer.address != vote.validator else { return }
        note(.blockRefused(height: vote.vote.height, why: "proposed out of turn by \(vote.validator)"))
    }

    mutating func validated(_ purpose: ValidationPurpose, block: Hash32, _ outcome: ValidationOutcome) {
        switch purpose {
        case .candidate: candidateValidated(block, outcome)
        case .sealed(let certificate): sealedValidated(certificate, outcome)
        case .suspect(let vote): suspectValidated(vote, outcome)
        }
    }

    // MARK: Proofs

    /// A proof from a peer: judged before it is believed or repeated.
    mutating func receive(_ proof: FaultProof, from number: PeerNumber) {
        switch ranger.desk.admit(proof.id) {
        case .judge: out.append(.judge(proof, from: number))
        case .known, .tooMany: break
        case .refusedBefore: penalise(number, because: "repeated a proof that does not verify")
        }
    }

    mutating func judged(_ proof: FaultProof, from number: PeerNumber?, _ outcome: ProofOutcome) {
        switch outcome {
        case .proven(let fault):
            guard ranger.desk.accept(proof.id, showing: fault) else { return }
            note(.fault(id: proof.id, fault))
            out.append(.record(proof, fault))
            retold.keep(proof, showing: fault)
            send(.fault(proof), to: table.numbers.filter { $0 != number })
            heed(proof.id, fault, of: proof, from: number)
        case .refused(let why):
            ranger.desk.refuse(proof.id)
            note(.proofRefused(id: proof.id, why: why))
            if let number { penalise(number, because: "fault proof does not verify: \(why)") }
        }
    }
}

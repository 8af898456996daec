import Chain
import Primitives
import Validation

extension Judge {
    // MARK: HEADER

    func judge(_ evidence: HeaderEvidence) throws(ProofRejection) -> ProvenFault {
        let header = evidence.header
        try check(evidence.accusation, of: header, hash: header.hash)
        try bind(evidence.extension, to: header, as: "the extension")
        let fault: BlockFault?
        switch evidence.relation {
        case .alone:
            try bindCouncil(at: evidence.accusation.height, to: evidence.extension)
            fault = rulebook.fault(of: header, evidence.extension, accusation: evidence.accusation)
        case .child(let parent, let parentExtension):
            try check(evidence.accusation, names: header.number)
            try bind(parent, toChild: header)
            try bind(parentExtension, to: parent, as: "the parent's extension")
            fault = rulebook.fault(of: header, evidence.extension, childOf: parent, parentExtension)
        }
        guard let fault else { throw .noFault }
        return convict(evidence.accusation, kind: .header, fault: fault)
    }

    // MARK: BODY

    func judge(_ evidence: BodyEvidence) throws(ProofRejection) -> ProvenFault {
        let block = evidence.block
        try check(evidence.accusation, names: block.number)
        // A header says nothing of a body that does not hash to its roots: anybody could have put it there. Only a
        // proposal that names the content of the block does.
        if !evidence.isContentSigned {
            try bind(block.extension, to: block.header, as: "the extension")
            try bindTransactions(of: block)
        }
        try check(evidence.accusation, of: block.header, hash: block.hash)
        guard let fault = rulebook.faultOfBody(block) else { throw .noFault }
        return convict(evidence.accusation, kind: .body, fault: fault)
    }

    // MARK: EXEC

    func judge(_ evidence: ExecutionEvidence) throws(ProofRejection) -> ProvenFault {
        let block = evidence.block
        let header = block.header
        let accusation = evidence.accusation
        try check(accusation, names: header.number)
        try bind(block.extension, to: header, as: "the extension")
        try bindTransactions(of: block)
        try bind(evidence.parent, toChild: header)
        try bind(evidence.parentExtension, to: evidence.parent, as: "the parent's extension")
        try check(accusation, of: header, hash: block.hash)
        let headerFault =
            rulebook.fault(of: header, block.extension, accusation: accusation)
            ?? rulebook.fault(of: header, block.extension, childOf: evidence.parent, evidence.parentExtension)
        guard headerFault == nil else { throw .wrongKind(expected: .header, found: .execution) }
        guard header.gasLimit <= ExecutionEvidence.blockGasMax else {
            throw .tooCostly(limit: ExecutionEvidence.blockGasMax, found: header.gasLimit)
        }
        guard rulebook.faultOfBody(block) == nil,
            case .success(let senders) = rulebook.senders(of: block.transactions, in: header)
        else {
            throw .wrongKind(expected: .body, found: .execution)
        }
        let ledger = RecordingLedger(WitnessLedger(root: evidence.parent.stateRoot, witness: evidence.witness))
        let fault: BlockFault?
        do throws(StateGap) {
            fault = try rulebook.fault(
                of: block, after: evidence.parent, evidence.parentExtension, accusation: accusation, senders: senders,
                reading: ledger)
        } catch {
            throw .insufficientWitness(error)
        }
        guard let fault else { throw .noFault }
        guard ledger.witness == evidence.witness else {
            throw .surplusWitness(used: ledger.witness.count, found: evidence.witness.count)
        }
        return convict(accusation, kind: .execution, fault: fault)
    }
}

extension BodyEvidence {
    /// Whether the accused signed every byte of the block, not its header alone.
    var isContentSigned: Bool {
        guard case .proposed(let proposal) = accusation, let content = proposal.vote.content else { return false }
        return content == block.contentHash
    }
}

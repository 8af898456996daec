public import Chain
import Primitives
public import Validation

/// Builds the smallest proof that `block` is invalid, or nil where nobody can be convicted of it.
///
/// In this order: the header, one transaction by itself, the body, one transaction against the state, the block
/// against the state. There is none where the block is valid, where the state cannot be read, and where the fault is
/// not in what the accused have signed: seals and a proposal without content do not bind a body that contradicts its
/// header.
///
/// - Parameters:
///   - accusation: Signatures over the block's hash, already verified.
///   - ancestry: What the block was validated against.
///   - ledger: The state after the parent.
///   - accessList: What the block's extension commits to, where somebody has given it: only one transaction against
///     the state takes it. Any other list is as good as none.
public func proveInvalid<Ledger: LedgerReader>(
    _ block: Block, by accusation: Accusation, after ancestry: Ancestry, reading ledger: Ledger, genesis: Genesis,
    accessList: BlockAccessList? = nil
) -> FaultProof? {
    let rulebook = Rulebook(genesis, councils: ProvenCouncils(genesis))
    let isExtensionBound = block.header.extraData == block.extension.hash.bytes
    if isExtensionBound, let proof = proveHeader(block, accusation, ancestry, rulebook) { return proof }
    guard accusation.height == block.number else { return nil }
    let draft = TransactionProofDraft(block, accusation, rulebook)
    let senders = rulebook.senders(of: block.transactions, in: block.header)
    if let draft, case .failure(let fault) = senders, let proof = draft.proof(of: fault) { return proof }
    if rulebook.faultOfBody(block) != nil {
        let body = BodyEvidence(block: block, accusation: accusation)
        return draft != nil || body.isContentSigned ? fitting(.body(body)) : nil
    }
    guard case .success(let senders) = senders, let draft, block.header.parentHash == ancestry.parentHash,
        ledger.stateRoot == ancestry.parent.stateRoot
    else { return nil }
    let recording = RecordingLedger(ledger)
    guard
        let fault = try? rulebook.fault(
            of: block, after: ancestry.parent, ancestry.parentExtension, accusation: accusation, senders: senders,
            reading: recording)
    else { return nil }
    if let accessList, accessList.root == block.extension.accessListRoot,
        let proof = draft.proof(from: senders, after: ancestry, ledger, accessList, named: fault)
    {
        return proof
    }
    return proveExecution(block, accusation, ancestry, witness: recording.witness)
}

private func proveHeader(
    _ block: Block, _ accusation: Accusation, _ ancestry: Ancestry, _ rulebook: Rulebook
) -> FaultProof? {
    let header = block.header
    func proof(_ relation: HeaderEvidence.Relation) -> FaultProof {
        .header(
            HeaderEvidence(header: header, extension: block.extension, accusation: accusation, relation: relation))
    }
    if rulebook.fault(of: header, block.extension, accusation: accusation) != nil { return proof(.alone) }
    // Another parent proves nothing: after a fork, honest validators build on either side.
    guard header.parentHash == ancestry.parentHash else { return nil }
    let fault = rulebook.fault(of: header, block.extension, childOf: ancestry.parent, ancestry.parentExtension)
    return fault == nil ? nil : proof(.child(of: ancestry.parent, ancestry.parentExtension))
}

private func proveExecution(
    _ block: Block, _ accusation: Accusation, _ ancestry: Ancestry, witness: [Bytes]
) -> FaultProof? {
    guard block.header.gasLimit <= ExecutionEvidence.blockGasMax, witness.count <= ExecutionEvidence.witnessNodesMax,
        witness.reduce(0, { $0 + $1.count }) <= ExecutionEvidence.witnessBytesMax
    else { return nil }
    return fitting(
        .execution(
            ExecutionEvidence(
                parent: ancestry.parent, parentExtension: ancestry.parentExtension, block: block,
                accusation: accusation, witness: witness)))
}

/// The proof, or nil where it is longer than anybody decodes.
func fitting(_ proof: FaultProof) -> FaultProof? {
    proof.rlp.count <= FaultProof.encodedBytesMax ? proof : nil
}

public import Chain
import Primitives
public import Validation

/// Builds the smallest proof that `block` is invalid, or nil where nobody can be convicted of it.
///
/// There is none where the block is valid, where the state cannot be read, and where the fault is not in what the
/// accused have signed: seals and a proposal without content do not bind a body that contradicts its header.
///
/// - Parameters:
///   - accusation: Signatures over the block's hash, already verified.
///   - ancestry: What the block was validated against.
///   - ledger: The state after the parent.
///   - sealedParent: The certificate of the parent in `ancestry`; only a wrong parent hash takes it.
public func proveInvalid<Ledger: LedgerReader>(
    _ block: Block, by accusation: Accusation, after ancestry: Ancestry, reading ledger: Ledger, genesis: Genesis,
    sealedParent: CommitCertificate? = nil
) -> FaultProof? {
    let rulebook = Rulebook(genesis, councils: ProvenCouncils(genesis))
    let body = BodyEvidence(block: block, accusation: accusation)
    let isBound =
        block.header.extraData == block.extension.hash.bytes
        && block.header.transactionsRoot == Block.transactionsRoot(of: block.transactions)
    if block.header.extraData == block.extension.hash.bytes,
        let proof = proveHeader(block, accusation, ancestry, rulebook, sealedParent)
    {
        return proof
    }
    guard accusation.height == block.number else { return nil }
    let senders: [Hash32: Address]
    switch rulebook.faultOfBody(block) {
    case .failure: return isBound || body.isContentSigned ? fitting(.body(body)) : nil
    case .success(let known): senders = known
    }
    guard block.header.parentHash == ancestry.parentHash, ledger.stateRoot == ancestry.parent.stateRoot else {
        return nil
    }
    return proveExecution(block, accusation, ancestry, rulebook, senders, ledger)
}

private func proveHeader(
    _ block: Block, _ accusation: Accusation, _ ancestry: Ancestry, _ rulebook: Rulebook,
    _ sealedParent: CommitCertificate?
) -> FaultProof? {
    let header = block.header
    func proof(_ relation: HeaderEvidence.Relation) -> FaultProof {
        .header(
            HeaderEvidence(header: header, extension: block.extension, accusation: accusation, relation: relation))
    }
    if rulebook.fault(of: header, block.extension, accusation: accusation) != nil { return proof(.alone) }
    if header.parentHash == ancestry.parentHash {
        let fault = rulebook.fault(
            of: header, block.extension, childOf: ancestry.parent, ancestry.parentExtension)
        return fault == nil ? nil : proof(.child(of: ancestry.parent, ancestry.parentExtension))
    }
    guard let sealedParent, header.number == ancestry.height, header.number >= 2 else { return nil }
    return proof(.strayed(from: ancestry.parent, sealedParent))
}

private func proveExecution<Ledger: LedgerReader>(
    _ block: Block, _ accusation: Accusation, _ ancestry: Ancestry, _ rulebook: Rulebook,
    _ senders: [Hash32: Address], _ ledger: Ledger
) -> FaultProof? {
    let recording = RecordingLedger(ledger)
    let fault = try? rulebook.fault(
        of: block, after: ancestry.parent, ancestry.parentExtension, accusation: accusation, senders: senders,
        reading: recording)
    let witness = recording.witness
    guard fault != nil, witness.count <= ExecutionEvidence.witnessNodesMax,
        witness.reduce(0, { $0 + $1.count }) <= ExecutionEvidence.witnessBytesMax
    else { return nil }
    return fitting(
        .execution(
            ExecutionEvidence(
                parent: ancestry.parent, parentExtension: ancestry.parentExtension, block: block,
                accusation: accusation, witness: witness)))
}

/// The proof, or nil where it is longer than anybody decodes.
private func fitting(_ proof: FaultProof) -> FaultProof? {
    proof.rlp.count <= FaultProof.encodedBytesMax ? proof : nil
}

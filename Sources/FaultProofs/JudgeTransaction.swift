import Chain
import Primitives
import Trie
import Validation

extension Judge {
    /// BODY and EXEC by one transaction.
    ///
    /// Gas that the transactions before have used is taken to be none: nothing but `blockGas` depends on it, and that
    /// cannot be shown by one transaction.
    func judge(_ evidence: TransactionEvidence) throws(ProofRejection) -> ProvenFault {
        let (header, accusation) = (evidence.header, evidence.accusation)
        try check(accusation, of: header, hash: header.hash)
        try check(accusation, names: header.number)
        try bind(evidence.extension, to: header, as: "the extension")
        let transaction = try evidence.transaction()
        let sender: Address
        switch rulebook.sender(of: transaction, at: evidence.position, in: header) {
        case .success(let address): sender = address
        case .failure(let fault):
            guard evidence.execution == nil else { throw .wrongKind(expected: .body, found: .execution) }
            return convict(accusation, kind: .body, fault: fault)
        }
        guard let execution = evidence.execution else { throw .noFault }
        try bind(execution.parent, toChild: header)
        try bind(execution.parentExtension, to: execution.parent, as: "the parent's extension")
        let headerFault =
            rulebook.fault(of: header, evidence.extension, accusation: accusation)
            ?? rulebook.fault(of: header, evidence.extension, childOf: execution.parent, execution.parentExtension)
        guard headerFault == nil else { throw .wrongKind(expected: .header, found: .execution) }
        let subject = TransactionCase(
            header: header, transaction: transaction, sender: sender, position: evidence.position)
        let fault: BlockFault?
        do throws(ReplayFailure) {
            fault = try rulebook.fault(of: subject, committedTo: evidence.extension, execution)
        } catch {
            throw ProofRejection(error)
        }
        guard let fault else { throw .noFault }
        return convict(accusation, kind: .execution, fault: fault)
    }
}

extension TransactionEvidence {
    /// The transaction that the branch leads to from the header's transactions root.
    func transaction() throws(ProofRejection) -> Transaction {
        func unproven(_ reason: String) -> ProofRejection {
            .unprovenTransaction(position: position, reason: reason)
        }
        guard 0..<Block.transactionsMax ~= position else { throw unproven("no block has so many") }
        let envelope: Bytes?
        do throws(TrieProofError) {
            envelope = try MerkleTrie.verify(
                proof: branch, of: UInt64(position).rlp, root: header.transactionsRoot)
        } catch {
            throw unproven(error.description)
        }
        guard let envelope else { throw unproven("there is none") }
        do throws(TransactionError) {
            return try Transaction(envelope: envelope)
        } catch {
            throw unproven(error.description)
        }
    }
}

extension ProofRejection {
    fileprivate init(_ failure: ReplayFailure) {
        switch failure {
        case .accessList(let error): self = .accessList(error.description)
        case .unreadable(.state(let gap)): self = .insufficientWitness(gap)
        case .unreadable(.list(let gap)): self = .accessList(gap.description)
        case .surplusPreimages(let used, let found): self = .surplusWitness(used: used, found: found)
        case .surplusEntries(let used, let found):
            self = .accessList("\(found) entries, \(used) of which are used")
        }
    }
}

import Chain
import Primitives
import Trie
import Validation

/// Builds proofs by one transaction out of a block whose header names its body.
struct TransactionProofDraft {
    private let block: Block
    private let accusation: Accusation
    private let rulebook: Rulebook
    private let trie: ListTrie

    /// Nil where the header names another body or extension: then none of its transactions is anybody's.
    init?(_ block: Block, _ accusation: Accusation, _ rulebook: Rulebook) {
        trie = ListTrie(block.transactions.map(\.envelope))
        guard block.header.extraData == block.extension.hash.bytes, block.header.transactionsRoot == trie.root else {
            return nil
        }
        self.block = block
        self.accusation = accusation
        self.rulebook = rulebook
    }

    /// The proof that a transaction breaks a rule by itself.
    func proof(of fault: BlockFault) -> FaultProof? {
        guard let position = fault.transactionIndex else { return nil }
        return fitting(.transaction(evidence(position, nil)))
    }

    /// The proof that a transaction cannot have run as the block's access list says: the one that validation names,
    /// or else the first.
    ///
    /// - Parameters:
    ///   - senders: The sender of each transaction.
    ///   - list: What the block commits to.
    ///   - fault: What validation finds. Where that is the state root, all that the list says is right.
    func proof<Ledger: LedgerReader>(
        from senders: [Address], after ancestry: Ancestry, _ ledger: Ledger, _ list: BlockAccessList,
        named fault: BlockFault
    ) -> FaultProof? {
        guard fault.rule != .stateRoot else { return nil }
        let claims = list.writesByIndex(count: senders.count + 1)
        var positions = Array(senders.indices)
        if let named = fault.transactionIndex { positions.insert(named, at: 0) }
        for position in positions {
            let subject = TransactionCase(
                header: block.header, transaction: block.transactions[position], sender: senders[position],
                position: position)
            let result = try? replay(
                subject, after: ledger, list, claiming: claims[position + 1], under: rulebook.rules)
            guard result?.fault != nil else { continue }
            if let proof = proof(of: subject, after: ancestry, ledger, list) { return proof }
        }
        return nil
    }

    /// The proof of one transaction's fault, if it holds and is not too large.
    private func proof<Ledger: LedgerReader>(
        of subject: TransactionCase, after ancestry: Ancestry, _ ledger: Ledger, _ list: BlockAccessList
    ) -> FaultProof? {
        guard let (_, witness) = try? recordReplay(of: subject, after: ledger, list, under: rulebook.rules) else {
            return nil
        }
        let execution = TransactionEvidence.Execution(
            parent: ancestry.parent, parentExtension: ancestry.parentExtension, witness: witness)
        // What was read may be damaged: only what the witness says by itself convinces anybody.
        guard execution.fitsLimits,
            (try? rulebook.fault(of: subject, committedTo: block.extension, execution)) != nil
        else { return nil }
        return fitting(.transaction(evidence(subject.position, execution)))
    }

    private func evidence(_ position: Int, _ execution: TransactionEvidence.Execution?) -> TransactionEvidence {
        let source = RecordingSource(trie)
        do throws(TrieFailure<WitnessFailure>) {
            _ = try MerkleTrie.item(at: position, root: trie.root, source: source)
        } catch {
            preconditionFailure("a trie that was just made can be read: \(error)")
        }
        return TransactionEvidence(
            header: block.header, extension: block.extension, accusation: accusation, position: position,
            branch: source.nodes, execution: execution)
    }
}

extension BlockAccessList {
    /// What was written at each index below `count`, in order.
    fileprivate func writesByIndex(count: Int) -> [[BlockAccess]] {
        var writes: [[BlockAccess]] = Array(repeating: [], count: count)
        for entry in entries {
            guard let index = entry.index.map({ Int($0) }), index < count else { continue }
            writes[index].append(entry)
        }
        return writes
    }
}

extension TransactionEvidence.Execution {
    /// Whether anybody decodes it.
    fileprivate var fitsLimits: Bool {
        let (preimages, list) = (witness.preimages, witness.accessList)
        return preimages.count <= TransactionEvidence.preimagesMax
            && preimages.allSatisfy { $0.count <= ExecutionEvidence.preimageBytesMax }
            && preimages.byteCount <= TransactionEvidence.preimageBytesMax
            && list.positions.count <= TransactionEvidence.accessPositionsMax
            && list.nodes.count <= TransactionEvidence.accessNodesMax
            && list.nodes.allSatisfy { $0.count <= TransactionEvidence.accessNodeBytesMax }
            && list.nodes.byteCount <= TransactionEvidence.accessBytesMax
    }
}

extension [Bytes] {
    fileprivate var byteCount: Int { reduce(0) { $0 + $1.count } }
}

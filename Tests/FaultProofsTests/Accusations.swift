import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Trie
import Validation

/// Whether the votes of a test's accusation are seals or a proposal.
enum Level: CaseIterable, Sendable {
    case sealed, proposed
}

extension SampleChain {
    func accusation(_ level: Level, of block: Block, round: UInt64 = 0) throws -> Accusation {
        switch level {
        case .sealed: .sealed(try certificate(of: block, round: round))
        case .proposed: .proposed(try proposal(of: block, round: round))
        }
    }

    /// What a ranger proves of `block`, which follows the head.
    func prove(_ block: Block, by accusation: Accusation, list: BlockAccessList? = nil) -> FaultProof? {
        proveInvalid(
            block, by: accusation, after: ancestry, reading: ledger, genesis: genesis,
            accessList: list)
    }

    /// Evidence about one transaction of a block that follows the head, whether there is a fault in it or not.
    func evidence(
        _ built: ValidatedBlock, at position: Int, by accusation: Accusation
    ) throws -> TransactionEvidence {
        let block = built.block
        let trie = ListTrie(block.transactions.map(\.envelope))
        let branch = RecordingSource(trie)
        _ = try MerkleTrie.item(at: position, root: trie.root, source: branch)
        let subject = TransactionCase(
            header: block.header, transaction: block.transactions[position], sender: built.senders[position],
            position: position)
        let (_, witness) = try recordReplay(of: subject, after: ledger, built.accessList, under: rules)
        return TransactionEvidence(
            header: block.header, extension: block.extension, accusation: accusation, position: position,
            branch: branch.nodes,
            execution: TransactionEvidence.Execution(
                parent: head.header, parentExtension: head.extension, witness: witness))
    }

    func verdict(_ proof: FaultProof) throws(ProofRejection) -> ProvenFault {
        try verify(proof, genesis: genesis, scheme: P256())
    }

    /// A chain of two blocks, with some transfers in the second.
    static func grown(seed: UInt64 = 1) throws -> SampleChain {
        var random = SeededRandom(seed: seed)
        var chain = try SampleChain()
        try chain.grow()
        try chain.grow(chain.randomTransfers(12, using: &random))
        return chain
    }

    /// The next block with its header and extension changed.
    func spoiled(
        _ candidates: [BuildRequest.Candidate] = [], round: UInt64 = 0,
        _ change: (inout Header, inout BlockExtension) -> Void
    ) throws -> Block {
        let built = try build(candidates, round: round).block
        var header = built.header
        var blockExtension = built.extension
        change(&header, &blockExtension)
        header.extraData = blockExtension.hash.bytes
        return Block(header: header, transactions: built.transactions, extension: blockExtension)
    }

    /// The witness of `block`, up to its end if it is valid.
    func witness(of block: Block) -> [Bytes] {
        let recording = RecordingLedger(ledger)
        _ = try? validate(block, after: ancestry, reading: recording, under: rules, round: .sealed(.max))
        return recording.witness
    }
}

import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import RPC
import Trie
import Validation

/// An Ethereum chain that others have sealed, held in memory and served as it is.
final class ImportedChain: Sendable {
    let rules: EthereumRules
    private let blocks: [EthereumBlock]
    private let heights: [Hash32: Height]
    private let locations: [Hash32: TransactionLocation]
    /// From the block after `archive.firstHeight` on.
    private let receipts: [[Receipt]]
    private let senders: [[Address]]
    private let archive: EthereumArchive

    /// Replays the chain.
    ///
    /// - Parameters:
    ///   - chain: The encodings of all blocks from block 1 on, one behind the other.
    ///   - state: The accounts after some block, from which on blocks are executed; nil starts from the genesis.
    init(_ genesis: EthereumGenesis, chain: Bytes, file: String, state: [GenesisAccount]?) throws(ImportProblem) {
        rules = genesis.rules
        let blocks = try ImportedChain.blocks(after: genesis.block, in: chain, file: file)
        self.blocks = blocks
        heights = Dictionary(blocks.map { ($0.hash, $0.header.number) }) { first, _ in first }
        var locations: [Hash32: TransactionLocation] = [:]
        for block in blocks {
            for (index, transaction) in block.transactions.enumerated() {
                locations[transaction.hash] = TransactionLocation(height: block.header.number, index: index)
            }
        }
        self.locations = locations
        let accounts = state ?? genesis.accounts
        let root = GenesisState(holding: accounts).settlement.stateRoot
        // The last such block: those after it, if any, have changed the state.
        guard let start = blocks.last(where: { $0.header.stateRoot == root })?.header.number else {
            throw .strangeState(root: root)
        }
        let first = state == nil ? 0 : start
        var archive = EthereumArchive(holding: accounts, after: blocks[...Int(first)].map(\.hash))
        var receipts: [[Receipt]] = []
        var senders: [[Address]] = []
        for block in blocks.dropFirst(Int(first) + 1) {
            let result = try ImportedChain.replay(block, after: blocks[Int(block.header.number) - 1], archive, rules)
            archive.append(result, hash: block.hash)
            receipts.append(result.receipts)
            senders.append(result.senders)
        }
        (self.archive, self.receipts, self.senders) = (archive, receipts, senders)
    }

    private static func blocks(
        after genesis: EthereumBlock, in chain: Bytes, file: String
    ) throws(ImportProblem) -> [EthereumBlock] {
        var blocks = [genesis]
        var decoder = RLPDecoder(chain)
        while !decoder.isAtEnd {
            let position = decoder.position
            let block: EthereumBlock
            do throws(RLPError) {
                block = try EthereumBlock(from: &decoder)
            } catch {
                throw .malformed(file: file, reason: "no block at byte \(position): \(error)")
            }
            let expected = Height(blocks.count)
            guard block.header.number == expected else {
                throw .otherNumber(expected: expected, found: block.header.number)
            }
            let parent = blocks[blocks.count - 1].hash
            guard block.header.parentHash == parent else {
                throw .noParent(height: expected, expected: parent, found: block.header.parentHash)
            }
            blocks.append(block)
        }
        return blocks
    }

    private static func replay(
        _ block: EthereumBlock, after parent: EthereumBlock, _ archive: EthereumArchive, _ rules: EthereumRules
    ) throws(ImportProblem) -> EthereumBlockResult {
        let height = block.header.number
        guard let ledger = archive.state(at: height - 1) else {
            throw .invalidBlock(height: height, reason: "the state before it is not there")
        }
        do throws(EthereumFailure<StateGap>) {
            return try EthereumChain.replay(block, after: parent.header, reading: ledger, under: rules)
        } catch {
            throw .invalidBlock(height: height, reason: "\(error)")
        }
    }

    /// The height from which on states and receipts are known.
    var firstState: Height { archive.firstHeight }

    private func state(at height: Height) throws(ChainReadError) -> EthereumArchiveState {
        guard let state = archive.state(at: height) else {
            throw .notRetained(
                "the state of block \(height) is not there: execution began after block \(firstState)")
        }
        return state
    }

    private func reading<Answer>(_ body: () throws(StateGap) -> Answer) throws(ChainReadError) -> Answer {
        do {
            return try body()
        } catch {
            throw .unreadable("\(error)")
        }
    }

    /// What is known of an executed block; nil above the head.
    private func executed<Fact>(_ facts: [Fact], at height: Height, _ name: String) throws(ChainReadError) -> Fact? {
        guard height > firstState else {
            throw .notRetained("\(name) of block \(height) are not there: execution began after block \(firstState)")
        }
        let index = Int(height - firstState - 1)
        return facts.indices.contains(index) ? facts[index] : nil
    }
}

extension ImportedChain: ChainReader {
    var headHeight: Height { Height(blocks.count - 1) }
    var oldestState: Height { firstState }

    func block(at height: Height) throws(ChainReadError) -> EthereumBlock? {
        height <= headHeight ? blocks[Int(height)] : nil
    }

    func header(at height: Height) throws(ChainReadError) -> EthereumHeader? { try block(at: height)?.header }
    func hash(ofBlockAt height: Height) throws(ChainReadError) -> Hash32? { try block(at: height)?.hash }
    func height(ofBlock hash: Hash32) throws(ChainReadError) -> Height? { heights[hash] }
    func certificate(at height: Height) throws(ChainReadError) -> CommitCertificate? { nil }

    func receipts(at height: Height) throws(ChainReadError) -> [Receipt]? {
        // A block without transactions has none, whether it was executed or not.
        if try block(at: height)?.transactions.isEmpty == true { return [] }
        return try executed(receipts, at: height, "the receipts")
    }

    func senders(of block: EthereumBlock) throws(ChainReadError) -> [Address] {
        let height = block.header.number
        if height > firstState, let known = try executed(senders, at: height, "the senders") { return known }
        var senders: [Address] = []
        for transaction in block.transactions {
            do throws(TransactionError) {
                senders.append(try transaction.recoverSender())
            } catch {
                throw .unreadable("the signature of \(transaction.hash) does not recover: \(error)")
            }
        }
        return senders
    }

    func location(ofTransaction hash: Hash32) throws(ChainReadError) -> TransactionLocation? { locations[hash] }

    func account(_ address: Address, at height: Height) throws(ChainReadError) -> Account? {
        let state = try state(at: height)
        return try reading { () throws(StateGap) in try state.account(address) }
    }

    func storage(_ address: Address, _ slot: UInt256, at height: Height) throws(ChainReadError) -> UInt256 {
        let state = try state(at: height)
        return try reading { () throws(StateGap) in try state.storage(address, slot) }
    }

    func hasStorage(_ address: Address, at height: Height) throws(ChainReadError) -> Bool {
        let state = try state(at: height)
        return try reading { () throws(StateGap) in try state.hasStorage(address) }
    }

    func slots(of address: Address, at height: Height, countMax: Int) throws(ChainReadError) -> [UInt256] {
        _ = try state(at: height)
        let slots = archive.slots(of: address)
        guard slots.count <= countMax else {
            throw .notRetained("that needs more than \(countMax) slots of \(address)")
        }
        return slots
    }

    func stateRoot(
        at height: Height, after changes: StateChanges, clearing cleared: Set<Address>
    ) throws(ChainReadError) -> Hash32 {
        let state = try state(at: height)
        return try reading { () throws(StateGap) in
            try settle(changes, on: state, clearing: cleared).stateRoot
        }
    }

    func witness(ofBlockAt height: Height) throws(ChainReadError) -> ExecutionWitness? {
        guard height > 0, height <= headHeight else { return nil }
        let recorder = WitnessRecorder(try state(at: height - 1))
        do throws(EthereumFailure<StateGap>) {
            _ = try EthereumChain.replay(
                blocks[Int(height)], after: blocks[Int(height) - 1].header, reading: recorder, under: rules)
        } catch {
            throw .unreadable("block \(height) does not execute: \(error)")
        }
        return recorder.witness
    }

    func code(_ hash: Hash32) throws(ChainReadError) -> Bytes {
        guard let code = archive.code(hash) else { throw .unreadable("no code has the hash \(hash)") }
        return code
    }

    func proof(of address: Address, slots: [UInt256], at height: Height) throws(ChainReadError) -> AccountProof {
        let state = try state(at: height)
        do throws(TrieFailure<StateGap>) {
            let key = keccak256(address)
            let nodes = try MerkleTrie.proof(of: key, root: state.stateRoot, owner: nil, source: state)
            let value = try MerkleTrie.value(of: key, root: state.stateRoot, owner: nil, source: state)
            let leaf = value.flatMap { try? AccountLeaf(rlp: $0) }
            let root = leaf?.storageRoot ?? MerkleTrie.emptyRoot
            var proofs: [AccountProof.Slot] = []
            for slot in slots {
                let slotKey = keccak256(slot.hash)
                let proof = try MerkleTrie.proof(of: slotKey, root: root, owner: key, source: state)
                let word = try MerkleTrie.value(of: slotKey, root: root, owner: key, source: state)
                proofs.append(AccountProof.Slot(value: word.flatMap { try? UInt256(rlp: $0) } ?? 0, proof: proof))
            }
            return AccountProof(leaf: leaf, nodes: nodes, slots: proofs)
        } catch {
            throw .unreadable("\(error)")
        }
    }
}

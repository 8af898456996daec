import Chain
import EVM
import EthereumChain
import Primitives
import RPC
import Storage
import Validation

/// The sealed chain as JSON-RPC reads it, from the disk of this node.
struct StoredChain: ChainReader {
    let board: Board
    let readers: StoreReaderPool

    var headHeight: Height { board.head }

    private func read<Answer: Sendable>(
        _ body: @Sendable (StoreView) throws(StorageError) -> Answer
    ) throws(ChainReadError) -> Answer {
        do {
            return try readers.read(body)
        } catch {
            throw .unreadable("\(error)")
        }
    }

    /// What needs the tries of a past block.
    private func readFarBack<Answer: Sendable>(
        _ body: @Sendable (StoreView) throws(StorageError) -> Answer
    ) throws(ChainReadError) -> Answer {
        do {
            return try readers.read(body)
        } catch .tooMany(let what, let limit) {
            throw .notRetained("that needs more than \(limit) \(what)")
        } catch {
            throw .unreadable("\(error)")
        }
    }

    func block(at height: Height) throws(ChainReadError) -> EthereumBlock? {
        try read { (view) throws(StorageError) in try view.block(at: height) }.map { EthereumBlock($0) }
    }

    func header(at height: Height) throws(ChainReadError) -> EthereumHeader? {
        try read { (view) throws(StorageError) in try view.header(at: height) }.map { EthereumHeader($0) }
    }

    func hash(ofBlockAt height: Height) throws(ChainReadError) -> Hash32? {
        try read { (view) throws(StorageError) in try view.hash(at: height) }
    }

    func height(ofBlock hash: Hash32) throws(ChainReadError) -> Height? {
        try read { (view) throws(StorageError) in try view.height(of: hash) }
    }

    func certificate(at height: Height) throws(ChainReadError) -> CommitCertificate? {
        try read { (view) throws(StorageError) in try view.certificate(at: height) }
    }

    func receipts(at height: Height) throws(ChainReadError) -> [Receipt]? {
        try read { (view) throws(StorageError) in try view.receipts(at: height) }
    }

    /// As they were recovered when the block was validated.
    func senders(of block: EthereumBlock) throws(ChainReadError) -> [Address] {
        guard let senders = try read({ (view) throws(StorageError) in try view.senders(at: block.header.number) })
        else {
            throw .unreadable("the senders of block \(block.header.number) are not there")
        }
        return senders
    }

    func location(ofTransaction hash: Hash32) throws(ChainReadError) -> TransactionLocation? {
        try read { (view) throws(StorageError) in
            try view.place(ofTransaction: hash).map { TransactionLocation(height: $0.height, index: $0.position) }
        }
    }

    func account(_ address: Address, at height: Height) throws(ChainReadError) -> Account? {
        try read { (view) throws(StorageError) in try view.account(address, at: height) }
    }

    func storage(_ address: Address, _ slot: UInt256, at height: Height) throws(ChainReadError) -> UInt256 {
        try read { (view) throws(StorageError) in try view.storage(address, slot, at: height) }
    }

    func hasStorage(_ address: Address, at height: Height) throws(ChainReadError) -> Bool {
        try readFarBack { (view) throws(StorageError) in try view.hasStorage(address, at: height) }
    }

    func slots(of address: Address, at height: Height, countMax: Int) throws(ChainReadError) -> [UInt256] {
        try readFarBack { (view) throws(StorageError) in
            try view.slots(of: address, at: height, countMax: countMax)
        }
    }

    func stateRoot(
        at height: Height, after changes: StateChanges, clearing cleared: Set<Address>
    ) throws(ChainReadError) -> Hash32 {
        try readFarBack { (view) throws(StorageError) in
            try settle(changes, on: view.ledger(at: height), clearing: cleared).stateRoot
        }
    }

    func code(_ hash: Hash32) throws(ChainReadError) -> Bytes {
        try read { (view) throws(StorageError) in try view.code(hash) }
    }

    func proof(of address: Address, slots: [UInt256], at height: Height) throws(ChainReadError) -> AccountProof {
        let stored = try readFarBack { (view) throws(StorageError) in
            try view.proof(of: address, slots: slots, at: height)
        }
        return AccountProof(
            leaf: stored.leaf, nodes: stored.nodes,
            slots: stored.slots.map { AccountProof.Slot(value: $0.value, proof: $0.nodes) })
    }

    func witness(ofBlockAt height: Height) throws(ChainReadError) -> ExecutionWitness? {
        guard height > 0 else { return nil }
        let rules = board.genesis.rules
        let found = try readFarBack { (view) throws(StorageError) -> Result<ExecutionWitness, BlockFault>? in
            guard let block = try view.block(at: height) else { return nil }
            let recorder = WitnessRecorder(try view.ledger(at: height - 1))
            do throws(ValidationFailure<StorageError>) {
                _ = try execute(block, reading: recorder, under: rules)
                return .success(recorder.witness)
            } catch {
                switch error {
                case .invalid(let fault): return .failure(fault)
                case .unreadable(let failure): throw failure
                }
            }
        }
        do throws(BlockFault) {
            return try found?.get()
        } catch {
            throw .unreadable("sealed block \(height) does not execute: \(error)")
        }
    }
}

internal import Chain
internal import Crypto
public import EVM
public import Primitives
public import Trie
public import Validation

/// The state after one block of the past, flat and as tries: for proofs, and for executing a block again.
///
/// The file holds the tries of one height only. Those above it differ by what recent blocks left in memory; those
/// below it are computed by undoing, from the history, what blocks since have changed.
public struct PastLedger: LedgerReader {
    private let view: StoreView
    public let height: Height
    public let stateRoot: Hash32
    /// The nodes that differ below the flushed height; nil where there was none.
    private let undone: [TrieKey: Bytes?]

    /// Accounts and slots that may be undone for one proof: what 50 full blocks change, some seconds of work.
    public static let undoneChangesMax = 50_000

    init(
        view: StoreView, height: Height, undoneChangesMax: Int = PastLedger.undoneChangesMax
    ) throws(StorageError) {
        try view.checkState(at: height)
        guard let header = try view.header(at: height) else { throw view.missing("block \(height)") }
        self.view = view
        self.height = height
        stateRoot = header.stateRoot
        undone =
            height < view.flushedHeight
            ? try Undo(view: view, to: height).nodes(for: stateRoot, changesMax: undoneChangesMax) : [:]
    }

    public func account(_ address: Address) throws(StorageError) -> Account? {
        try view.account(address, at: height)
    }

    public func storage(_ address: Address, _ slot: UInt256) throws(StorageError) -> UInt256 {
        try view.storage(address, slot, at: height)
    }

    public func code(_ hash: Hash32) throws(StorageError) -> Bytes {
        try view.code(hash)
    }

    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(StorageError) -> Bytes {
        let key = TrieKey(owner, path)
        for block in view.recent.reversed() where block.height <= height {
            guard let changed = block.node(key) else { continue }
            guard let node = changed else { throw .malformedNode(hash) }
            return node
        }
        if let changed = undone[key] {
            guard let node = changed else { throw .malformedNode(hash) }
            return node
        }
        return try view.tables.checkedNode(hash, at: key)
    }
}

/// Computes the trie nodes of a past state from the stored ones and the history.
private struct Undo {
    let view: StoreView
    let height: Height
    private let storedRoot: Hash32

    /// The tries as the file has them.
    private struct StoredTries: TrieNodeSource {
        let tables: Tables

        func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(StorageError) -> Bytes {
            try tables.checkedNode(hash, at: TrieKey(owner, path))
        }
    }

    init(view: StoreView, to height: Height) throws(StorageError) {
        self.view = view
        self.height = height
        guard let header = try view.header(at: view.flushedHeight) else {
            throw view.missing("block \(view.flushedHeight)")
        }
        storedRoot = header.stateRoot
    }

    /// The nodes of the state after block `height` that differ from the stored ones. Their root must be `root`.
    func nodes(for root: Hash32, changesMax: Int) throws(StorageError) -> [TrieKey: Bytes?] {
        var nodes: [TrieKey: Bytes?] = [:]
        var accounts = try view.tables.history.accountsChanged(above: height, countMax: changesMax + 1)
        let slots = try view.tables.history.slotsChanged(above: height, countMax: changesMax + 1)
        guard accounts.count + slots.count <= changesMax else {
            throw .tooMany("changes to undo for block \(height)", countMax: changesMax)
        }
        var storageRoots: [Address: Hash32] = [:]
        for (address, slots) in Dictionary(grouping: slots, by: \.address) {
            accounts.append(address)
            let update = try storageTrie(of: address, slots: slots.map(\.slot))
            storageRoots[address] = update.root
            let owner = keccak256(address)
            for (path, rlp) in update.nodes { nodes[TrieKey(owner, path)] = .some(rlp) }
        }
        let update = try accountTrie(Set(accounts), storageRoots: storageRoots)
        guard update.root == root else {
            throw .corrupted(
                path: view.tables.path, what: "history above block \(height)", expected: root.hex,
                found: update.root.hex)
        }
        for (path, rlp) in update.nodes { nodes[TrieKey(nil, path)] = .some(rlp) }
        return nodes
    }

    private func storageTrie(of address: Address, slots: [UInt256]) throws(StorageError) -> TrieUpdate {
        let owner = keccak256(address)
        let root = try inLedgerTerms { () throws(TrieFailure<StorageError>) in
            try MerkleTrie.value(of: owner, root: storedRoot, owner: nil, source: StoredTries(tables: view.tables))
        }.map { (leaf) throws(StorageError) in try view.decodeLeaf(leaf, of: address).storageRoot }
        let keyed = slots.map { (key: keccak256($0.hash), slot: $0) }.sorted { $0.key < $1.key }
        let words = try keyed.map { (_, slot) throws(StorageError) in try view.storage(address, slot, at: height) }
        return try inLedgerTerms { () throws(TrieFailure<StorageError>) in
            try MerkleTrie.update(
                root: root ?? MerkleTrie.emptyRoot, owner: owner, keys: keyed.map(\.key),
                source: StoredTries(tables: view.tables)
            ) { (index, _) throws(TrieFailure<StorageError>) in words[index].isZero ? nil : words[index].rlp }
        }
    }

    private func accountTrie(
        _ addresses: Set<Address>, storageRoots: [Address: Hash32]
    ) throws(StorageError) -> TrieUpdate {
        let keyed = addresses.map { (key: keccak256($0), address: $0) }.sorted { $0.key < $1.key }
        let accounts = try keyed.map { (_, address) throws(StorageError) in
            try view.account(address, at: height)
        }
        return try inLedgerTerms { () throws(TrieFailure<StorageError>) in
            try MerkleTrie.update(
                root: storedRoot, owner: nil, keys: keyed.map(\.key), source: StoredTries(tables: view.tables)
            ) { (index, old) throws(TrieFailure<StorageError>) in
                guard let account = accounts[index] else { return nil }
                let address = keyed[index].address
                let oldRoot = try old.map { (leaf) throws(TrieFailure<StorageError>) in
                    do throws(StorageError) { return try view.decodeLeaf(leaf, of: address).storageRoot } catch {
                        throw .unreadable(error)
                    }
                }
                return AccountLeaf(
                    nonce: account.nonce, balance: account.balance,
                    storageRoot: storageRoots[address] ?? oldRoot ?? MerkleTrie.emptyRoot,
                    codeHash: account.codeHash
                ).rlp
            }
        }
    }
}

extension StoreView {
    /// The state after block `height` with its tries. Below the flushed height this undoes what came after, at most
    /// `PastLedger.undoneChangesMax` changes.
    public func ledger(at height: Height) throws(StorageError) -> PastLedger {
        try PastLedger(view: self, height: height)
    }

    /// The account and the words in `slots` after block `height`, with proofs from that block's state root
    /// (EIP-1186).
    public func proof(
        of address: Address, slots: [UInt256], at height: Height
    ) throws(StorageError) -> StoredProof {
        let ledger = try ledger(at: height)
        let owner = keccak256(address)
        let encodedLeaf = try inLedgerTerms { () throws(TrieFailure<StorageError>) in
            try MerkleTrie.value(of: owner, root: ledger.stateRoot, owner: nil, source: ledger)
        }
        let leaf = try encodedLeaf.map { (leaf) throws(StorageError) in try decodeLeaf(leaf, of: address) }
        let nodes = try inLedgerTerms { () throws(TrieFailure<StorageError>) in
            try MerkleTrie.proof(of: owner, root: ledger.stateRoot, owner: nil, source: ledger)
        }
        let storageRoot = leaf?.storageRoot ?? MerkleTrie.emptyRoot
        let proofs = try slots.map { (slot) throws(StorageError) in
            let nodes = try inLedgerTerms { () throws(TrieFailure<StorageError>) in
                try MerkleTrie.proof(of: keccak256(slot.hash), root: storageRoot, owner: owner, source: ledger)
            }
            return StoredProof.Slot(slot: slot, value: try ledger.storage(address, slot), nodes: nodes)
        }
        return StoredProof(address: address, leaf: leaf, nodes: nodes, slots: proofs)
    }

    /// Whether any slot of `address` was not zero after block `height`: read off its leaf, like a proof of it.
    public func hasStorage(_ address: Address, at height: Height) throws(StorageError) -> Bool {
        guard try account(address, at: height) != nil else { return false }
        return try PastLedger(view: self, height: height).hasStorage(address)
    }

    fileprivate func decodeLeaf(_ leaf: Bytes, of address: Address) throws(StorageError) -> AccountLeaf {
        do { return try AccountLeaf(rlp: leaf) } catch {
            throw .corrupted(
                path: tables.path, what: "leaf of \(address)", expected: "an account", found: "\(error)")
        }
    }
}

/// Runs a walk over a trie, whose two kinds of failure are one to us.
private func inLedgerTerms<Result>(
    _ walk: () throws(TrieFailure<StorageError>) -> Result
) throws(StorageError) -> Result {
    do { return try walk() } catch {
        switch error {
        case .unreadable(let failure): throw failure
        case .malformedNode(let hash): throw .malformedNode(hash)
        }
    }
}

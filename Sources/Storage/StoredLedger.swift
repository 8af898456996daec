internal import Crypto
public import EVM
public import Primitives
public import Trie
public import Validation

/// The state at the end of the chain, as validation reads it: memory first, then the file.
public struct StoredLedger: LedgerReader {
    private let store: ChainStore
    public let height: Height
    public let stateRoot: Hash32

    init(store: ChainStore, height: Height, stateRoot: Hash32) {
        self.store = store
        self.height = height
        self.stateRoot = stateRoot
    }

    public func account(_ address: Address) throws(StorageError) -> Account? {
        try checkCurrent()
        return try store.account(address)
    }

    public func storage(_ address: Address, _ slot: UInt256) throws(StorageError) -> UInt256 {
        try checkCurrent()
        return try store.word(address, slot)
    }

    public func code(_ hash: Hash32) throws(StorageError) -> Bytes {
        try checkCurrent()
        return try store.view.code(hash)
    }

    /// The node at `path`, which is the one with this hash as long as the chain stands where it stood.
    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(StorageError) -> Bytes {
        try checkCurrent()
        return try store.node(hash, at: TrieKey(owner, path))
    }

    /// Nodes are kept by path, latest only: after the chain has moved on they answer for another state.
    private func checkCurrent() throws(StorageError) {
        guard store.stateHeight == height else { throw .staleLedger(height: height, head: store.stateHeight) }
    }
}

extension Tables {
    /// The node at `key` of the stored tries, which must hash to `hash`.
    func checkedNode(_ hash: Hash32, at key: TrieKey) throws(StorageError) -> Bytes {
        let owner = key.owner?.short ?? "accounts"
        guard let node = try state.node(key) else {
            throw .corrupted(path: path, what: "trie node of \(owner)", expected: hash.hex, found: "none")
        }
        let found = keccak256(node)
        guard found == hash else {
            throw .corrupted(path: path, what: "trie node of \(owner)", expected: hash.hex, found: found.hex)
        }
        return node
    }
}

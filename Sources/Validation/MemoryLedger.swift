public import Chain
public import EVM
public import Primitives
public import Trie

/// The latest state of a chain in memory: flat values and trie nodes by path. A value, so a copy is a snapshot.
public struct MemoryLedger: LedgerReader, Sendable {
    public private(set) var stateRoot: Hash32
    private var accounts: [Address: Account] = [:]
    private var words: [WordKey: UInt256] = [:]
    private var codes: [Hash32: Bytes] = [:]
    private var nodes: [NodeKey: Bytes] = [:]

    private struct WordKey: Hashable {
        let address: Address
        let slot: UInt256
    }

    private struct NodeKey: Hashable {
        let owner: Hash32?
        let path: TriePath
    }

    /// The state that `genesis` starts from.
    public init(_ genesis: Genesis) {
        self.init(GenesisState(genesis))
    }

    /// The state that holds `accounts` and nothing else: for tests that start from any state.
    ///
    /// - Parameter accounts: In any order; none twice, nor any slot of one. Also those that no genesis of this chain
    ///   may hold: empty ones, and storage without an owner. Slots that hold zero are left out.
    public init(holding accounts: [GenesisAccount]) {
        self.init(GenesisState(holding: accounts))
    }

    private init(_ state: GenesisState) {
        stateRoot = MerkleTrie.emptyRoot
        apply(state.changes, state.settlement)
    }

    /// Moves on to the state after `block`.
    ///
    /// - Precondition: The block was validated or built on this very state.
    public mutating func apply(_ block: ValidatedBlock) {
        apply(block.changes, Settlement(accountTrie: block.accountTrie, storageTries: block.storageTries))
    }

    private mutating func apply(_ changes: StateChanges, _ settlement: Settlement) {
        for change in changes.accounts { accounts[change.address] = change.after }
        for change in changes.storage {
            words[WordKey(address: change.address, slot: change.slot)] = change.after.isZero ? nil : change.after
        }
        for new in changes.code { codes[new.hash] = new.code }
        for trie in settlement.storageTries { apply(trie.update, owner: trie.owner) }
        apply(settlement.accountTrie, owner: nil)
        stateRoot = settlement.stateRoot
    }

    private mutating func apply(_ update: TrieUpdate, owner: Hash32?) {
        for (path, rlp) in update.nodes { nodes[NodeKey(owner: owner, path: path)] = rlp }
    }

    public func account(_ address: Address) throws(StateGap) -> Account? {
        accounts[address]
    }

    public func storage(_ address: Address, _ slot: UInt256) throws(StateGap) -> UInt256 {
        words[WordKey(address: address, slot: slot)] ?? 0
    }

    public func code(_ hash: Hash32) throws(StateGap) -> Bytes {
        guard let code = codes[hash] else { throw .missing(hash) }
        return code
    }

    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(StateGap) -> Bytes {
        guard let node = nodes[NodeKey(owner: owner, path: path)] else { throw .missing(hash) }
        return node
    }

    /// Every account in ascending order of address: for audits and tests.
    public var allAccounts: [(address: Address, account: Account)] {
        accounts.map { (address: $0.key, account: $0.value) }.sorted { $0.address < $1.address }
    }

    /// Every slot of `address` that holds something, in ascending order: for audits and tests.
    public func allWords(of address: Address) -> [(slot: UInt256, word: UInt256)] {
        words.filter { $0.key.address == address }.map { (slot: $0.key.slot, word: $0.value) }
            .sorted { $0.slot < $1.slot }
    }
}

import Chain
import Crypto
import EVM
import Primitives
import Trie
import Validation

/// The state of a test: plain dictionaries, and a root that is computed from all of them at once. So it shares
/// nothing with the tries that the node keeps, but the shape of an account's leaf.
struct TestWorld: LedgerReader {
    private(set) var accounts: [Address: Account] = [:]
    /// Without zeros.
    private(set) var storage: [Address: [UInt256: UInt256]] = [:]
    private(set) var codes: [Hash32: Bytes] = [:]
    /// What BLOCKHASH reads.
    var blockHashes: BlockHashes
    /// The trie that `settle` works on; kept only where blocks are run.
    private var nodes: [NodeKey: Bytes] = [:]
    private(set) var stateRoot = MerkleTrie.emptyRoot

    enum BlockHashes {
        /// keccak of the number's decimal digits: the convention of state tests.
        case ofDigits
        case known([Height: Hash32])
    }

    private struct NodeKey: Hashable {
        let owner: Hash32?
        let path: TriePath
    }

    /// The accounts of `pre`, of `post.state` or of `postState`.
    init(_ fields: FixtureObject, blockHashes: BlockHashes = .ofDigits) throws {
        self.blockHashes = blockHashes
        for (name, value) in fields {
            let address = try fixtureAddress(name)
            guard let account = value as? FixtureObject else { throw FixtureError("account \(name) is no object") }
            let code = account["code"] == nil ? [] : try account.bytes("code")
            let codeHash = code.isEmpty ? Account.emptyCodeHash : keccak256(code)
            if !code.isEmpty { codes[codeHash] = code }
            accounts[address] = Account(
                nonce: account["nonce"] == nil ? 0 : try account.number("nonce"),
                balance: account["balance"] == nil ? 0 : try account.word("balance"), codeHash: codeHash)
            var words: [UInt256: UInt256] = [:]
            for (slot, word) in account["storage"] as? FixtureObject ?? [:] {
                guard let word = word as? String else { throw FixtureError("slot \(slot) of \(name) is no text") }
                let value = try fixtureWord(word, "slot \(slot)")
                if !value.isZero { words[try fixtureWord(slot, "slot")] = value }
            }
            if !words.isEmpty { storage[address] = words }
        }
    }

    // MARK: Reading

    func account(_ address: Address) throws(StateGap) -> Account? { accounts[address] }

    func storage(_ address: Address, _ slot: UInt256) throws(StateGap) -> UInt256 { storage[address]?[slot] ?? 0 }

    func code(_ hash: Hash32) throws(StateGap) -> Bytes {
        guard let code = codes[hash] else { throw .missing(hash) }
        return code
    }

    func hasStorage(_ address: Address) throws(StateGap) -> Bool { storage[address] != nil }

    func blockHash(_ number: Height) throws(StateGap) -> Hash32 {
        switch blockHashes {
        case .ofDigits: return keccak256(Bytes(String(number).utf8))
        case .known(let hashes):
            guard let hash = hashes[number] else { throw .missing(.zero) }
            return hash
        }
    }

    func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(StateGap) -> Bytes {
        guard let node = nodes[NodeKey(owner: owner, path: path)] else { throw .missing(hash) }
        return node
    }

    // MARK: Writing

    mutating func apply(_ changes: StateChanges) {
        for change in changes.storage {
            storage[change.address, default: [:]][change.slot] = change.after.isZero ? nil : change.after
            if storage[change.address]?.isEmpty == true { storage[change.address] = nil }
        }
        for change in changes.accounts {
            accounts[change.address] = change.after
            if change.after == nil { storage[change.address] = nil }
        }
        for new in changes.code { codes[new.hash] = new.code }
    }

    /// Moves on to the state after a block.
    mutating func apply(_ changes: StateChanges, _ settlement: Settlement) {
        apply(changes)
        for trie in settlement.storageTries { keep(trie.update, owner: trie.owner) }
        keep(settlement.accountTrie, owner: nil)
        stateRoot = settlement.stateRoot
    }

    private mutating func keep(_ update: TrieUpdate, owner: Hash32?) {
        for (path, rlp) in update.nodes { nodes[NodeKey(owner: owner, path: path)] = rlp }
    }

    // MARK: Roots

    /// The root of the state as it is now, from all accounts and slots.
    func computedRoot() -> Hash32 {
        MerkleTrie.build(leaves().map { ($0.key, $0.leaf.rlp) }).root
    }

    /// Makes the trie nodes that running blocks needs.
    mutating func buildTries() {
        nodes = [:]
        for (address, words) in storage {
            keep(MerkleTrie.build(TestWorld.entries(words)), owner: keccak256(address))
        }
        let trie = MerkleTrie.build(leaves().map { ($0.key, $0.leaf.rlp) })
        keep(trie, owner: nil)
        stateRoot = trie.root
    }

    private func leaves() -> [(key: Hash32, leaf: AccountLeaf)] {
        var leaves: [(key: Hash32, leaf: AccountLeaf)] = []
        leaves.reserveCapacity(accounts.count)
        for (address, account) in accounts {
            let storageRoot =
                storage[address].map { MerkleTrie.build(TestWorld.entries($0)).root } ?? MerkleTrie.emptyRoot
            leaves.append(
                (
                    keccak256(address),
                    AccountLeaf(
                        nonce: account.nonce, balance: account.balance, storageRoot: storageRoot,
                        codeHash: account.codeHash)
                ))
        }
        return leaves.sorted { $0.key < $1.key }
    }

    private static func entries(_ words: [UInt256: UInt256]) -> [(key: Hash32, value: Bytes)] {
        words.map { (key: keccak256($0.key.hash), value: $0.value.rlp) }.sorted { $0.key < $1.key }
    }
}

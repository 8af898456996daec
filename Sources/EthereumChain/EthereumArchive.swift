public import Chain
import Crypto
public import EVM
public import Primitives
public import Trie
public import Validation

/// Every state of a chain from one block on, in memory: what changed at which height, and all trie nodes by their hash.
///
/// A value, so a copy is a snapshot. Nothing is ever forgotten: the length of what is imported bounds it.
public struct EthereumArchive: Sendable {
    private struct WordKey: Hashable {
        let address: Address
        let slot: UInt256
    }

    /// What something is from a height on, until the next change.
    private struct Version<Value: Sendable>: Sendable {
        let height: Height
        let value: Value
    }

    /// The block whose state is the first one here.
    public let firstHeight: Height
    private var accounts: [Address: [Version<Account?>]] = [:]
    private var words: [WordKey: [Version<UInt256>]] = [:]
    /// Those that were ever written, in the order of their first writing.
    private var slots: [Address: [UInt256]] = [:]
    private var codes: [Hash32: Bytes] = [:]
    private var nodes: [Hash32: Bytes] = [:]
    /// The state roots from `firstHeight` on.
    private var roots: [Hash32]
    private let earlyHashes: [Hash32]
    /// The hashes of the blocks from `firstHeight` on.
    private var hashes: [Hash32]

    /// The state `accounts` after the last of `blocks`.
    ///
    /// - Parameter hashes: Of all blocks from the genesis to the one whose state this is; not empty.
    public init(holding accounts: [GenesisAccount], after hashes: [Hash32]) {
        precondition(!hashes.isEmpty, "a state is that after a block")
        let state = GenesisState(holding: accounts)
        firstHeight = Height(hashes.count - 1)
        earlyHashes = Array(hashes.dropLast())
        self.hashes = []
        roots = []
        keep(state.changes, state.settlement, at: firstHeight, hash: hashes[hashes.count - 1])
    }

    /// The block whose state is the last one here.
    public var lastHeight: Height { firstHeight + Height(roots.count - 1) }

    /// Moves on to the state after the block with this hash.
    ///
    /// - Precondition: It was executed on the last state here.
    public mutating func append(_ result: EthereumBlockResult, hash: Hash32) {
        keep(result.changes, result.settlement, at: lastHeight + 1, hash: hash)
    }

    private mutating func keep(_ changes: StateChanges, _ settlement: Settlement, at height: Height, hash: Hash32) {
        for change in changes.accounts {
            accounts[change.address, default: []].append(Version(height: height, value: change.after))
        }
        for change in changes.storage {
            let key = WordKey(address: change.address, slot: change.slot)
            if words[key] == nil { slots[change.address, default: []].append(change.slot) }
            words[key, default: []].append(Version(height: height, value: change.after))
        }
        for new in changes.code { codes[new.hash] = new.code }
        for trie in settlement.storageTries { keep(trie.update) }
        keep(settlement.accountTrie)
        roots.append(settlement.stateRoot)
        hashes.append(hash)
    }

    private mutating func keep(_ update: TrieUpdate) {
        for (_, rlp) in update.nodes {
            if let rlp { nodes[keccak256(rlp)] = rlp }
        }
    }

    /// The state after the block at `height`, which must lie between `firstHeight` and `lastHeight`.
    public func state(at height: Height) -> EthereumArchiveState? {
        guard (firstHeight...lastHeight).contains(height) else { return nil }
        return EthereumArchiveState(archive: self, height: height, stateRoot: roots[Int(height - firstHeight)])
    }

    /// The account in the state after `height`.
    fileprivate func account(_ address: Address, at height: Height) -> Account? {
        version(of: address, at: height)?.value
    }

    private func version(of address: Address, at height: Height) -> Version<Account?>? {
        accounts[address].flatMap { Self.last($0, until: height) }
    }

    fileprivate func storage(_ address: Address, _ slot: UInt256, at height: Height) -> UInt256 {
        guard let versions = words[WordKey(address: address, slot: slot)],
            let version = Self.last(versions, until: height)
        else { return 0 }
        // A contract that went since has taken its storage with it.
        let gone = (accounts[address] ?? []).contains {
            (version.height...height).contains($0.height) && $0.value == nil
        }
        return gone ? 0 : version.value
    }

    /// The slots of the account that may hold something in any of the states: those that ever did.
    public func slots(of address: Address) -> [UInt256] { slots[address] ?? [] }

    private static func last<Value>(_ versions: [Version<Value>], until height: Height) -> Version<Value>? {
        var (low, high) = (0, versions.count)
        while low < high {
            let middle = (low + high) / 2
            if versions[middle].height <= height { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : versions[low - 1]
    }

    /// The code with that hash, or nil.
    public func code(_ hash: Hash32) -> Bytes? {
        hash == Account.emptyCodeHash ? [] : codes[hash]
    }

    fileprivate func node(_ hash: Hash32) -> Bytes? { nodes[hash] }

    fileprivate func hash(ofBlockAt height: Height) -> Hash32? {
        if height < firstHeight { return earlyHashes[Int(height)] }
        let index = Int(height - firstHeight)
        return hashes.indices.contains(index) ? hashes[index] : nil
    }
}

/// One state of an archive.
public struct EthereumArchiveState: LedgerReader, Sendable {
    private let archive: EthereumArchive
    private let height: Height
    public let stateRoot: Hash32

    fileprivate init(archive: EthereumArchive, height: Height, stateRoot: Hash32) {
        (self.archive, self.height, self.stateRoot) = (archive, height, stateRoot)
    }

    public func account(_ address: Address) throws(StateGap) -> Account? { archive.account(address, at: height) }

    public func storage(_ address: Address, _ slot: UInt256) throws(StateGap) -> UInt256 {
        archive.storage(address, slot, at: height)
    }

    public func code(_ hash: Hash32) throws(StateGap) -> Bytes {
        guard let code = archive.code(hash) else { throw .missing(hash) }
        return code
    }

    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(StateGap) -> Bytes {
        guard let node = archive.node(hash) else { throw .missing(hash) }
        return node
    }

    /// From the blocks themselves: before Prague no contract keeps them.
    public func blockHash(_ number: Height) throws(StateGap) -> Hash32 {
        guard let hash = archive.hash(ofBlockAt: number) else { throw .missing(.zero) }
        return hash
    }
}

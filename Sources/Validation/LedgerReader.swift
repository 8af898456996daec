public import Chain
public import EVM
public import Primitives
public import Trie

/// Why a ledger could not answer. A trie node that does not parse is one reason that every ledger shares.
public protocol LedgerFailure: Error, Sendable {
    /// The bytes stored for `hash` are no trie node, or the leaf at it is no account, or the flat state and the
    /// trie contradict each other. An enum case of this name and shape is enough.
    static func malformedNode(_ hash: Hash32) -> Self
}

/// What validation reads: the state after one block, flat for execution and as trie nodes for the new roots.
public protocol LedgerReader: StateReader, TrieNodeSource where Failure: LedgerFailure {
    /// The root of the account trie. `account` and `storage` must say what this trie says.
    var stateRoot: Hash32 { get }
}

extension LedgerReader {
    public func hasStorage(_ address: Address) throws(Failure) -> Bool {
        do throws(TrieFailure<Failure>) {
            let leaf = try accountLeaf(of: address, root: stateRoot, in: self)
            return leaf.map { $0.storageRoot != MerkleTrie.emptyRoot } ?? false
        } catch {
            throw error.asLedgerFailure
        }
    }

    /// What the history contract of EIP-2935 says: so block hashes are part of the state, and of every witness.
    public func blockHash(_ number: Height) throws(Failure) -> Hash32 {
        try storage(SystemAddress.history, Predeploys.historySlot(of: number)).hash
    }
}

extension TrieFailure where Unreadable: LedgerFailure {
    /// The same failure in the words of the ledger.
    var asLedgerFailure: Unreadable {
        switch self {
        case .unreadable(let failure): failure
        case .malformedNode(let hash): .malformedNode(hash)
        }
    }
}

extension AccountLeaf {
    /// What the EVM sees of the leaf.
    public var account: Account { Account(nonce: nonce, balance: balance, codeHash: codeHash) }
}

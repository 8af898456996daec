import Chain
import Crypto
public import EVM
public import Primitives
public import Trie

/// The new tries after some changes: what validation compares with the header's state root, and storage writes.
public struct Settlement: Sendable {
    public let accountTrie: TrieUpdate
    /// In ascending order of owner.
    public let storageTries: [StorageTrieUpdate]

    public var stateRoot: Hash32 { accountTrie.root }
}

/// Puts `changes` into the tries of `ledger`, all at once: first each storage trie, then the account trie.
///
/// Where the leaf that the trie holds is not the account that execution read, flat state and trie contradict each
/// other: that is `malformedNode`, our own damage, and says nothing of any block.
///
/// - Parameter cleared: Accounts whose storage starts empty, whatever the ledger holds: their slots change from zero.
///   No block does that, but a client may ask what would be if.
public func settle<Ledger: LedgerReader>(
    _ changes: StateChanges, on ledger: Ledger, clearing cleared: Set<Address> = []
) throws(Ledger.Failure) -> Settlement {
    var storageTries = try settleStorage(changes.storage, on: ledger, clearing: cleared)
    if !cleared.isEmpty {
        let settled = Set(storageTries.map(\.owner))
        let emptied = cleared.map { keccak256($0) }.filter { !settled.contains($0) }
        storageTries += emptied.map { StorageTrieUpdate(owner: $0, update: MerkleTrie.build([])) }
        storageTries.sort { $0.owner < $1.owner }
    }
    let accounts = changedAccounts(changes, storageTries)
    do throws(TrieFailure<Ledger.Failure>) {
        let accountTrie = try MerkleTrie.update(
            root: ledger.stateRoot, owner: nil, keys: accounts.map(\.key), source: ledger
        ) { (index, old) throws(TrieFailure<Ledger.Failure>) in
            try accounts[index].rewriting(old, failing: Ledger.Failure.self)
        }
        return Settlement(accountTrie: accountTrie, storageTries: storageTries)
    } catch {
        throw error.asLedgerFailure
    }
}

/// An account leaf that changes: its fields, its storage, or both.
private struct ChangedAccount {
    let key: Hash32
    let fields: StateChanges.AccountChange?
    let storageRoot: Hash32?

    /// The leaf that takes the place of `old`; nil where the account goes.
    func rewriting<Unreadable: Error>(
        _ old: Bytes?, failing: Unreadable.Type
    ) throws(TrieFailure<Unreadable>) -> Bytes? {
        var leaf: AccountLeaf?
        if let old {
            leaf = try? AccountLeaf(rlp: old)
            guard leaf != nil else { throw .malformedNode(key) }
        }
        if let fields {
            guard leaf?.account == fields.before else { throw .malformedNode(key) }
            guard let after = fields.after else { return nil }
            leaf = AccountLeaf(
                nonce: after.nonce, balance: after.balance, storageRoot: leaf?.storageRoot ?? MerkleTrie.emptyRoot,
                codeHash: after.codeHash)
        }
        if let storageRoot { leaf?.storageRoot = storageRoot }
        return leaf?.rlp
    }
}

/// The leaves to write, in ascending order of key.
private func changedAccounts(_ changes: StateChanges, _ storageTries: [StorageTrieUpdate]) -> [ChangedAccount] {
    // Positions are sorted instead of changes, which are large.
    var byKey = changes.accounts.indices.map { (key: keccak256(changes.accounts[$0].address), position: $0) }
    byKey.sort { $0.key < $1.key }
    // A merge of two sorted lists: an account may be in either or in both.
    var merged: [ChangedAccount] = []
    merged.reserveCapacity(byKey.count + storageTries.count)
    var tries = storageTries[...]
    for (key, position) in byKey {
        while let next = tries.first, next.owner < key {
            merged.append(ChangedAccount(key: next.owner, fields: nil, storageRoot: next.update.root))
            tries.removeFirst()
        }
        var storageRoot: Hash32?
        if let next = tries.first, next.owner == key {
            storageRoot = next.update.root
            tries.removeFirst()
        }
        merged.append(ChangedAccount(key: key, fields: changes.accounts[position], storageRoot: storageRoot))
    }
    for rest in tries {
        merged.append(ChangedAccount(key: rest.owner, fields: nil, storageRoot: rest.update.root))
    }
    return merged
}

/// The new storage tries, in ascending order of owner. `changes` is sorted by address.
private func settleStorage<Ledger: LedgerReader>(
    _ changes: [StateChanges.StorageChange], on ledger: Ledger, clearing cleared: Set<Address>
) throws(Ledger.Failure) -> [StorageTrieUpdate] {
    var updates: [StorageTrieUpdate] = []
    var start = 0
    while start < changes.count {
        let address = changes[start].address
        var end = start + 1
        while end < changes.count, changes[end].address == address { end += 1 }
        updates.append(
            try settleStorage(
                of: address, changes[start..<end], on: ledger, startsEmpty: cleared.contains(address)))
        start = end
    }
    return updates.sorted { $0.owner < $1.owner }
}

private func settleStorage<Ledger: LedgerReader>(
    of address: Address, _ changes: ArraySlice<StateChanges.StorageChange>, on ledger: Ledger, startsEmpty: Bool
) throws(Ledger.Failure) -> StorageTrieUpdate {
    let owner = keccak256(address)
    var words = changes.map { (key: keccak256($0.slot.hash), before: $0.before, after: $0.after) }
    words.sort { $0.key < $1.key }
    do throws(TrieFailure<Ledger.Failure>) {
        let leaf = startsEmpty ? nil : try accountLeaf(of: address, root: ledger.stateRoot, in: ledger)
        let update = try MerkleTrie.update(
            root: leaf?.storageRoot ?? MerkleTrie.emptyRoot, owner: owner, keys: words.map(\.key), source: ledger
        ) { (index, old) throws(TrieFailure<Ledger.Failure>) in
            let word = words[index]
            guard old == encoded(word.before) else { throw .malformedNode(word.key) }
            return encoded(word.after)
        }
        return StorageTrieUpdate(owner: owner, update: update)
    } catch {
        throw error.asLedgerFailure
    }
}

/// A word as a storage trie holds it: nothing for zero.
private func encoded(_ word: UInt256) -> Bytes? {
    word.isZero ? nil : word.rlp
}

/// The leaf of `address` in the account trie with `root`, or nil where the trie proves that there is none.
func accountLeaf<Source: TrieNodeSource>(
    of address: Address, root: Hash32, in source: Source
) throws(TrieFailure<Source.Failure>) -> AccountLeaf? {
    let key = keccak256(address)
    guard let bytes = try MerkleTrie.value(of: key, root: root, owner: nil, source: source) else { return nil }
    guard let leaf = try? AccountLeaf(rlp: bytes) else { throw .malformedNode(key) }
    return leaf
}

/// The word in `slot` of `address` by the tries alone; zero where they prove that there is none.
func storageWord<Source: TrieNodeSource>(
    of address: Address, _ slot: UInt256, root: Hash32, in source: Source
) throws(TrieFailure<Source.Failure>) -> UInt256 {
    guard let leaf = try accountLeaf(of: address, root: root, in: source) else { return 0 }
    let key = keccak256(slot.hash)
    let owner = keccak256(address)
    guard let bytes = try MerkleTrie.value(of: key, root: leaf.storageRoot, owner: owner, source: source) else {
        return 0
    }
    guard let word = try? UInt256(rlp: bytes) else { throw .malformedNode(key) }
    return word
}

internal import Chain
internal import EVM
internal import Primitives
internal import Synchronization
internal import Trie
internal import Validation

/// What one block changed, kept in memory until the state tables have it. Shared with readers on other threads.
final class RecentBlock: Sendable {
    let height: Height
    let stateRoot: Hash32
    let changes: StateChanges
    /// The first eight bytes of each transaction's hash with its position, ascending.
    let transactions: [(prefix: UInt64, position: Int)]
    let accountTrie: TrieUpdate
    let storageTries: [StorageTrieUpdate]

    init(_ block: ValidatedBlock) {
        height = block.number
        stateRoot = block.accountTrie.root
        changes = block.changes
        transactions = block.block.transactions.enumerated()
            .map { (prefix: $1.hash.word0, position: $0) }
            .sorted { ($0.prefix, $0.position) < ($1.prefix, $1.position) }
        accountTrie = block.accountTrie
        storageTries = block.storageTries
    }

    /// What a trie node takes in memory beside its bytes: key, heap block, room to grow.
    static let nodeOverheadBytes = 160

    /// About how much memory the block's changes take.
    var byteCount: Int {
        var nodes = accountTrie.nodes.reduce(0) { $0 + Self.nodeOverheadBytes + ($1.rlp?.count ?? 0) }
        for trie in storageTries {
            nodes += trie.update.nodes.reduce(0) { $0 + Self.nodeOverheadBytes + ($1.rlp?.count ?? 0) }
        }
        return nodes + MemoryLayout<StateChanges.AccountChange>.stride * changes.accounts.count
            + MemoryLayout<StateChanges.StorageChange>.stride * changes.storage.count
            + changes.code.reduce(0) { $0 + $1.code.count } + 16 * transactions.count
    }

    func change(of address: Address) -> StateChanges.AccountChange? {
        let index = changes.accounts.firstIndex(notBelow: { $0.address < address })
        guard index < changes.accounts.count, changes.accounts[index].address == address else { return nil }
        return changes.accounts[index]
    }

    func change(of address: Address, _ slot: UInt256) -> StateChanges.StorageChange? {
        let index = changes.storage.firstIndex(notBelow: { ($0.address, $0.slot) < (address, slot) })
        guard index < changes.storage.count, changes.storage[index].address == address,
            changes.storage[index].slot == slot
        else { return nil }
        return changes.storage[index]
    }

    /// The slots of `address` that it changed.
    func slots(of address: Address) -> [UInt256] {
        let start = changes.storage.firstIndex(notBelow: { $0.address < address })
        return changes.storage[start...].prefix { $0.address == address }.map(\.slot)
    }

    func code(_ hash: Hash32) -> Bytes? {
        changes.code.first { $0.hash == hash }?.code
    }

    /// The positions of transactions whose hash starts like `hash`.
    func positions(of hash: Hash32) -> [Int] {
        transactions[transactions.firstIndex(notBelow: { $0.prefix < hash.word0 })...]
            .prefix { $0.prefix == hash.word0 }
            .map(\.position)
    }

    /// The node that this block put at `key`: nil if it left the key alone, an inner nil if it took the node away.
    func node(_ key: TrieKey) -> Bytes?? {
        var update = accountTrie
        if let owner = key.owner {
            let index = storageTries.firstIndex(notBelow: { $0.owner < owner })
            guard index < storageTries.count, storageTries[index].owner == owner else { return nil }
            update = storageTries[index].update
        }
        let index = update.nodes.firstIndex(notBelow: { $0.path < key.path })
        guard index < update.nodes.count, update.nodes[index].path == key.path else { return nil }
        return .some(update.nodes[index].rlp)
    }
}

/// The blocks that the state tables do not have yet, ascending without gaps. Written by the owner of the store,
/// read by its readers.
final class RecentBlocks: Sendable {
    private struct Content {
        var blocks: [RecentBlock] = []
        /// The last block whose state is known.
        var stateHeight: Height
    }

    private let content: Mutex<Content>

    init(above height: Height) {
        content = Mutex(Content(stateHeight: height))
    }

    var all: [RecentBlock] { content.withLock { $0.blocks } }

    var stateHeight: Height { content.withLock { $0.stateHeight } }

    func add(_ block: RecentBlock) {
        content.withLock {
            $0.blocks.append(block)
            $0.stateHeight = block.height
        }
    }

    /// To be called when the state tables have them: a reader that took the list before reads both, and both agree.
    func remove(through height: Height) {
        content.withLock { $0.blocks.removeAll { $0.height <= height } }
    }
}

extension Array {
    /// The index of the first element that is not below the one looked for, in an ascending array.
    func firstIndex(notBelow isBelow: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBelow(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

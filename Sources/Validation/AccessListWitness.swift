public import Chain
public import Primitives
import Trie

/// Some entries of an access list, and the trie nodes that prove where in the list they stand.
public struct AccessListWitness: Hashable, Sendable {
    /// An entry and its position in the list.
    public struct Entry: Hashable, Sendable {
        public var position: Int
        public var access: BlockAccess

        public init(position: Int, access: BlockAccess) {
            self.position = position
            self.access = access
        }
    }

    /// In ascending order of position, each once.
    public var entries: [Entry]
    /// How many entries the list has, where that matters because the last is among `entries`, or there is none.
    public var count: Int?
    /// Nodes of the list's trie, in the order in which checking uses them, each once.
    public var nodes: [Bytes]

    public init(entries: [Entry], count: Int?, nodes: [Bytes]) {
        self.entries = entries
        self.count = count
        self.nodes = nodes
    }
}

/// Why a witness shows nothing of an access list.
public enum AccessListWitnessError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Positions do not ascend, or lie behind the end.
    case disorder(position: Int)
    /// The list has something else at `position`, or nothing.
    case wrongEntry(position: Int)
    /// The list goes on at `position`, where the witness says it ends.
    case notTheEnd(position: Int)
    /// A node is missing or malformed.
    case unproven(position: Int)
    /// Nodes that nothing needs, or that are in another order.
    case surplusNodes(used: Int, found: Int)

    public var description: String {
        switch self {
        case .disorder(let position): "entry \(position) of the access list is out of order"
        case .wrongEntry(let position): "the access list has something else at \(position)"
        case .notTheEnd(let position): "the access list does not end at \(position)"
        case .unproven(let position): "entry \(position) of the access list is not proven"
        case .surplusNodes(let used, let found): "\(found) nodes of the access list's trie, \(used) are used"
        }
    }
}

/// What a witness proves of the access list with a root: certain entries, and that there are none between them where
/// they are neighbours.
public struct ProvenAccessList: AccessListReader, Sendable {
    private let entries: [AccessListWitness.Entry]
    private let count: Int?

    /// Checks every entry of `witness` against `root`.
    public init(_ witness: AccessListWitness, root: Hash32) throws(AccessListWitnessError) {
        let source = RecordingSource(WitnessSource(witness.nodes))
        func item(_ position: Int) throws(AccessListWitnessError) -> Bytes? {
            do throws(TrieFailure<WitnessFailure>) {
                return try MerkleTrie.item(at: position, root: root, source: source)
            } catch {
                throw .unproven(position: position)
            }
        }
        var next = 0
        for entry in witness.entries {
            guard entry.position >= next, witness.count.map({ entry.position < $0 }) ?? true else {
                throw .disorder(position: entry.position)
            }
            next = entry.position + 1
            guard try item(entry.position) == entry.access.rlp else { throw .wrongEntry(position: entry.position) }
        }
        if let count = witness.count {
            guard count >= 0 else { throw .disorder(position: count) }
            guard try item(count) == nil else { throw .notTheEnd(position: count) }
        }
        guard source.nodes == witness.nodes else {
            throw .surplusNodes(used: source.nodes.count, found: witness.nodes.count)
        }
        entries = witness.entries
        count = witness.count
    }

    public func last(below key: BlockAccess.Key) throws(AccessListGap) -> BlockAccess? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].access.key < key { low = middle + 1 } else { high = middle }
        }
        // The next entry of the list must be known to lie above, or not to be there.
        let last = low == 0 ? nil : entries[low - 1]
        let next = last.map { $0.position + 1 } ?? 0
        let isNeighbour = low < entries.count ? entries[low].position == next : count == next
        guard isNeighbour else { throw .unknown(key.address) }
        return last?.access
    }
}

/// Answers from a whole list, and remembers what it takes to answer the same from a witness.
///
/// A class because reading records; used by one run at a time.
public final class RecordingAccessList: AccessListReader {
    private let list: BlockAccessList
    private var positions: Set<Int> = []

    public init(_ list: BlockAccessList) {
        self.list = list
    }

    public func last(below key: BlockAccess.Key) throws(AccessListGap) -> BlockAccess? {
        let count = list.count(below: key)
        if count > 0 { positions.insert(count - 1) }
        positions.insert(count)
        return count == 0 ? nil : list.entries[count - 1]
    }

    /// Takes what stands at `position` into the witness, be it the end of the list.
    public func touch(_ position: Int) {
        precondition(0...list.entries.count ~= position, "a list has no position \(position)")
        positions.insert(position)
    }

    /// What was asked for up to now.
    public var witness: AccessListWitness {
        let trie = ListTrie(list.entries.map(\.rlp))
        let source = RecordingSource(trie)
        var entries: [AccessListWitness.Entry] = []
        var count: Int?
        for position in positions.sorted() {
            if position < list.entries.count {
                entries.append(AccessListWitness.Entry(position: position, access: list.entries[position]))
            } else {
                count = position
            }
            do throws(TrieFailure<WitnessFailure>) {
                _ = try MerkleTrie.item(at: position, root: trie.root, source: source)
            } catch {
                preconditionFailure("a trie that was just made can be read: \(error)")
            }
        }
        return AccessListWitness(entries: entries, count: count, nodes: source.nodes)
    }
}

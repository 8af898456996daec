public import Chain
public import Primitives
import Trie

/// Some entries of an access list, as the trie nodes that hold them.
public struct AccessListWitness: Hashable, Sendable {
    /// Where the entries stand in the list, in ascending order. The last may be where the list ends: the nodes then
    /// show that nothing stands there.
    public var positions: [Int]
    /// Nodes of the list's trie, in the order in which checking uses them, each once.
    public var nodes: [Bytes]

    public init(positions: [Int], nodes: [Bytes]) {
        self.positions = positions
        self.nodes = nodes
    }
}

/// Why a witness shows nothing of an access list.
public enum AccessListWitnessError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Positions do not ascend, or go on behind the end.
    case disorder(position: Int)
    /// What stands at `position` is no entry of an access list.
    case malformedEntry(position: Int)
    /// A node is missing or malformed.
    case unproven(position: Int)
    /// Nodes that nothing needs, or that are in another order.
    case surplusNodes(used: Int, found: Int)

    public var description: String {
        switch self {
        case .disorder(let position): "entry \(position) of the access list is out of order"
        case .malformedEntry(let position): "what the access list has at \(position) is no entry"
        case .unproven(let position): "entry \(position) of the access list is not proven"
        case .surplusNodes(let used, let found): "\(found) nodes of the access list's trie, \(used) are used"
        }
    }
}

/// What a witness proves of the access list with a root: certain entries, and that there are none between them where
/// they are neighbours.
public struct ProvenAccessList: AccessListReader, Sendable {
    private struct Entry {
        let position: Int
        let access: BlockAccess
    }

    private var entries: [Entry] = []
    /// Where the list ends, if that is proven.
    private var end: Int?

    /// Checks every position of `witness` against `root`.
    public init(_ witness: AccessListWitness, root: Hash32) throws(AccessListWitnessError) {
        let source = RecordingSource(WitnessSource(witness.nodes))
        var next = 0
        for position in witness.positions {
            guard position >= next, end == nil else { throw .disorder(position: position) }
            next = position + 1
            let item: Bytes?
            do throws(TrieFailure<WitnessFailure>) {
                item = try MerkleTrie.item(at: position, root: root, source: source)
            } catch {
                throw .unproven(position: position)
            }
            guard let item else {
                end = position
                continue
            }
            guard let access = try? BlockAccess(rlp: item) else { throw .malformedEntry(position: position) }
            entries.append(Entry(position: position, access: access))
        }
        guard source.nodes == witness.nodes else {
            throw .surplusNodes(used: source.nodes.count, found: witness.nodes.count)
        }
    }

    public func count(below key: BlockAccess.Key) throws(AccessListGap) -> Int {
        let index = firstIndex { $0.access.key >= key }
        // The next entry of the list must be known not to lie below, or not to be there.
        let count = index == 0 ? 0 : entries[index - 1].position + 1
        let isNeighbour = index < entries.count ? entries[index].position == count : end == count
        guard isNeighbour else { throw .unknown(key.address) }
        return count
    }

    public func access(at position: Int) throws(AccessListGap) -> BlockAccess {
        let index = firstIndex { $0.position >= position }
        guard index < entries.count, entries[index].position == position else { throw .notHeld(position) }
        return entries[index].access
    }

    /// The entries at hand that say what was written at `index`, in their order.
    func writes(at index: BlockAccessIndex) -> [BlockAccess] {
        entries.map(\.access).filter { $0.index == index }
    }

    /// The first index at which `isReached`, which stays so from there on; the count where it never is.
    private func firstIndex(where isReached: (Entry) -> Bool) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if isReached(entries[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Answers from a list, and remembers what it takes to answer the same from a witness.
///
/// A class because reading records; used by one run at a time.
public final class RecordingAccessList<List: AccessListReader>: AccessListReader {
    private let list: List
    private var touched: Set<Int> = []

    public init(_ list: List) {
        self.list = list
    }

    public func count(below key: BlockAccess.Key) throws(AccessListGap) -> Int {
        let count = try list.count(below: key)
        if count > 0 { touched.insert(count - 1) }
        touched.insert(count)
        return count
    }

    public func access(at position: Int) throws(AccessListGap) -> BlockAccess {
        touched.insert(position)
        return try list.access(at: position)
    }

    /// Takes what stands at `position` into the witness, be it the end of the list.
    public func touch(_ position: Int) {
        touched.insert(position)
    }

    /// The positions that were asked for up to now, in ascending order.
    public var positions: [Int] { touched.sorted() }
}

extension RecordingAccessList where List == BlockAccessList {
    /// What was asked for up to now, with its proof.
    public var witness: AccessListWitness {
        let trie = ListTrie(list.entries.map(\.rlp))
        let source = RecordingSource(trie)
        let positions = positions
        for position in positions {
            do throws(TrieFailure<WitnessFailure>) {
                _ = try MerkleTrie.item(at: position, root: trie.root, source: source)
            } catch {
                preconditionFailure("a trie that was just made can be read: \(error)")
            }
        }
        return AccessListWitness(positions: positions, nodes: source.nodes)
    }
}

public import Primitives
import Trie

/// Why entries are not the access list of a block.
public enum BlockAccessListError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Two entries about the same field at the same index say different things.
    case contradiction(Address, index: BlockAccessIndex)

    public var description: String {
        switch self {
        case .contradiction(let address, let index): "two values for one field of \(address) at index \(index)"
        }
    }
}

/// What a block read and wrote, and when: the content of EIP-7928, committed to by the block's extension (DESIGN D3).
///
/// It is a flat list in ascending order of (address, field, slot, index), and its root is that of a Merkle trie by
/// position. So all writes of one field lie side by side in the order in which they happened, and the state before
/// transaction i is: for each field the last entry with an index of at most i, or the parent's state if there is
/// none. Both answers take two neighbouring entries as proof: one at or below (…, i), the next above it. A proof
/// about one transaction holds such pairs for what it reads, and to convict, one entry it wrote differently.
public struct BlockAccessList: Hashable, Sendable {
    public let entries: [BlockAccess]

    public static let empty = BlockAccessList(canonical: [])

    /// The most entries that are decoded. In a block of 60,000,000 gas even bare reads of slots, at 2,100 gas each
    /// (EIP-2929), stay below 30,000.
    public static let entriesMax = 1 << 20

    private init(canonical entries: [BlockAccess]) {
        self.entries = entries
    }

    /// The list of `entries`, given in any order.
    ///
    /// What says nothing new is left out: repetitions, reads of slots that are written, touches of accounts that
    /// have other entries.
    public init(_ entries: [BlockAccess]) throws(BlockAccessListError) {
        // Positions are sorted instead of entries, which are large: 120 ns an entry, not 730.
        let keys = entries.map(\.key)
        let order = entries.indices.sorted { keys[$0] < keys[$1] }
        var writtenSlots: [UInt256] = []
        var canonical: [BlockAccess] = []
        canonical.reserveCapacity(entries.count)
        var account: Address?
        var previous: BlockAccess.Key?
        for position in order {
            let key = keys[position]
            if key.address != account {
                account = key.address
                writtenSlots = []
            } else if key.field == .touched {
                continue
            }
            if key == previous {
                guard canonical.last == entries[position] else {
                    throw .contradiction(key.address, index: key.index)
                }
                continue
            }
            if key.field == .storageWrite, writtenSlots.last != key.slot { writtenSlots.append(key.slot) }
            if key.field == .storageRead, writtenSlots.containsSorted(key.slot) { continue }
            previous = key
            canonical.append(entries[position])
        }
        self.init(canonical: canonical)
    }

    /// The Merkle root over the entries' RLP by position.
    public var root: Hash32 {
        MerkleTrie.orderedRoot(entries.map { $0.rlp })
    }

    /// How many entries have a key below `key`: the position of the first that has not.
    public func count(below key: BlockAccess.Key) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Array<UInt256> {
    /// Whether this ascending array holds `value`.
    fileprivate func containsSorted(_ value: UInt256) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == value
    }
}

extension BlockAccessList: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.append(list: entries)
    }

    /// Refuses entries out of order and entries that say nothing new: a list has one encoding.
    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        let entries = try decoder.array(of: BlockAccess.self, max: BlockAccessList.entriesMax)
        do throws(BlockAccessListError) {
            try self.init(entries)
        } catch {
            throw .invalidValue(at: start, error.description)
        }
        guard self.entries == entries else { throw .invalidValue(at: start, "access list out of order") }
    }
}

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
        MerkleTrie.orderedRoot(entries.map(\.rlp))
    }

    /// The entry that says what a field of `address` holds before index `index`, or nil if the parent's state does.
    public func balance(of address: Address, before index: BlockAccessIndex) -> UInt256? {
        let key = BlockAccess.Key(address: address, field: .balance, slot: 0, index: index)
        guard case .balance(address, _, let value) = last(below: key) else { return nil }
        return value
    }

    public func nonce(of address: Address, before index: BlockAccessIndex) -> UInt64? {
        let key = BlockAccess.Key(address: address, field: .nonce, slot: 0, index: index)
        guard case .nonce(address, _, let value) = last(below: key) else { return nil }
        return value
    }

    public func code(of address: Address, before index: BlockAccessIndex) -> Bytes? {
        let key = BlockAccess.Key(address: address, field: .code, slot: 0, index: index)
        guard case .code(address, _, let value) = last(below: key) else { return nil }
        return value
    }

    public func storage(of address: Address, slot: UInt256, before index: BlockAccessIndex) -> UInt256? {
        let key = BlockAccess.Key(address: address, field: .storageWrite, slot: slot, index: index)
        guard case .storageWrite(address, slot, _, let value) = last(below: key) else { return nil }
        return value
    }

    /// The last entry whose key is below `key`.
    private func last(below key: BlockAccess.Key) -> BlockAccess? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : entries[low - 1]
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

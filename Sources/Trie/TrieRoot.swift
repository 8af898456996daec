import Crypto
public import Primitives

extension MerkleTrie {
    /// The root of a trie that holds exactly `entries`, computed from nothing.
    ///
    /// - Precondition: keys are distinct and values are not empty. Keys may have any length.
    public static func root(of entries: [(key: Bytes, value: Bytes)]) -> Hash32 {
        let sorted = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return root(ofSorted: sorted, keeping: nil)
    }

    /// The root of a list: a trie whose keys are the RLP of the positions 0, 1, 2, …, as for the
    /// transactions and receipts of a block.
    ///
    /// - Precondition: values are not empty.
    public static func orderedRoot(_ values: [Bytes]) -> Hash32 {
        root(ofSorted: orderedEntries(values), keeping: nil)
    }

    /// `values` under the RLP of their positions, sorted by key.
    static func orderedEntries(_ values: [Bytes]) -> [(key: Bytes, value: Bytes)] {
        // 1 to 127 encode as themselves, 0 as 0x80, larger ones behind a length: this order is sorted.
        let order = Array(1..<max(1, min(128, values.count))) + (values.isEmpty ? [] : [0])
        let rest = values.count > 128 ? Array(128..<values.count) : []
        return (order + rest).map { (UInt64($0).rlp, values[$0]) }
    }

    /// Sees each node that is found by its hash, the root included.
    typealias Keeper = (Hash32, Bytes) -> Void

    static func root(ofSorted entries: [(key: Bytes, value: Bytes)], keeping keep: Keeper?) -> Hash32 {
        guard !entries.isEmpty else { return emptyRoot }
        let node = node(of: entries[...], depth: 0, keeping: keep)
        let hash = keccak256(node)
        keep?(hash, node)
        return hash
    }

    /// The RLP of the node for sorted `entries`, which share their first `depth` nibbles.
    private static func node(
        of entries: ArraySlice<(key: Bytes, value: Bytes)>, depth: Int, keeping keep: Keeper?
    ) -> Bytes {
        let first = entries[entries.startIndex]
        guard entries.count > 1 else {
            precondition(!first.value.isEmpty, "a trie holds no empty values")
            var encoder = RLPEncoder(capacity: first.value.count + first.key.count + 8)
            encoder.list {
                $0.append(compact(first.key, depth..<2 * first.key.count, isLeaf: true))
                $0.append(first.value)
            }
            return encoder.bytes
        }
        let fork = commonNibbles(first.key, entries[entries.endIndex - 1].key)
        let branch = branch(of: entries, depth: fork, keeping: keep)
        guard fork > depth else { return branch }
        var encoder = RLPEncoder(capacity: 70)
        encoder.list {
            $0.append(compact(first.key, depth..<fork, isLeaf: false))
            appendReference(to: branch, &$0, keeping: keep)
        }
        return encoder.bytes
    }

    private static func branch(
        of entries: ArraySlice<(key: Bytes, value: Bytes)>, depth: Int, keeping keep: Keeper?
    ) -> Bytes {
        var rest = entries
        var value: Bytes = []
        // The one key that ends here sorts before those that go on.
        if let first = rest.first, 2 * first.key.count == depth {
            value = first.value
            rest.removeFirst()
        }
        var encoder = RLPEncoder(capacity: 540)
        encoder.list { encoder in
            for slot in 0..<16 as Range<UInt8> {
                let end =
                    rest.firstIndex {
                        precondition(2 * $0.key.count > depth, "the keys of a trie are distinct")
                        return nibble($0.key, depth) != slot
                    } ?? rest.endIndex
                let group = rest[rest.startIndex..<end]
                rest = rest[end...]
                if group.isEmpty {
                    encoder.append(Bytes())
                } else {
                    appendReference(
                        to: node(of: group, depth: depth + 1, keeping: keep), &encoder, keeping: keep)
                }
            }
            encoder.append(value)
        }
        return encoder.bytes
    }

    private static func appendReference(to node: Bytes, _ encoder: inout RLPEncoder, keeping keep: Keeper?) {
        guard node.count >= 32 else {
            encoder.appendRaw(node)
            return
        }
        let hash = keccak256(node)
        keep?(hash, node)
        encoder.append(hash)
    }

    private static func nibble(_ key: Bytes, _ index: Int) -> UInt8 {
        index & 1 == 0 ? key[index >> 1] >> 4 : key[index >> 1] & 15
    }

    private static func commonNibbles(_ left: Bytes, _ right: Bytes) -> Int {
        let end = 2 * min(left.count, right.count)
        return (0..<end).first { nibble(left, $0) != nibble(right, $0) } ?? end
    }

    /// The hex-prefix form (yellow paper, appendix C) of the nibbles `range` of `key`.
    private static func compact(_ key: Bytes, _ range: Range<Int>, isLeaf: Bool) -> Bytes {
        let isOdd = range.count & 1 == 1
        let flag: UInt8 = (isLeaf ? 2 : 0) | (isOdd ? 1 : 0)
        var bytes = [flag << 4 | (isOdd ? nibble(key, range.lowerBound) : 0)]
        for index in stride(from: range.lowerBound + (isOdd ? 1 : 0), to: range.upperBound, by: 2) {
            bytes.append(nibble(key, index) << 4 | nibble(key, index + 1))
        }
        return bytes
    }
}

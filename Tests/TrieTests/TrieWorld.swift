import Fixtures
import Primitives
import Trie

/// Draws keys that share long prefixes and fork at either end, values that make inline and stored nodes, and
/// batches that insert, change, repeat and remove.
struct TrieWorld {
    typealias Change = (key: Hash32, value: Bytes?)

    private var numbers: SeededNumbers
    private let shape: Int
    var entries: [Hash32: Bytes] = [:]

    init(seed: UInt64) {
        numbers = SeededNumbers(seed: seed)
        shape = numbers.below(4)
    }

    mutating func below(_ bound: Int) -> Int { numbers.below(bound) }

    mutating func key() -> Hash32 {
        if shape == 0 { return Hash32(numbers.bytes(32)) }
        var nibbles = Bytes(repeating: 0, count: 64)
        let places = [[0, 1, 2], [0, 31, 32, 62, 63], [1, 30, 60, 61, 62, 63]][shape - 1]
        for place in places { nibbles[place] = [0, 0, 1, 15][numbers.below(4)] }
        return Hash32((0..<32).map { nibbles[2 * $0] << 4 | nibbles[2 * $0 + 1] })
    }

    mutating func value() -> Bytes {
        numbers.bytes([1, 1, 2, 20, 33, 70][numbers.below(6)])
    }

    /// Sorted, distinct changes: about a third each of new keys, changed values and removals.
    mutating func batch(_ count: Int) -> [Change] {
        var changes: [Hash32: Bytes?] = [:]
        let present = entries.keys.sorted()
        for _ in 0..<count {
            let old = present.isEmpty || numbers.below(3) == 0 ? key() : present[numbers.below(present.count)]
            switch numbers.below(5) {
            case 0, 1: changes[old] = .some(value())
            case 2: changes[old] = .some(entries[old])
            default: changes[old] = .some(nil)
            }
        }
        return changes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    mutating func apply(_ batch: [Change]) {
        for (key, value) in batch { entries[key] = value }
    }
}

extension MerkleTrie {
    /// The update that sets every key of `batch` to its value.
    static func update<Source: TrieNodeSource>(
        root: Hash32, source: Source, setting batch: [TrieWorld.Change]
    ) throws(TrieFailure<Source.Failure>) -> TrieUpdate {
        try update(root: root, owner: nil, keys: batch.map(\.key), source: source) {
            (index, _) throws(TrieFailure<Source.Failure>) in batch[index].value
        }
    }
}

import Crypto
import Primitives
import Trie

/// The trie as the yellow paper writes it, over arrays of nibbles and from nothing: slow, and nothing shared
/// with the module under test but the hash.
struct PlainTrie {
    private(set) var root = MerkleTrie.emptyRoot
    /// Every stored node by its path.
    private(set) var nodes: [TriePath: Bytes] = [:]

    init(_ entries: [Hash32: Bytes]) {
        let sorted = entries.sorted { $0.key < $1.key }
        guard !sorted.isEmpty else { return }
        let rlp = node(sorted.map { (Self.nibbles($0.key.bytes), $0.value) }, [])
        nodes[.root] = rlp
        root = keccak256(rlp)
    }

    static func nibbles(_ bytes: Bytes) -> Bytes { bytes.flatMap { [$0 >> 4, $0 & 15] } }

    private mutating func node(_ entries: [(key: Bytes, value: Bytes)], _ path: Bytes) -> Bytes {
        if entries.count == 1 {
            return list([string(hexPrefix(entries[0].key, 2)), string(entries[0].value)])
        }
        var common = 0
        while Set(entries.map { $0.key[common] }).count == 1 { common += 1 }
        if common > 0 {
            let prefix = Bytes(entries[0].key.prefix(common))
            let rest = entries.map { (key: Bytes($0.key.dropFirst(common)), value: $0.value) }
            return list([string(hexPrefix(prefix, 0)), reference(rest, path + prefix)])
        }
        let children = (0..<16 as Range<UInt8>).map { slot in
            let group = entries.filter { $0.key[0] == slot }.map { (key: Bytes($0.key.dropFirst()), value: $0.value) }
            return group.isEmpty ? [0x80] : reference(group, path + [slot])
        }
        return list(children + [[0x80]])
    }

    private mutating func reference(_ entries: [(key: Bytes, value: Bytes)], _ path: Bytes) -> Bytes {
        let rlp = node(entries, path)
        guard rlp.count >= 32 else { return rlp }
        nodes[TriePath(nibbles: path)] = rlp
        return string(keccak256(rlp).bytes)
    }

    private func hexPrefix(_ nibbles: Bytes, _ flag: UInt8) -> Bytes {
        let padded = nibbles.count.isMultiple(of: 2) ? [flag, 0] + nibbles : [flag + 1] + nibbles
        return stride(from: 0, to: padded.count, by: 2).map { padded[$0] << 4 | padded[$0 + 1] }
    }

    private func string(_ bytes: Bytes) -> Bytes { bytes.rlp }

    private func list(_ items: [Bytes]) -> Bytes {
        var encoder = RLPEncoder()
        encoder.list { for item in items { $0.appendRaw(item) } }
        return encoder.bytes
    }
}

/// Nodes by path, as a database keeps them. It answers only with the node that was asked for.
struct PathStore: TrieNodeSource {
    struct Absent: Error, Hashable {
        let path: TriePath
    }

    var nodes: [TriePath: Bytes] = [:]

    func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(Absent) -> Bytes {
        guard let node = nodes[path], keccak256(node) == hash else { throw Absent(path: path) }
        return node
    }

    mutating func apply(_ update: TrieUpdate) {
        for (path, rlp) in update.nodes { nodes[path] = rlp }
    }
}

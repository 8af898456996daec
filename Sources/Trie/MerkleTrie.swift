import Crypto
public import Primitives

/// The Merkle Patricia trie (yellow paper, appendix D) as functions over a source of nodes.
///
/// Keys are hashes of 64 nibbles; only `root(of:)`, `verify(proof:of:root:)` and what is about lists take others.
public enum MerkleTrie {
    /// The root of a trie without entries: keccak256(0x80).
    public static let emptyRoot = Hash32(
        0x56e8_1f17_1bcc_55a6, 0xff83_45e6_92c0_f86e, 0x5b48_e01b_996c_adc0, 0x0162_2fb5_e363_b421)

    /// The value at `key`, or nil if the trie has none.
    public static func value<Source: TrieNodeSource>(
        of key: Hash32, root: Hash32, owner: Hash32?, source: Source
    ) throws(TrieFailure<Source.Failure>) -> Bytes? {
        var found: Bytes?
        try walk(to: TriePath(key), root: root, owner: owner, source: source) { node in
            if case .value(let range) = node.end { found = Bytes(node.bytes.bytes[range]) }
        }
        return found
    }

    /// The stored nodes from the root towards `key`, as far as they go: what `verify(proof:of:root:)` needs
    /// to be sure of the value at `key`, or that there is none (`eth_getProof`, EIP-1186).
    public static func proof<Source: TrieNodeSource>(
        of key: Hash32, root: Hash32, owner: Hash32?, source: Source
    ) throws(TrieFailure<Source.Failure>) -> [Bytes] {
        var nodes: [Bytes] = []
        try walk(to: TriePath(key), root: root, owner: owner, source: source) { node in
            nodes.append(node.bytes.bytes)
        }
        return nodes
    }

    /// Visits the stored nodes on the way to `key`, the root first.
    static func walk<Source: TrieNodeSource>(
        to key: TriePath, root: Hash32, owner: Hash32?, source: Source, hashedKeys: Bool = true,
        visit: (StoredStep) -> Void
    ) throws(TrieFailure<Source.Failure>) {
        guard root != emptyRoot else { return }
        var (hash, depth) = (root, 0)
        while true {
            let bytes: Bytes
            do {
                bytes = try source.node(hash, at: key.prefix(depth), in: owner)
            } catch {
                throw .unreadable(error)
            }
            let node = NodeBytes(stored: bytes, hash: hash)
            guard let step = StoredStep(node, towards: key, depth: depth, hashedKeys: hashedKeys) else {
                throw .malformedNode(hash)
            }
            visit(step)
            guard case .next(let child, let childDepth) = step.end else { return }
            (hash, depth) = (child, childDepth)
        }
    }
}

/// One stored node on the way to a key, followed through the inline nodes inside it.
struct StoredStep {
    enum End {
        /// The way goes on in another stored node.
        case next(Hash32, depth: Int)
        /// The key's value lies here in the node's bytes.
        case value(Range<Int>)
        /// The trie has no such key.
        case absent
    }

    let bytes: NodeBytes
    let end: End

    /// Nil if the node, or one inside it, cannot stand `depth` nibbles down on the way to `key`.
    ///
    /// - Parameter hashedKeys: Whether all keys of the trie have 64 nibbles, so that every value stands at 64.
    init?(_ stored: NodeBytes, towards key: TriePath, depth: Int, hashedKeys: Bool) {
        bytes = stored
        var (current, depth) = (stored, depth)
        while true {
            guard let node = TrieNode(current) else { return nil }
            let rest = key.dropFirst(depth)
            let item: Range<Int>
            switch node {
            case .leaf(let path, let value):
                let total = depth + path.nibbleCount
                guard total == TriePath.nibbleMax || !hashedKeys && total < TriePath.nibbleMax else { return nil }
                end = path == rest ? .value(value) : .absent
                return
            case .extension(let path, let child):
                guard depth + path.nibbleCount < TriePath.nibbleMax else { return nil }
                guard rest.hasPrefix(path) else {
                    end = .absent
                    return
                }
                depth += path.nibbleCount
                item = child
            case .branch(let items):
                guard depth < TriePath.nibbleMax, !hashedKeys || items.value.isEmpty else { return nil }
                guard !rest.isEmpty else {
                    end = items.value.isEmpty ? .absent : .value(items.value)
                    return
                }
                depth += 1
                item = items[Int(rest[0])]
            }
            switch current.child(at: item) {
            case nil:
                end = .absent
                return
            case .stored(let hash):
                end = .next(hash, depth: depth)
                return
            case .inline(let child): current = child
            }
        }
    }
}

public import Primitives

/// A list as the trie behind a block's transactions, receipts or access list, with all its nodes at hand: what single
/// items are proven from.
public struct ListTrie: TrieNodeSource, Sendable {
    /// What `MerkleTrie.orderedRoot` gives for the same items.
    public let root: Hash32
    private let nodes: [Hash32: Bytes]

    /// - Precondition: No item is empty.
    public init(_ items: [Bytes]) {
        var nodes: [Hash32: Bytes] = [:]
        root = MerkleTrie.root(ofSorted: MerkleTrie.orderedEntries(items)) { nodes[$0] = $1 }
        self.nodes = nodes
    }

    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(WitnessFailure) -> Bytes {
        guard let node = nodes[hash] else { throw .missing(hash) }
        return node
    }
}

extension MerkleTrie {
    /// The item at `position` of the list whose trie has `root`, or nil where the list has none there.
    ///
    /// - Precondition: `position` is not negative.
    public static func item<Source: TrieNodeSource>(
        at position: Int, root: Hash32, source: Source
    ) throws(TrieFailure<Source.Failure>) -> Bytes? {
        guard let key = TriePath(key: UInt64(position).rlp) else { preconditionFailure("a position is a short key") }
        var found: Bytes?
        try walk(to: key, root: root, owner: nil, source: source, hashedKeys: false) { step in
            if case .value(let range) = step.end { found = Bytes(step.bytes.bytes[range]) }
        }
        return found
    }
}

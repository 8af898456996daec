public import Primitives

/// What a batch of changes made of a trie.
public struct TrieUpdate: Sendable {
    public let root: Hash32
    /// The stored nodes that differ, sorted by path: their new RLP, or nil where none stands any more.
    ///
    /// Only nodes with a hash of their own are stored: those of 32 bytes or more, and the root. Applied to the
    /// nodes of the old trie this gives exactly the nodes of the new one.
    public let nodes: [(path: TriePath, rlp: Bytes?)]
}

extension MerkleTrie {
    /// Applies changes at many keys at once: each needed node is read once and each new one hashed once.
    ///
    /// - Parameters:
    ///   - keys: Sorted and distinct.
    ///   - change: Called once for each key, in order, with the key's index and its present value; gives the
    ///     new value. Nil, and likewise an empty value, removes the key.
    public static func update<Source: TrieNodeSource>(
        root: Hash32, owner: Hash32?, keys: [Hash32], source: Source,
        change: (Int, Bytes?) throws(TrieFailure<Source.Failure>) -> Bytes?
    ) throws(TrieFailure<Source.Failure>) -> TrieUpdate {
        for index in keys.indices.dropFirst() {
            precondition(keys[index - 1] < keys[index], "the keys of a batch are sorted and distinct")
        }
        guard !keys.isEmpty else { return TrieUpdate(root: root, nodes: []) }
        return try withoutActuallyEscaping(change) { (change) throws(TrieFailure<Source.Failure>) in
            try descend(root: root, owner: owner, keys: keys, source: source, change: change)
        }
    }

    /// Runs the descent, which knows no particular source, and keeps the source's own error for the caller.
    private static func descend<Source: TrieNodeSource>(
        root: Hash32, owner: Hash32?, keys: [Hash32], source: Source,
        change: @escaping (Int, Bytes?) throws(TrieFailure<Source.Failure>) -> Bytes?
    ) throws(TrieFailure<Source.Failure>) -> TrieUpdate {
        var failure: TrieFailure<Source.Failure>?
        var updater = TrieUpdater(
            keys: keys,
            read: { (hash, path) throws(DescentFailure) in
                do throws(Source.Failure) {
                    return try source.node(hash, at: path, in: owner)
                } catch {
                    failure = .unreadable(error)
                    throw .reported
                }
            },
            change: { (index, old) throws(DescentFailure) in
                do throws(TrieFailure<Source.Failure>) {
                    return try change(index, old)
                } catch {
                    failure = error
                    throw .reported
                }
            })
        do throws(DescentFailure) {
            return try updater.update(root: root)
        } catch {
            switch error {
            case .malformedNode(let hash): throw .malformedNode(hash)
            case .reported:
                guard let failure else { preconditionFailure("a reported failure is kept") }
                throw failure
            }
        }
    }

    /// A new trie that holds exactly `entries`, with all its nodes.
    ///
    /// - Precondition: keys are sorted and distinct, and values are not empty.
    public static func build(_ entries: [(key: Hash32, value: Bytes)]) -> TrieUpdate {
        do {
            return try update(root: emptyRoot, owner: nil, keys: entries.map(\.key), source: NoNodes()) {
                (index, _) throws(TrieFailure<Never>) in entries[index].value
            }
        } catch {
            preconditionFailure("the empty trie needs no node: \(error)")
        }
    }
}

import Crypto
import Primitives

// New nodes: subtrees are built, encoded and put in their places.
extension TrieUpdater {
    /// A subtree that stays as it is, deeper than where new entries fork off.
    typealias Kept = (path: TriePath, reference: NodeReference)

    /// Builds the subtree at `path` out of entries `range` and, where there is one, `kept`.
    ///
    /// No entry lies under the path of `kept`, and there is at least one of either.
    mutating func build(_ range: Range<Int>, beside kept: Kept?, at path: TriePath) -> Subtree {
        let depth = path.nibbleCount
        guard !range.isEmpty else {
            guard let kept else { return .empty }
            return kept.path.nibbleCount == depth
                ? .kept(kept.reference) : .shortcut(kept.path.dropFirst(depth), child: kept.reference)
        }
        let (first, last) = (entries[range.lowerBound], entries[range.upperBound - 1].key)
        if range.count == 1, kept == nil { return .leaf(first.key.dropFirst(depth), first.value) }
        var fork = first.key.commonPrefixLength(with: last)
        if let kept {
            fork = min(fork, first.key.commonPrefixLength(with: kept.path), last.commonPrefixLength(with: kept.path))
        }
        let forkPath = first.key.prefix(fork)
        let branch = Subtree.branch(buildBranch(range, beside: kept, at: forkPath))
        guard fork > depth, let child = place(branch, at: forkPath, wasStored: false) else { return branch }
        return .shortcut(forkPath.dropFirst(depth), child: child)
    }

    private mutating func buildBranch(_ range: Range<Int>, beside kept: Kept?, at path: TriePath) -> Bytes {
        let depth = path.nibbleCount
        var encoder = RLPEncoder(capacity: 540)
        encoder.list { encoder in
            var next = range.lowerBound
            for slot in 0..<16 as Range<UInt8> {
                let start = next
                while next < range.upperBound, entries[next].key[depth] == slot { next += 1 }
                let keptHere = kept.flatMap { $0.path[depth] == slot ? $0 : nil }
                let place = path.appending(slot)
                let subtree = build(start..<next, beside: keptHere, at: place)
                if let reference = self.place(subtree, at: place, wasStored: false) {
                    reference.append(to: &encoder)
                } else {
                    encoder.append(Bytes())
                }
            }
            encoder.append(Bytes())
        }
        return encoder.bytes
    }

    /// Stores `subtree` at `path` and gives the reference to it, or nil if nothing is left.
    ///
    /// - Parameter wasStored: Whether the old trie stored a node at `path`.
    mutating func place(_ subtree: Subtree, at path: TriePath, wasStored: Bool) -> NodeReference? {
        if case .kept(let reference) = subtree { return reference }
        if case .empty = subtree {
            if wasStored { changes.remove(path) }
            return nil
        }
        let rlp = encode(subtree)
        guard rlp.count >= 32 else {
            if wasStored { changes.remove(path) }
            return .inline(rlp)
        }
        changes.set(path, rlp)
        return .hash(keccak256(rlp))
    }

    /// - Precondition: something stands here and it is not as it was.
    func encode(_ subtree: Subtree) -> Bytes {
        switch subtree {
        case .leaf(let path, let value): leafRLP(path, value)
        case .shortcut(let path, let child): extensionRLP(path, child)
        case .branch(let rlp): rlp
        case .unchanged, .empty, .kept: preconditionFailure("only a new node is encoded")
        }
    }
}

/// The stored nodes that a descent changes, in the order it meets them.
struct NodeChanges {
    private var paths: [TriePath] = []
    private var nodes: [Bytes?] = []
    private var isVoid: [Bool] = []

    mutating func set(_ path: TriePath, _ rlp: Bytes) {
        append(path, rlp)
    }

    mutating func remove(_ path: TriePath) {
        append(path, nil)
    }

    private mutating func append(_ path: TriePath, _ rlp: Bytes?) {
        paths.append(path)
        nodes.append(rlp)
        isVoid.append(false)
    }

    /// How many changes there are; the next one will have this index.
    var count: Int { paths.count }

    /// Takes back change `index` if it stores a node at `path`: the parent has merged with that node.
    mutating func retract(_ index: Int, at path: TriePath, wasStored: Bool) {
        guard index < paths.count, paths[index] == path else { return }
        nodes[index] = nil
        isVoid[index] = !wasStored
    }

    /// Every path once, with the last word on it, in order.
    func sorted() -> [(path: TriePath, rlp: Bytes?)] {
        // The descent meets the nodes of one depth almost in order, so first by depth, then repair.
        var byDepth = [[Int32]](repeating: [], count: TriePath.nibbleMax + 1)
        for index in paths.indices where !isVoid[index] {
            byDepth[paths[index].nibbleCount].append(Int32(truncatingIfNeeded: index))
        }
        var result: [(path: TriePath, rlp: Bytes?)] = []
        result.reserveCapacity(paths.count)
        for var indices in byDepth {
            indices.sort { left, right in
                let (leftPath, rightPath) = (paths[Int(left)], paths[Int(right)])
                return leftPath == rightPath ? left < right : leftPath < rightPath
            }
            for index in indices {
                let path = paths[Int(index)]
                if result.last?.path == path { result.removeLast() }
                result.append((path, nodes[Int(index)]))
            }
        }
        return result
    }
}

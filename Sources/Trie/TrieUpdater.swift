import Crypto
import Primitives

/// A subtree after its changes, before it is stored: its parent may still merge with it.
enum Subtree {
    /// As it was.
    case unchanged
    /// Nothing is left.
    case empty
    /// One value, at the end of this path from here.
    case leaf(TriePath, Bytes)
    /// Everything lies under `child`, at the end of this path from here.
    case shortcut(TriePath, child: NodeReference)
    /// A branch stands here; its RLP.
    case branch(Bytes)
    /// A branch that stood here before and stays as it was.
    case kept(NodeReference)
}

/// Why a descent stopped. Not generic, so that the descent is compiled once, for every source.
enum DescentFailure: Error {
    case malformedNode(Hash32)
    /// The source or the change failed; who called knows how.
    case reported
}

/// One descent over the trie that applies all changes.
///
/// The position of a node never depends on its neighbours, so each position is decided in one place: where its
/// parent calls `place`, knowing whether a node was stored there before.
struct TrieUpdater {
    let keys: [Hash32]
    /// The bytes of a stored node.
    let read: (Hash32, TriePath) throws(DescentFailure) -> Bytes
    /// The new value of a key, given its index and its present value.
    let change: (Int, Bytes?) throws(DescentFailure) -> Bytes?
    var changes = NodeChanges()
    /// Values on their way into one new subtree, sorted by key; a stack shared by the whole descent.
    var entries: [(key: TriePath, value: Bytes)] = []

    init(
        keys: [Hash32], read: @escaping (Hash32, TriePath) throws(DescentFailure) -> Bytes,
        change: @escaping (Int, Bytes?) throws(DescentFailure) -> Bytes?
    ) {
        (self.keys, self.read, self.change) = (keys, read, change)
    }

    mutating func update(root: Hash32) throws(DescentFailure) -> TrieUpdate {
        let isNew = root == MerkleTrie.emptyRoot
        let subtree =
            isNew
            ? try insert(keys.indices, at: .root)
            : try update(load(.stored(root), at: .root), at: .root, keys.indices)
        switch subtree {
        case .unchanged:
            return TrieUpdate(root: root, nodes: [])
        case .empty:
            if !isNew { changes.remove(.root) }
            return TrieUpdate(root: MerkleTrie.emptyRoot, nodes: changes.sorted())
        case .leaf, .shortcut, .branch, .kept:
            let rlp = encode(subtree)
            changes.set(.root, rlp)
            return TrieUpdate(root: keccak256(rlp), nodes: changes.sorted())
        }
    }

    func load(_ child: ChildNode, at path: TriePath) throws(DescentFailure) -> NodeBytes {
        switch child {
        case .stored(let hash): NodeBytes(stored: try read(hash, path), hash: hash)
        case .inline(let node): node
        }
    }

    /// Applies the changes at keys `range`, all of which lie under `path`, to the node there.
    private mutating func update(
        _ bytes: NodeBytes, at path: TriePath, _ range: Range<Int>
    ) throws(DescentFailure) -> Subtree {
        switch TrieNode(bytes) {
        case .leaf(let rest, let value) where path.nibbleCount + rest.nibbleCount == TriePath.nibbleMax:
            try updateLeaf(rest, Bytes(bytes.bytes[value]), at: path, range)
        case .extension(let rest, let item) where path.nibbleCount + rest.nibbleCount < TriePath.nibbleMax:
            try updateExtension(bytes, rest, item, at: path, range)
        case .branch(let items) where path.nibbleCount < TriePath.nibbleMax && items.value.isEmpty:
            try updateBranch(bytes, items, at: path, range)
        default:
            throw .malformedNode(bytes.hash)
        }
    }
}

// Leaves and empty places.
extension TrieUpdater {
    /// Inserts keys `range` where nothing stands.
    private mutating func insert(
        _ range: Range<Int>, at path: TriePath
    ) throws(DescentFailure) -> Subtree {
        let base = entries.count
        try collect(range)
        defer { entries.removeSubrange(base...) }
        return base == entries.count ? .unchanged : build(base..<entries.count, beside: nil, at: path)
    }

    /// Puts what `change` gives for keys `range`, none of which is in the trie, on the stack of entries.
    private mutating func collect(_ range: Range<Int>) throws(DescentFailure) {
        for index in range {
            if let value = try change(index, nil), !value.isEmpty {
                entries.append((TriePath(keys[index]), value))
            }
        }
    }

    private mutating func updateLeaf(
        _ rest: TriePath, _ old: Bytes, at path: TriePath, _ range: Range<Int>
    ) throws(DescentFailure) -> Subtree {
        let key = path.appending(rest)
        let hash = key.key
        let base = entries.count
        defer { entries.removeSubrange(base...) }
        var (isChanged, isDecided) = (false, false)
        for index in range {
            if !isDecided, keys[index] > hash {
                entries.append((key, old))
                isDecided = true
            }
            let isHere = keys[index] == hash
            let new = try change(index, isHere ? old : nil)
            if isHere { isDecided = true }
            if let new, !new.isEmpty {
                entries.append((TriePath(keys[index]), new))
                isChanged = isChanged || !isHere || new != old
            } else if isHere {
                isChanged = true
            }
        }
        if !isDecided { entries.append((key, old)) }
        guard isChanged else { return .unchanged }
        return base == entries.count ? .empty : build(base..<entries.count, beside: nil, at: path)
    }
}

// Extensions.
extension TrieUpdater {
    private mutating func updateExtension(
        _ bytes: NodeBytes, _ rest: TriePath, _ item: Range<Int>, at path: TriePath, _ range: Range<Int>
    ) throws(DescentFailure) -> Subtree {
        let childPath = path.appending(rest)
        let (before, inside, after) = split(range, around: childPath)
        let base = entries.count
        defer { entries.removeSubrange(base...) }
        try collect(before)
        let middle = entries.count
        let below = try updateChild(bytes, item, under: rest, at: childPath, inside)
        try collect(after)

        if base == entries.count { return below }
        switch below {
        case .empty:
            break
        case .leaf(let rest, let value):
            entries.insert((path.appending(rest), value), at: middle)
        case .shortcut(let rest, let child):
            return build(base..<entries.count, beside: (path.appending(rest), child), at: path)
        case .unchanged:
            return build(base..<entries.count, beside: (childPath, bytes.reference(at: item)), at: path)
        case .branch, .kept:
            preconditionFailure("an extension's child is placed before the extension changes")
        }
        return build(base..<entries.count, beside: nil, at: path)
    }

    /// Applies the changes to the child of an extension over `rest`, and gives what then stands in the
    /// extension's place.
    private mutating func updateChild(
        _ bytes: NodeBytes, _ item: Range<Int>, under rest: TriePath, at path: TriePath, _ range: Range<Int>
    ) throws(DescentFailure) -> Subtree {
        guard !range.isEmpty, let child = bytes.child(at: item) else { return .unchanged }
        let isStored = child.isStored
        let subtree = try update(load(child, at: path), at: path, range)
        switch subtree {
        case .unchanged:
            return .unchanged
        case .branch, .kept:
            return place(subtree, at: path, wasStored: isStored).map { .shortcut(rest, child: $0) } ?? .empty
        case .empty:
            if isStored { changes.remove(path) }
            return .empty
        case .leaf(let suffix, let value):
            if isStored { changes.remove(path) }
            return .leaf(rest.appending(suffix), value)
        case .shortcut(let suffix, let child):
            if isStored { changes.remove(path) }
            return .shortcut(rest.appending(suffix), child: child)
        }
    }

    /// The keys of `range` below, inside and above the subtree at `path`.
    private func split(_ range: Range<Int>, around path: TriePath) -> (Range<Int>, Range<Int>, Range<Int>) {
        var first = range.lowerBound
        while first < range.upperBound, TriePath(keys[first]).precedes(path) { first += 1 }
        var end = first
        while end < range.upperBound, TriePath(keys[end]).hasPrefix(path) { end += 1 }
        return (range.lowerBound..<first, first..<end, end..<range.upperBound)
    }
}

// Branches.
extension TrieUpdater {
    /// The last child a branch is left with, in case it is the only one.
    private struct Survivor {
        let slot: UInt8
        /// Its item in the old branch.
        let item: Range<Int>
        /// The new subtree, its reference, and where among the changes its own node would be; nil for a child
        /// that stays as it was.
        let placed: (subtree: Subtree, reference: NodeReference, change: Int)?
    }

    private mutating func updateBranch(
        _ bytes: NodeBytes, _ items: BranchItems, at path: TriePath, _ range: Range<Int>
    ) throws(DescentFailure) -> Subtree {
        var encoder = RLPEncoder(capacity: 540)
        var (survivor, survivors) = (Survivor?.none, 0)
        // Items up to here are written; those between two changes are copied at one go.
        let start = items[0].lowerBound
        var copied = start
        try encoder.list { (encoder: inout RLPEncoder) throws(DescentFailure) in
            var next = range.lowerBound
            for slot in 0..<16 as Range<UInt8> {
                let (first, item) = (next, items[Int(slot)])
                while next < range.upperBound, TriePath(keys[next])[path.nibbleCount] == slot { next += 1 }
                let place = path.appending(slot)
                let subtree = first == next ? .unchanged : try updateSlot(bytes, item, at: place, first..<next)
                if case .unchanged = subtree {
                    if item.count == 1 { continue }
                    survivor = Survivor(slot: slot, item: item, placed: nil)
                } else {
                    encoder.appendRaw(bytes.bytes[copied..<item.lowerBound])
                    copied = item.upperBound
                    let mark = changes.count
                    guard let reference = self.place(subtree, at: place, wasStored: bytes.isHash(at: item)) else {
                        encoder.append(Bytes())
                        continue
                    }
                    reference.append(to: &encoder)
                    survivor = Survivor(slot: slot, item: item, placed: (subtree, reference, mark))
                }
                survivors += 1
            }
            encoder.appendRaw(bytes.bytes[copied..<items[15].upperBound])
            encoder.append(Bytes())
        }
        guard copied > start else { return .unchanged }
        guard let survivor else { return .empty }
        return survivors == 1 ? try collapse(bytes, to: survivor, at: path) : .branch(encoder.bytes)
    }

    /// Applies the changes at keys `range`, of which there are some, to the child at `item`.
    private mutating func updateSlot(
        _ bytes: NodeBytes, _ item: Range<Int>, at path: TriePath, _ range: Range<Int>
    ) throws(DescentFailure) -> Subtree {
        guard let child = bytes.child(at: item) else { return try insert(range, at: path) }
        return try update(load(child, at: path), at: path, range)
    }

    /// A branch with one child left is no branch: the child, or the way to it, stands in its place.
    private mutating func collapse(
        _ bytes: NodeBytes, to survivor: Survivor, at path: TriePath
    ) throws(DescentFailure) -> Subtree {
        let step = TriePath.root.appending(survivor.slot)
        let childPath = path.appending(step)
        let wasStored = bytes.isHash(at: survivor.item)
        guard let (subtree, reference, change) = survivor.placed else {
            return try absorb(bytes, survivor.item, after: step, at: childPath)
        }
        switch subtree {
        case .leaf(let rest, let value):
            changes.retract(change, at: childPath, wasStored: wasStored)
            return .leaf(step.appending(rest), value)
        case .shortcut(let rest, let child):
            changes.retract(change, at: childPath, wasStored: wasStored)
            return .shortcut(step.appending(rest), child: child)
        case .branch, .kept, .empty, .unchanged:
            return .shortcut(step, child: reference)
        }
    }

    /// Reads the old child at `path`, the only one left, and gives it as a subtree one `step` higher.
    private mutating func absorb(
        _ parent: NodeBytes, _ item: Range<Int>, after step: TriePath, at path: TriePath
    ) throws(DescentFailure) -> Subtree {
        guard let child = parent.child(at: item) else { throw .malformedNode(parent.hash) }
        let node = try load(child, at: path)
        let depth = path.nibbleCount
        switch TrieNode(node) {
        case .leaf(let rest, let value) where depth + rest.nibbleCount == TriePath.nibbleMax:
            if child.isStored { changes.remove(path) }
            return .leaf(step.appending(rest), Bytes(node.bytes[value]))
        case .extension(let rest, let below) where depth + rest.nibbleCount < TriePath.nibbleMax:
            if child.isStored { changes.remove(path) }
            return .shortcut(step.appending(rest), child: node.reference(at: below))
        case .branch(let items) where depth < TriePath.nibbleMax && items.value.isEmpty:
            return .shortcut(step, child: parent.reference(at: item))
        default:
            throw .malformedNode(node.hash)
        }
    }
}

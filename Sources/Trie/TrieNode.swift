import Crypto
import Primitives

/// How a parent names a child: by hash, or whole where its RLP is shorter than a hash.
enum NodeReference: Equatable {
    case hash(Hash32)
    case inline(Bytes)

    func append(to encoder: inout RLPEncoder) {
        switch self {
        case .hash(let hash): encoder.append(hash)
        case .inline(let rlp): encoder.appendRaw(rlp)
        }
    }
}

/// A node's RLP: a stored node whole, or an inline one as a range of its nearest stored ancestor.
struct NodeBytes {
    /// The stored node.
    let bytes: Bytes
    /// Where in it this node lies.
    let range: Range<Int>
    /// The stored node's hash, to name it in errors.
    let hash: Hash32

    init(stored bytes: Bytes, hash: Hash32) {
        (self.bytes, range, self.hash) = (bytes, 0..<bytes.count, hash)
    }

    private init(_ parent: NodeBytes, _ range: Range<Int>) {
        (bytes, self.range, hash) = (parent.bytes, range, parent.hash)
    }

    /// Whether the checked child item at `range` names a stored node.
    func isHash(at range: Range<Int>) -> Bool { bytes[range.lowerBound] == 0xa0 }

    /// What the checked child item at `range` refers to; nil for an empty slot.
    func child(at range: Range<Int>) -> ChildNode? {
        switch bytes[range.lowerBound] {
        case 0x80: nil
        case 0xa0: .stored(Hash32(bytes[range.dropFirst()]))
        default: .inline(NodeBytes(self, range))
        }
    }

    /// The checked child item at `range`, to be copied into another node.
    func reference(at range: Range<Int>) -> NodeReference {
        isHash(at: range)
            ? .hash(Hash32(bytes[range.dropFirst()]))
            : .inline(Bytes(bytes[range]))
    }
}

/// Where the bytes of a child are to be found.
enum ChildNode {
    case stored(Hash32)
    case inline(NodeBytes)

    var isStored: Bool {
        if case .stored = self { true } else { false }
    }
}

/// A decoded node. Ranges point into the bytes it was read from; nothing is copied.
enum TrieNode {
    /// `value`: the content of the string.
    case leaf(path: TriePath, value: Range<Int>)
    /// `child`: a child item, checked.
    case `extension`(path: TriePath, child: Range<Int>)
    case branch(BranchItems)

    /// The node in `node`, or nil if it is not the RLP of a trie node.
    init?(_ node: NodeBytes) {
        var outer = RLPDecoder(node.bytes, in: node.range)
        guard let list = try? outer.list(), outer.isAtEnd else { return nil }
        var items = list
        guard let path = try? items.stringRange() else {
            self.init(branchIn: node.bytes, list.position..<node.range.upperBound)
            return
        }
        let second = items.position
        guard (try? items.skip()) != nil else { return nil }
        if items.isAtEnd {
            self.init(pairIn: node.bytes, path, second..<node.range.upperBound)
        } else {
            self.init(branchIn: node.bytes, list.position..<node.range.upperBound)
        }
    }

    private init?(pairIn bytes: Bytes, _ compact: Range<Int>, _ second: Range<Int>) {
        guard let (path, isLeaf) = TriePath.readCompact(bytes[compact]) else { return nil }
        if isLeaf {
            var decoder = RLPDecoder(bytes, in: second)
            guard let value = try? decoder.stringRange(), !value.isEmpty else { return nil }
            self = .leaf(path: path, value: value)
        } else {
            guard !path.isEmpty, childItem(in: bytes, second) == second.upperBound, bytes[second.lowerBound] != 0x80
            else { return nil }
            self = .extension(path: path, child: second)
        }
    }

    private init?(branchIn bytes: Bytes, _ payload: Range<Int>) {
        guard let items = BranchItems(bytes, payload) else { return nil }
        self = .branch(items)
    }
}

/// Where the sixteen children and the value of a branch lie in its RLP.
struct BranchItems {
    /// Start of each child's item, then start and end of the value's content.
    private var offsets = SIMD32<UInt16>()

    init?(_ bytes: Bytes, _ payload: Range<Int>) {
        guard payload.upperBound <= UInt16.max else { return nil }
        var position = payload.lowerBound
        var childCount = 0
        for slot in 0..<16 {
            offsets[slot] = UInt16(truncatingIfNeeded: position)
            guard let end = childItem(in: bytes, position..<payload.upperBound) else { return nil }
            if end > position + 1 { childCount += 1 }
            position = end
        }
        offsets[16] = UInt16(truncatingIfNeeded: position)
        var decoder = RLPDecoder(bytes, in: position..<payload.upperBound)
        guard let value = try? decoder.stringRange(), decoder.isAtEnd else { return nil }
        // A branch with fewer than two ways on would have been merged into its neighbour.
        guard childCount + (value.isEmpty ? 0 : 1) >= 2 else { return nil }
        offsets[17] = UInt16(truncatingIfNeeded: value.lowerBound)
        offsets[18] = UInt16(truncatingIfNeeded: value.upperBound)
    }

    /// The item of child `slot` (0...15), with its header; one byte long where there is no child.
    subscript(slot: Int) -> Range<Int> {
        Int(offsets[slot])..<Int(offsets[slot + 1])
    }

    /// The content of the value; empty where there is none.
    var value: Range<Int> { Int(offsets[17])..<Int(offsets[18]) }
}

/// Where the child item at the start of `range` ends: the empty string, a hash, or an inline node, which is
/// a list of fewer than 32 bytes. Nil for anything else.
private func childItem(in bytes: Bytes, _ range: Range<Int>) -> Int? {
    guard !range.isEmpty else { return nil }
    let count: Int
    switch bytes[range.lowerBound] {
    case 0x80: count = 1
    case 0xa0: count = 33
    case let first where first > 0xc0 && first < 0xdf: count = 1 + Int(first - 0xc0)
    default: return nil
    }
    return count <= range.count ? range.lowerBound + count : nil
}

/// The RLP of a leaf that holds `value` at the end of `path`.
func leafRLP(_ path: TriePath, _ value: Bytes) -> Bytes {
    var encoder = RLPEncoder(capacity: value.count + 40)
    encoder.list {
        $0.append(path.compact(isLeaf: true))
        $0.append(value)
    }
    return encoder.bytes
}

/// The RLP of an extension over `path` to `child`.
func extensionRLP(_ path: TriePath, _ child: NodeReference) -> Bytes {
    var encoder = RLPEncoder(capacity: 70)
    encoder.list {
        $0.append(path.compact(isLeaf: false))
        child.append(to: &$0)
    }
    return encoder.bytes
}

import Crypto
import Fixtures
import Primitives
import Testing
import Trie

struct `Witness` {
    @Test(arguments: 0..<30 as Range<UInt64>)
    func `what one update read is enough to repeat it, and nothing less is`(seed: UInt64) throws {
        var world = TrieWorld(seed: seed)
        world.apply(world.batch(60))
        let trie = PlainTrie(world.entries)
        for _ in 0..<5 {
            let batch = world.batch(5)
            let recorder = RecordingSource(PathStore(nodes: trie.nodes))
            let expected = try MerkleTrie.update(root: trie.root, source: recorder, setting: batch)
            let nodes = recorder.nodes
            #expect(Set(nodes).count == nodes.count)

            let repeated = try MerkleTrie.update(
                root: trie.root, source: WitnessSource(nodes.reversed()), setting: batch)
            #expect(repeated.root == expected.root)
            #expect(repeated.nodes.map(\.path) == expected.nodes.map(\.path))
            #expect(repeated.nodes.map(\.rlp) == expected.nodes.map(\.rlp))

            for index in nodes.indices {
                var rest = nodes
                let missing = keccak256(rest.remove(at: index))
                #expect(throws: TrieFailure<WitnessFailure>.unreadable(.missing(missing))) {
                    try MerkleTrie.update(root: trie.root, source: WitnessSource(rest), setting: batch)
                }
            }
        }
    }

    @Test
    func `absent from the trie is nil, absent from the witness is an error`() throws {
        let built = MerkleTrie.build([(keccak256([1]), [1])])
        let nodes = built.nodes.compactMap(\.rlp)
        let absent = try MerkleTrie.value(
            of: keccak256([2]), root: built.root, owner: nil, source: WitnessSource(nodes))
        #expect(absent == nil)
        #expect(throws: TrieFailure<WitnessFailure>.unreadable(.missing(built.root))) {
            try MerkleTrie.value(of: keccak256([2]), root: built.root, owner: nil, source: WitnessSource([]))
        }
    }

    /// Answers some questions with damaged bytes, as no honest source does.
    private final class LyingSource: TrieNodeSource {
        private let nodes: [TriePath: Bytes]
        private var numbers: SeededNumbers

        init(_ nodes: [TriePath: Bytes], seed: UInt64) {
            (self.nodes, numbers) = (nodes, SeededNumbers(seed: seed))
        }

        func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(PathStore.Absent) -> Bytes {
            var bytes = nodes[path] ?? numbers.bytes(1 + numbers.below(64))
            switch numbers.below(6) {
            case 0: bytes[numbers.below(bytes.count)] = UInt8(numbers.below(256))
            case 1: bytes = Array(bytes.prefix(numbers.below(bytes.count)))
            case 2: bytes = nodes[nodes.keys.sorted()[numbers.below(nodes.count)]] ?? bytes
            default: break
            }
            return bytes
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `no bytes a source may give make the trie trap`(seed: UInt64) throws {
        var world = TrieWorld(seed: seed)
        world.apply(world.batch(60))
        let trie = PlainTrie(world.entries)
        for round in 0..<50 as Range<UInt64> {
            let source = LyingSource(trie.nodes, seed: seed * 1_000 + round)
            _ = try? MerkleTrie.update(root: trie.root, source: source, setting: world.batch(8))
            _ = try? MerkleTrie.proof(of: world.key(), root: trie.root, owner: nil, source: source)
        }
    }

    @Test(arguments: [
        "0x",  // nothing
        "0x81ff",  // no list
        "0xc0",  // no item
        "0xc28080",  // an extension over no path to no child
        "0xc22080",  // a leaf without a value
        "0xc22001",  // a leaf that ends too early
        "0xc23001",  // likewise, odd
        "0xc24001",  // an unknown flag
        "0xc22101",  // padding that is not zero
        "0xc3200101",  // three items
        "0xd1808080808080808080808080808080808080",  // a branch without children
        "0xd3808080808080808080808080808080c22001c22001",  // children and no place for a value
        "0xd58080808080808080808080808080c22001c2200180ff",  // bytes behind the end
    ])
    func `a node that cannot stand at the root is refused by its hash`(hex: String) throws {
        let bytes = try Bytes(hex: hex)
        let hash = keccak256(bytes)
        #expect(throws: TrieFailure<WitnessFailure>.malformedNode(hash)) {
            try MerkleTrie.update(root: hash, source: WitnessSource([bytes]), setting: [(.zero, [1])])
        }
    }
}

import Crypto
import Primitives
import Testing
import Trie

struct `A list in a trie` {
    private func items(_ count: Int) -> [Bytes] {
        (0..<count).map { [1] + Bytes(repeating: UInt8(truncatingIfNeeded: $0 &* 37), count: $0 % 70) }
    }

    @Test(arguments: [0, 1, 2, 17, 127, 128, 129, 300])
    func `gives each item by its position, and nothing behind the last`(count: Int) throws {
        let items = items(count)
        let trie = ListTrie(items)
        #expect(trie.root == MerkleTrie.orderedRoot(items))
        for position in 0..<count + 3 {
            let found = try MerkleTrie.item(at: position, root: trie.root, source: trie)
            #expect(found == (position < count ? items[position] : nil))
        }
    }

    @Test(arguments: [1, 17, 300])
    func `proves an item, or the end, by the nodes on the way to it`(count: Int) throws {
        let items = items(count)
        let trie = ListTrie(items)
        for position in [0, count / 2, count - 1, count] {
            let recording = RecordingSource(trie)
            _ = try MerkleTrie.item(at: position, root: trie.root, source: recording)
            let expected = position < count ? items[position] : nil
            let key = UInt64(position).rlp
            #expect(try MerkleTrie.verify(proof: recording.nodes, of: key, root: trie.root) == expected)
            let witness = WitnessSource(recording.nodes)
            #expect(try MerkleTrie.item(at: position, root: trie.root, source: witness) == expected)
            for missing in recording.nodes.indices {
                var nodes = recording.nodes
                let gap = keccak256(nodes.remove(at: missing))
                #expect(throws: TrieFailure.unreadable(WitnessFailure.missing(gap))) {
                    try MerkleTrie.item(at: position, root: trie.root, source: WitnessSource(nodes))
                }
            }
        }
    }
}

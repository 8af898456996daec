import Crypto
import Primitives
import Testing
import Trie

struct `Trie proof` {
    /// A small trie, its store, and some keys in it and not.
    private func world(seed: UInt64) -> (trie: PlainTrie, entries: [Hash32: Bytes], keys: [Hash32]) {
        var world = TrieWorld(seed: seed)
        world.apply(world.batch(40))
        let keys = world.entries.keys.sorted().prefix(6) + (0..<6).map { _ in world.key() }
        return (PlainTrie(world.entries), world.entries, Array(keys))
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `a proof shows the value of a present key and the absence of any other`(seed: UInt64) throws {
        let (trie, entries, keys) = world(seed: seed)
        let store = PathStore(nodes: trie.nodes)
        for key in keys {
            let proof = try MerkleTrie.proof(of: key, root: trie.root, owner: nil, source: store)
            #expect(try MerkleTrie.verify(proof: proof, of: key.bytes, root: trie.root) == entries[key])
        }
    }

    @Test(arguments: 0..<15 as Range<UInt64>)
    func `a proof with any byte changed, a node missing or a node too many is refused`(seed: UInt64) throws {
        let (trie, _, keys) = world(seed: seed)
        let store = PathStore(nodes: trie.nodes)
        for key in keys.prefix(2) + keys.suffix(2) {
            let proof = try MerkleTrie.proof(of: key, root: trie.root, owner: nil, source: store)
            func refuses(_ proof: [Bytes]) {
                #expect(throws: TrieProofError.self) {
                    try MerkleTrie.verify(proof: proof, of: key.bytes, root: trie.root)
                }
            }
            for node in proof.indices {
                for byte in proof[node].indices {
                    var changed = proof
                    changed[node][byte] ^= 1 << UInt8(byte & 7)
                    refuses(changed)
                }
                var missing = proof
                missing.remove(at: node)
                refuses(missing)
            }
            refuses(proof + [[0x80]])
            #expect(throws: TrieProofError.self) {
                try MerkleTrie.verify(proof: proof, of: key.bytes, root: keccak256(trie.root))
            }
        }
    }

    @Test
    func `the empty trie is proven empty by no node at all`() throws {
        let proof = try MerkleTrie.proof(of: .zero, root: MerkleTrie.emptyRoot, owner: nil, source: PathStore())
        #expect(proof.isEmpty)
        #expect(try MerkleTrie.verify(proof: [], of: Hash32.zero.bytes, root: MerkleTrie.emptyRoot) == nil)
        #expect(throws: TrieProofError.nodesTooMany(count: 1)) {
            try MerkleTrie.verify(proof: [[0x80]], of: Hash32.zero.bytes, root: MerkleTrie.emptyRoot)
        }
        #expect(throws: TrieProofError.keyTooLong(bytes: 33)) {
            try MerkleTrie.verify(proof: [], of: Bytes(repeating: 0, count: 33), root: MerkleTrie.emptyRoot)
        }
    }

    @Test
    func `a node that hashes right but is no node is malformed`() throws {
        for bytes in [[], [0x81, 0xff], [0xc0], [0xc2, 0x20, 0x80], [0xc3, 0x20, 0x01, 0x01], [0xc2, 0xc0, 0x01]]
            as [Bytes]
        {
            #expect(throws: TrieProofError.malformedNode(at: 0)) {
                try MerkleTrie.verify(proof: [bytes], of: [1], root: keccak256(bytes))
            }
        }
    }
}

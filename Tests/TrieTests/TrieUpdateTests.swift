import Crypto
import Fixtures
import Primitives
import Testing
import Trie

struct `Trie update` {
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `batches leave exactly the nodes of a trie built from nothing`(seed: UInt64) throws {
        var world = TrieWorld(seed: seed)
        var store = PathStore()
        var root = MerkleTrie.emptyRoot
        for _ in 0..<25 {
            let batch = world.batch(world.below(world.below(4) == 0 ? 60 : 6))
            let update = try MerkleTrie.update(root: root, source: store, setting: batch)
            for (before, after) in zip(update.nodes, update.nodes.dropFirst()) { #expect(before.path < after.path) }
            for (path, rlp) in update.nodes { #expect(store.nodes[path] != rlp, "a node that did not change") }
            root = update.root
            store.apply(update)
            world.apply(batch)
            let plain = PlainTrie(world.entries)
            #expect(root == plain.root)
            #expect(store.nodes == plain.nodes)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a change is asked for once for each key, in order, with the value it replaces`(seed: UInt64) throws {
        var world = TrieWorld(seed: seed)
        var (store, root) = (PathStore(), MerkleTrie.emptyRoot)
        for _ in 0..<10 {
            let batch = world.batch(20)
            var asked: [Int] = []
            let update = try MerkleTrie.update(root: root, owner: nil, keys: batch.map(\.key), source: store) {
                (index, old) throws(TrieFailure<PathStore.Absent>) in
                asked.append(index)
                #expect(old == world.entries[batch[index].key])
                return batch[index].value
            }
            #expect(asked == Array(batch.indices))
            root = update.root
            store.apply(update)
            world.apply(batch)
            for (key, _) in batch {
                let value = try MerkleTrie.value(of: key, root: root, owner: nil, source: store)
                #expect(value == world.entries[key])
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `reading through an update changes nothing`(seed: UInt64) throws {
        var world = TrieWorld(seed: seed)
        world.apply(world.batch(50))
        let plain = PlainTrie(world.entries)
        let keys = (world.entries.keys + (0..<20).map { _ in world.key() }).sorted()
        let distinct = keys.indices.filter { $0 == 0 || keys[$0] != keys[$0 - 1] }.map { keys[$0] }
        let update = try MerkleTrie.update(
            root: plain.root, owner: nil, keys: distinct, source: PathStore(nodes: plain.nodes)
        ) { (_, old) throws(TrieFailure<PathStore.Absent>) in old }
        #expect(update.root == plain.root && update.nodes.isEmpty)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `removing everything leaves the empty trie and no nodes`(seed: UInt64) throws {
        var world = TrieWorld(seed: seed)
        world.apply(world.batch(60))
        let built = MerkleTrie.build(world.entries.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        var store = PathStore()
        store.apply(built)
        #expect(store.nodes == PlainTrie(world.entries).nodes)
        let removals: [TrieWorld.Change] = world.entries.keys.sorted().map { ($0, nil) }
        let update = try MerkleTrie.update(root: built.root, source: store, setting: removals)
        store.apply(update)
        #expect(update.root == MerkleTrie.emptyRoot && store.nodes.isEmpty)
    }

    @Test
    func `an empty value removes a key, as nil does`() throws {
        let key = keccak256([1])
        let built = MerkleTrie.build([(key, [1])])
        var store = PathStore()
        store.apply(built)
        let update = try MerkleTrie.update(root: built.root, source: store, setting: [(key, [])])
        #expect(update.root == MerkleTrie.emptyRoot)
        #expect(update.nodes.map(\.path) == [.root] && update.nodes[0].rlp == nil)
    }

    @Test
    func `an error of the change ends the update`() throws {
        let failure = TrieFailure<PathStore.Absent>.malformedNode(.zero)
        #expect(throws: failure) {
            try MerkleTrie.update(root: MerkleTrie.emptyRoot, owner: nil, keys: [.zero], source: PathStore()) {
                (_, _) throws(TrieFailure<PathStore.Absent>) in throw failure
            }
        }
    }

    @Test
    func `keys that are not sorted and distinct trap`() async {
        await #expect(processExitsWith: .failure) {
            let key = Hash32(1, 2, 3, 4)
            _ = MerkleTrie.build([(key, [1]), (key, [2])])
        }
    }
}

import Crypto
import Fixtures
import Foundation
import Primitives
import Testing
import Trie

@Suite(.enabled(if: Fixtures.arePresent))
struct `Trie fixtures` {
    static let plainFiles = ["trietest.json", "trieanyorder.json"]
    static let secureFiles = [
        "trietest_secureTrie.json", "trieanyorder_secureTrie.json", "hex_encoded_securetrie_test.json",
    ]
    static let notApplicable = [
        "trietestnextprev.json": "walks an iterator from key to key; this trie answers by key only"
    ]

    @Test
    func `every file of the folder is run or named with a reason`() throws {
        let folder = try #require(Fixtures.folder).appending(path: "trie")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        #expect(files.sorted() == (Self.plainFiles + Self.secureFiles + Self.notApplicable.keys).sorted())
    }

    @Test(arguments: plainFiles)
    func `the root of a plain trie is the vector's`(file: String) throws {
        for (name, vector) in try Fixtures.object("trie/" + file) {
            let (operations, root) = try read(#require(vector as? [String: Any]))
            #expect(plainRoot(operations) == root, "\(file) \(name)")
        }
    }

    @Test(arguments: secureFiles)
    func `the root of a trie of hashed keys is the vector's, in one batch and one by one`(file: String) throws {
        for (name, vector) in try Fixtures.object("trie/" + file) {
            let (operations, root) = try read(#require(vector as? [String: Any]))
            #expect(try secureRoots(operations) == [root, root, root], "\(file) \(name)")
        }
    }

    @Test
    func `generated operations give the generated roots`() throws {
        let generated = try Fixtures.object("generated/trie.json.gz")
        let vectors = try #require(generated["ops"] as? [[String: Any]])
        #expect(vectors.count == 36)
        for (index, vector) in vectors.enumerated() {
            let (operations, root) = try read(["in": #require(vector["ops"]), "root": #require(vector["root"])])
            if vector["secure"] as? Bool == true {
                #expect(try secureRoots(operations) == [root, root, root], "\(index)")
            } else {
                #expect(plainRoot(operations) == root, "\(index)")
            }
        }
    }

    @Test
    func `generated lists give the generated roots`() throws {
        let generated = try Fixtures.object("generated/trie.json.gz")
        let vectors = try #require(generated["index"] as? [[String: Any]])
        #expect(vectors.count == 7)
        for vector in vectors {
            let values = try #require(vector["values"] as? [String]).map { try Bytes(hex: $0) }
            let root = try Hash32(hex: #require(vector["root"] as? String))
            #expect(MerkleTrie.orderedRoot(values) == root, "\(values.count) values")
        }
    }

    @Test(arguments: [1, 2, 127, 128, 129, 200, 300, 70_000])
    func `an ordered root is the root over encoded positions`(count: Int) {
        let values = (0..<count).map { UInt64($0 + 1).rlp + [1, 2, 3] }
        let entries = values.indices.map { (key: UInt64($0).rlp, value: values[$0]) }
        #expect(MerkleTrie.orderedRoot(values) == MerkleTrie.root(of: entries))
    }

    private typealias Operation = (key: Bytes, value: Bytes?)

    /// A list of [key, value or null] in order, or an object in any order.
    private func read(_ vector: [String: Any]) throws -> (operations: [Operation], root: Hash32) {
        let root = try Hash32(hex: #require(vector["root"] as? String))
        if let object = vector["in"] as? [String: Any] {
            let sorted = object.sorted { $0.key < $1.key }
            return (try sorted.map { (try bytes($0.key), try ($0.value as? String).map(bytes)) }, root)
        }
        let pairs = try #require(vector["in"] as? [[Any]])
        return (try pairs.map { (try bytes(#require($0[0] as? String)), try ($0[1] as? String).map(bytes)) }, root)
    }

    private func bytes(_ text: String) throws -> Bytes {
        text.hasPrefix("0x") ? try Bytes(hex: text) : Bytes(text.utf8)
    }

    private func plainRoot(_ operations: [Operation]) -> Hash32 {
        var entries: [Bytes: Bytes] = [:]
        for (key, value) in operations { entries[key] = value }
        return MerkleTrie.root(of: entries.map { ($0.key, $0.value) })
    }

    /// The root after all changes at once, after one change at a time, and from nothing.
    private func secureRoots(_ operations: [Operation]) throws -> [Hash32] {
        var (store, root, last) = (PathStore(), MerkleTrie.emptyRoot, [Hash32: Bytes?]())
        for (key, value) in operations {
            let update = try MerkleTrie.update(root: root, source: store, setting: [(keccak256(key), value)])
            (root, last[keccak256(key)]) = (update.root, value)
            store.apply(update)
        }
        let batch = last.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
        let atOnce = try MerkleTrie.update(root: MerkleTrie.emptyRoot, source: PathStore(), setting: batch)
        let present = batch.compactMap { change in change.value.map { (key: change.key.bytes, value: $0) } }
        return [atOnce.root, root, MerkleTrie.root(of: present)]
    }
}

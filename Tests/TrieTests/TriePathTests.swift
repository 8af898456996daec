import Fixtures
import Primitives
import Testing

@testable import Trie

struct `Trie path` {
    private static func random(_ numbers: inout SeededNumbers) -> Bytes {
        (0..<numbers.below(65)).map { _ in UInt8(numbers.below(16)) }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a path does what an array of nibbles does`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        for _ in 0..<200 {
            let nibbles = Self.random(&numbers)
            let path = TriePath(nibbles: nibbles)
            #expect((0..<path.nibbleCount).map { path[$0] } == nibbles)
            let cut = numbers.below(nibbles.count + 1)
            #expect(path.prefix(cut) == TriePath(nibbles: nibbles.prefix(cut)))
            #expect(path.dropFirst(cut) == TriePath(nibbles: nibbles.dropFirst(cut)))
            #expect(path.prefix(cut).appending(path.dropFirst(cut)) == path)
            #expect(path.hasPrefix(path.prefix(cut)))
            var other = nibbles
            if !other.isEmpty { other[numbers.below(other.count)] ^= 1 }
            let common = zip(nibbles, other).prefix { $0 == $1 }.count
            #expect(path.commonPrefixLength(with: TriePath(nibbles: other)) == common)
            #expect(TriePath(bytes: path.bytes) == path)
            for isLeaf in [true, false] {
                let read = try #require(TriePath.readCompact(path.compact(isLeaf: isLeaf)[...]))
                #expect(read == (path, isLeaf))
            }
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `database keys sort as paths do`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let paths = (0..<200).map { _ in TriePath(nibbles: Self.random(&numbers)) }
        let sorted = paths.sorted()
        #expect(sorted.map(\.bytes) == paths.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
    }

    @Test
    func `only what a path writes is read`() {
        for bytes in [[], [1], [1, 0x11], [65] + Bytes(repeating: 0, count: 33), [2, 0x11, 0], [0, 0]] as [Bytes] {
            #expect(TriePath(bytes: bytes) == nil, "\(bytes)")
        }
        for compact in [[], [0x40], [0x01], [0x21, 0], Bytes(repeating: 0x11, count: 33)] as [Bytes] {
            #expect(TriePath.readCompact(compact[...]) == nil, "\(compact)")
        }
        #expect(TriePath(key: Bytes(repeating: 1, count: 33)) == nil)
        #expect(TriePath(key: [0x12, 0x34])?.description == "1234")
    }

    @Test(.enabled(if: Fixtures.arePresent))
    func `hexencodetest: the hex-prefix form is the vector's`() throws {
        for (name, vector) in try Fixtures.object("basic/hexencodetest.json").sorted(by: { $0.key < $1.key }) {
            let vector = try #require(vector as? [String: Any])
            let nibbles = try #require(vector["seq"] as? [Int]).map { UInt8($0) }
            let isLeaf = try #require(vector["term"] as? Bool)
            let compact = try Bytes(hex: "0x" + #require(vector["out"] as? String))
            #expect(TriePath(nibbles: nibbles).compact(isLeaf: isLeaf) == compact, "\(name)")
            let read = try #require(TriePath.readCompact(compact[...]), "\(name)")
            #expect(read == (TriePath(nibbles: nibbles), isLeaf), "\(name)")
        }
    }
}

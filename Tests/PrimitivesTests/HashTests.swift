import Primitives
import Testing

@Suite
struct `Hashes and addresses` {
    static let bytes = Bytes((1...40).map { UInt8($0 * 6) })

    @Test
    func `every collection of the same bytes gives the same value`() {
        let array = Bytes(Self.bytes[3..<35])
        let hash = Hash32(array)
        #expect(hash == Hash32(Self.bytes[3..<35]), "a slice that starts inside a word")
        #expect(hash == Hash32(array.lazy.map { $0 }), "no contiguous memory")
        #expect(hash == Hash32(array[0..<32].reversed().reversed()))
        let short = Bytes(Self.bytes[5..<25])
        #expect(Address(short) == Address(Self.bytes[5..<25]))
        #expect(Address(short) == Address(short.lazy.map { $0 }))
    }

    @Test
    func `bytes come back in their order`() throws {
        let array = Bytes(Self.bytes[..<32])
        #expect(Hash32(array).bytes == array)
        #expect((0..<32).map { Hash32(array)[$0] } == array)
        #expect(Address(array[..<20]).bytes == Bytes(array[..<20]))
        #expect(try Hash32(hex: array.hex) == Hash32(array))
    }

    @Test
    func `another number of bytes is refused`() {
        for count in [0, 19, 21, 31, 33] {
            let bytes = Bytes(Self.bytes.prefix(count))
            #expect(throws: HexError.wrongByteCount(expected: 32, found: count)) { try Hash32(checking: bytes) }
            #expect(throws: HexError.wrongByteCount(expected: 20, found: count)) { try Address(checking: bytes) }
        }
    }

    @Test
    func `the end of a hash is its last twenty bytes`() {
        let hash = Hash32(Self.bytes[..<32])
        #expect(Address(lastBytesOf: hash).bytes == Bytes(hash.bytes.suffix(20)))
    }

    @Test
    func `values have the order of their bytes`() {
        let values = (0..<32).map { position in
            Hash32((0..<32).map { $0 == position ? 1 : 0 } as Bytes)
        }
        #expect(values.sorted() == values.reversed())
    }
}

import Primitives
import Testing

@testable import Storage

@Suite
struct `CRC-32C` {
    static let published: [(Bytes, UInt32)] = [
        (Bytes(repeating: 0, count: 32), 0x8a91_36aa),
        (Bytes(repeating: 0xff, count: 32), 0x62a8_ab43),
        (Bytes(0..<32), 0x46dd_794e),
        (Bytes((0..<32).reversed()), 0x113f_db5c),
        (Bytes("123456789".utf8), 0xe306_9283),
        ([], 0),
    ]

    @Test(arguments: published)
    func `gives the values of RFC 3720`(_ bytes: Bytes, checksum expected: UInt32) {
        #expect(Checksum.of(bytes) == expected)
    }

    @Test func `of parts is that of the whole`() {
        let bytes = Bytes(0..<40)
        var checksum = Checksum()
        checksum.add(Bytes(bytes[..<5]))
        checksum.add(bytes[5..<13].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        checksum.add(Bytes(bytes[13...]))
        #expect(checksum.value == Checksum.of(bytes))
    }
}

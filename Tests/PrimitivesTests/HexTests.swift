import Primitives
import Testing

struct `Hex` {
    @Test
    func `bytes read what they write, in either case`() throws {
        let bytes = Bytes(0...255)
        #expect(try Bytes(hex: bytes.hex) == bytes)
        #expect(try Bytes(hex: "0x" + bytes.hex.dropFirst(2).uppercased()) == bytes)
        #expect(try Bytes(hex: "0x") == [])
    }

    @Test(arguments: [
        ("", HexError.missingPrefix("")), ("00", .missingPrefix("00")), ("0x0", .oddLength(1)),
        ("0x0g", .badDigit(at: 3)), ("0xé", .badDigit(at: 2)),
    ])
    func `a text that is not hex is refused by name`(text: String, error: HexError) {
        #expect(throws: error) { try Bytes(hex: text) }
    }

    @Test
    func `fixed widths are checked`() {
        #expect(throws: HexError.wrongByteCount(expected: 32, found: 1)) { try Hash32(hex: "0x00") }
        #expect(throws: HexError.wrongByteCount(expected: 20, found: 21)) {
            try Address(checking: Bytes(repeating: 0, count: 21))
        }
    }

    @Test
    func `hashes and addresses keep their bytes and sort by them`() throws {
        let hash = Hash32(Bytes(0..<32))
        #expect(hash.bytes == Bytes(0..<32))
        #expect((0..<32).allSatisfy { hash[$0] == UInt8($0) })
        #expect(Address(lastBytesOf: hash).bytes == Bytes(12..<32))
        #expect(Address(Bytes(12..<32)) == Address(lastBytesOf: hash))
        #expect(Address(UInt256(Address(Bytes(12..<32))).bigEndianBytes.suffix(20)) == Address(lastBytesOf: hash))
        #expect(Address(truncating: UInt256(hash)) == Address(lastBytesOf: hash))
        #expect(Hash32.zero < hash && Address.zero < Address(lastBytesOf: hash))
    }

    @Test
    func `quantities are the shortest hex`() throws {
        #expect(UInt64(0).quantity == "0x0" && UInt64(1024).quantity == "0x400")
        #expect(UInt256.zero.quantity == "0x0" && UInt256(0x1f).quantity == "0x1f" && UInt256(256).quantity == "0x100")
        #expect(UInt256.max.quantity == "0x" + String(repeating: "f", count: 64))
        #expect(try UInt256(hex: "0x00ff") == 255)
        #expect(throws: HexError.badDigit(at: 2)) { try UInt256(hex: "0x") }
        #expect(throws: HexError.wrongByteCount(expected: 32, found: 33)) {
            try UInt256(hex: "0x1" + String(repeating: "0", count: 64))
        }
    }
}

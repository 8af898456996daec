import Fixtures
import Primitives
import Testing

struct `RLP` {
    @Test
    func `typed values encode as strings of fixed or minimal width`() throws {
        var encoder = RLPEncoder()
        let address = try Address(hex: "0x00112233445566778899aabbccddeeff00112233")
        let hash = try Hash32(hex: "0x" + String(repeating: "0f", count: 32))
        encoder.list { encoder in
            encoder.append(UInt64(0))
            encoder.append(UInt64(0x7f))
            encoder.append(UInt64(0x80))
            encoder.append(UInt64.max)
            encoder.append(UInt256.one << 64)
            encoder.append(true)
            encoder.append(false)
            encoder.append(address)
            encoder.append(Address?.none)
            encoder.append(hash)
            encoder.append(Bytes([0x7f])[...])
            encoder.append(list: [UInt64(1), 2])
        }
        let payload =
            "80" + "7f" + "8180" + "88ffffffffffffffff" + "89010000000000000000" + "01" + "80"
            + "94" + address.hex.dropFirst(2) + "80" + "a0" + hash.hex.dropFirst(2) + "7f" + "c20102"
        #expect(encoder.bytes.hex == "0xf8" + "54" + payload)

        var decoder = RLPDecoder(encoder.bytes)
        var list = try decoder.list()
        try decoder.finish()
        #expect(try list.uint64() == 0)
        #expect(try list.uint256() == 0x7f)
        #expect(try list.uint64() == 0x80)
        #expect(try list.uint64() == .max)
        #expect(try list.uint256() == .one << 64)
        #expect(try list.bool())
        #expect(try !list.bool())
        #expect(try list.optionalAddress() == address)
        #expect(try list.optionalAddress() == nil)
        #expect(try list.hash() == hash)
        #expect(try list.bytes(exactly: 1) == [0x7f])
        #expect(try list.array(of: UInt64.self, max: 2) == [1, 2])
        try list.finish()
    }

    @Test(arguments: [
        ("0x00", RLPError.nonCanonicalInteger(at: 0)),
        ("0x820001", .nonCanonicalInteger(at: 0)),
        ("0x89010000000000000000", .tooLarge(at: 0, limit: 8, found: 9)),
        ("0xc0", .expectedString(at: 0)),
        ("0x0101", .trailingBytes(at: 1, count: 1)),
        ("0x", .truncated(at: 0, needed: 1, found: 0)),
        ("0x8101", .nonCanonicalByte(at: 0)),
        ("0xb801ff", .nonCanonicalLength(at: 0)),
        ("0xbfffffffffffffffff00", .truncated(at: 0, needed: .max, found: 1)),
    ])
    func `an integer that is not canonical is refused by name`(hex: String, error: RLPError) throws {
        let bytes = try Bytes(hex: hex)
        #expect(throws: error) { try UInt64(rlp: bytes) }
    }

    @Test
    func `limits and widths are refused with expected and found`() throws {
        let hash = Hash32.zero.rlp
        #expect(throws: RLPError.wrongByteCount(at: 0, expected: 20, found: 32)) { try Address(rlp: hash) }
        #expect(throws: RLPError.wrongByteCount(at: 0, expected: 32, found: 0)) { try Hash32(rlp: [0x80]) }
        #expect(throws: RLPError.tooLarge(at: 0, limit: 32, found: 33)) {
            try UInt256(rlp: [0xa1] + Bytes(repeating: 1, count: 33))
        }
        #expect(throws: RLPError.invalidValue(at: 0, "expected 0 or 1, found 2")) { try Bool(rlp: [2]) }
        #expect(throws: RLPError.tooLarge(at: 0, limit: 2, found: 3)) {
            var decoder = RLPDecoder([0xc3, 1, 2, 3])
            _ = try decoder.array(of: UInt64.self, max: 2)
        }
        #expect(throws: RLPError.tooLarge(at: 0, limit: 31, found: 32)) {
            var decoder = RLPDecoder(hash)
            _ = try decoder.bytes(max: 31)
        }
        #expect(throws: RLPError.expectedList(at: 0)) {
            var decoder = RLPDecoder(hash)
            _ = try decoder.list()
        }
    }

    @Test(arguments: [0, 1, 55, 56, 57, 255, 256, 65_535, 65_536, 70_000])
    func `lists and strings of every length class survive the round trip, nested too`(count: Int) throws {
        let item = RLPItem.list([.list([.string(Bytes(repeating: 7, count: count))]), .list([]), .string([1])])
        #expect(try RLPItem(rlp: item.rlp) == item)
    }

    @Test
    func `a raw item is the item whole`() throws {
        let items: [RLPItem] = [.string([5]), .list([.string([1, 2, 3])]), .string(Bytes(repeating: 9, count: 80))]
        var decoder = RLPDecoder(items.map(\.rlp).reduce([], +)[...])
        for item in items { #expect(try decoder.rawItem() == item.rlp) }
        try decoder.finish()
        var encoder = RLPEncoder(capacity: 16)
        encoder.list { for item in items { $0.appendRaw(item.rlp) } }
        #expect(encoder.bytes == RLPItem.list(items).rlp)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `what random or damaged bytes decode to encodes back to them, else it is refused`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        for _ in 0..<2_000 {
            var bytes: Bytes
            if numbers.below(2) == 0 {
                bytes = numbers.bytes(numbers.below(40))
                if !bytes.isEmpty, numbers.below(2) == 0 { bytes[0] = 0xc0 + UInt8(numbers.below(64)) }
            } else {
                bytes = randomItem(&numbers, depth: 0).rlp
                bytes[numbers.below(bytes.count)] = UInt8(numbers.below(256))
            }
            if let item = try? RLPItem(rlp: bytes) { #expect(item.rlp == bytes) }
            var decoder = RLPDecoder(bytes)
            while !decoder.isAtEnd, (try? decoder.skip()) != nil {}
            _ = try? UInt64(rlp: bytes)
            _ = try? UInt256(rlp: bytes)
            _ = try? Bool(rlp: bytes)
            _ = try? Address(rlp: bytes)
            _ = try? Hash32(rlp: bytes)
        }
    }

    private func randomItem(_ numbers: inout SeededNumbers, depth: Int) -> RLPItem {
        guard depth < 4, numbers.below(3) > 0 else {
            return .string(numbers.bytes(numbers.below(numbers.below(10) == 0 ? 300 : 6)))
        }
        return .list((0..<numbers.below(5)).map { _ in randomItem(&numbers, depth: depth + 1) })
    }
}

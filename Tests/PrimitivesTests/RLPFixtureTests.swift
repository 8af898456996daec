import Fixtures
import Foundation
import Primitives
import Testing

@Suite(.enabled(if: Fixtures.arePresent))
struct `RLP fixtures` {
    @Test
    func `every value of rlptest encodes to its bytes and back`() throws {
        let vectors = try Fixtures.object("rlp/rlptest.json")
        #expect(vectors.count == 28)
        for (name, vector) in vectors.sorted(by: { $0.key < $1.key }) {
            let vector = try #require(vector as? [String: Any], "\(name)")
            let item = try RLPItem(json: #require(vector["in"]))
            let expected = try Bytes(hex: #require(vector["out"] as? String))
            #expect(item.rlp == expected, "\(name)")
            #expect(try RLPItem(rlp: expected) == item, "\(name)")
        }
    }

    @Test(arguments: ["rlp/invalidRLPTest.json", "rlp/example.json"])
    func `an encoding is accepted exactly where the vector says so`(file: String) throws {
        for (name, vector) in try Fixtures.object(file).sorted(by: { $0.key < $1.key }) {
            let vector = try #require(vector as? [String: String], "\(name)")
            let text = try #require(vector["out"])
            let bytes = try Bytes(hex: text.hasPrefix("0x") ? text : "0x" + text)
            if vector["in"] == "VALID" {
                #expect(try RLPItem(rlp: bytes).rlp == bytes, "\(name)")
            } else {
                #expect(throws: RLPError.self, "\(name)") { try RLPItem(rlp: bytes) }
            }
        }
    }

    @Test
    func `generated values encode to their bytes and back`() throws {
        let generated = try Fixtures.object("generated/rlp.json.gz")
        let vectors = try #require(generated["roundtrip"] as? [[String: Any]])
        #expect(vectors.count == 129)
        for vector in vectors {
            let bytes = try Bytes(hex: #require(vector["rlp"] as? String))
            let item: RLPItem
            if let number = vector["uint"] as? String {
                item = .string(bigEndian(decimal: number))
                if let value = try? UInt256(decimal: number) {
                    #expect(value.rlp == bytes, "\(number)")
                    #expect(try UInt256(rlp: bytes) == value, "\(number)")
                }
                if let value = UInt64(number) {
                    #expect(value.rlp == bytes, "\(number)")
                    #expect(try UInt64(rlp: bytes) == value, "\(number)")
                }
            } else {
                item = try RLPItem(json: #require(vector["value"]))
            }
            #expect(item.rlp == bytes)
            #expect(try RLPItem(rlp: bytes) == item)
        }
    }

    @Test
    func `generated encodings are accepted exactly where they are canonical`() throws {
        let generated = try Fixtures.object("generated/rlp.json.gz")
        let vectors = try #require(generated["decode"] as? [[String: Any]])
        #expect(vectors.count == 180)
        for vector in vectors {
            let bytes = try Bytes(hex: #require(vector["rlp"] as? String))
            let isValid = try #require(vector["valid"] as? Bool)
            let item = try? RLPItem(rlp: bytes)
            #expect((item != nil) == isValid, "\(bytes.hex)")
            if let item { #expect(item.rlp == bytes) }
        }
    }
}

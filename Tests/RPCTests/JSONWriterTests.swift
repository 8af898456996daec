import Foundation
import NIOCore
import Primitives
import RPC
import Testing

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(buffer: writer.finish())
    }

    @Test func `commas stand between members and elements and nowhere else`() {
        let text = written { writer in
            writer.object { writer in
                writer.name("a")
                writer.array([1, 2]) { writer, value in writer.number(value) }
                writer.name("b")
                writer.object { _ in }
                writer.name("c")
                writer.beginArray()
                writer.object { writer in
                    writer.name("d")
                    writer.null()
                }
                writer.bool(true)
                writer.string("x")
                writer.endArray()
            }
        }
        #expect(text == #"{"a":[1,2],"b":{},"c":[{"d":null},true,"x"]}"#)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `binary values are written as their text form says`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for length in 0..<200 {
            let data = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(written { $0.hex(data) } == "\"\(data.hex)\"")
            let word = Bytes((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
            #expect(written { $0.hex(Hash32(word)) } == "\"\(word.hex)\"")
            #expect(written { $0.hex(Address(word[..<20])) } == "\"\(word[..<20].hex)\"")
            let number = UInt256(bigEndian: word) >> Int.random(in: 0...255, using: &random)
            #expect(written { $0.quantity(number) } == "\"\(number.quantity)\"")
            let small = UInt64.random(in: 0...(.max), using: &random) >> UInt64.random(in: 0...63, using: &random)
            #expect(written { $0.quantity(small) } == "\"\(small.quantity)\"")
        }
    }

    @Test func `zero and the greatest values have their shortest form`() {
        #expect(written { $0.quantity(UInt64(0)) } == "\"0x0\"")
        #expect(written { $0.quantity(UInt256.zero) } == "\"0x0\"")
        #expect(written { $0.quantity(UInt64.max) } == "\"0xffffffffffffffff\"")
        #expect(written { $0.quantity(UInt256.max) } == "\"0x" + String(repeating: "f", count: 64) + "\"")
        #expect(written { $0.hexWord(1) } == "\"0x0000000000000001\"")
        #expect(written { $0.hex(Bytes()) } == "\"0x\"")
    }

    @Test func `whole fractions have no point, others read back as they were`() throws {
        #expect(written { $0.number(0.0) } == "0")
        #expect(written { $0.number(1.0) } == "1")
        for value in [0.00035, 0.5, 1.0 / 3, 7.2868e-7, 1e300] {
            #expect(Double(written { $0.number(value) }) == value)
        }
    }

    @Test func `any text survives, also in the reading of others`() throws {
        let texts = ["", "plain", "quote \" slash \\ / tab \t", "\u{0}\u{1}\u{1f}\u{7f}", "é€😀\u{2028}", "\r\n"]
        for text in texts {
            let json = written { $0.string(text) }
            #expect(try JSONParser.parse(Bytes(json.utf8)) == .string(text))
            let foreign = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
            #expect(foreign as? String == text)
        }
    }
}

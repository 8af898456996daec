import NIOCore
import Primitives
import RPC
import Testing

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Bytes(text.utf8)) }

    @Test(arguments: [
        ("null", JSONValue.null),
        (" true ", .bool(true)),
        ("\t\r\nfalse\n", .bool(false)),
        ("0", .number("0")),
        ("-0", .number("-0")),
        ("-12.50e+3", .number("-12.50e+3")),
        ("1E5", .number("1E5")),
        ("\"\"", .string("")),
        (#""a\"\\\/\b\f\n\r\tz""#, .string("a\"\\/\u{8}\u{c}\n\r\tz")),
        (#""\u0041\u00e9\u20AC""#, .string("Aé€")),
        (#""\ud83d\ude00""#, .string("😀")),
        ("\"é€😀\"", .string("é€😀")),
        ("[]", .array([])),
        ("[ 1 , [ ] , \"x\" ]", .array([.number("1"), .array([]), .string("x")])),
        ("{}", .object(JSONObject())),
        (
            #"{ "a" : 1 , "b" : {"c":null} }"#,
            .object(
                JSONObject([
                    .init("a", .number("1")), .init("b", .object(JSONObject([.init("c", .null)]))),
                ]))
        ),
    ]) func `what RFC 8259 calls JSON is read as it stands`(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "+1", "01", "-", "1.", ".5", "1e", "1e+", "0x10", "NaN", "Infinity", "--1",
        "\"", "\"\\", "\"\\u", "\"\\u12", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "\"\u{0}\"", "'a'", "[", "[1", "[1,",
        "[1,]", "[,1]", "[1 2]", "]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}",
        "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{,}", "1 2", "[] []", "// no", "[1]/**/", "\u{feff}1",
    ]) func `what RFC 8259 does not call JSON is refused`(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test(arguments: [
        [0xff], [0xc0, 0xaf], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80],
    ]) func `bytes that are not UTF-8 are refused`(bytes: Bytes) {
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22] + bytes + [0x22]) }
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0x5c, 0x6e] + bytes + [0x22]) }
        #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
    }

    @Test(arguments: [#""\ud800""#, #""\udfff""#, #""\ud800\ud800""#, #""\ud800x""#, #""\ud800\u0041""#])
    func `a lone surrogate becomes the replacement character`(text: String) throws {
        let string = try #require(try parse(text).string)
        #expect(string.unicodeScalars.contains("\u{fffd}"))
    }

    @Test func `a number keeps its digits and has a value only where one exists`() throws {
        #expect(try parse("1e999999") == .number("1e999999"))
        #expect(try parse("1e999999").double == nil)
        #expect(try parse("1e999999").int64 == nil)
        #expect(try parse("9223372036854775807").int64 == .max)
        #expect(try parse("9223372036854775808").int64 == nil)
        #expect(try parse("2.5").double == 2.5)
        #expect(try parse("2.5").int64 == nil)
    }

    @Test func `of two members with one name the later counts`() throws {
        #expect(try parse(#"{"a":1,"a":2}"#)["a"] == .number("2"))
    }

    @Test func `sixty-four levels are read and one more is refused`() throws {
        let limit = JSONLimits().depthMax
        #expect(limit == 64)
        let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        #expect(throws: Never.self) { try parse(deepest) }
        #expect(throws: JSONError.tooDeep(limit: limit)) { try parse("[" + deepest + "]") }
        #expect(throws: JSONError.tooDeep(limit: limit)) { try parse(String(repeating: "[", count: 100_000)) }
        #expect(throws: JSONError.tooDeep(limit: limit)) {
            try parse(String(repeating: "{\"a\":", count: 100_000))
        }
    }

    @Test func `more values or longer numbers than the limits are refused`() {
        var limits = JSONLimits()
        limits.valuesMax = 3
        #expect(throws: Never.self) { try JSONParser.parse(Bytes("[1,2]".utf8), limits: limits) }
        #expect(throws: JSONError.tooManyValues(limit: 3)) {
            try JSONParser.parse(Bytes("[1,2,3]".utf8), limits: limits)
        }
        let digits = String(repeating: "9", count: JSONLimits().numberBytesMax)
        #expect(throws: Never.self) { try parse(digits) }
        #expect(throws: JSONError.numberTooLong(limit: JSONLimits().numberBytesMax)) { try parse(digits + "9") }
    }

    @Test func `a document that is cut anywhere is refused`() throws {
        let whole = Bytes(#"{"jsonrpc":"2.0","id":-1.5e3,"method":"x\u0041\n","params":[true,null,{"é":[]}]}"#.utf8)
        #expect(throws: Never.self) { try JSONParser.parse(whole) }
        for length in 0..<whole.count {
            #expect(throws: JSONError.self) { try JSONParser.parse(Bytes(whole[..<length])) }
        }
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func `any bytes give an error or a value that is written and read back alike`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d83d", "null", "true", "1e9", "-0.5", "\"a\"", " ",
        ]
        for _ in 0..<2_000 {
            var bytes = Bytes()
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                if Int.random(in: 0..<8, using: &random) == 0 {
                    bytes.append(.random(in: 0...255, using: &random))
                } else {
                    bytes += Bytes(pieces.randomElement(using: &random)!.utf8)
                }
            }
            guard let value = try? JSONParser.parse(bytes) else { continue }
            var writer = JSONWriter()
            writer.value(value)
            #expect(try JSONParser.parse(Bytes(writer.finish().readableBytesView)) == value)
        }
    }
}

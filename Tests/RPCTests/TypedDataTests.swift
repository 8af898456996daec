import Crypto
import Primitives
import Testing

@testable import RPC

/// EIP-712 for development accounts.
@Suite struct TypedDataTests {
    private static func read(_ text: String) throws -> TypedData {
        try TypedData(try JSONParser.parse(Bytes(text.utf8)))
    }

    private static let domainType =
        #"{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"},"#
        + #"{"name":"verifyingContract","type":"address"}"#

    /// The message that EIP-712 gives as its example.
    private static let mail = #"""
        {"types":{"EIP712Domain":[\#(domainType)],
        "Person":[{"name":"name","type":"string"},{"name":"wallet","type":"address"}],
        "Mail":[{"name":"from","type":"Person"},{"name":"to","type":"Person"},{"name":"contents","type":"string"}]},
        "primaryType":"Mail",
        "domain":{"name":"Ether Mail","version":"1","chainId":1,
        "verifyingContract":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
        "message":{"from":{"name":"Cow","wallet":"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
        "to":{"name":"Bob","wallet":"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},"contents":"Hello, Bob!"}}
        """#

    @Test func `the example of EIP-712 has the digest and the signature that stand there`() throws {
        let data = try Self.read(Self.mail)
        #expect(try data.digest().hex == "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2")
        let key = try AccountKey(keccak256(Bytes("cow".utf8)))
        let signature = key.signWhole(try data.digest())
        #expect(
            signature.hex == "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
                + "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562" + "1c")
    }

    private static func message(_ type: String, _ value: String) -> String {
        #"{"types":{"EIP712Domain":[],"A":[{"name":"x","type":"\#(type)"}]},"primaryType":"A","domain":{},"#
            + #""message":{"x":\#(value)}}"#
    }

    /// The digest of a struct with one member of that type, from its word.
    private static func digest(_ type: String, _ word: Bytes) -> Hash32 {
        let domain = keccak256(keccak256(Bytes("EIP712Domain()".utf8)).bytes)
        let message = keccak256(keccak256(Bytes("A(\(type) x)".utf8)).bytes + word)
        return keccak256([0x19, 0x01] + domain.bytes + message.bytes)
    }

    static let words: [(type: String, value: String, word: Bytes)] = [
        ("uint8", "255", UInt256(255).hash.bytes), ("uint8", #""0xff""#, UInt256(255).hash.bytes),
        ("uint", #""7""#, UInt256(7).hash.bytes), ("uint256", #""0x007""#, UInt256(7).hash.bytes),
        ("int8", "-128", (0 &- UInt256(128)).hash.bytes), ("int8", "127", UInt256(127).hash.bytes),
        ("int", #""-1""#, UInt256.max.hash.bytes), ("bool", "true", UInt256(1).hash.bytes),
        ("bytes3", #""0x010203""#, [1, 2, 3] + Bytes(repeating: 0, count: 29)),
        ("bytes", #""0x0102""#, keccak256([1, 2]).bytes), ("string", #""ab""#, keccak256(Bytes("ab".utf8)).bytes),
        ("uint8[]", "[1,2]", keccak256(UInt256(1).hash.bytes + UInt256(2).hash.bytes).bytes),
        ("uint8[2]", "[1,2]", keccak256(UInt256(1).hash.bytes + UInt256(2).hash.bytes).bytes),
        ("uint8[][1]", "[[1]]", keccak256(keccak256(UInt256(1).hash.bytes).bytes).bytes),
        // A type may refer to itself; what is not there is nothing.
        ("A", "null", Hash32.zero.bytes),
    ]

    @Test(arguments: words.indices) func `each type has its word`(index: Int) throws {
        let (type, value, word) = Self.words[index]
        #expect(try Self.read(Self.message(type, value)).digest() == Self.digest(type, word))
    }

    @Test(arguments: [
        ("uint8", "256"), ("uint8", "-1"), ("int8", "128"), ("int8", "-129"), ("uint8", "1.5"), ("uint8", #""0x""#),
        ("uint9", "1"), ("uint08", "1"), ("bytes33", #""0x""#), ("bytes2", #""0x01""#), ("bool", "1"),
        ("string", "1"), ("uint8[2]", "[1]"), ("uint8[]", "1"), ("uint8]", "[1]"), ("B", "{}"), ("", "1"),
        ("address", #""0x01""#), ("uint256", "null"),
    ]) func `what does not fit its type is refused`(type: String, value: String) throws {
        let data = try Self.read(Self.message(type, value))
        #expect(throws: ArgumentError.self) { try data.digest() }
    }

    @Test func `types and depth are limited`() throws {
        func types(_ count: Int) -> String {
            (0..<count).map { #","T\#($0)":[]"# }.joined()
        }
        func data(_ types: String, value: String = "{}") -> String {
            #"{"types":{"EIP712Domain":[]\#(types)},"primaryType":"T0","domain":{},"message":\#(value)}"#
        }
        _ = try Self.read(data(types(TypedData.typesMax - 1))).digest()
        #expect(throws: ArgumentError.self) { try Self.read(data(types(TypedData.typesMax))) }
        let members = Array(repeating: #"{"name":"x","type":"T0"}"#, count: TypedData.membersMax + 1)
        #expect(throws: ArgumentError.self) {
            try Self.read(data(#","T0":[\#(members.joined(separator: ","))]"#))
        }
        func nested(_ depth: Int) -> String { depth == 0 ? "{}" : #"{"x":\#(nested(depth - 1))}"# }
        let own = #","T0":[{"name":"x","type":"T0"}]"#
        _ = try Self.read(data(own, value: nested(TypedData.depthMax - 2))).digest()
        let deep = try Self.read(data(own, value: nested(TypedData.depthMax)))
        #expect(throws: ArgumentError.self) { try deep.digest() }
        for broken in ["{}", "7", #"{"types":{}}"#, data(types(0)), #""x""#] {
            #expect(throws: ArgumentError.self) { try Self.read(broken) }
        }
    }
}

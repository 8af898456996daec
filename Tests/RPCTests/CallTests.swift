import Chain
import Primitives
import RPC
import Testing

/// What JSON-RPC 2.0 says of single calls, over real HTTP.
@Suite(.timeLimit(.minutes(5))) struct CallTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let body: String
        let code: Int64
        var id = JSONValue.null
        var message: String?
        var testDescription: String { String(body.prefix(80)) }
    }

    private static func call(_ method: String, _ params: String) -> String {
        #"{"jsonrpc":"2.0","id":7,"method":"\#(method)","params":\#(params)}"#
    }

    /// One digit more than a storage key has.
    private static let zeros = String(repeating: "0", count: 65)

    static let refusals: [Refusal] = [
        // Not JSON.
        Refusal(body: "", code: -32700),
        Refusal(body: "{", code: -32700),
        Refusal(body: #"{"jsonrpc":"2.0","id":1,"method":"eth_chainId""#, code: -32700),
        Refusal(body: "\"\u{0}\"", code: -32700),
        Refusal(body: #"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"} x"#, code: -32700),
        Refusal(body: String(repeating: "[", count: 100_000), code: -32700),
        // Not a call.
        Refusal(body: "null", code: -32600),
        Refusal(body: "1e999999", code: -32600),
        Refusal(body: "\"text\"", code: -32600),
        Refusal(body: "{}", code: -32600),
        Refusal(body: #"{"id":7,"method":"eth_chainId"}"#, code: -32600, id: .number("7")),
        Refusal(body: #"{"jsonrpc":"1.0","id":7,"method":"eth_chainId"}"#, code: -32600, id: .number("7")),
        Refusal(body: #"{"jsonrpc":2.0,"id":7,"method":"eth_chainId"}"#, code: -32600, id: .number("7")),
        Refusal(body: #"{"jsonrpc":"2.0","id":"a"}"#, code: -32600, id: .string("a")),
        Refusal(body: #"{"jsonrpc":"2.0","id":"a","method":1}"#, code: -32600, id: .string("a")),
        Refusal(body: #"{"jsonrpc":"2.0","id":7,"method":"eth_chainId","params":1}"#, code: -32600, id: .number("7")),
        Refusal(body: #"{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}"#, code: -32600),
        Refusal(body: #"{"jsonrpc":"2.0","id":[1],"method":"eth_chainId"}"#, code: -32600),
        Refusal(body: #"{"jsonrpc":"2.0","id":true,"method":"eth_chainId"}"#, code: -32600),
        // No such method.
        Refusal(
            body: call("eth_nothing", "[]"), code: -32601, id: .number("7"),
            message: "the method eth_nothing does not exist/is not available"),
        Refusal(body: call("eth_nothing", "{}"), code: -32601, id: .number("7")),
        Refusal(body: call("testnet_inject", "[{}]"), code: -32601, id: .number("7")),
        Refusal(body: call("testnet_listFaults", "[]"), code: -32601, id: .number("7")),
        // Not its parameters.
        Refusal(body: call("eth_chainId", "{}"), code: -32602, id: .number("7"), message: "non-array args"),
        Refusal(
            body: call("eth_chainId", "[1]"), code: -32602, id: .number("7"),
            message: "too many arguments, want at most 0"),
        Refusal(
            body: call("eth_getBalance", "[]"), code: -32602, id: .number("7"),
            message: "missing value for required argument 0"),
        Refusal(
            body: call("eth_getBalance", "[null]"), code: -32602, id: .number("7"),
            message: "missing value for required argument 0"),
        Refusal(
            body: call("eth_getBalance", #"["00"]"#), code: -32602, id: .number("7"),
            message: "invalid argument 0: hex string without 0x prefix"),
        Refusal(body: call("eth_getBalance", "[5]"), code: -32602, id: .number("7")),
        Refusal(body: call("eth_getBalance", #"["0x00"]"#), code: -32602, id: .number("7")),
        Refusal(body: call("eth_getBalance", #"["0xzz"]"#), code: -32602, id: .number("7")),
        Refusal(body: call("eth_getBlockByNumber", #"["new"]"#), code: -32602, id: .number("7")),
        Refusal(
            body: call("eth_getBlockByNumber", #"["0x01"]"#), code: -32602, id: .number("7"),
            message: "invalid argument 0: hex number with leading zero digits"),
        Refusal(body: call("eth_getBlockByNumber", #"["0x10000000000000000"]"#), code: -32602, id: .number("7")),
        Refusal(body: call("eth_getBlockByNumber", #"["0x"]"#), code: -32602, id: .number("7")),
        Refusal(body: call("eth_getBlockByNumber", #"["0x1",1]"#), code: -32602, id: .number("7")),
        Refusal(body: call("eth_getBlockByNumber", "[1]"), code: -32602, id: .number("7")),
        Refusal(body: call("eth_getBlockByHash", #"["0x12"]"#), code: -32602, id: .number("7")),
        Refusal(body: call("eth_getTransactionByBlockNumberAndIndex", #"["latest"]"#), code: -32602, id: .number("7")),
        Refusal(body: call("web3_sha3", #"["0x123"]"#), code: -32602, id: .number("7")),
        Refusal(body: call("eth_sendRawTransaction", #"["f86b"]"#), code: -32602, id: .number("7")),
        Refusal(
            body: call(
                "eth_getStorageAt",
                "[\"\(Address.zero)\",\"0x\(zeros)\"]"
            ), code: -32602, id: .number("7"),
            message: "storage key too long (want at most 32 bytes): "
                + "\"0x\(zeros)\""),
        Refusal(body: call("eth_feeHistory", #"["x","latest",[]]"#), code: -32602, id: .number("7")),
        Refusal(body: call("eth_call", #"["0x"]"#), code: -32602, id: .number("7")),
        Refusal(body: call("eth_call", #"[{"to":"0x12"}]"#), code: -32602, id: .number("7")),
        Refusal(
            body: call("eth_call", #"[{"gasPrice":"0x1","maxFeePerGas":"0x1"}]"#), code: -32602, id: .number("7")),
        // Refused.
        Refusal(
            body: call("eth_getBalance", #"["0x0000000000000000000000000000000000000000","0xffff"]"#), code: -32000,
            id: .number("7"), message: "header not found"),
        Refusal(
            body: call(
                "eth_getBalance",
                "[\"\(Address.zero)\",{\"blockHash\":\"\(Hash32(1, 1, 1, 1))\"}]"
            ), code: -32000, id: .number("7"), message: "header for hash not found"),
        // Our own trouble.
        Refusal(
            body: call("eth_getBalance", #"["0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","latest"]"#), code: -32603,
            id: .number("7"), message: "internal error: page 7 is torn"),
    ]

    @Test func `every wrong request has its error code and keeps its id`() async throws {
        try await TestServer.run { world in
            let client = try await world.connect()
            for refusal in Self.refusals {
                try await client.post(refusal.body)
                let reply = try await client.reply()
                let json = try reply.json()
                #expect(reply.status == 200, "\(refusal)")
                #expect(json["error"]?["code"]?.int64 == refusal.code, "\(refusal): \(reply.text)")
                #expect(json["id"] == refusal.id, "\(refusal): \(reply.text)")
                #expect(json["jsonrpc"] == .string("2.0"))
                #expect(json["result"] == nil)
                if let message = refusal.message { #expect(json["error"]?["message"] == .string(message)) }
            }
            try await client.close()
        }
    }

    @Test(arguments: ["0", "-1", "1.5", "1e3", "123456789012345678901234567890", "\"\"", "\"é\\n\"", "null"])
    func `the id comes back digit for digit`(id: String) async throws {
        try await TestServer.run { world in
            for method in ["eth_chainId", "eth_gasPrice", "eth_nothing"] {
                let reply = try await world.post(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}"#)
                #expect(reply.text.hasPrefix(#"{"jsonrpc":"2.0","id":\#(id),"#), "\(reply.text)")
            }
        }
    }

    @Test func `a notification is carried out and not answered`() async throws {
        try await TestServer.run { world in
            let transaction = World.transfer(from: try World.account(0), nonce: 0)
            let raw = transaction.envelope.hex
            for body in [
                #"{"jsonrpc":"2.0","method":"eth_chainId"}"#,
                #"{"jsonrpc":"2.0","method":"eth_nothing"}"#,
                #"{"jsonrpc":"2.0","method":"eth_sendRawTransaction","params":["\#(raw)"]}"#,
                #"[{"jsonrpc":"2.0","method":"eth_chainId"},{"jsonrpc":"2.0","method":"eth_gasPrice"}]"#,
            ] {
                let reply = try await world.post(body)
                #expect(reply.status == 200)
                #expect(reply.body.isEmpty, "\(reply.text)")
            }
            #expect(await world.node.pendingTransaction(transaction.hash) != nil)
        }
    }

    @Test(arguments: ["", #","params":null"#, #","params":[]"#])
    func `parameters may be left out`(params: String) async throws {
        try await TestServer.run { world in
            let reply = try await world.post(#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"\#(params)}"#)
            #expect(reply.text == #"{"jsonrpc":"2.0","id":1,"result":"0x2019"}"#)
        }
    }

    @Test func `a result over the response limit is an error and the next call works`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.responseBytesMax = 2_000
        } _: { world in
            let error = try await world.error("web3_sha3", "[\"0x\"]".replacing("0x", with: "0xzz"))
            #expect(error.code == -32602)
            let sender = try World.account(0)
            try world.chain.append((0..<20).map { World.transfer(from: sender, nonce: $0) })
            let large = try await world.error("eth_getBlockByNumber", #"["0x1",true]"#)
            #expect(large.code == -32003)
            #expect(large.message == "response too large")
            #expect(try await world.result("eth_blockNumber") == .string("0x1"))
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `whatever is posted, the answer is JSON-RPC and the server goes on`(seed: UInt64) async throws {
        try await TestServer.run { world in
            var random = SeededRandom(seed: seed)
            let client = try await world.connect()
            for _ in 0..<300 {
                var body = Bytes(Self.refusals.randomElement(using: &random)!.body.utf8.prefix(400))
                for _ in 0..<Int.random(in: 0...4, using: &random) where !body.isEmpty {
                    let place = Int.random(in: 0..<body.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: body[place] = .random(in: 0...255, using: &random)
                    case 1: body.remove(at: place)
                    default: body.insert(contentsOf: body[place...].prefix(8), at: place)
                    }
                }
                try await client.post(body)
                let reply = try await client.reply()
                #expect(reply.status == 200)
                guard !reply.body.isEmpty else { continue }
                let json = try reply.json()
                for answer in json.array ?? [json] {
                    #expect((answer["error"] == nil) != (answer["result"] == nil))
                }
            }
            try await client.post(#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#)
            #expect(try await client.reply().json()["result"] == .string("0x2019"))
            try await client.close()
        }
    }
}

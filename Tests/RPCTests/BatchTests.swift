import Chain
import Primitives
import RPC
import Testing

@Suite(.timeLimit(.minutes(5))) struct BatchTests {
    private func chainID(_ id: String) -> String { #"{"jsonrpc":"2.0","id":\#(id),"method":"eth_chainId"}"# }

    @Test func `answers come in the order of the calls, errors among them`() async throws {
        try await TestServer.run { world in
            let body = [
                chainID("1"), #"{"jsonrpc":"2.0","id":"two","method":"eth_gasPrice"}"#, "3", "[]",
                #"{"jsonrpc":"2.0","method":"eth_chainId"}"#, #"{"jsonrpc":"2.0","id":4,"method":"eth_nothing"}"#,
                #"{"jsonrpc":"2.0","id":5,"method":"net_peerCount"}"#, #"{"id":6}"#,
            ].joined(separator: ",")
            let answers = try #require(try await world.post("[\(body)]").json().array)
            #expect(
                answers.map { $0["id"] } == [
                    .number("1"), .string("two"), .null, .null, .number("4"), .number("5"), .number("6"),
                ])
            #expect(answers.map { $0["error"]?["code"]?.int64 } == [nil, nil, -32600, -32600, -32601, nil, -32600])
        }
    }

    @Test func `an empty batch is an invalid request`() async throws {
        try await TestServer.run { world in
            let json = try await world.post("[]").json()
            #expect(json["error"]?["code"]?.int64 == -32600)
            #expect(json["error"]?["message"] == .string("empty batch"))
            #expect(json["id"] == .null)
        }
    }

    @Test func `a thousand calls are answered and one more is refused as a whole`() async throws {
        try await TestServer.run { world in
            let calls = (0..<1_000).map { chainID("\($0)") }
            let answers = try #require(try await world.post("[\(calls.joined(separator: ","))]").json().array)
            #expect(answers.count == 1_000)
            #expect(answers.enumerated().allSatisfy { $1["id"] == .integer($0) && $1["result"] == .string("0x2019") })

            let more = try await world.post("[\((calls + [chainID("1000")]).joined(separator: ","))]").json()
            #expect(more.array?.count == 1)
            #expect(more.array?.first?["error"]?["message"] == .string("batch too large"))
            #expect(more.array?.first?["error"]?["code"]?.int64 == -32600)
            #expect(more.array?.first?["id"] == .number("0"))
        }
    }

    @Test func `a batch of a hundred thousand is refused and the server goes on`() async throws {
        try await TestServer.run { world in
            let calls = [String](repeating: #"{"jsonrpc":"2.0","id":1,"method":"m"}"#, count: 100_000)
            let reply = try await world.post("[\(calls.joined(separator: ","))]")
            #expect(try reply.json().array?.first?["error"]?["code"]?.int64 == -32600)
            let values = try await world.post("[\([String](repeating: "0", count: 1_100_000).joined(separator: ","))]")
            #expect(try values.json()["error"]?["code"]?.int64 == -32600)
            #expect(try await world.result("eth_chainId") == .string("0x2019"))
        }
    }

    @Test func `what does not fit into the response is refused call by call`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.responseBytesMax = 4_000
        } _: { world in
            let call = #"{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x0"]}"#
            let batch = "[" + [String](repeating: call, count: 10).joined(separator: ",") + "]"
            let answers = try #require(try await world.post(batch).json().array)
            #expect(answers.count == 10)
            #expect(answers.first?["result"]?.object != nil)
            #expect(answers.last?["error"]?["code"]?.int64 == -32003)
        }
    }

    @Test func `neighbouring transactions go to the pool together and each learns its fate`() async throws {
        try await TestServer.run { world in
            let sender = try World.account(0)
            let sent = (0..<100).map { World.transfer(from: sender, nonce: $0) }
            func call(_ id: Int, _ raw: String) -> String {
                #"{"jsonrpc":"2.0","id":\#(id),"method":"eth_sendRawTransaction","params":["\#(raw)"]}"#
            }
            var calls = sent.enumerated().map { call($0, $1.envelope.hex) }
            calls[50] = call(50, "0x02c0")
            calls[51] = call(51, sent[0].envelope.hex)
            calls.append(chainID("100"))
            calls.append(call(101, sent[50].envelope.hex))
            let answers = try #require(try await world.post("[\(calls.joined(separator: ","))]").json().array)
            #expect(answers.map { $0["id"] } == (0...101).map { .integer($0) })
            for index in 0..<100 where index != 50 && index != 51 {
                #expect(answers[index]["result"] == .string(sent[index].hash.hex))
            }
            #expect(answers[50]["error"]?["code"]?.int64 == -32000)
            #expect(answers[51]["error"]?["message"] == .string("already known"))
            #expect(answers[101]["result"] == .string(sent[50].hash.hex))
            world.node.set { #expect($0.submissions == [99, 1]) }
        }
    }
}

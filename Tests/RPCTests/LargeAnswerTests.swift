import Chain
import NIOCore
import Primitives
import Testing

@testable import RPC

/// Traces are larger than other answers: few at once, each to a limit of its own, all the way to the client.
@Suite(.timeLimit(.minutes(5))) struct LargeAnswerTests {
    /// Makes 128 KB of memory its own, then does nothing for 44 opcodes.
    private static let wide = Address(Bytes(repeating: 0xe1, count: 20))
    private static let wideCode: Bytes =
        [0x60, 1, 0x62, 2, 0, 0, 0x52] + [Bytes](repeating: [0x5f, 0x50], count: 22).joined()
    /// PUSH1 7, PUSH0, SSTORE, STOP.
    private static let store = Address(Bytes(repeating: 0xe2, count: 20))
    private static let storeCode: Bytes = [0x60, 7, 0x5f, 0x55, 0x00]

    /// The call of `wide`, then that of `store`.
    private static func grow(_ world: TestServer) throws -> (wide: Hash32, small: Hash32) {
        let sender = try World.account(0)
        try world.chain.append([]) { state in
            state.setCode(wide, wideCode)
            state.setCode(store, storeCode)
        }
        let transactions = [
            World.transfer(from: sender, nonce: 0, to: wide, value: 0, gasLimit: 200_000),
            World.transfer(from: sender, nonce: 1, to: store, value: 0, gasLimit: 100_000),
        ]
        try world.chain.append(transactions)
        return (transactions[0].hash, transactions[1].hash)
    }

    private static func call(_ hash: Hash32, _ options: String = "{}") -> String {
        let params = #"["\#(hash)",\#(options)]"#
        return #"{"jsonrpc":"2.0","id":1,"method":"debug_traceTransaction","params":\#(params)}"#
    }

    /// Answers of some 12 MB, more than sockets hold of what nobody reads.
    private static let wideOptions = #"{"enableMemory":true,"timeout":"20s"}"#

    @Test func `a trace is larger than other answers may be, and no larger than traces may be`() async throws {
        for (answerMax, fits) in [(10_000, true), (400, false)] {
            try await TestServer.run { configuration in
                configuration.limits.responseBytesMax = 200
                configuration.limits.traceAnswerBytesMax = answerMax
                configuration.limits.largeAnswersMax = 1
            } _: { world in
                let hash = try Self.grow(world).small
                let block = try await world.error("eth_getBlockByNumber", "[\"latest\",true]")
                #expect(block == (-32003, "response too large"))
                // Again and again: who has had his answer makes room for the next.
                for _ in 0..<3 {
                    let answer = try await world.post(Self.call(hash)).json()
                    #expect((answer["result"]?["structLogs"]?.array?.count == 4) == fits)
                    if !fits { #expect(answer["error"]?["code"]?.int64 == -32003) }
                    let part = try await world.result("debug_traceTransaction", "[\"\(hash)\",{\"limit\":1}]")
                    #expect(part["structLogs"]?.array?.count == 1)
                }
            }
        }
    }

    @Test func `in a batch, what comes after a large answer is refused`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.responseBytesMax = 400
            configuration.limits.largeAnswersMax = 1
        } _: { world in
            let call = Self.call(try Self.grow(world).small)
            let chainID = #"{"jsonrpc":"2.0","id":2,"method":"eth_chainId"}"#
            for _ in 0..<2 {
                let answers = try #require(try await world.post("[\(chainID),\(call),\(chainID),\(call)]").json().array)
                #expect(answers.map { $0["error"]?["code"]?.int64 } == [nil, nil, -32003, -32003])
                #expect(answers[1]["result"]?["structLogs"]?.array?.count == 4)
            }
        }
    }

    @Test func `a small trace needs no place among the large answers`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.responseBytesMax = 400
            configuration.limits.largeAnswersMax = 0
        } _: { world in
            let hash = try Self.grow(world).small
            let refusal = try await world.error("debug_traceTransaction", "[\"\(hash)\"]")
            #expect(
                refusal == (
                    -32005,
                    "too many large answers at once: 0 are being made or read (largeAnswersMax), try again"
                ))
            let part = try await world.result("debug_traceTransaction", "[\"\(hash)\",{\"limit\":1}]")
            #expect(part["structLogs"]?.array?.count == 1)
        }
    }

    private static func limit(_ configuration: inout RPCConfiguration) {
        configuration.limits.responseBytesMax = 1 << 20
        configuration.limits.largeAnswersMax = 1
        configuration.limits.webSocketBacklogBytesMax = 2_000
    }

    @Test func `a large answer has its place until the client has read it`() async throws {
        try await TestServer.run(Self.limit) { world in
            let hash = try Self.grow(world).wide
            let call = Self.call(hash, Self.wideOptions)
            let slow = try await world.connect()
            try await slow.stopReading()
            try await slow.post(call)
            slow.readOnce()
            #expect(try await slow.bytes(9) == Bytes("HTTP/1.1 ".utf8))
            #expect(try await world.error("debug_traceTransaction", "[\"\(hash)\",\(Self.wideOptions)]").code == -32005)
            try await slow.resumeReading()
            // What is left of the head is a head all the same.
            let reply = try await slow.reply()
            #expect(reply.body.count > 12_000_000)
            #expect(reply.body.suffix(2) == Bytes("}}".utf8)[...])
            let packed = try await world.post(Bytes(call.utf8), headers: ["accept-encoding: gzip"])
            #expect(packed.headers["content-encoding"] == "gzip" && packed.body.count < 1_000_000)
            try await slow.close()
        }
    }

    @Test func `who takes a large answer too slowly is cut off, and its place is free`() async throws {
        try await TestServer.run { configuration in
            Self.limit(&configuration)
            configuration.limits.idleTimeout = .seconds(1)
            configuration.limits.largeAnswerBytesPerSecondMin = .max
        } _: { world in
            let call = Self.call(try Self.grow(world).wide, Self.wideOptions)
            let slow = try await world.connect()
            try await slow.stopReading()
            try await slow.post(call)
            slow.readOnce()
            #expect(try await slow.bytes(9) == Bytes("HTTP/1.1 ".utf8))
            var reply = try await world.post(call)
            while reply.body.count < 12_000_000 { reply = try await world.post(call) }
            try await slow.resumeReading()
            #expect(await slow.untilClosed().count < 12_000_000)
        }
    }

    @Test func `a WebSocket gets a large answer in one frame, and loses no subscription for it`() async throws {
        try await TestServer.run(Self.limit) { world in
            let call = Self.call(try Self.grow(world).wide, Self.wideOptions)
            let client = try await WebSocketClient(world)
            let id = try await client.subscribe(#"["faults"]"#, in: "ranger")
            try await client.raw.stopReading()
            try await client.send(call)
            client.raw.readOnce()
            let head = try await client.raw.bytes(10)
            #expect(head.prefix(2) == [0x81, 127])
            let length = head.dropFirst(2).reduce(0) { $0 << 8 | Int($1) }
            #expect(length > 12_000_000)
            #expect(try await world.post(call).json()["error"]?["code"]?.int64 == -32005)
            let record = FaultRecord(
                id: .zero, kind: "pair", rule: "E1", height: 4, round: 1, block: .zero, guilty: [], expected: "",
                found: "", firstSeenMilliseconds: 9, proofByteCount: 3)
            world.events.publish(.fault(record))
            try await client.raw.resumeReading()
            #expect(try await client.raw.bytes(length).suffix(2) == Bytes("}}".utf8)[...])
            #expect(try await client.news(of: id, in: "ranger")["rule"] == .string("E1"))
            #expect(await world.server.load.droppedReaders == 0)
            #expect(try await world.post(call).body.count > 12_000_000)
            try await client.close()
        }
    }
}

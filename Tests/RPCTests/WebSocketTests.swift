import NIOCore
import Primitives
import Synchronization
import Testing

@testable import RPC

/// JSON-RPC over WebSocket (RFC 6455).
@Suite(.timeLimit(.minutes(5))) struct WebSocketTests {
    private let chainID = #"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#
    private let answer = #"{"jsonrpc":"2.0","id":1,"result":"0x2019"}"#

    /// What no client may say, and the code that it is closed with.
    private static let breaches: [(Bytes, Int)] = {
        func frame(_ first: UInt8, _ count: Int = 0, masked: Bool = true) -> Bytes {
            WebSocketClient.frame(first, Bytes(repeating: 0x20, count: count), masked: masked)
        }
        let tooLong: Bytes = [0x81, 0xff, 0x7f] + Bytes(repeating: 0xff, count: 7) + [0, 0, 0, 0]
        let negative: Bytes = [0x81, 0xff, 0xff] + Bytes(repeating: 0xff, count: 7) + [0, 0, 0, 0]
        let manyFrames: Bytes = frame(0x01) + Bytes((0..<8).flatMap { _ in frame(0x00) })
        return [
            (frame(0x81, 1, masked: false), 1002), (frame(0xc1, 1), 1002), (frame(0x80, 1), 1002),
            (frame(0x01, 1) + frame(0x81, 1), 1002), (frame(0x09), 1002), (frame(0x89, 126), 1002),
            (frame(0x83), 1002), (frame(0x8b), 1002), (frame(0x81, 10_001), 1009), (tooLong, 1009), (negative, 1009),
            (frame(0x01, 6_000) + frame(0x80, 6_000), 1009), (manyFrames, 1009), (frame(0x88), 1000),
            (WebSocketClient.frame(0x88, [0x03, 0xe9]), 1001),
        ]
    }()

    private func pendingNonce(_ id: Int) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"eth_getTransactionCount","params":["\#(World.stranger)","pending"]}"#
    }

    @Test func `a request is answered as over HTTP, alone, in a batch, or wrong`() async throws {
        try await TestServer.run { world in
            let client = try await WebSocketClient(world)
            let requests = [
                chainID, "[\(chainID),\(chainID)]", "[]", "", "nonsense", "{}", "[1]",
                #"{"jsonrpc":"2.0","id":"x","method":"eth_gasPrice"}"#, #"{"jsonrpc":"2.0","id":2,"method":"nothing"}"#,
                #"{"jsonrpc":"2.0","id":3,"method":"net_peerCount","params":[]}"#,
                #"{"jsonrpc":"2.0","id":4,"method":"eth_getBlockByNumber","params":["latest",true]}"#,
            ]
            for request in requests {
                try await client.send(request)
                #expect(try await client.json() == (try await world.post(request).json()), "\(request)")
            }
            // A notification is answered with nothing.
            try await client.send(#"{"jsonrpc":"2.0","method":"eth_chainId"}"#)
            try await client.send(frame: 0x82, Bytes(chainID.utf8))
            #expect(try await client.frame().payload == Bytes(answer.utf8))
            try await client.close()
        }
    }

    @Test func `a message may come byte by byte, in frames, with a ping in between`() async throws {
        try await TestServer.run { world in
            let client = try await WebSocketClient(world)
            for byte in WebSocketClient.frame(0x81, Bytes(chainID.utf8)) { try await client.raw.send([byte]) }
            #expect(try await client.frame().payload == Bytes(answer.utf8))
            let bytes = Bytes(chainID.utf8)
            try await client.send(frame: 0x01, Bytes(bytes[..<7]))
            try await client.send(frame: 0x00, [])
            try await client.send(frame: 0x89, [1, 2, 3])
            try await client.send(frame: 0x00, Bytes(bytes[7..<9]))
            try await client.send(frame: 0x80, Bytes(bytes[9...]))
            #expect(try await client.frame() == WebSocketClient.Frame(opcode: 10, payload: [1, 2, 3]))
            #expect(try await client.frame().payload == Bytes(answer.utf8))
            try await client.close()
        }
    }

    @Test func `a long answer and a long request come whole`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let client = try await WebSocketClient(world)
            let padded = Bytes(chainID.utf8) + Bytes(repeating: 0x20, count: 200_000)
            try await client.send(frame: 0x81, padded)
            #expect(try await client.frame().payload == Bytes(answer.utf8))
            let block = #"{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x1",true]}"#
            let batch = "[" + Array(repeating: block, count: 30).joined(separator: ",") + "]"
            try await client.send(batch)
            let frame = try await client.frame()
            #expect(frame.payload.count > 65_536)
            #expect(frame.payload == (try await world.post(batch).body))
            try await client.close()
        }
    }

    @Test func `a slow request does not hold up the next`() async throws {
        try await TestServer.run { world in
            world.node.set { $0.hangs = true }
            let client = try await WebSocketClient(world)
            try await client.send(pendingNonce(7))
            try await client.send(chainID)
            #expect(try await client.json()["id"] == .integer(1))
            world.node.set { $0.hangs = false }
            #expect(try await client.json()["id"] == .integer(7))
            try await client.close()
        }
    }

    @Test func `an answer that does not come is an error under the id that waits`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.answerTimeout = .milliseconds(100)
        } _: { world in
            world.node.set { $0.hangs = true }
            let client = try await WebSocketClient(world)
            try await client.send(pendingNonce(7))
            let late = try await client.json()
            #expect(late["id"] == .integer(7))
            #expect(late["error"]?["code"]?.int64 == -32002)
            try await client.send("[\(pendingNonce(8)),\(pendingNonce(9))]")
            let both = try #require(try await client.json().array)
            #expect(both.map { $0["id"] } == [.integer(8), .integer(9)])
            #expect(both.allSatisfy { $0["error"]?["code"]?.int64 == -32002 })
            #expect(try await client.call("eth_chainId")["result"] == .string("0x2019"))
            try await client.close()
        }
    }

    @Test func `one request more than workers may have of a connection is not read before one is answered`()
        async throws
    {
        try await TestServer.run { configuration in
            configuration.limits.webSocketCallsMax = 2
        } _: { world in
            world.node.set { $0.hangs = true }
            let client = try await WebSocketClient(world)
            for id in 1...4 { try await client.send(pendingNonce(id)) }
            try await client.send(chainID)
            while world.node.contents.withLock({ $0.pendingNonceQuestions }) < 2 { await Task.yield() }
            // Others are served meanwhile, and neither of the rest has begun.
            #expect(try await world.post(chainID).text == answer)
            #expect(world.node.contents.withLock { $0.pendingNonceQuestions } == 2)
            world.node.set { $0.hangs = false }
            var ids: [Int64] = []
            for _ in 0..<5 { ids.append(try #require(try await client.json()["id"]?.int64)) }
            #expect(ids.sorted() == [1, 1, 2, 3, 4])
            try await client.close()
        }
    }

    @Test(arguments: breaches) func `what breaks the protocol, and a farewell, is answered with its code`(
        bytes: Bytes, code: Int
    ) async throws {
        try await TestServer.run { configuration in
            configuration.limits.bodyBytesMax = 10_000
            configuration.limits.webSocketFramesMax = 8
        } _: { world in
            let client = try await WebSocketClient(world)
            try await client.raw.send(bytes)
            #expect(try await client.frame().code == code)
            #expect(await client.raw.untilClosed().isEmpty)
            #expect(try await world.post(chainID).text == answer)
        }
    }

    @Test func `pages of other origins and names that can be rebound open no WebSocket`() async throws {
        try await TestServer.run { configuration in
            configuration.origins = ["https://app.example"]
        } _: { world in
            let port = try #require(world.server.webSocketPort)
            let cases = [
                ("origin: http://localhost:3000\r\n", 101), ("origin: https://app.example\r\n", 101),
                ("origin: http://evil.example\r\n", 403), ("origin: null\r\n", 403),
            ]
            for (header, status) in cases {
                let client = try await RawClient.connect(port: port)
                try await client.send(WebSocketClient.handshake + header + "\r\n")
                #expect(try await client.reply(to: "GET").status == status, "\(header)")
                try await client.close()
            }
            let rebound = try await RawClient.connect(port: port)
            let foreign = WebSocketClient.handshake.replacing("host: localhost", with: "host: evil.example")
            try await rebound.send(foreign + "\r\n")
            #expect(try await rebound.reply(to: "GET").status == 403)
            #expect(await rebound.untilClosed().isEmpty)
        }
    }

    @Test func `a handshake that is none is told why, and who asks for none gets HTTP`() async throws {
        try await TestServer.run { world in
            let port = try #require(world.server.webSocketPort)
            for (from, to, status) in [("version: 13", "version: 8", 426), ("sec-websocket-key", "x-key", 400)] {
                let client = try await RawClient.connect(port: port)
                try await client.send(WebSocketClient.handshake.replacing(from, with: to) + "\r\n")
                #expect(try await client.reply(to: "GET").status == status)
                #expect(await client.untilClosed().isEmpty)
            }
            let wrongPort = try await world.connect()
            try await wrongPort.send(WebSocketClient.handshake + "\r\n")
            #expect(try await wrongPort.reply(to: "GET").status == 400)
            let plain = try await RawClient.connect(port: port)
            try await plain.post(chainID)
            #expect(try await plain.reply().text == answer)
            try await plain.close()
        }
    }

    @Test func `one WebSocket beyond the limit is turned away, and a freed place is given again`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.webSocketsMax = 2
        } _: { world in
            let clients = [try await WebSocketClient(world), try await WebSocketClient(world)]
            let port = try #require(world.server.webSocketPort)
            let third = try await RawClient.connect(port: port)
            #expect(try await third.reply().status == 503)
            #expect(try await world.post(chainID).text == answer)
            try await clients[0].close()
            var status = 503
            while status == 503 {
                let next = try await RawClient.connect(port: port)
                try await next.send(WebSocketClient.handshake + "\r\n")
                status = try await next.reply(to: "GET").status
                try await next.close()
            }
            #expect(status == 101)
            try await clients[1].close()
        }
    }

    @Test func `who says nothing is asked, and lives as long as it answers`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.webSocketPingAfter = .milliseconds(500)
            configuration.limits.webSocketSilenceMax = .seconds(4)
        } _: { world in
            let (answering, silent) = (try await WebSocketClient(world), try await WebSocketClient(world))
            for _ in 0..<6 {
                #expect(try await answering.frame() == WebSocketClient.Frame(opcode: 9, payload: []))
                try await answering.send(frame: 0x8a, [])
            }
            #expect(try await silent.frame().opcode == 9)
            #expect(try await silent.frame().code == 1001)
            #expect(await silent.raw.untilClosed().isEmpty)
            try await answering.close()
        }
    }

    @Test func `a server that stops says that it goes`() async throws {
        var client: WebSocketClient?
        try await TestServer.run { world in
            client = try await WebSocketClient(world)
            _ = try await client?.subscribe(#"["newHeads"]"#)
        }
        #expect(try await client?.frame().code == 1001)
    }

    @Test func `who does not read is dropped, and who reads is told everything`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.webSocketBacklogBytesMax = 200_000
        } _: { world in
            let (idle, reader) = (try await WebSocketClient(world), try await WebSocketClient(world))
            let ids = (
                try await idle.subscribe(#"["faults"]"#, in: "ranger"),
                try await reader.subscribe(#"["faults"]"#, in: "ranger")
            )
            try await idle.raw.stopReading()
            let record = FaultRecord(
                id: .zero, kind: "pair", rule: "E1", height: 4, round: 1, block: .zero, guilty: [],
                expected: String(repeating: "x", count: 100_000), found: "", firstSeenMilliseconds: 9, proofByteCount: 3
            )
            // More than the sockets' own buffers hold, however large.
            while await world.server.load.droppedReaders == 0 {
                for _ in 0..<10 { world.events.publish(.fault(record)) }
                for _ in 0..<10 { #expect(try await reader.news(of: ids.1, in: "ranger")["rule"] == .string("E1")) }
            }
            #expect(try await world.post(chainID).text == answer)
            try await idle.raw.resumeReading()
            _ = await idle.raw.untilClosed()
            try await reader.close()
        }
    }
}

import NIOCore
import Primitives
import RPC
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTTPTests {
    private let chainID = #"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#
    private let answer = #"{"jsonrpc":"2.0","id":1,"result":"0x2019"}"#

    private let pendingNonce =
        #"{"jsonrpc":"2.0","id":1,"method":"eth_getTransactionCount","params":["\#(World.stranger)","pending"]}"#

    @Test func `one connection carries many requests`() async throws {
        try await TestServer.run { world in
            let client = try await world.connect()
            for _ in 0..<50 {
                try await client.post(chainID)
                let reply = try await client.reply()
                #expect(reply.status == 200)
                #expect(reply.text == answer)
                #expect(reply.headers["content-type"] == "application/json")
                #expect(reply.headers["connection"] == nil)
            }
            try await client.close()
        }
    }

    @Test func `pipelined requests are answered in their order`() async throws {
        try await TestServer.run { world in
            let client = try await world.connect()
            // Methods answered on the loop, by a worker and by the node, in turn.
            let methods = ["eth_chainId", "eth_gasPrice", "net_peerCount"]
            var wire = Bytes()
            for id in 0..<60 {
                let body = #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(methods[id % 3])"}"#
                wire += Bytes(
                    "POST / HTTP/1.1\r\nhost: x.localhost\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
            }
            try await client.send(wire)
            for id in 0..<60 { #expect(try await client.reply().json()["id"] == .integer(id)) }
            try await client.close()
        }
    }

    @Test func `a body may come byte by byte and in chunks`() async throws {
        try await TestServer.run { world in
            let client = try await world.connect()
            for byte in Bytes(
                "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: \(chainID.utf8.count)\r\n\r\n\(chainID)".utf8)
            {
                try await client.send([byte])
            }
            #expect(try await client.reply().text == answer)
            try await client.send("POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
            for piece in [chainID.prefix(10), chainID.dropFirst(10)] {
                try await client.send(String(piece.utf8.count, radix: 16) + "\r\n" + piece + "\r\n")
            }
            try await client.send("0\r\n\r\n")
            #expect(try await client.reply().text == answer)
            try await client.close()
        }
    }

    @Test func `a client that asks for leave to send gets it`() async throws {
        try await TestServer.run { world in
            let client = try await world.connect()
            let length = chainID.utf8.count
            try await client.send(
                "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: \(length)\r\n\r\n")
            #expect(try await client.reply().status == 403)
            #expect(await client.untilClosed().isEmpty)

            let second = try await world.connect()
            try await second.send(
                "POST / HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: \(length)\r\n\r\n")
            #expect(try await second.reply().status == 100)
            try await second.send(chainID)
            #expect(try await second.reply().text == answer)
            try await second.close()
        }
    }

    @Test(arguments: [
        ("POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n", true),
        ("POST / HTTP/1.0\r\nhost: localhost\r\n", true),
        ("POST / HTTP/1.0\r\n", true),
        ("POST / HTTP/1.1\r\nhost: localhost\r\n", false),
    ]) func `the connection ends when the client says so`(head: String, closes: Bool) async throws {
        try await TestServer.run { world in
            let client = try await world.connect()
            try await client.send(head + "content-length: \(chainID.utf8.count)\r\n\r\n" + chainID)
            let reply = try await client.reply()
            #expect(reply.text == answer)
            #expect((reply.headers["connection"] == "close") == closes)
            if closes { #expect(await client.untilClosed().isEmpty) } else { try await client.close() }
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "POST / HTTP/9.9\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "POST / HTTP/1.1\r\nhost : localhost\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n",
        "POST / HTTP/1.1\r\nx: \(String(repeating: "y", count: 20_000))\r\n\r\n",
        "POST / HTTP/1.1\r\n\(String(repeating: "x: y\r\n", count: 200))\r\n",
    ]) func `what is not HTTP is told so and cut off`(bytes: String) async throws {
        try await TestServer.run { world in
            let client = try await world.connect()
            try await client.send(bytes)
            let said = String(decoding: await client.untilClosed(), as: UTF8.self)
            #expect(said.isEmpty || said.hasPrefix("HTTP/1.1 400"), "\(said)")
            #expect(try await world.post(chainID).text == answer)
        }
    }

    @Test func `other methods and paths have their status`() async throws {
        try await TestServer.run { world in
            let client = try await world.connect()
            let requests = [
                ("GET /", 200), ("GET /?x=1", 200), ("HEAD /", 200), ("GET /health/x", 404), ("POST /rpc", 404),
                ("PUT /", 405), ("DELETE /", 405), ("OPTIONS /", 403),
            ]
            for (request, status) in requests {
                try await client.send("\(request) HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n")
                let reply = try await client.reply(to: request.hasPrefix("HEAD") ? "HEAD" : "GET")
                #expect(reply.status == status, "\(request)")
                if request == "GET /" {
                    #expect(reply.text.contains("Firetower"))
                    #expect(reply.text.contains("eth_getBalance"))
                    #expect(!reply.text.contains("testnet_inject"))
                }
            }
            try await client.close()
        }
    }

    @Test func `a body at the limit is read and one byte more is refused`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.bodyBytesMax = 10_000
        } _: { world in
            let padded = Bytes(chainID.utf8) + Bytes(repeating: 0x20, count: 10_000 - chainID.utf8.count)
            #expect(try await world.post(padded).text == answer)
            let refused = try await world.post(padded + [0x20])
            #expect(refused.status == 413)
            #expect(try refused.json()["error"]?["code"]?.int64 == -32600)

            let chunked = try await world.connect()
            try await chunked.send("POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
            for _ in 0..<11 {
                try await chunked.send("3e8\r\n" + String(repeating: " ", count: 1_000) + "\r\n")
            }
            try await chunked.send("0\r\n\r\n")
            #expect(try await chunked.reply().status == 413)
            #expect(await chunked.untilClosed().isEmpty)
            #expect(RPCLimits().bodyBytesMax == 5 << 20)
        }
    }

    @Test func `bodies of all connections share one budget`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.bodyBytesInFlightMax = 10_000
        } _: { world in
            let first = try await world.connect()
            try await first.send("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000\r\n\r\n")
            try await first.send(Bytes(repeating: 0x20, count: 8_000))
            // The second asks until the first one's bytes have arrived.
            var status = 200
            while status == 200 {
                status = try await world.post(chainID + String(repeating: " ", count: 3_000)).status
            }
            #expect(status == 429)
            try await first.close()
            while try await world.post(chainID + String(repeating: " ", count: 3_000)).status == 429 {}
        }
    }

    @Test func `one connection beyond the limit is turned away and a freed place is given again`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.connectionsMax = 2
        } _: { world in
            let first = try await world.connect()
            try await first.post(chainID)
            _ = try await first.reply()
            let second = try await world.connect()
            try await second.post(chainID)
            _ = try await second.reply()
            let third = try await world.connect()
            #expect(try await third.reply().status == 503)
            #expect(await third.untilClosed().isEmpty)
            try await first.close()
            while try await world.post(chainID).status == 503 {}
            try await second.close()
        }
    }

    @Test func `a request that dawdles is cut off, an idle connection is closed`() async throws {
        try await TestServer.run { configuration in
            // Long enough for a busy machine to send and answer what comes before the silence.
            configuration.limits.receiveTimeout = .seconds(2)
            configuration.limits.idleTimeout = .seconds(2)
        } _: { world in
            let silent = try await world.connect()
            let dawdling = try await world.connect()
            try await dawdling.send("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{")
            let idle = try await world.connect()
            try await idle.post(chainID)
            #expect(try await idle.reply().text == answer)
            for client in [silent, dawdling, idle] { #expect(await client.untilClosed().isEmpty) }
        }
    }

    @Test func `an answer that does not come is an error, and the connection goes on`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.answerTimeout = .milliseconds(100)
        } _: { world in
            world.node.set { $0.hangs = true }
            let client = try await world.connect()
            try await client.post(
                pendingNonce
            )
            let reply = try await client.reply()
            #expect(try reply.json()["error"]?["code"]?.int64 == -32002)
            try await client.post(chainID)
            #expect(try await client.reply().text == answer)
            try await client.close()
        }
    }

    @Test func `one request more than may wait is told to come back`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.requestsWaitingMax = 1
        } _: { world in
            world.node.set { $0.hangs = true }
            let client = try await world.connect()
            try await client.post(
                pendingNonce
            )
            // It asks until the first request has reached the workers.
            var reply = try await world.post(#"{"jsonrpc":"2.0","id":1,"method":"eth_gasPrice"}"#)
            while reply.status == 200 {
                reply = try await world.post(#"{"jsonrpc":"2.0","id":1,"method":"eth_gasPrice"}"#)
            }
            #expect(reply.status == 429)
            #expect(try reply.json()["error"]?["code"]?.int64 == -32005)
            #expect(try await world.post(chainID).text == answer)
            try await client.close()
            while try await world.post(#"{"jsonrpc":"2.0","id":1,"method":"eth_gasPrice"}"#).status == 429 {}
        }
    }

    @Test func `a port that is taken is named in the error`() async throws {
        try await TestServer.run { world in
            let configuration = RPCConfiguration(port: world.server.port, clientVersion: "x", rules: World.rules)
            let error = await #expect(throws: RPCServerError.self) {
                _ = try await RPCServer.start(configuration, chain: world.chain, node: world.node)
            }
            #expect(error?.description.contains("127.0.0.1:\(world.server.port)") == true)
        }
    }
}

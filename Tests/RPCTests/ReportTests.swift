import Compression
import NIOCore
import Primitives
import Testing

@testable import RPC

/// What the server says beside JSON-RPC, to people and to machines that look after it.
@Suite(.timeLimit(.minutes(5))) struct ReportTests {
    private func get(_ path: String, _ world: TestServer, _ headers: String = "") async throws -> HTTPReply {
        let client = try await world.connect()
        try await client.send("GET \(path) HTTP/1.1\r\nhost: localhost:8545\r\n\(headers)\r\n")
        let reply = try await client.reply(to: "GET")
        try await client.close()
        return reply
    }

    private static let stop = StandstillReport(
        lastGoodHeight: 3, height: 4, cause: "fork", rule: "fork", block: .zero, fault: nil, signers: [],
        reason: "two blocks", advice: "wait")

    @Test func `a person is told what this is and where else to look`() async throws {
        try await TestServer.run { world in
            let page = try await get("/", world)
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            for part in [
                "Firetower/test", "chain 8217", "http://localhost:8545<", "ws://localhost:", #"href="/health""#,
                #"href="/metrics""#, "eth_subscribe(subscription, options?)",
            ] { #expect(page.text.contains(part), "\(part)") }
            let client = try await world.connect()
            try await client.send("GET / HTTP/1.1\r\nhost: [::1<script>]\r\n\r\n")
            #expect(try await client.reply(to: "GET").status == 403)
            try await client.close()
        }
    }

    @Test func `a node that answers is healthy, and ready while it follows a chain that is right`() async throws {
        try await TestServer.run { world in
            #expect(try await get("/health", world).json()["status"] == .string("ok"))
            let ready = try await get("/ready?verbose", world)
            #expect(ready.status == 200)
            #expect(try ready.json()["headHeight"] == .string("0x3"))
            world.node.set { $0.sync = SyncReport(startingHeight: 0, currentHeight: 1, highestHeight: 9) }
            let behind = try await get("/ready", world)
            #expect(behind.status == 503)
            #expect(try behind.json()["reasons"] == .array([.string("catching up: at 1 of 9")]))
            world.node.set { ($0.sync, $0.stopped) = (nil, Self.stop) }
            let stopped = try await get("/ready", world)
            #expect(stopped.status == 503)
            #expect(try stopped.json()["reasons"] == .array([.string("stopped at 3: two blocks")]))
            #expect(try await get("/health", world).status == 200)
        }
    }

    @Test func `reports are read and nothing else`() async throws {
        try await TestServer.run { world in
            for (request, status) in [
                ("POST /health", 405), ("PUT /metrics", 405), ("HEAD /ready", 200), ("OPTIONS /ready", 403),
                ("GET /healthy", 404), ("GET /metrics/", 404), ("GET //", 404),
            ] {
                let client = try await world.connect()
                try await client.send("\(request) HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n")
                #expect(try await client.reply(to: "HEAD").status == status, "\(request)")
                try await client.close()
            }
            let foreign = try await world.connect()
            try await foreign.send("GET /metrics HTTP/1.1\r\nhost: evil.example\r\n\r\n")
            #expect(try await foreign.reply(to: "GET").status == 403)
            try await foreign.close()
        }
    }

    /// Names with labels to values.
    private func samples(_ text: String) throws -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            try #require(parts.count == 2, "\(line)")
            let value = try #require(Double(parts[1]))
            let other = samples.updateValue(value, forKey: String(parts[0]))
            #expect(other == nil, "\(line)")
        }
        return samples
    }

    @Test func `metrics count each call by method, and what is no method together`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            for _ in 0..<3 { _ = try await world.result("eth_chainId") }
            _ = try await world.result("eth_gasPrice")
            _ = try await world.error("eth_getBalance")
            for name in ["nothing", "no\\\"thing", "eth_"] { _ = try await world.error(name) }
            _ = try await world.post("nonsense")
            let socket = try await WebSocketClient(world)
            #expect(try await socket.call("eth_chainId")["result"] != nil)
            let reply = try await get("/metrics", world)
            #expect(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let found = try samples(reply.text)
            for (name, value) in [
                ("firetower_head_height", 3), ("firetower_rpc_invalid_total", 1), ("firetower_stopped", 0),
                (#"firetower_rpc_requests_total{method="eth_chainId"}"#, 4),
                (#"firetower_rpc_errors_total{method="eth_chainId"}"#, 0),
                (#"firetower_rpc_requests_total{method="eth_getBalance"}"#, 1),
                (#"firetower_rpc_errors_total{method="eth_getBalance"}"#, 1),
                (#"firetower_rpc_requests_total{method="unknown"}"#, 3),
                (#"firetower_rpc_duration_seconds_bucket{method="eth_chainId",le="+Inf"}"#, 4),
                (#"firetower_rpc_duration_seconds_count{method="eth_chainId"}"#, 4),
                (#"firetower_rpc_connections{protocol="websocket"}"#, 1),
            ] as [(String, Double)] { #expect(found[name] == value, "\(name)") }
            let buckets = RequestMetrics.latencyBounds.compactMap {
                found[#"firetower_rpc_duration_seconds_bucket{method="eth_chainId",le="\#(Double($0) / 1e6)"}"#]
            }
            #expect(buckets.count == RequestMetrics.latencyBounds.count)
            #expect(buckets == buckets.sorted())
            #expect(!reply.text.contains("thing"))
            try await socket.close()
        }
    }

    @Test(arguments: [
        ("gzip", true), ("deflate, gzip;q=0.5", true), ("*", true), ("GZIP", true), ("br;q=1, *;q=0.1", true),
        ("gzip;q=0", false), ("*;q=0", false), ("gzip; q=0.0, *", false), ("identity", false), ("deflate", false),
        ("", false), ("gzip;q=x", false),
    ]) func `a long answer is compressed for those who take it`(accepted: String, compressed: Bool) async throws {
        try await TestServer.run { world in
            try world.growChain()
            let request = #"{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x1",true]}"#
            let plain = try await world.post(request)
            #expect(plain.headers["content-encoding"] == nil)
            let reply = try await world.post(request, headers: ["accept-encoding: \(accepted)"])
            #expect((reply.headers["content-encoding"] == "gzip") == compressed)
            #expect((reply.body.count < plain.body.count) == compressed)
            if compressed {
                #expect(try gunzipped(reply.body, limit: 1 << 20) == plain.body)
            } else {
                #expect(reply.body == plain.body)
            }
            // What is short is sent as it is.
            let short = try await world.post(
                #"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#, headers: ["accept-encoding: \(accepted)"])
            #expect(short.headers["content-encoding"] == nil)
        }
    }

    @Test func `bytes that do not compress, and none, come back from gzip as they were`() throws {
        var random = SeededRandom(seed: 1)
        for count in [0, 1, 1_000, 300_000] {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let compressed = try #require(gzipped(ByteBuffer(bytes: bytes)))
            #expect(try gunzipped(Bytes(compressed.readableBytesView), limit: 1 << 20) == bytes)
        }
    }

    @Test func `a compressed request is refused as such`() async throws {
        try await TestServer.run { world in
            let reply = try await world.post("{}", headers: ["content-encoding: gzip"])
            #expect(reply.status == 415)
        }
    }
}

import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives
import RPC
import Testing

/// A real server on loopback over a chain in memory.
struct TestServer {
    let server: RPCServer
    let chain: TestChain
    let node: TestNode
    let events: EventHub

    /// Runs `body` against a new server and stops it afterwards.
    static func run(
        testnet: Bool = false, _ configure: (inout RPCConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let chain = try TestChain()
        let node = TestNode(council: chain.council)
        var configuration = RPCConfiguration(port: 0, clientVersion: "Firetower/test", rules: World.rules)
        configuration.webSocketPort = 0
        configuration.limits.waitForBusyTests()
        configure(&configuration)
        let events = EventHub()
        let server = try await RPCServer.start(
            configuration, chain: chain, node: node, events: events, testnet: testnet ? node : nil)
        do {
            try await body(TestServer(server: server, chain: chain, node: node, events: events))
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    func connect() async throws -> RawClient { try await RawClient.connect(port: server.port) }

    /// POSTs a body on a connection of its own.
    func post(_ body: String, headers: [String] = []) async throws -> HTTPReply {
        try await post(Bytes(body.utf8), headers: headers)
    }

    func post(_ body: Bytes, headers: [String] = []) async throws -> HTTPReply {
        try await server.post(body, headers: headers)
    }

    /// The result of a call; a failed requirement if it is an error.
    func result(_ method: String, _ params: String = "[]") async throws -> JSONValue {
        let reply = try await post(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#)
        let json = try reply.json()
        try #require(json["error"] == nil, "\(method)\(params): \(json["error"]?["message"]?.string ?? "?")")
        return try #require(json["result"])
    }

    /// Code and message of the error of a call.
    func error(_ method: String, _ params: String = "[]") async throws -> (code: Int64, message: String) {
        let reply = try await post(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#)
        let error = try #require(try reply.json()["error"], "\(method)\(params) has no error")
        return (try #require(error["code"]?.int64), try #require(error["message"]?.string))
    }

    /// The data of the error of a call; nil where it has none.
    func errorData(_ method: String, _ params: String) async throws -> Bytes? {
        let reply = try await post(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#)
        let error = try #require(try reply.json()["error"], "\(method)\(params) has no error")
        return try error["data"]?.string.map { try Bytes(hex: $0) }
    }
}

extension RPCServer {
    /// POSTs a body on a connection of its own.
    func post(_ body: Bytes, headers: [String] = []) async throws -> HTTPReply {
        let client = try await RawClient.connect(port: port)
        try await client.post(body, headers: headers)
        let reply = try await client.reply()
        try await client.close()
        return reply
    }
}

struct HTTPReply {
    let status: Int
    let headers: [String: String]
    let body: Bytes

    func json() throws -> JSONValue { try JSONParser.parse(body) }
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Bytes over a socket, with as much understanding of HTTP as it takes to find where a reply ends.
final class RawClient {
    struct Closed: Error {}

    private let channel: any Channel
    private var incoming: AsyncStream<ByteBuffer>.Iterator
    private var unread = Bytes()

    private init(_ channel: any Channel, _ incoming: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.incoming = incoming.makeAsyncIterator()
    }

    static func connect(port: Int) async throws -> RawClient {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Receiver(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel, stream)
    }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncStream<ByteBuffer>.Continuation

        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(Self.unwrapInboundIn(data))
        }
        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    func send(_ text: String) async throws { try await send(Bytes(text.utf8)) }
    func send(_ bytes: Bytes) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    func post(_ body: Bytes, headers: [String] = []) async throws {
        var head = "POST / HTTP/1.1\r\ncontent-length: \(body.count)\r\n"
        if !headers.contains(where: { $0.lowercased().hasPrefix("host:") }) { head += "host: localhost\r\n" }
        if !headers.contains(where: { $0.lowercased().hasPrefix("content-type:") }) {
            head += "content-type: application/json\r\n"
        }
        for header in headers { head += header + "\r\n" }
        try await send(Bytes((head + "\r\n").utf8) + body)
    }

    func post(_ body: String) async throws { try await post(Bytes(body.utf8)) }

    func close() async throws { try? await channel.close() }
    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }
    /// Reads what has come, once.
    func readOnce() { channel.read() }
    func resumeReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

    /// The next `count` bytes. - Throws: `Closed` where the server closes before they are there.
    func bytes(_ count: Int) async throws -> Bytes {
        while unread.count < count {
            guard let more = await incoming.next(isolation: nil) else { throw Closed() }
            unread += Bytes(more.readableBytesView)
        }
        defer { unread.removeFirst(count) }
        return Bytes(unread.prefix(count))
    }

    /// The next reply. - Throws: `Closed` where the server closes before it is whole.
    func reply(to method: String = "POST") async throws -> HTTPReply {
        while true {
            if let reply = takeReply(to: method) { return reply }
            guard let more = await incoming.next(isolation: nil) else { throw Closed() }
            unread += Bytes(more.readableBytesView)
        }
    }

    /// Waits until the server closes; what came until then.
    func untilClosed() async -> Bytes {
        while let more = await incoming.next(isolation: nil) { unread += Bytes(more.readableBytesView) }
        return unread
    }

    private func takeReply(to method: String) -> HTTPReply? {
        let end = Bytes("\r\n\r\n".utf8)
        guard unread.count >= 4,
            let split = (0...(unread.count - 4)).first(where: { Bytes(unread[$0..<$0 + 4]) == end })
        else { return nil }
        let lines = String(decoding: unread[..<split], as: UTF8.self).split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        let status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        let length = method == "HEAD" ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
        guard unread.count >= split + 4 + length else { return nil }
        let body = Bytes(unread[(split + 4)..<(split + 4 + length)])
        unread.removeFirst(split + 4 + length)
        return HTTPReply(status: status, headers: headers, body: body)
    }
}

extension RPCLimits {
    /// Hundreds of tests run beside each other: what a client is given of time is more than all of them take. Tests
    /// of a time limit set their own.
    fileprivate mutating func waitForBusyTests() {
        (receiveTimeout, answerTimeout, idleTimeout) = (.minutes(5), .minutes(5), .minutes(5))
        (callTimeout, traceTimeout, traceReadTimeout) = (.seconds(300), .seconds(300), .seconds(300))
        (pendingBlockTimeout, webSocketStallTimeout) = (.seconds(300), .minutes(5))
    }
}

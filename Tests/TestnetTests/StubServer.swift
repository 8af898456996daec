import Configuration
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives
import Synchronization

/// An HTTP server that answers each request with what a closure says.
final class StubServer: Sendable {
    enum Answer: Sendable {
        case ok(String)
        case status(Int)
        case silence
        case hangUp
    }

    let endpoint: Endpoint
    private let channel: any Channel
    private let counter: Counter

    final class Counter: Sendable {
        private let count = Mutex(0)
        func add() { count.withLock { $0 += 1 } }
        var value: Int { count.withLock { $0 } }
    }

    /// Connections that clients opened so far.
    var connections: Int { counter.value }

    private init(_ channel: any Channel, _ counter: Counter) {
        self.channel = channel
        self.counter = counter
        endpoint = Endpoint(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }

    static func start(_ answer: @Sendable @escaping (String) -> Answer) async throws -> StubServer {
        let counter = Counter()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    counter.add()
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return StubServer(channel, counter)
    }

    func stop() async throws {
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: @Sendable (String) -> Answer
        private var body = Bytes()

        init(_ answer: @Sendable @escaping (String) -> Answer) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head: body = []
            case .body(let piece): body += piece.readableBytesView
            case .end: reply(answer(String(decoding: body, as: UTF8.self)), context)
            }
        }

        private func reply(_ answer: Answer, _ context: ChannelHandlerContext) {
            let (status, text): (Int, String)
            switch answer {
            case .ok(let body): (status, text) = (200, body)
            case .status(let code): (status, text) = (code, "")
            case .silence: return
            case .hangUp:
                context.close(promise: nil)
                return
            }
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status),
                headers: ["Content-Length": "\(text.utf8.count)"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// Takes connections in and puts together what speaks on them.
struct Listener {
    /// Connections that the system holds until they are taken in.
    private static let queuedMax: Int32 = 256

    let group: MultiThreadedEventLoopGroup
    let service: HTTPService
    let connections: NIOLoopBound<Connections>

    /// Listens for HTTP.
    func listen(host: String, port: Int) async throws(RPCServerError) -> any Channel {
        let (service, connections, headers) = (service, connections, headerLimits)
        return try await bind(host: host, port: port) { channel in
            let pipeline = channel.pipeline.syncOperations
            guard !connections.value.isFull else { return try pipeline.addHandler(TurnAwayHandler()) }
            try pipeline.configureHTTPServerPipeline(
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: headers)
            try pipeline.addHandler(HTTPHandler(service: service, connections: connections.value))
        }
    }

    /// Listens for WebSocket. Whoever asks for no upgrade gets HTTP.
    func listenForWebSockets(
        host: String, port: Int, _ subscriptions: Subscriptions
    ) async throws(RPCServerError) -> any Channel {
        let (service, connections, headers) = (service, connections, headerLimits)
        let upgrader = upgrader(subscriptions)
        return try await bind(host: host, port: port) { channel in
            let pipeline = channel.pipeline.syncOperations
            guard !connections.value.isFull, !connections.value.isFullOfWebSockets else {
                return try pipeline.addHandler(TurnAwayHandler())
            }
            let http = NIOLoopBound(
                HTTPHandler(service: service, connections: connections.value), eventLoop: channel.eventLoop)
            try pipeline.configureHTTPServerPipeline(
                withServerUpgrade: (
                    upgraders: [upgrader],
                    completionHandler: { $0.pipeline.syncOperations.removeHandler(http.value, promise: nil) }
                ),
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: headers)
            try pipeline.addHandler(http.value)
        }
    }

    private func upgrader(_ subscriptions: Subscriptions) -> NIOWebSocketServerUpgrader {
        let (service, connections) = (service, connections)
        return NIOWebSocketServerUpgrader(
            maxFrameSize: service.limits.bodyBytesMax, automaticErrorHandling: false,
            shouldUpgrade: { channel, head in
                // The HTTP handler says why not.
                channel.eventLoop.makeSucceededFuture(service.allowsWebSocket(head) ? HTTPHeaders() : nil)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let counter = FrameByteCounter(connections: connections.value)
                    let decoder = try pipeline.handler(type: ByteToMessageHandler<WebSocketFrameDecoder>.self)
                    try pipeline.addHandler(counter, position: .before(decoder))
                    try pipeline.addHandler(
                        WebSocketHandler(
                            service: service, connections: connections.value, subscriptions: subscriptions,
                            undecoded: counter))
                }
            })
    }

    private func bind(
        host: String, port: Int, _ configure: @escaping @Sendable (any Channel) throws -> Void
    ) async throws(RPCServerError) -> any Channel {
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: Self.queuedMax)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try configure(channel) }
                }
                .bind(host: host, port: port).get()
        } catch {
            throw .cannotListen(host: host, port: port, reason: "\(error)")
        }
    }

    private var headerLimits: NIOHTTPDecoderLimitConfiguration {
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = service.limits.headerBytesMax
        decoder.maxHeaderListSize = service.limits.headerBytesMax
        decoder.maxHeaderFieldCount = service.limits.headerFieldsMax
        return decoder
    }
}

/// Tells a connection beyond the limit so, and closes it.
private final class TurnAwayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        let text =
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n"
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: text))).whenComplete { _ in
            bound.value.close(promise: nil)
        }
    }
}

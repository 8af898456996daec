import Crypto
import NIOCore
import NIOPosix
import Primitives
import Synchronization

@testable import Network

/// A client that follows no rules: plain TCP, or TLS with a valid key and then any bytes.
final class RawClient: Sendable {
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let client: RawClient
        init(_ client: RawClient) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Bytes(unwrapInboundIn(data).readableBytesView)
            client.state.withLock { $0.received += bytes }
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event is TLSHandler.Authenticated { client.state.withLock { $0.isAuthenticated = true } }
        }
        func channelInactive(context: ChannelHandlerContext) { client.state.withLock { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            client.state.withLock { $0.errors.append("\(error)") }
            context.close(promise: nil)
        }
    }

    struct State {
        var received = Bytes()
        var isAuthenticated = false
        var isClosed = false
        var errors: [String] = []
    }

    private let state = Mutex(State())
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    var now: State { state.withLock { $0 } }

    /// - Parameter key: nil for plain TCP.
    init(to endpoint: Endpoint, key: NodeKey?, reads: Bool = true) async throws {
        let connected = try await ClientBootstrap(group: testLoops)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let key {
                        let context = try TLSContext(key: key, genesisHash: genesis)
                        try channel.pipeline.syncOperations.addHandler(
                            TLSHandler(context, .client, handshakeBytesMax: 1 << 20))
                    }
                    try channel.pipeline.syncOperations.addHandler(Collector(self))
                }
            }
            .connect(host: endpoint.host, port: endpoint.port).get()
        channel.withLock { $0 = connected }
    }

    func write(_ bytes: Bytes) async throws {
        guard let channel = channel.withLock({ $0 }) else { return }
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    func stopReading() async throws {
        guard let channel = channel.withLock({ $0 }) else { return }
        try await channel.setOption(.autoRead, value: false).get()
    }

    func close() async {
        guard let channel = channel.withLock({ $0 }) else { return }
        try? await channel.close().get()
    }
}

public import Crypto
public import NIOCore
import NIOPosix
public import Primitives

/// What a stranger can do to a node with nothing but its address: for tests of what the node makes of it.
public struct HostileLink: Sendable {
    public let target: Endpoint
    /// The chain that the stranger says it follows.
    public let genesisHash: Hash32
    /// A throwaway key; it is proved as everybody's is.
    public let key: NodeKey

    public init(target: Endpoint, genesisHash: Hash32, key: NodeKey) {
        (self.target, self.genesisHash, self.key) = (target, genesisHash, key)
    }

    /// When the bytes are sent.
    public enum Manner: Sendable {
        /// Instead of a handshake.
        case atOnce
        /// In the place of frames, after the node has admitted the stranger.
        case asFrames
    }

    public enum Outcome: Sendable, Hashable {
        /// The node ended the connection after the bytes were sent.
        case ended
        /// The node still held the connection at the deadline.
        case stillOpen
        case unreachable(String)
    }

    /// Connects, sends `bytes` as they are, and waits until the node ends the connection, at most for `patience`.
    public func send(
        _ bytes: Bytes, _ manner: Manner, on eventLoop: any EventLoop, patience: Duration
    ) async -> Outcome {
        let promise = eventLoop.makePromise(of: Outcome.self)
        let (key, genesisHash) = (key, genesisHash)
        let connected = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(patience))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    let hostile = HostileHandler(bytes: bytes, manner: manner, promise: promise)
                    if manner == .asFrames {
                        let context = try TLSContext(key: key, genesisHash: genesisHash)
                        let limit = NetworkLimits().handshakeBytesMax
                        try handlers.addHandler(TLSHandler(context, .client, handshakeBytesMax: limit))
                    }
                    try handlers.addHandler(hostile)
                }
            }
            .connect(host: target.host, port: target.port)
        connected.whenFailure { promise.succeed(.unreachable(describe($0))) }
        connected.whenSuccess { channel in
            let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(patience)) { promise.succeed(.stillOpen) }
            promise.futureResult.whenComplete { _ in
                deadline.cancel()
                channel.close(promise: nil)
            }
        }
        // The promise is never failed.
        return (try? await promise.futureResult.get()) ?? .stillOpen
    }
}

/// Sends the bytes once, and reads whatever comes without listening.
private final class HostileHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var bytes: Bytes?
    private let manner: HostileLink.Manner
    private let promise: EventLoopPromise<HostileLink.Outcome>
    private var hasSent = false

    init(bytes: Bytes, manner: HostileLink.Manner, promise: EventLoopPromise<HostileLink.Outcome>) {
        (self.bytes, self.manner, self.promise) = (bytes, manner, promise)
    }

    func channelActive(context: ChannelHandlerContext) {
        if manner == .atOnce { send(context) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // The first byte that a node says is its verdict on us.
        if manner == .asFrames { send(context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.succeed(hasSent ? .ended : .unreachable("the node ended the connection before anything was sent"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func send(_ context: ChannelHandlerContext) {
        guard let bytes else { return }
        (self.bytes, hasSent) = (nil, true)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}

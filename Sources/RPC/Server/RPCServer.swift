public import Chain
public import Crypto
import NIOCore
import NIOHTTP1
import NIOPosix
public import Primitives

/// Where the server listens and what it tells of itself.
public struct RPCConfiguration: Sendable {
    /// The address to listen on. Only loopback is safe to leave open: there is no authentication.
    public var host = "127.0.0.1"
    /// 0 takes any free port.
    public var port: Int
    /// The answer of web3_clientVersion, such as "Firetower/1.0.0/linux/swift6.3".
    public var clientVersion: String
    /// What blocks of the served chain mean.
    public var profile: ChainProfile
    /// Who the node is among the others; nil where it only serves a chain.
    public var identity: NodeIdentity?
    /// Accounts of a test network that whoever reaches the server may sign with. Never anybody's money.
    public var developmentAccounts: [AccountKey] = []
    /// Host names that a request may name beyond localhost and IP addresses; "*" for any.
    public var hostNames: [String] = []
    /// Web origins that may call beyond those on loopback; "*" for any.
    public var origins: [String] = []
    public var limits = RPCLimits()

    public init(port: Int, clientVersion: String, rules: ChainRules) {
        self.init(port: port, clientVersion: clientVersion, profile: ChainProfile(rules))
    }

    public init(port: Int, clientVersion: String, profile: ChainProfile) {
        (self.port, self.clientVersion, self.profile) = (port, clientVersion, profile)
    }
}

/// What a node tells of itself as one of many.
public struct NodeIdentity: Hashable, Sendable {
    /// The address of its node key: how a council knows its members.
    public let address: Address
    /// The version of the protocol that it talks with others.
    public let protocolVersion: UInt64

    public init(address: Address, protocolVersion: UInt64) {
        (self.address, self.protocolVersion) = (address, protocolVersion)
    }
}

/// Why the server does not run.
public enum RPCServerError: Error, CustomStringConvertible {
    case cannotListen(host: String, port: Int, reason: String)

    public var description: String {
        switch self {
        case .cannotListen(let host, let port, let reason): "JSON-RPC cannot listen on \(host):\(port): \(reason)"
        }
    }
}

/// The JSON-RPC server: HTTP/1.1 on one event loop of its own, method bodies on a few worker threads.
public final class RPCServer: Sendable {
    /// The port that it listens on.
    public let port: Int

    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let workers: Workers
    private let connections: NIOLoopBound<Connections>
    private let sweeping: RepeatedTask

    private init(
        group: MultiThreadedEventLoopGroup, listener: any Channel, workers: Workers,
        connections: NIOLoopBound<Connections>, sweeping: RepeatedTask
    ) {
        (self.group, self.listener, self.workers) = (group, listener, workers)
        (self.connections, self.sweeping) = (connections, sweeping)
        port = listener.localAddress?.port ?? 0
    }

    /// Listens and answers until `stop`.
    ///
    /// - Parameters:
    ///   - events: Where the node tells what happens; nothing ever does on one that nobody publishes to.
    ///   - testnet: Faults on purpose; nil where the manifest does not allow them, and then
    ///     the `testnet_*` methods do not exist.
    public static func start(
        _ configuration: RPCConfiguration, chain: any ChainReader, node: any NodeService,
        events: EventHub = EventHub(), testnet: (any TestnetService)? = nil
    ) async throws(RPCServerError) -> RPCServer {
        let limits = configuration.limits
        let workers = Workers(threads: limits.workerThreads)
        let context = RPCContext(configuration: configuration, chain: chain, node: node, events: events)
        let dispatcher = Dispatcher(methodTable(context, testnet: testnet), limits: limits)
        let service = HTTPService(
            dispatcher: dispatcher,
            access: HTTPAccess(hostNames: configuration.hostNames, origins: configuration.origins),
            limits: limits, workers: workers,
            page: {
                humanPage(
                    clientVersion: configuration.clientVersion, chainID: configuration.profile.chainID,
                    headHeight: chain.headHeight, methods: dispatcher.table)
            })
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        do {
            let connections = try await loop.submit {
                NIOLoopBound(Connections(limits: limits), eventLoop: loop)
            }.get()
            let listener = try await listen(configuration, on: group, service, connections)
            let sweeping = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
                connections.value.sweep(at: .now())
            }
            return RPCServer(
                group: group, listener: listener, workers: workers, connections: connections, sweeping: sweeping)
        } catch {
            try? await workers.stop()
            try? await group.shutdownGracefully()
            throw .cannotListen(host: configuration.host, port: configuration.port, reason: "\(error)")
        }
    }

    private static func listen(
        _ configuration: RPCConfiguration, on group: MultiThreadedEventLoopGroup, _ service: HTTPService,
        _ connections: NIOLoopBound<Connections>
    ) async throws -> any Channel {
        let decoderLimits = headerLimits(configuration.limits)
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    guard !connections.value.isFull else {
                        return try pipeline.addHandler(TurnAwayHandler())
                    }
                    try pipeline.configureHTTPServerPipeline(
                        withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoderLimits)
                    try pipeline.addHandler(HTTPHandler(service: service, connections: connections.value))
                }
            }
            .bind(host: configuration.host, port: configuration.port).get()
    }

    private static func headerLimits(_ limits: RPCLimits) -> NIOHTTPDecoderLimitConfiguration {
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = limits.headerBytesMax
        decoder.maxHeaderListSize = limits.headerBytesMax
        decoder.maxHeaderFieldCount = limits.headerFieldsMax
        return decoder
    }

    /// Stops listening, closes every connection and ends the threads.
    public func stop() async {
        sweeping.cancel()
        try? await listener.close().get()
        let connections = connections
        try? await group.next().submit { connections.value.closeAll() }.get()
        try? await workers.stop()
        try? await group.shutdownGracefully()
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

public import Chain
public import Crypto
import NIOCore
import NIOPosix
public import Primitives

/// Where the server listens and what it tells of itself.
public struct RPCConfiguration: Sendable {
    /// The address to listen on. Only loopback is safe to leave open: there is no authentication.
    public var host = "127.0.0.1"
    /// 0 takes any free port.
    public var port: Int
    /// Where WebSocket answers, 0 for any free port; nil where it does not.
    public var webSocketHost = "127.0.0.1"
    public var webSocketPort: Int?
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
    /// The port on which WebSocket answers, if it does.
    public let webSocketPort: Int?

    private let group: MultiThreadedEventLoopGroup
    private let listeners: [any Channel]
    private let workers: Workers
    private let connections: NIOLoopBound<Connections>
    private let feed: EventFeed?
    private let sweeping: RepeatedTask

    private init(
        group: MultiThreadedEventLoopGroup, http: any Channel, webSocket: (any Channel)?, workers: Workers,
        connections: NIOLoopBound<Connections>, feed: EventFeed?
    ) {
        (self.group, self.workers, self.connections, self.feed) = (group, workers, connections, feed)
        listeners = [http] + (webSocket.map { [$0] } ?? [])
        port = http.localAddress?.port ?? 0
        webSocketPort = webSocket?.localAddress?.port
        sweeping = group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            connections.value.sweep(at: .now())
        }
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
        let context = RPCContext(configuration: configuration, chain: chain, node: node, events: events)
        let dispatcher = Dispatcher(methodTable(context, testnet: testnet), limits: limits)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let connections: NIOLoopBound<Connections>
        do {
            connections = try await loop.submit { NIOLoopBound(Connections(limits: limits), eventLoop: loop) }.get()
        } catch {
            throw .cannotListen(host: configuration.host, port: configuration.port, reason: "\(error)")
        }
        let workers = Workers(threads: limits.workerThreads)
        let service = HTTPService(
            dispatcher: dispatcher,
            access: HTTPAccess(hostNames: configuration.hostNames, origins: configuration.origins),
            limits: limits, workers: workers,
            reporter: Reporter(
                context: context, dispatcher: dispatcher, webSocketPort: configuration.webSocketPort,
                load: { await currentLoad(of: connections, on: loop) }))
        let listener = Listener(group: group, service: service, connections: connections)
        do throws(RPCServerError) {
            let http = try await listener.listen(host: configuration.host, port: configuration.port)
            guard let port = configuration.webSocketPort else {
                return RPCServer(
                    group: group, http: http, webSocket: nil, workers: workers, connections: connections, feed: nil)
            }
            let subscriptions = Subscriptions(limits: limits)
            let webSocket = try await listener.listenForWebSockets(
                host: configuration.webSocketHost, port: port, subscriptions)
            let feed = EventFeed(context: context, subscriptions: subscriptions, loop: loop, connections: connections)
            feed.begin(reading: events)
            return RPCServer(
                group: group, http: http, webSocket: webSocket, workers: workers, connections: connections, feed: feed)
        } catch {
            try? await workers.stop()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// What the event loop has to do, at this moment.
    var load: ServerLoad {
        get async { await currentLoad(of: connections, on: group.next()) }
    }

    /// Stops listening, closes every connection and ends the threads.
    public func stop() async {
        sweeping.cancel()
        await feed?.stop()
        for listener in listeners { try? await listener.close().get() }
        let connections = connections
        try? await group.next().submit { connections.value.closeAll() }.get()
        try? await workers.stop()
        try? await group.shutdownGracefully()
    }
}

/// Nothing where the loop has ended.
private func currentLoad(of connections: NIOLoopBound<Connections>, on loop: any EventLoop) async -> ServerLoad {
    (try? await loop.submit { connections.value.load }.get()) ?? ServerLoad()
}

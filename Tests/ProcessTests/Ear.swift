import Configuration
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Primitives
import Synchronization
import Testing
import Testnet

/// A WebSocket to a node, made of SwiftNIO's own parts, and everything that came over it, in order.
final class Ear: Sendable {
    private let heard: Mutex<Heard>
    private let channel: any Channel
    let node: NodeRecord

    private struct Heard {
        var messages: [JSONValue] = []
        /// Messages that are no JSON, and frames that nobody expects.
        var oddities: [String] = []
        var lastCall: Int64 = 0
    }

    private struct NotUpgraded: Error {}

    /// Connects to where `network.json` says that `node` speaks WebSocket, runs `body`, and closes.
    static func listen<Result>(
        to node: NodeRecord, of network: TestNetwork, _ body: (Ear) async throws -> Result
    ) async throws -> Result {
        let path = network.folder.recordPath
        let record = try JSONValue(parsing: try SettingsFile.read(path), file: path)
        let entry = try #require(record["nodes"]?.items?.first { $0["name"]?.text == node.name })
        let url = try #require(entry["wsUrl"]?.text)
        try #require(url.hasPrefix("ws://"))
        let endpoint = try #require(Endpoint(text: String(url.dropFirst(5))))
        let ear = try await Ear(node, endpoint)
        do {
            let result = try await body(ear)
            try await ear.channel.close()
            return result
        } catch {
            // What failed is more telling than how the connection ended.
            try? await ear.channel.close()
            throw error
        }
    }

    private init(_ node: NodeRecord, _ endpoint: Endpoint) async throws {
        self.node = node
        let upgrader = NIOTypedWebSocketClientUpgrader(maxFrameSize: 1 << 20) { channel, _ in
            channel.eventLoop.makeSucceededFuture(channel)
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "/", headers: ["host": endpoint.description])
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration<any Channel>(
            upgradeRequestHead: head, upgraders: [upgrader],
            notUpgradingCompletionHandler: { $0.eventLoop.makeFailedFuture(NotUpgraded()) })
        let upgraded = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: .init(upgradeConfiguration: upgrade))
                }
            }
        channel = try await upgraded.get()
        heard = Mutex(Heard())
        // The node speaks only when it is spoken to, so nothing has come before this.
        try await channel.pipeline.addHandler(Listener(ear: self)).get()
    }

    private final class Listener: ChannelInboundHandler, Sendable {
        typealias InboundIn = WebSocketFrame
        typealias OutboundOut = WebSocketFrame
        private let ear: Ear

        init(ear: Ear) { self.ear = ear }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = Self.unwrapInboundIn(data)
            switch frame.opcode {
            case .text where frame.fin: ear.note(Bytes(frame.unmaskedData.readableBytesView))
            case .ping:
                let pong = WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData)
                context.writeAndFlush(Self.wrapOutboundOut(pong), promise: nil)
            default: ear.note(oddity: "\(frame.opcode)")
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            ear.note(oddity: "\(error)")
            context.close(promise: nil)
        }
    }

    private func note(_ text: Bytes) {
        do {
            let message = try JSONValue(parsing: text, file: "a message of \(node.name)")
            heard.withLock { $0.messages.append(message) }
        } catch {
            note(oddity: "\(error)")
        }
    }

    private func note(oddity: String) { heard.withLock { $0.oddities.append(oddity) } }

    /// All messages until now. Fails the test if there was anything else.
    func messages() throws -> [JSONValue] {
        let heard = heard.withLock { $0 }
        try #require(heard.oddities.isEmpty, "from \(node.name)")
        return heard.messages
    }

    /// Asks, and waits for the answer.
    func call(_ method: String, _ parameters: JSONValue...) async throws -> JSONValue {
        let id = heard.withLock { heard in
            heard.lastCall += 1
            return heard.lastCall
        }
        let request: JSONValue = [
            "jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": .array(parameters),
        ]
        let text = ByteBuffer(bytes: request.json(pretty: false))
        try await channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .text, maskKey: .random(), data: text))
        var answer: JSONValue?
        try await until("\(node.name) answers \(method)") {
            answer = try messages().first { $0["id"] == .integer(id) }
            return answer != nil
        }
        return try #require(answer)
    }

    /// The id of a new subscription.
    func subscribe(_ namespace: String, _ parameters: JSONValue...) async throws -> String {
        let answer =
            parameters.count == 1
            ? try await call("\(namespace)_subscribe", parameters[0])
            : try await call("\(namespace)_subscribe", parameters[0], parameters[1])
        return try #require(answer["result"]?.text, "\(answer)")
    }

    /// What subscription `id` has told, in order.
    func news(of id: String, in namespace: String) throws -> [JSONValue] {
        try messages().compactMap { message in
            guard message["params"]?["subscription"]?.text == id else { return nil }
            #expect(message["method"]?.text == "\(namespace)_subscription" && message["id"] == nil)
            return message["params"]?["result"]
        }
    }
}

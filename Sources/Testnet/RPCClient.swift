public import Configuration
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
public import Primitives

/// Why a call of a node's JSON-RPC gave no result.
public enum RPCClientError: Error, Sendable, CustomStringConvertible {
    case unreachable(Endpoint, reason: String)
    case timedOut(Endpoint, after: Duration)
    /// The connection ended before the answer.
    case closed(Endpoint)
    case httpStatus(Endpoint, code: Int)
    case answerTooLarge(Endpoint, limit: Int)
    case malformed(Endpoint, reason: String)
    /// The node answered with an error of JSON-RPC.
    case refused(RPCRefusal)

    public var description: String {
        switch self {
        case .unreachable(let endpoint, let reason): "cannot reach \(endpoint): \(reason)"
        case .timedOut(let endpoint, let after): "no answer from \(endpoint) within \(after.text)"
        case .closed(let endpoint): "\(endpoint) closed the connection"
        case .httpStatus(let endpoint, let code): "\(endpoint) answered with HTTP status \(code)"
        case .answerTooLarge(let endpoint, let limit): "the answer of \(endpoint) exceeds \(limit) bytes"
        case .malformed(let endpoint, let reason): "\(endpoint) answered with something else than JSON-RPC: \(reason)"
        case .refused(let refusal): refusal.description
        }
    }
}

/// The `error` of a JSON-RPC answer.
public struct RPCRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Int64
    public let message: String

    public var description: String { "\(message) (code \(code))" }

    /// The specification's code of a method that does not exist.
    public static let unknownMethod: Int64 = -32601
}

/// One method and its parameters.
public struct RPCCall: Sendable {
    public let method: String
    public let parameters: [JSONValue]

    public init(_ method: String, _ parameters: JSONValue...) {
        self.init(method, parameters: parameters)
    }

    public init(_ method: String, parameters: [JSONValue]) {
        (self.method, self.parameters) = (method, parameters)
    }
}

/// JSON-RPC over one keep-alive HTTP connection to one node.
///
/// The connection opens with the first call and again after it was lost. Calls go out one after another, in the
/// order in which they were made. A call that times out closes the connection, since answers come in order.
public final class RPCClient: Sendable {
    public let endpoint: Endpoint
    private let timeout: Duration
    private let loop: any EventLoop
    private let channel: NIOLoopBoundBox<EventLoopFuture<any Channel>?>

    /// - Parameter timeout: For each call, from the moment it is made, connecting included.
    public init(_ endpoint: Endpoint, timeout: Duration = .seconds(5)) {
        self.endpoint = endpoint
        self.timeout = timeout
        loop = MultiThreadedEventLoopGroup.singleton.next()
        channel = NIOLoopBoundBox.makeEmptyBox(eventLoop: loop)
    }

    /// Answers are read up to this size; a block of 8 MiB as hex fits.
    public static let answerBytesMax = 64 << 20

    /// The result of one call.
    public func call(_ method: String, _ parameters: JSONValue...) async throws(RPCClientError) -> JSONValue {
        let request: JSONValue = [
            "jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .array(parameters),
        ]
        return try result(of: try document(try await post(request.json())))
    }

    /// The results of several calls made with one request, in the order of `calls`.
    public func batch(_ calls: [RPCCall]) async throws(RPCClientError) -> [Result<JSONValue, RPCRefusal>] {
        let requests = calls.enumerated().map { index, call -> JSONValue in
            [
                "jsonrpc": "2.0", "id": .integer(Int64(index)), "method": .string(call.method),
                "params": .array(call.parameters),
            ]
        }
        let answer = try document(try await post(JSONValue.array(requests).json()))
        guard let answers = answer.items else {
            // A node may refuse the batch as a whole, with one error.
            _ = try result(of: answer)
            throw .malformed(endpoint, reason: "expected an array, found \(answer.summary)")
        }
        var results = [Result<JSONValue, RPCRefusal>?](repeating: nil, count: calls.count)
        for answer in answers {
            guard let id = answer["id"]?.unsigned, id < calls.count else { continue }
            do throws(RPCClientError) {
                results[Int(id)] = .success(try result(of: answer))
            } catch {
                guard case .refused(let refusal) = error else { throw error }
                results[Int(id)] = .failure(refusal)
            }
        }
        let complete = results.compactMap(\.self)
        guard complete.count == calls.count else {
            throw .malformed(endpoint, reason: "expected \(calls.count) answers, found \(complete.count)")
        }
        return complete
    }

    private func document(_ bytes: Bytes) throws(RPCClientError) -> JSONValue {
        do throws(ConfigurationError) {
            return try JSONValue(parsing: bytes, file: endpoint.description)
        } catch {
            throw .malformed(endpoint, reason: error.description)
        }
    }

    private func result(of answer: JSONValue) throws(RPCClientError) -> JSONValue {
        if let result = answer["result"] { return result }
        guard let error = answer["error"], case .integer(let code) = error["code"] else {
            throw .malformed(endpoint, reason: "neither result nor error in \(answer.summary)")
        }
        throw .refused(RPCRefusal(code: code, message: error["message"]?.text ?? "no message"))
    }

    /// Sends `body` as it is and gives back the body of the answer.
    public func post(_ body: Bytes) async throws(RPCClientError) -> Bytes {
        let promise = loop.makePromise(of: Bytes.self)
        let exchange = HTTPExchange(body: body, promise: promise)
        loop.execute { self.send(exchange) }
        do {
            return try await promise.futureResult.get()
        } catch {
            throw (error as? RPCClientError) ?? .unreachable(endpoint, reason: "\(error)")
        }
    }

    /// Ends the connection. The next call opens another.
    public func close() {
        loop.execute {
            self.channel.value?.whenSuccess { $0.close(promise: nil) }
            self.channel.value = nil
        }
    }

    private func send(_ exchange: HTTPExchange) {
        let deadline = loop.scheduleTask(in: TimeAmount(timeout)) { [endpoint, timeout] in
            exchange.promise.fail(RPCClientError.timedOut(endpoint, after: timeout))
            self.close()
        }
        exchange.promise.futureResult.whenComplete { _ in deadline.cancel() }
        let connection = channel.value ?? connect()
        connection.whenComplete { outcome in
            switch outcome {
            case .success(let channel):
                channel.writeAndFlush(exchange).whenFailure { [endpoint = self.endpoint] _ in
                    exchange.promise.fail(RPCClientError.closed(endpoint))
                }
            case .failure(let error):
                exchange.promise.fail(RPCClientError.unreachable(self.endpoint, reason: Self.reason(error)))
            }
        }
    }

    private func connect() -> EventLoopFuture<any Channel> {
        let endpoint = endpoint
        let connection = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(TimeAmount(timeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(HTTPExchangeHandler(endpoint))
                }
            }
            .connect(host: endpoint.host, port: endpoint.port)
        channel.value = connection
        connection.whenComplete { outcome in
            switch outcome {
            case .success(let opened): opened.closeFuture.whenComplete { _ in self.forget(connection) }
            case .failure: self.forget(connection)
            }
        }
        return connection
    }

    private func forget(_ connection: EventLoopFuture<any Channel>) {
        if channel.value === connection { channel.value = nil }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { reason($0.error) } ?? "\(error)"
        case let error as IOError: systemReason(error.errnoCode)
        default: "\(error)"
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

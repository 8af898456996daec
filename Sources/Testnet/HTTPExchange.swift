internal import Configuration
internal import NIOCore
internal import NIOHTTP1
internal import Primitives

/// A request on its way and the promise of its answer.
struct HTTPExchange: Sendable {
    let body: Bytes
    let promise: EventLoopPromise<Bytes>
}

/// Sends the exchanges written to it one at a time and fulfils each with the answer's body.
final class HTTPExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPExchange
    typealias OutboundOut = HTTPClientRequestPart

    private let endpoint: Endpoint
    /// The first is on the wire, the others wait for its answer.
    private var exchanges = CircularBuffer<HTTPExchange>()
    private var status = HTTPResponseStatus.ok
    private var answer = Bytes()

    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        exchanges.append(unwrapOutboundIn(data))
        promise?.succeed(())
        if exchanges.count == 1 { sendFirst(context) }
    }

    private func sendFirst(_ context: ChannelHandlerContext) {
        guard let exchange = exchanges.first else { return }
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: endpoint.description)
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: String(exchange.body.count))
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: exchange.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = head.status
            answer = []
        case .body(let piece):
            guard answer.count + piece.readableBytes <= RPCClient.answerBytesMax else {
                fail(.answerTooLarge(endpoint, limit: RPCClient.answerBytesMax))
                context.close(promise: nil)
                return
            }
            answer += piece.readableBytesView
        case .end:
            guard let exchange = exchanges.popFirst() else { return }
            if status == .ok {
                exchange.promise.succeed(answer)
            } else {
                exchange.promise.fail(RPCClientError.httpStatus(endpoint, code: Int(status.code)))
            }
            answer = []
            sendFirst(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.closed(endpoint))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error is HTTPParserError ? .malformed(endpoint, reason: "\(error)") : .closed(endpoint))
        context.close(promise: nil)
    }

    private func fail(_ error: RPCClientError) {
        while let exchange = exchanges.popFirst() { exchange.promise.fail(error) }
    }
}

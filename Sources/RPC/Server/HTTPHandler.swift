import NIOCore
import NIOHTTP1
import NIOWebSocket
import Primitives

/// One HTTP connection: gathers a request, gives its JSON to the dispatcher, writes the answer.
///
/// The pipeline handler before it lets one request in at a time, so pipelined requests are answered
/// in order and a client that floods us is simply not read.
final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between requests.
        case idle
        /// A call whose body is still arriving.
        case receiving(HTTPRequestHead, ByteBuffer)
        /// The answer is known; the rest of the body is thrown away first.
        case discarding(HTTPRequestHead, HTTPAnswer, received: Int)
        /// A report is asked for; what body there is is thrown away first.
        case asking(HTTPRequestHead, Report)
        /// A worker has the request with that number.
        case working(HTTPRequestHead, request: Int, Task<Void, Never>)
        case closed
    }

    private let service: HTTPService
    private let connections: Connections
    private let caller: Caller
    private var state = State.idle
    private var context: ChannelHandlerContext?
    private var deadline: NIODeadline
    private var reserved = 0
    private var requestCount = 0

    init(service: HTTPService, connections: Connections) {
        (self.service, self.connections) = (service, connections)
        caller = Caller(connection: connections.nextNumber(), subscriptions: nil)
        deadline = .now() + service.limits.receiveTimeout
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connections.insert(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }
    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A WebSocket that may not be comes here as the request that asked for it, and is told why.
        if error is NIOWebSocketUpgradeError { return }
        // A malformed request has been told 400 by the handler before us; a broken socket cannot be told.
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let part): receive(part)
        case .end: end()
        }
    }

    // MARK: Requests

    private func begin(_ head: HTTPRequestHead) {
        guard case .idle = state else { return }
        requestCount += 1
        deadline = .now() + service.limits.receiveTimeout
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        switch service.demand(head, bodyLength: length) {
        case .call: break
        case .report(let report): return state = .asking(head, report)
        case .answered(let answer):
            // A client that waits for leave to send its body, or sends more than we care to throw away,
            // is answered now and cut off.
            if head.expectsContinue || length > service.limits.discardedBytesMax { return finish(head, answer.closing) }
            return state = .discarding(head, answer, received: 0)
        }
        state = .receiving(head, ByteBuffer())
        if head.expectsContinue, let context {
            context.writeAndFlush(
                Self.wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
        }
    }

    private func receive(_ part: ByteBuffer) {
        switch state {
        case .receiving(let head, var body):
            // The array inside the state must be unique for the append to be in place.
            state = .idle
            let size = body.readableBytes + part.readableBytes
            if size > service.limits.bodyBytesMax {
                refuse(head, service.tooLarge, received: size)
            } else if !connections.reserve(part.readableBytes) {
                refuse(head, service.busy, received: size)
            } else {
                reserved += part.readableBytes
                if body.readableBytes == 0 { body = part } else { body.writeImmutableBuffer(part) }
                state = .receiving(head, body)
            }
        case .discarding(let head, let answer, let received):
            let received = received + part.readableBytes
            if received > service.limits.discardedBytesMax { return finish(head, answer.closing) }
            state = .discarding(head, answer, received: received)
        case .asking(let head, _): refuse(head, service.tooLarge, received: part.readableBytes)
        case .idle, .working, .closed: break
        }
    }

    private func refuse(_ head: HTTPRequestHead, _ answer: HTTPAnswer, received: Int) {
        releaseBody()
        state = .discarding(head, answer.closing, received: received)
    }

    private func end() {
        switch state {
        case .receiving(let head, let body): answer(head, body)
        case .asking(let head, let report):
            work(head) { [service] in await service.reporter.answer(report, host: head.headers.first(name: "host")) }
        case .discarding(let head, let answer, _): finish(head, answer)
        case .idle, .working, .closed: break
        }
    }

    private func answer(_ head: HTTPRequestHead, _ body: ByteBuffer) {
        let bytes = Bytes(body.readableBytesView)
        var request: JSONValue?
        if bytes.count <= service.limits.inlineBodyBytesMax {
            switch service.begin(bytes, from: caller) {
            case .answered(let json): return finish(head, .json(.ok, json))
            case .parsed(let value): request = value
            }
        }
        work(head) { [service, caller, request] in
            .json(await service.answer(bytes, parsed: request, from: caller))
        }
    }

    /// Has a worker make the answer.
    private func work(_ head: HTTPRequestHead, _ job: @escaping @Sendable () async -> HTTPAnswer) {
        guard let context, connections.enterWorkers() else { return finish(head, service.busy) }
        deadline = .now() + service.limits.answerTimeout
        let number = requestCount
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        let connections = NIOLoopBound(connections, eventLoop: loop)
        let compresses = service.acceptsGzip(head)
        let task = Task(executorPreference: service.workers) { [service] in
            var answer = await job()
            if compresses { answer = service.compressed(answer) }
            loop.execute { [answer] in
                connections.value.leaveWorkers()
                bound.value.worked(number, answer)
            }
        }
        state = .working(head, request: number, task)
    }

    /// A worker's answer has come, unless it comes too late.
    private func worked(_ number: Int, _ answer: HTTPAnswer) {
        guard case .working(let head, number, _) = state else { return }
        finish(head, answer)
    }

    // MARK: Answers

    private func finish(_ head: HTTPRequestHead, _ answer: HTTPAnswer) {
        guard let context else { return }
        releaseBody()
        let closes = answer.closes || !head.isKeepAlive
        state = closes ? .closed : .idle
        deadline = .now() + (closes ? service.limits.receiveTimeout : service.limits.idleTimeout)
        if answer.place != nil { deadline = deadline + service.limits.timeToRead(answer.body.readableBytes) }
        let response = service.responseHead(to: head, answer, closes: closes)
        context.write(Self.wrapOutboundOut(.head(response)), promise: nil)
        if answer.body.readableBytes > 0, head.method != .HEAD {
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        guard closes || answer.place != nil else {
            return context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil))).whenComplete { [place = answer.place] _ in
            // Until here the client has not read it, or is gone.
            withExtendedLifetime(place) {}
            if closes { bound.value.close(promise: nil) }
        }
    }

    /// Ends a request or a connection that has taken too long.
    func checkDeadline(at now: NIODeadline) {
        guard now >= deadline else { return }
        switch state {
        case .working(let head, _, let task):
            task.cancel()
            finish(head, head.method == .POST ? service.timedOut : service.silent)
        case .idle, .receiving, .asking, .discarding, .closed: close()
        }
    }

    func close() {
        context?.close(promise: nil)
    }

    private func releaseBody() {
        connections.release(reserved)
        reserved = 0
    }

    private func leave() {
        if case .working(_, _, let task) = state { task.cancel() }
        state = .closed
        releaseBody()
        connections.remove(self)
        context = nil
    }
}

extension HTTPRequestHead {
    fileprivate var expectsContinue: Bool {
        headers.first(name: "expect")?.lowercased() == "100-continue"
    }
}

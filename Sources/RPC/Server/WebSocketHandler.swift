import NIOCore
import NIOWebSocket
import Primitives

/// One WebSocket connection (RFC 6455): gathers messages, gives their JSON to the dispatcher, writes answers as they
/// come, and notifications between them.
///
/// Requests are answered out of order, as geth does: one that takes long holds up nobody. A client that does not
/// read its answers is not read; one that does not read its notifications is dropped.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// A request that a worker has.
    private struct Call {
        /// What it asked, to answer under its id; nil where only the worker has read it.
        let request: JSONValue?
        let caller: Caller
        let byteCount: Int
        let deadline: NIODeadline
        let task: Task<Void, Never>
    }

    /// Names the connection among those of the server.
    let number: UInt64
    private let service: HTTPService
    private let connections: Connections
    private let subscriptions: Subscriptions
    private let undecoded: FrameByteCounter
    private var context: ChannelHandlerContext?

    /// The frames of a message that is not whole yet.
    private var message: ByteBuffer?
    private var frameCount = 0
    /// Whole messages that wait until a call is answered. Few: nothing is read meanwhile.
    private var waiting: [ByteBuffer] = []
    private var calls: [UInt64: Call] = [:]
    private var callCount: UInt64 = 0
    /// Bytes held of the budget for bodies.
    private var reserved = 0
    /// Subscriptions whose ids the client has been told.
    private var announced: Set<UInt256> = []
    /// Notifications that came before the answer with their subscription's id.
    private var early: [Notification] = []
    private var earlyBytes = 0
    /// Bytes of notifications that wait for the client to read them.
    private var unreadNewsBytes = 0
    /// Until when the client must have read the large answers that it asked for.
    private var largeAnswersBy: NIODeadline?
    private var largeAnswerCount = 0
    private var wantsRead = false
    private var lastHeard = NIODeadline.now()
    private var isAsked = false
    /// What waited to be written when it last grew less, and when that was.
    private var lastBacklog = (bytes: 0, since: NIODeadline.now())
    private var closesBy: NIODeadline?

    init(
        service: HTTPService, connections: Connections, subscriptions: Subscriptions, undecoded: FrameByteCounter
    ) {
        (self.service, self.connections, self.subscriptions) = (service, connections, subscriptions)
        self.undecoded = undecoded
        number = connections.nextNumber()
    }

    private var limits: RPCLimits { service.limits }
    private var isClosing: Bool { closesBy != nil }

    /// Bytes that wait for the client to read.
    private var backlog: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
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
        switch error {
        case NIOWebSocketError.invalidFrameLength: close(saying: .messageTooLarge)
        case is NIOWebSocketError: close(saying: .protocolError)
        default: context.close(promise: nil)
        }
    }

    /// The channel asks to be read on; not while this client has enough to wait for.
    func read(context: ChannelHandlerContext) {
        if isBusy { wantsRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        readOn()
        context.fireChannelWritabilityChanged()
    }

    private var isBusy: Bool {
        calls.count >= limits.webSocketCallsMax || backlog > limits.webSocketBacklogBytesMax
    }

    private func readOn() {
        guard wantsRead, !isBusy else { return }
        wantsRead = false
        context?.read()
    }

    // MARK: Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        undecoded.frameCame()
        guard !isClosing else { return }
        let frame = Self.unwrapInboundIn(data)
        lastHeard = .now()
        isAsked = false
        // A client masks what it sends and uses no extension that nobody has offered (RFC 6455, 5.1 and 5.2).
        guard frame.maskKey != nil, frame.reservedBits.isEmpty else { return close(saying: .protocolError) }
        switch frame.opcode {
        case .text, .binary: receive(frame, isFirst: true)
        case .continuation: receive(frame, isFirst: false)
        case .ping:
            // Whoever asks and never reads gets no more answers than there is room for.
            if backlog <= limits.webSocketBacklogBytesMax { send(.pong, frame.unmaskedData) }
        case .pong: break
        case .connectionClose:
            let code = frame.unmaskedData.getWebSocketErrorCode(at: frame.unmaskedData.readerIndex)
            close(saying: code ?? .normalClosure)
        default: close(saying: .protocolError)
        }
    }

    private func receive(_ frame: WebSocketFrame, isFirst: Bool) {
        guard isFirst == (message == nil) else { return close(saying: .protocolError) }
        var whole = message ?? ByteBuffer()
        // The buffer must be alone for the append to be in place.
        message = nil
        frameCount = isFirst ? 1 : frameCount + 1
        let size = frame.length
        guard whole.readableBytes + size <= limits.bodyBytesMax, frameCount <= limits.webSocketFramesMax else {
            return close(saying: .messageTooLarge)
        }
        guard connections.reserve(size) else { return close(saying: .tryAgainLater) }
        reserved += size
        if isFirst { whole = frame.unmaskedData } else { whole.writeImmutableBuffer(frame.unmaskedData) }
        guard frame.fin else { return message = whole }
        if calls.count < limits.webSocketCallsMax { begin(whole) } else { waiting.append(whole) }
    }

    // MARK: Requests

    private func begin(_ message: ByteBuffer) {
        let bytes = Bytes(message.readableBytesView)
        let caller = Caller(connection: number, subscriptions: subscriptions)
        var request: JSONValue?
        if bytes.count <= limits.inlineBodyBytesMax {
            switch service.begin(bytes, from: caller) {
            case .answered(let json): return finish(Answer(json), caller, bytes.count)
            case .parsed(let value): request = value
            }
        }
        guard let context, connections.enterWorkers() else {
            return finish(Answer(service.dispatcher.answer(.busy)), caller, bytes.count)
        }
        callCount += 1
        let call = callCount
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        let connections = NIOLoopBound(connections, eventLoop: loop)
        let task = Task(executorPreference: service.workers) { [service, request] in
            let answer = await service.answer(bytes, parsed: request, from: caller)
            loop.execute {
                connections.value.leaveWorkers()
                bound.value.answered(call, answer)
            }
        }
        calls[call] = Call(
            request: request, caller: caller, byteCount: bytes.count, deadline: .now() + limits.answerTimeout,
            task: task)
    }

    /// A worker's answer has come, unless it comes too late.
    private func answered(_ number: UInt64, _ answer: Answer) {
        guard let call = calls.removeValue(forKey: number) else { return }
        finish(answer, call.caller, call.byteCount)
        beginWaiting()
    }

    private func beginWaiting() {
        var begun = 0
        while begun < waiting.count, calls.count < limits.webSocketCallsMax, !isClosing {
            begin(waiting[begun])
            begun += 1
        }
        waiting.removeFirst(min(begun, waiting.count))
        readOn()
    }

    private func finish(_ answer: Answer, _ caller: Caller, _ byteCount: Int) {
        release(byteCount)
        guard !isClosing else { return }
        if let place = answer.place {
            sendLarge(answer.body, place)
        } else if answer.body.readableBytes > 0 {
            send(.text, answer.body)
        }
        announced.formUnion(caller.opened)
        announced.subtract(caller.closed)
        guard !early.isEmpty else { return }
        let held = early
        (early, earlyBytes) = ([], 0)
        notify(held)
    }

    // MARK: Notifications

    /// Sends what a subscription of this connection has to tell.
    func notify(_ notifications: [Notification]) {
        guard let context, !isClosing else { return }
        guard unreadNewsBytes <= limits.webSocketBacklogBytesMax else { return drop() }
        var told: [ByteBuffer] = []
        for notification in notifications {
            if announced.contains(notification.subscription) {
                told.append(notification.text)
            } else if !calls.isEmpty {
                early.append(notification)
                earlyBytes += notification.text.readableBytes
            }
        }
        if let last = told.popLast() {
            let byteCount = told.reduce(last.readableBytes) { $0 + $1.readableBytes }
            unreadNewsBytes += byteCount
            for text in told { context.write(Self.wrapOutboundOut(textFrame(text)), promise: nil) }
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.write(Self.wrapOutboundOut(textFrame(last))).whenComplete { _ in
                bound.value.unreadNewsBytes -= byteCount
            }
        }
        context.flush()
        if earlyBytes > limits.webSocketBacklogBytesMax { drop() }
    }

    /// Cuts off a client that does not read: it would not read a farewell either.
    private func drop() {
        connections.droppedReaders += 1
        context?.close(promise: nil)
    }

    // MARK: Time

    /// Ends what has taken too long and asks the silent whether they live. Called about once a second.
    func checkDeadlines(at now: NIODeadline) {
        if let closesBy {
            if now >= closesBy { context?.close(promise: nil) }
            return
        }
        for (number, call) in calls where now >= call.deadline {
            calls[number] = nil
            call.task.cancel()
            finish(Answer(service.dispatcher.timeoutAnswer(to: call.request)), call.caller, call.byteCount)
        }
        beginWaiting()
        let backlog = backlog
        if backlog == 0 || backlog < lastBacklog.bytes { lastBacklog = (backlog, now) }
        if now - lastBacklog.since >= limits.webSocketStallTimeout { return drop() }
        lastBacklog.bytes = backlog
        if let largeAnswersBy {
            // A ping would wait behind the answer: what counts is that the answer is read.
            if now >= largeAnswersBy { drop() }
            return
        }
        let silence = now - lastHeard
        if silence >= limits.webSocketSilenceMax { return close(saying: .goingAway) }
        if silence >= limits.webSocketPingAfter, !isAsked {
            isAsked = true
            send(.ping, ByteBuffer())
        }
    }

    // MARK: Ends

    /// Says why and closes, whether or not the client answers.
    func close(saying code: WebSocketErrorCode) {
        guard let context, !isClosing else { return }
        closesBy = .now() + limits.receiveTimeout
        var reason = ByteBuffer()
        reason.write(webSocketErrorCode: code)
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: reason)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(frame)).whenComplete { _ in bound.value.close(promise: nil) }
        end()
    }

    private func leave() {
        guard context != nil else { return }
        end()
        connections.remove(self)
        context = nil
    }

    /// Lets go of everything but the channel.
    private func end() {
        for call in calls.values { call.task.cancel() }
        (calls, waiting, early, announced, message) = ([:], [], [], [], nil)
        release(reserved)
        subscriptions.removeAll(of: number)
    }

    private func release(_ byteCount: Int) {
        let count = min(byteCount, reserved)
        connections.release(count)
        reserved -= count
    }

    /// Sends an answer that keeps its place until the client has it.
    private func sendLarge(_ body: ByteBuffer, _ place: LargeAnswers.Place) {
        guard let context else { return }
        let time = limits.webSocketStallTimeout + limits.timeToRead(body.readableBytes)
        largeAnswersBy = (largeAnswersBy ?? .now()) + time
        largeAnswerCount += 1
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(textFrame(body))).whenComplete { [place] _ in
            withExtendedLifetime(place) {}
            bound.value.largeAnswerIsRead()
        }
    }

    private func largeAnswerIsRead() {
        largeAnswerCount -= 1
        if largeAnswerCount == 0 { largeAnswersBy = nil }
        // It could not hear us behind the answer.
        lastHeard = .now()
    }

    private func textFrame(_ text: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: .text, data: text)
    }

    private func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        context?.writeAndFlush(
            Self.wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
    }
}

extension WebSocketErrorCode {
    /// The server has too much to do (IANA's registry of close codes: 1013).
    fileprivate static let tryAgainLater = WebSocketErrorCode.unknown(1013)
}

/// Counts what the decoder after it holds of a frame that is not whole, against the budget for bodies.
final class FrameByteCounter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connections: Connections
    private var held = 0

    init(connections: Connections) {
        self.connections = connections
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let size = Self.unwrapInboundIn(data).readableBytes
        guard connections.reserve(size) else { return context.close(promise: nil) }
        held += size
        context.fireChannelRead(data)
    }

    /// A frame is whole: what the decoder may hold now came with its last bytes, and is little.
    func frameCame() {
        connections.release(held)
        held = 0
    }

    func handlerRemoved(context: ChannelHandlerContext) { frameCame() }
}

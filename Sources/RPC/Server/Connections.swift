import NIOCore
import NIOWebSocket

/// The server's connections and what they hold together. Lives on the server's one event loop.
final class Connections {
    private let limits: RPCLimits
    private var handlers: [ObjectIdentifier: HTTPHandler] = [:]
    private var sockets: [UInt64: WebSocketHandler] = [:]
    private var lastNumber: UInt64 = 0
    /// Bytes of bodies that are being received or answered.
    private var bodyBytes = 0
    /// Requests that workers have and that are not answered.
    private(set) var waiting = 0
    /// WebSocket clients that were cut off because they did not read.
    var droppedReaders = 0

    init(limits: RPCLimits) {
        self.limits = limits
    }

    var isFull: Bool { handlers.count >= limits.connectionsMax }
    var count: Int { handlers.count }

    var isFullOfWebSockets: Bool { sockets.count >= limits.webSocketsMax }
    var webSocketCount: Int { sockets.count }

    func insert(_ handler: HTTPHandler) { handlers[ObjectIdentifier(handler)] = handler }
    func remove(_ handler: HTTPHandler) { handlers[ObjectIdentifier(handler)] = nil }

    var load: ServerLoad {
        ServerLoad(
            connections: handlers.count, webSockets: sockets.count, waiting: waiting, droppedReaders: droppedReaders)
    }

    /// A name for a new connection.
    func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    func insert(_ socket: WebSocketHandler) { sockets[socket.number] = socket }
    func remove(_ socket: WebSocketHandler) { sockets[socket.number] = nil }

    /// Takes `count` bytes out of the common budget; false where there is not enough left.
    func reserve(_ count: Int) -> Bool {
        guard bodyBytes + count <= limits.bodyBytesInFlightMax else { return false }
        bodyBytes += count
        return true
    }

    func release(_ count: Int) { bodyBytes -= count }

    /// Counts a request for the workers; false where too many wait already.
    func enterWorkers() -> Bool {
        guard waiting < limits.requestsWaitingMax else { return false }
        waiting += 1
        return true
    }

    func leaveWorkers() { waiting -= 1 }

    /// Ends what has waited too long. Called about once a second.
    func sweep(at now: NIODeadline) {
        for handler in Array(handlers.values) { handler.checkDeadline(at: now) }
        for socket in Array(sockets.values) { socket.checkDeadlines(at: now) }
    }

    func closeAll() {
        for handler in Array(handlers.values) { handler.close() }
        for socket in Array(sockets.values) { socket.close(saying: .goingAway) }
    }

    // MARK: Notifications

    /// Gives each connection what its subscriptions have to tell; those that are gone get nothing.
    func deliver(_ notifications: [UInt64: [Notification]]) {
        for (number, notifications) in notifications { sockets[number]?.notify(notifications) }
    }

    /// Closes connections that cannot be told what they asked for.
    func fail(_ numbers: Set<UInt64>) {
        for number in numbers { sockets[number]?.close(saying: .unexpectedServerError) }
    }
}

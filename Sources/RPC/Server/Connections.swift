import NIOCore

/// The server's connections and what they hold together. Lives on the server's one event loop.
final class Connections {
    private let limits: RPCLimits
    private var handlers: [ObjectIdentifier: HTTPHandler] = [:]
    /// Bytes of bodies that are being received or answered.
    private var bodyBytes = 0
    /// Requests that workers have and that are not answered.
    private(set) var waiting = 0

    init(limits: RPCLimits) {
        self.limits = limits
    }

    var isFull: Bool { handlers.count >= limits.connectionsMax }
    var count: Int { handlers.count }

    func insert(_ handler: HTTPHandler) { handlers[ObjectIdentifier(handler)] = handler }
    func remove(_ handler: HTTPHandler) { handlers[ObjectIdentifier(handler)] = nil }

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
    }

    func closeAll() {
        for handler in Array(handlers.values) { handler.close() }
    }
}

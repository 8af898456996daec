import Primitives
import Synchronization

/// What a client can be told of as it happens.
enum Topic: Sendable {
    case heads
    case logs(LogFilter)
    /// Transactions that became pending: their hashes, or all of them.
    case pending(full: Bool)
    case syncing
    case faults
    case verdicts
    case rounds
}

/// One wish of one connection.
struct Subscription: Sendable {
    /// Random, so that nobody can guess another's.
    let id: UInt256
    let topic: Topic
    /// The `method` of its notifications: "eth_subscription".
    let method: String
    /// The connection that it belongs to.
    let subscriber: UInt64
}

/// Every subscription of the server.
final class Subscriptions: Sendable {
    private let limits: RPCLimits
    /// In the order in which they were made.
    private let state = Mutex<[Subscription]>([])

    init(limits: RPCLimits) {
        self.limits = limits
    }

    var all: [Subscription] { state.withLock { $0 } }
    var count: Int { state.withLock { $0.count } }

    func add(_ topic: Topic, as method: String, for subscriber: UInt64) throws(RPCError) -> UInt256 {
        // 128 bits as geth gives them, and never with a leading zero.
        let id = UInt256(limbs: .random(in: .min ... .max), .random(in: 1 << 60 ... .max), 0, 0)
        let refusal: RPCError? = state.withLock { subscriptions in
            let own = subscriptions.count { $0.subscriber == subscriber }
            guard own < limits.subscriptionsPerConnectionMax else {
                return .tooManySubscriptions(limit: limits.subscriptionsPerConnectionMax, "this connection")
            }
            guard subscriptions.count < limits.subscriptionsMax else {
                return .tooManySubscriptions(limit: limits.subscriptionsMax, "this node")
            }
            subscriptions.append(Subscription(id: id, topic: topic, method: method, subscriber: subscriber))
            return nil
        }
        if let refusal { throw refusal }
        return id
    }

    /// Whether there was such a subscription of that connection.
    func remove(_ id: UInt256, of subscriber: UInt64) -> Bool {
        state.withLock { subscriptions in
            guard let index = subscriptions.firstIndex(where: { $0.id == id && $0.subscriber == subscriber })
            else { return false }
            subscriptions.remove(at: index)
            return true
        }
    }

    func removeAll(of subscriber: UInt64) {
        state.withLock { $0.removeAll { $0.subscriber == subscriber } }
    }
}

/// The connection that a request came from: whose filters these are, and how a method talks back later.
final class Caller: Sendable {
    /// The connection's number.
    let connection: UInt64
    /// nil where nobody can be talked back to: over HTTP.
    private let subscriptions: Subscriptions?
    /// What the request has changed: nothing may be said of a subscription before its id has been told.
    private let changes = Mutex<(opened: [UInt256], closed: [UInt256])>(([], []))

    init(connection: UInt64, subscriptions: Subscriptions?) {
        (self.connection, self.subscriptions) = (connection, subscriptions)
    }

    var canBeToldLater: Bool { subscriptions != nil }

    func subscribe(to topic: Topic, as method: String) throws(RPCError) -> UInt256 {
        guard let subscriptions else { throw .notificationsUnsupported }
        let id = try subscriptions.add(topic, as: method, for: connection)
        changes.withLock { $0.opened.append(id) }
        return id
    }

    func unsubscribe(_ id: UInt256) throws(RPCError) {
        guard let subscriptions else { throw .notificationsUnsupported }
        guard subscriptions.remove(id, of: connection) else { throw .subscriptionNotFound }
        changes.withLock { $0.closed.append(id) }
    }

    var opened: [UInt256] { changes.withLock { $0.opened } }
    var closed: [UInt256] { changes.withLock { $0.closed } }
}

extension RPCError {
    static let notificationsUnsupported = RPCError(code: -32601, message: "notifications not supported")
    static let subscriptionNotFound = server("subscription not found")

    static func tooManySubscriptions(limit: Int, _ whose: String) -> RPCError {
        server("too many subscriptions: at most \(limit) for \(whose)")
    }

    static func unknownSubscription(_ name: String, in namespace: String) -> RPCError {
        RPCError(
            code: -32601,
            message: "no \"\(name.prefix(echoedTextMax))\" subscription in \(namespace) namespace")
    }
}

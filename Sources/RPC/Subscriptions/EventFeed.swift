import Chain
import EthereumChain
import NIOCore
import NIOPosix
import Primitives
import Synchronization

/// Makes notifications of what happens and hands them to the connections that asked.
///
/// Runs on a thread of its own, since blocks are read from disk, and waits for the event loop after each piece:
/// so what is made and not yet handed over stays small. What the connections do with it is bounded by them.
final class EventFeed: Sendable {
    /// Bytes of notifications that are handed over at once.
    static let pieceBytesMax = 256 << 10
    /// Heads that are told one by one after a jump; of more, the latest.
    static let headsAtOnceMax: Height = 256

    private let context: RPCContext
    private let subscriptions: Subscriptions
    private let loop: any EventLoop
    private let connections: NIOLoopBound<Connections>
    private let thread = NIOThreadPool(numberOfThreads: 1)
    /// The last head that was told of. Only the feed's thread changes it.
    private let told: Mutex<Height>
    private let source = Mutex<(hub: EventHub, reader: EventReader)?>(nil)

    init(
        context: RPCContext, subscriptions: Subscriptions, loop: any EventLoop,
        connections: NIOLoopBound<Connections>
    ) {
        (self.context, self.subscriptions, self.loop) = (context, subscriptions, loop)
        self.connections = connections
        told = Mutex(context.chain.headHeight)
        thread.start()
    }

    /// Tells of everything that `hub` is told from now on.
    ///
    /// - Returns: false where the hub has as many readers as it takes.
    @discardableResult
    func begin(reading hub: EventHub) -> Bool {
        guard let reader = hub.reader(wake: { [weak self] in self?.wake() }) else { return false }
        source.withLock { $0 = (hub, reader) }
        wake()
        return true
    }

    /// Reads all that waits, so once for each time that something came is enough.
    private func wake() {
        thread.submit { state in
            guard case .active = state, let reader = self.source.withLock({ $0?.reader }) else { return }
            for event in reader.take().events { self.tell(event) }
        }
    }

    func stop() async {
        if let (hub, reader) = source.withLock({ $0 }) { hub.remove(reader) }
        // The pool refuses only to end twice.
        try? await thread.shutdownGracefully()
    }

    private func tell(_ event: NodeEvent) {
        let subscribed = subscriptions.all
        var piece = Piece(feed: self)
        switch event {
        case .head(let height): heads(to: height, subscribed, &piece)
        case .pending(let transactions): pending(transactions, subscribed, &piece)
        case .fault(let record):
            piece.add(subscribed.filter { if case .faults = $0.topic { true } else { false } }) { writer in
                writer.fault(record, proof: nil)
            }
        case .verdict(let report):
            piece.add(subscribed.filter { if case .verdicts = $0.topic { true } else { false } }) { writer in
                writer.verdict(report)
            }
        case .round(let height, let isSealed, let report):
            piece.add(subscribed.filter { if case .rounds = $0.topic { true } else { false } }) { writer in
                writer.round(report, at: height, sealed: isSealed)
            }
        case .syncing(let report):
            piece.add(subscribed.filter { if case .syncing = $0.topic { true } else { false } }) { writer in
                writer.syncing(report)
            }
        }
        piece.handOver()
    }

    // MARK: Blocks

    private func heads(to height: Height, _ subscribed: [Subscription], _ piece: inout Piece) {
        let last = told.withLock { told in
            defer { told = max(told, height) }
            return told
        }
        guard height > last else { return }
        let listeners = subscribed.filter { if case .heads = $0.topic { true } else { false } }
        let filters = subscribed.compactMap { subscription -> (Subscription, LogFilter)? in
            if case .logs(let filter) = subscription.topic { (subscription, filter) } else { nil }
        }
        guard !listeners.isEmpty || !filters.isEmpty else { return }
        let first = height - last > Self.headsAtOnceMax ? height - Self.headsAtOnceMax + 1 : last + 1
        for height in first...height {
            do throws(RPCError) {
                guard let block = try context.blocks.block(at: height) else {
                    throw .internalError("no block \(height)")
                }
                piece.add(listeners) { writer in writer.headerObject(block.header, hash: block.hash) }
                try logs(of: block, filters, &piece)
            } catch {
                // Whoever goes on without this block would not know that something is missing.
                return piece.giveUp(listeners + filters.map(\.0))
            }
        }
    }

    private func logs(
        of block: LoadedBlock, _ filters: [(Subscription, LogFilter)], _ piece: inout Piece
    ) throws(RPCError) {
        let (height, bloom) = (block.header.number, block.header.logsBloom)
        let filters = filters.filter { _, filter in
            filter.mayMatch(bloom) && filter.part(from: LogPlace(height: height), through: height) != nil
        }
        guard !filters.isEmpty, bloom != .empty else { return }
        let inclusion = Inclusion(block)
        var logIndex = 0
        for (index, receipt) in try block.receipts().enumerated() {
            let transaction = block.block.transactions[index].hash
            for log in receipt.logs {
                piece.add(filters.filter { $0.1.matches(log) }.map(\.0)) { writer in
                    writer.log(log, of: transaction, in: inclusion, at: index, logIndex: logIndex)
                }
                logIndex += 1
            }
        }
    }

    private func pending(_ transactions: [SentTransaction], _ subscribed: [Subscription], _ piece: inout Piece) {
        let byHash = subscribed.filter { if case .pending(full: false) = $0.topic { true } else { false } }
        let whole = subscribed.filter { if case .pending(full: true) = $0.topic { true } else { false } }
        guard !byHash.isEmpty || !whole.isEmpty else { return }
        for sent in transactions {
            piece.add(byHash) { writer in writer.hex(sent.transaction.hash) }
            piece.add(whole) { writer in writer.transaction(sent.transaction, sender: sent.sender, in: nil, at: nil) }
        }
    }

    // MARK: Delivery

    /// Notifications on their way, by connection.
    private struct Piece {
        let feed: EventFeed
        private var notifications: [UInt64: [Notification]] = [:]
        private var bytes = 0

        init(feed: EventFeed) {
            self.feed = feed
        }

        /// Writes the result once, and a notification with it for each of `listeners`.
        mutating func add(_ listeners: [Subscription], _ result: (inout JSONWriter) -> Void) {
            guard !listeners.isEmpty else { return }
            var writer = JSONWriter()
            result(&writer)
            let result = writer.finish()
            for listener in listeners {
                var writer = JSONWriter()
                writer.notification(listener, result)
                let notification = Notification(subscription: listener.id, text: writer.finish())
                notifications[listener.subscriber, default: []].append(notification)
                bytes += notification.text.readableBytes
                if bytes >= EventFeed.pieceBytesMax { handOver() }
            }
        }

        mutating func handOver() {
            guard !notifications.isEmpty else { return }
            let piece = notifications
            (notifications, bytes) = ([:], 0)
            let connections = feed.connections
            // A loop that has ended takes nothing, and nobody is left to tell.
            try? feed.loop.submit { connections.value.deliver(piece) }.wait()
        }

        /// Ends the connections of `listeners`: they cannot be told what they asked for.
        mutating func giveUp(_ listeners: [Subscription]) {
            handOver()
            let subscribers = Set(listeners.map(\.subscriber))
            let connections = feed.connections
            try? feed.loop.submit { connections.value.fail(subscribers) }.wait()
        }
    }
}

/// One message of a subscription, ready to be sent.
struct Notification: Sendable {
    let subscription: UInt256
    let text: ByteBuffer
}

extension JSONWriter {
    fileprivate mutating func notification(_ subscription: Subscription, _ result: ByteBuffer) {
        object { writer in
            writer.name("jsonrpc")
            writer.string("2.0")
            writer.name("method")
            writer.string(subscription.method)
            writer.name("params")
            writer.object { writer in
                writer.name("subscription")
                writer.quantity(subscription.id)
                writer.name("result")
                writer.written(result)
            }
        }
    }

    fileprivate mutating func round(_ report: RoundReport, at height: Height, sealed: Bool) {
        object { writer in
            writer.name("height")
            writer.quantity(height)
            writer.name("sealed")
            writer.bool(sealed)
            writer.roundMembers(report)
        }
    }

    /// As geth tells it: an object at the beginning, false at the end.
    fileprivate mutating func syncing(_ report: SyncReport?) {
        guard let report else { return bool(false) }
        object { writer in
            writer.name("syncing")
            writer.bool(true)
            writer.name("status")
            writer.sync(report)
        }
    }
}

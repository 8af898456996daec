import Chain
import Primitives
import Synchronization

/// Carries what happens in the node to whoever serves clients. Bounded: a reader that does not read loses the
/// oldest events, and nobody waits for it.
///
/// The host and its workers publish from their own threads. Subscriptions read events as they come, each server
/// through one `EventReader`; filters ask for the transactions since a point in time.
public final class EventHub: Sendable {
    /// Waiting events, with transactions counted one by one, that a reader may fall behind.
    public static let waitingMax = 16_384
    /// Hashes of transactions that are remembered for filters: as many as the pool can hold at once.
    public static let rememberedTransactionsMax = 32_768
    /// Readers at once: a server has one.
    public static let readersMax = 16

    fileprivate struct State {
        var readers: [EventReader] = []
        /// A ring: the transaction with number n stands at n modulo `rememberedTransactionsMax`.
        var transactions: [Hash32] = []
        var transactionCount: UInt64 = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// Whether anybody reads events: what costs work to report need not be reported to nobody.
    public var isWatched: Bool { state.withLock { !$0.readers.isEmpty } }

    /// Tells every reader. Quick, from any thread; the events of one thread stay in order.
    public func publish(_ event: NodeEvent) {
        let readers = state.withLock { state in
            if case .pending(let transactions) = event {
                for sent in transactions { state.remember(sent.transaction.hash) }
            }
            return state.readers
        }
        for reader in readers { reader.add(event) }
    }

    /// A new reader of what happens from now on; nil where there are `readersMax` already.
    ///
    /// - Parameter wake: Called on the publishing thread when there is something to read after a time of nothing.
    ///   Must be quick, and must not call the hub.
    func reader(wake: @escaping @Sendable () -> Void) -> EventReader? {
        state.withLock { state in
            guard state.readers.count < Self.readersMax else { return nil }
            let reader = EventReader(wake: wake)
            state.readers.append(reader)
            return reader
        }
    }

    /// Lets go of a reader.
    func remove(_ reader: EventReader) {
        state.withLock { $0.readers.removeAll { $0 === reader } }
    }

    // MARK: Filters

    /// The number that the next transaction to become pending will have: where a new filter begins.
    var nextTransaction: UInt64 { state.withLock { $0.transactionCount } }

    /// The transactions that became pending from the one with number `start` on, oldest first.
    ///
    /// - Returns: Their hashes, the `start` for the next question, and whether some between were forgotten.
    func transactions(from start: UInt64) -> (hashes: [Hash32], next: UInt64, areMissing: Bool) {
        state.withLock { state in
            let room = UInt64(Self.rememberedTransactionsMax)
            let oldest = state.transactionCount > room ? state.transactionCount - room : 0
            let first = min(max(start, oldest), state.transactionCount)
            let hashes = (first..<state.transactionCount).map { state.transactions[Int($0 % room)] }
            return (hashes, state.transactionCount, start < oldest)
        }
    }
}

extension EventHub.State {
    fileprivate mutating func remember(_ hash: Hash32) {
        if transactions.count < EventHub.rememberedTransactionsMax {
            transactions.append(hash)
        } else {
            transactions[Int(transactionCount % UInt64(EventHub.rememberedTransactionsMax))] = hash
        }
        transactionCount += 1
    }
}

/// The events that one server has not read yet.
final class EventReader: Sendable {
    fileprivate struct State {
        var events: [NodeEvent] = []
        var weight = 0
        var lost = 0
    }

    private let state = Mutex(State())
    private let wake: @Sendable () -> Void

    fileprivate init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    fileprivate func add(_ event: NodeEvent) {
        let wasEmpty = state.withLock { state in
            let wasEmpty = state.events.isEmpty
            if state.weight + event.weight > EventHub.waitingMax { state.forgetOldest(for: event.weight) }
            state.events.append(event)
            state.weight += event.weight
            return wasEmpty
        }
        if wasEmpty { wake() }
    }

    /// All that waits, oldest first, and how much was lost before it because nobody read.
    func take() -> (events: [NodeEvent], lost: Int) {
        state.withLock { state in
            defer { state = State() }
            return (state.events, state.lost)
        }
    }
}

extension EventReader.State {
    /// Forgets half of what waits, and more where `newcomer` needs it: dropping one by one would move all the others
    /// each time.
    fileprivate mutating func forgetOldest(for newcomer: Int) {
        let keep = max(0, min(EventHub.waitingMax / 2, EventHub.waitingMax - newcomer))
        var count = 0
        while count < events.count, weight > keep {
            weight -= events[count].weight
            lost += events[count].weight
            count += 1
        }
        events.removeFirst(count)
    }
}

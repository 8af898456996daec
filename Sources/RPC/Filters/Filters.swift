import Primitives
import Synchronization

/// The filters of all clients. Called from RPC's threads, several at a time.
final class Filters: Sendable {
    private let limits: RPCLimits
    private let events: EventHub
    private let book: Mutex<FilterBook>

    init(limits: RPCLimits, events: EventHub) {
        (self.limits, self.events) = (limits, events)
        book = Mutex(FilterBook(limits: limits))
    }

    /// What a filter has to tell now.
    enum Changes {
        case blocks(ClosedRange<Height>)
        case logs(LogFilter, from: LogPlace, through: Height)
        case pending([Hash32], hydrated: Bool)
        case nothing
    }

    /// - Returns: The id of the new filter: 128 random bits, so that no client hits another's.
    func install(_ subject: FilterBook.Subject, of owner: UInt64?) throws(RPCError) -> UInt256 {
        let id = UInt256(limbs: .random(in: 0...(.max)), .random(in: 1...(.max)), 0, 0)
        try book.withLock { book throws(RPCError) in try book.insert(subject, as: id, of: owner, at: .now) }
        return id
    }

    /// A filter of the transactions that become pending from now on.
    func installPending(hydrated: Bool, of owner: UInt64?) throws(RPCError) -> UInt256 {
        try install(.pending(next: events.nextTransaction, hydrated: hydrated), of: owner)
    }

    func uninstall(_ id: UInt256) -> Bool {
        book.withLock { $0.remove(id) }
    }

    /// The criteria of a filter of logs.
    func logFilter(_ id: UInt256) throws(RPCError) -> LogFilter {
        try book.withLock { book throws(RPCError) in
            guard case .logs(let filter, _) = try book.ask(id, at: .now) else { throw .filterNotFound }
            return filter
        }
    }

    /// What the filter has not told yet, as far as one answer may go. It counts as told: who cannot tell it gives
    /// it back.
    func take(_ id: UInt256, head: Height) throws(RPCError) -> Changes {
        try book.withLock { book throws(RPCError) in
            switch try book.ask(id, at: .now) {
            case .blocks(let next):
                guard next <= head else { return .nothing }
                let last = min(head, next + UInt64(limits.filterChangesMax) - 1)
                book.move(id, to: .blocks(next: last + 1))
                return .blocks(next...last)
            case .logs(let filter, let next):
                guard next.height <= head else { return .nothing }
                let last = min(head, next.height + limits.logBlocksMax - 1)
                book.move(id, to: .logs(filter, next: LogPlace(height: last + 1)))
                return .logs(filter, from: next, through: last)
            case .pending(let next, let hydrated):
                let entered = events.transactions(from: next)
                guard !entered.areMissing else {
                    // More came than is remembered: going on would hide a gap. The client installs a new one.
                    book.remove(id)
                    throw .filterNotFound
                }
                let hashes = Array(entered.hashes.prefix(limits.filterChangesMax))
                let rest = UInt64(entered.hashes.count - hashes.count)
                book.move(id, to: .pending(next: entered.next - rest, hydrated: hydrated))
                return .pending(hashes, hydrated: hydrated)
            }
        }
    }

    /// A filter of blocks or logs goes on at `place`: what comes from there on has not been told.
    func giveBack(_ id: UInt256, from place: LogPlace) {
        book.withLock { book in
            switch try? book.ask(id, at: .now) {
            case .blocks: book.move(id, to: .blocks(next: place.height))
            case .logs(let filter, _): book.move(id, to: .logs(filter, next: place))
            case .pending, nil: break
            }
        }
    }
}

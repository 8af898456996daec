import Primitives

/// The filters that clients have installed, and how far each has been read. Time comes as `now`.
///
/// Blocks are final and have numbers, so a filter remembers only the first height that it has not told of: nothing
/// is gathered for a client that does not come back.
struct FilterBook {
    typealias Instant = ContinuousClock.Instant

    /// What a filter tells of, from where on.
    enum Subject {
        /// Hashes of blocks from a height on.
        case blocks(next: Height)
        /// Logs from a place on.
        case logs(LogFilter, next: LogPlace)
        /// Transactions that became pending, from the one with a number of `EventHub` on.
        case pending(next: UInt64, hydrated: Bool)

        /// Addresses and topics that it holds in memory.
        fileprivate var terms: Int {
            if case .logs(let filter, _) = self { filter.termCount } else { 0 }
        }
    }

    private struct Entry {
        var subject: Subject
        let owner: UInt64?
        var lastAsked: Instant
    }

    private let limits: RPCLimits
    private var entries: [UInt256: Entry] = [:]
    private var termCount = 0

    init(limits: RPCLimits) {
        self.limits = limits
    }

    var count: Int { entries.count }

    /// Installs a filter under an unused id.
    ///
    /// - Parameter owner: The connection that asks, where it is known: it may have only some of all.
    /// - Throws: What a client is told that has, or where all together have, too many.
    mutating func insert(
        _ subject: Subject, as id: UInt256, of owner: UInt64?, at now: Instant
    ) throws(RPCError) {
        precondition(entries[id] == nil, "the id of a filter is drawn from 2^128")
        expire(at: now)
        guard entries.count < limits.filtersMax else {
            throw .server("too many filters: at most \(limits.filtersMax); uninstall some")
        }
        if let owner, entries.values.count(where: { $0.owner == owner }) >= limits.filtersPerConnectionMax {
            throw .server(
                "too many filters on this connection: at most \(limits.filtersPerConnectionMax); uninstall some")
        }
        guard termCount + subject.terms <= limits.filterTermsMax else {
            throw .server("filters have too many addresses and topics together: at most \(limits.filterTermsMax)")
        }
        termCount += subject.terms
        entries[id] = Entry(subject: subject, owner: owner, lastAsked: now)
    }

    /// Whether there was one.
    @discardableResult
    mutating func remove(_ id: UInt256) -> Bool {
        guard let entry = entries.removeValue(forKey: id) else { return false }
        termCount -= entry.subject.terms
        return true
    }

    /// What the filter is about, which lives on since somebody asks.
    mutating func ask(_ id: UInt256, at now: Instant) throws(RPCError) -> Subject {
        guard let entry = entries[id], !isOver(entry, at: now) else {
            remove(id)
            throw .filterNotFound
        }
        entries[id]?.lastAsked = now
        return entry.subject
    }

    /// The filter is about `subject` from now on: the same, from another place on.
    mutating func move(_ id: UInt256, to subject: Subject) {
        entries[id]?.subject = subject
    }

    private func isOver(_ entry: Entry, at now: Instant) -> Bool {
        now - entry.lastAsked >= limits.filterLifetime
    }

    /// Forgets the filters that nobody has asked for long. There are few: no index is worth it.
    private mutating func expire(at now: Instant) {
        for (id, entry) in entries where isOver(entry, at: now) { remove(id) }
    }
}

extension RPCError {
    /// The filter was uninstalled, has expired, or never was; libraries install a new one when they read this.
    static let filterNotFound = server("filter not found")
}

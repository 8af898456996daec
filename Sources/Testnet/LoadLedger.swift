internal import Primitives
internal import Synchronization

/// What became of each transaction of a load: written by senders and observers at the same time.
final class LoadLedger: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct State {
        var sentAt: [Instant?]
        var includedAt: [Instant?]
        var sentCount = 0
        var includedCount = 0
        var lastIncluded: Instant?
        var refusals: [String: Int] = [:]
        var unreadable: [String: Int] = [:]
    }

    private let indexes: [Hash32: Int]
    private let state: Mutex<State>

    init(_ hashes: [Hash32]) {
        indexes = [Hash32: Int](hashes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        state = Mutex(
            State(
                sentAt: [Instant?](repeating: nil, count: hashes.count),
                includedAt: [Instant?](repeating: nil, count: hashes.count)))
    }

    /// Transaction `index` has left for a node. Sent again after a refusal, it keeps its first time.
    func sent(_ sent: [Int], at now: Instant) {
        state.withLock { state in
            for index in sent where state.sentAt[index] == nil {
                state.sentAt[index] = now
                state.sentCount += 1
            }
        }
    }

    func refused(_ reason: String) {
        state.withLock { $0.refusals[reason, default: 0] += 1 }
    }

    /// A request to a node failed as a whole.
    func failed(_ reason: String) {
        state.withLock { $0.unreadable[reason, default: 0] += 1 }
    }

    /// A block with these transactions can be read at an observing node.
    ///
    /// - Parameter counts: Whether the observer is responsible for transaction `index`.
    func included(_ hashes: [Hash32], at now: Instant, counts: (Int) -> Bool) {
        state.withLock { state in
            for hash in hashes {
                guard let index = indexes[hash], counts(index), state.includedAt[index] == nil else { continue }
                state.includedAt[index] = now
                state.includedCount += 1
                state.lastIncluded = now
            }
        }
    }

    var outstanding: Int { state.withLock { $0.sentCount - $0.includedCount } }

    /// The outcome of a load that began at `start`.
    func report(from start: Instant) -> LoadReport {
        state.withLock { state in
            var latencies: [Duration] = []
            latencies.reserveCapacity(state.includedCount)
            for (sent, included) in zip(state.sentAt, state.includedAt) {
                if let sent, let included { latencies.append(included - sent) }
            }
            return LoadReport(
                sent: state.sentCount, included: state.includedCount,
                elapsed: (state.lastIncluded ?? start) - start, latencies: Percentiles(latencies),
                refusals: state.refusals, failures: state.unreadable)
        }
    }
}

/// The outcome of a load.
public struct LoadReport: Sendable {
    /// Transactions that a node was given, and those that were seen in a block.
    public let sent, included: Int
    /// Of those included, the transfers that moved nothing; counted for tokens, where such a thing can be.
    public internal(set) var failedCount = 0
    /// From the first send to the last inclusion.
    public let elapsed: Duration
    /// From send to the moment when another node had the block and its receipts.
    public let latencies: Percentiles
    /// Refusals by text; a transaction refused for want of room is sent again and can occur here more than once.
    public let refusals: [String: Int]
    /// Requests that failed as a whole, by text.
    public let failures: [String: Int]

    public var transfersPerSecond: Double {
        let seconds = elapsed.inSeconds
        return seconds > 0 ? Double(included) / seconds : 0
    }

    public var lines: [String] {
        var lines = [
            "sent      \(sent)",
            "included  \(included)" + (included < sent ? " (\(sent - included) missing)" : ""),
            "rate      \(Duration.decimal(transfersPerSecond, digits: 1)) transfers/s over "
                + "\(elapsed.seconds(digits: 1)) s",
            "latency   \(latencies.summary) (send to receipt at another node)",
        ]
        if failedCount > 0 { lines.append("FAILED    \(failedCount) of them moved nothing") }
        for (reason, count) in refusals.sorted(by: { $0.key < $1.key }) {
            lines.append("refused   \(count) x \(reason)")
        }
        for (reason, count) in failures.sorted(by: { $0.key < $1.key }) {
            lines.append("failed    \(count) x \(reason)")
        }
        return lines
    }
}

import Synchronization

/// What has been asked of the server since its start, by method.
///
/// Bounded by the method table: all names that are not in it count together.
final class RequestMetrics: Sendable {
    /// Upper ends of the classes of latency, in microseconds; what took longer is in one class more.
    static let latencyBounds = [50, 250, 1_000, 5_000, 25_000, 100_000, 1_000_000, 5_000_000]

    struct Row: Sendable {
        /// Calls that were answered with a result or an error.
        var calls: UInt64 = 0
        var errors: UInt64 = 0
        /// Of all calls together.
        var microseconds: UInt64 = 0
        /// Calls by class of latency.
        var latencies = [UInt64](repeating: 0, count: RequestMetrics.latencyBounds.count + 1)
    }

    /// The methods in the order of the table, and one row more for what is none.
    private let rows: Mutex<[Row]>
    private let invalid = Atomic<UInt64>(0)

    init(methodCount: Int) {
        rows = Mutex([Row](repeating: Row(), count: methodCount + 1))
    }

    /// Counts one call of the method at that place of the table; nil for a method that does not exist.
    func add(_ method: Int?, took duration: Duration, failed: Bool) {
        let (seconds, attoseconds) = duration.components
        let microseconds = Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
        let latency = Self.latencyBounds.firstIndex { microseconds <= $0 } ?? Self.latencyBounds.count
        rows.withLock { rows in
            let index = method ?? rows.count - 1
            rows[index].calls += 1
            if failed { rows[index].errors += 1 }
            rows[index].microseconds += UInt64(microseconds)
            rows[index].latencies[latency] += 1
        }
    }

    /// Counts what is answered with an error before there is a call of a method: no JSON, no call, too large, too many.
    func addInvalid() { invalid.add(1, ordering: .relaxed) }

    var snapshot: (rows: [Row], invalid: UInt64) { (rows.withLock { $0 }, invalid.load(ordering: .relaxed)) }
}

/// Durations, sorted, to be asked for percentiles.
public struct Percentiles: Sendable {
    private let sorted: [Duration]

    public init(_ durations: [Duration]) {
        sorted = durations.sorted()
    }

    public var count: Int { sorted.count }

    /// The nearest-rank percentile: the least value that at least `percent` % of all do not exceed.
    ///
    /// - Parameter percent: Above 0, at most 100.
    /// - Returns: nil if there are no values.
    public func value(at percent: Double) -> Duration? {
        guard !sorted.isEmpty else { return nil }
        let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    /// "p50 12.3 ms, p99 40.1 ms".
    public var summary: String {
        func text(_ percent: Double) -> String {
            value(at: percent).map { "\(Duration.decimal($0.inMilliseconds, digits: 1)) ms" } ?? "-"
        }
        return "p50 \(text(50)), p99 \(text(99))"
    }
}

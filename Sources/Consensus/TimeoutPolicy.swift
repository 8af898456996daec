/// How long a round may take before its validators ask for the next one.
public struct TimeoutPolicy: Sendable, Hashable {
    /// Time that a proposal, its execution and two rounds of votes may take in round 0.
    public let base: Duration
    /// No round waits longer: uncapped doubling reached 4,096 s in other implementations (QBFT.md 15).
    public let cap: Duration

    public static let capDefault: Duration = .seconds(10)
    public static let baseMin: Duration = .milliseconds(500)

    public init(base: Duration, cap: Duration = Self.capDefault) {
        precondition(base > .zero && cap >= base, "timeouts are positive and the cap is not below the base")
        self.base = base
        self.cap = cap
    }

    /// Half a block period, and at least `baseMin`, so that one dead proposer costs less than two periods.
    public init(blockTime: Duration) {
        let base = max(Self.baseMin, blockTime / 2)
        self.init(base: base, cap: max(base, Self.capDefault))
    }

    /// `base` doubled with each round, up to `cap`.
    public func timeout(of round: UInt64) -> Duration {
        var timeout = base
        for _ in 0..<min(round, 32) {
            timeout = timeout * 2
            if timeout >= cap { return cap }
        }
        return min(timeout, cap)
    }
}

/// What many runs came to.
public struct SimulationTally: Sendable {
    public private(set) var seeds: UInt64 = 0
    /// Seeds whose oracles did not hold, in the order of running; all of them.
    public private(set) var failed: [(seed: Seed, violation: Oracle.Violation)] = []
    /// Sealed blocks, and how often rangers validated one.
    public private(set) var blocks: UInt64 = 0
    public private(set) var rangerBlocks: UInt64 = 0
    /// Blocks whose validity was checked apart from the machines.
    public private(set) var checkedBlocks: UInt64 = 0
    /// Faults that machines recorded, and accusations of validators that did not lie: by proofs or by the vote book.
    public private(set) var faults: UInt64 = 0
    public private(set) var honestAccused: UInt64 = 0
    /// Forks between blocks sealed in one round, and in two.
    public private(set) var sameRoundForks: UInt64 = 0
    public private(set) var crossRoundForks: UInt64 = 0
    /// Over all forks: validators that the votes convict.
    public private(set) var convicted: UInt64 = 0
    /// The fewest that a fork convicted beyond 2q − n, by the votes.
    public private(set) var leastSurplus: Int?
    /// By rule, over all forks, how many were convicted by it first; in ascending order of rule.
    public private(set) var rules: [(rule: String, count: UInt64)] = []
    /// Forks of which rangers had heard enough to convict 2q − n; how many of those all rangers did convict, and the
    /// fewest beyond 2q − n that a ranger convicted there.
    public private(set) var provableForks: UInt64 = 0
    public private(set) var provenForks: UInt64 = 0
    public private(set) var leastRangerSurplus: Int?
    /// Forks without a connected ranger: nobody could be asked.
    public private(set) var forksWithoutRanger: UInt64 = 0

    public init() {}

    public var forks: UInt64 { sameRoundForks + crossRoundForks }

    /// Adds one run.
    public mutating func add(_ report: SimulationReport) {
        let oracle = report.world.oracle
        seeds += 1
        blocks += report.height
        rangerBlocks += report.world.rangerBlocks
        checkedBlocks += UInt64(oracle.checkedCount)
        faults += UInt64(report.faultsRecorded)
        if let violation = report.violation {
            failed.append((report.scenario.seed, violation))
            if case .honestAccused = violation { honestAccused += 1 }
        }
        if let finding = report.world.finding { add(finding) }
    }

    private mutating func add(_ finding: ForkFinding) {
        if finding.fork.isSameRound { sameRoundForks += 1 } else { crossRoundForks += 1 }
        convicted += UInt64(finding.convicted.count)
        leastSurplus = Swift.min(leastSurplus ?? .max, finding.convicted.count - finding.wanted)
        for rule in finding.rules { count(rule, 1) }
        guard let proven = finding.leastProven else {
            forksWithoutRanger += 1
            return
        }
        guard finding.provableByRangers >= finding.wanted else { return }
        provableForks += 1
        if proven >= finding.wanted { provenForks += 1 }
        leastRangerSurplus = Swift.min(leastRangerSurplus ?? .max, proven - finding.wanted)
    }

    private mutating func count(_ rule: String, _ number: UInt64) {
        if let index = rules.firstIndex(where: { $0.rule == rule }) {
            rules[index].count += number
        } else {
            rules.append((rule, number))
            rules.sort { $0.rule < $1.rule }
        }
    }

    /// Adds what others have counted.
    public mutating func add(_ other: SimulationTally) {
        seeds += other.seeds
        failed += other.failed
        blocks += other.blocks
        rangerBlocks += other.rangerBlocks
        checkedBlocks += other.checkedBlocks
        faults += other.faults
        honestAccused += other.honestAccused
        sameRoundForks += other.sameRoundForks
        crossRoundForks += other.crossRoundForks
        convicted += other.convicted
        leastSurplus = Self.least(leastSurplus, other.leastSurplus)
        for (rule, number) in other.rules { count(rule, number) }
        provableForks += other.provableForks
        provenForks += other.provenForks
        leastRangerSurplus = Self.least(leastRangerSurplus, other.leastRangerSurplus)
        forksWithoutRanger += other.forksWithoutRanger
    }

    private static func least(_ one: Int?, _ other: Int?) -> Int? {
        [one, other].compactMap(\.self).min()
    }
}

extension SimulationTally: CustomStringConvertible {
    public var description: String {
        var lines = [
            "seeds \(seeds), failed \(failed.count)",
            "blocks \(blocks), checked apart \(checkedBlocks), validated by rangers \(rangerBlocks)",
            "faults recorded \(faults), honest accused \(honestAccused)",
        ]
        guard forks > 0 else { return (lines + ["forks 0"]).joined(separator: "\n") }
        lines.append("forks \(forks): in one round \(sameRoundForks), across rounds \(crossRoundForks)")
        let byRule = rules.map { "\($0.rule) \($0.count)" }.joined(separator: ", ")
        lines.append(
            "convicted by the votes \(convicted) (\(byRule)), least above 2q-n \(leastSurplus.map { "\($0)" } ?? "-")")
        lines.append(
            "forks that rangers could prove \(provableForks), did prove \(provenForks), least above 2q-n "
                + (leastRangerSurplus.map { "\($0)" } ?? "-") + "; without a ranger \(forksWithoutRanger)")
        return lines.joined(separator: "\n")
    }
}

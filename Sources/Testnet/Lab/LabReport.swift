public import Configuration
public import Lab

/// What came of many scenarios: the table, the summary, and the same for programs.
public struct LabReport: Sendable {
    /// One scenario and what came of it.
    public struct Row: Sendable {
        public let scenario: Scenario
        /// nil where there was no network to judge.
        public let verdict: Verdict?
        /// Why there was none.
        public let failure: String?
        public let took: Duration

        public init(_ scenario: Scenario, verdict: Verdict?, failure: String?, took: Duration) {
            (self.scenario, self.verdict, self.failure, self.took) = (scenario, verdict, failure, took)
        }

        public var isGreen: Bool { verdict?.isGreen ?? false }

        /// Why it is red.
        public var reasons: [String] { (failure.map { [$0] } ?? []) + (verdict?.reasons ?? []) }
    }

    public private(set) var rows: [Row] = []

    public init() {}

    public mutating func add(_ row: Row) { rows.append(row) }

    // MARK: Summary

    /// Faults all of whose scenarios are green, of those that were run.
    private var faults: (green: Int, all: Int) {
        let names = Set(rows.map(\.scenario.fault))
        let green = names.filter { name in rows.filter { $0.scenario.fault == name }.allSatisfy(\.isGreen) }
        return (green.count, names.count)
    }

    public var isGreen: Bool { !rows.isEmpty && rows.allSatisfy(\.isGreen) }

    /// From the effect of a fault that is proven to the last ranger's proof, over all rows.
    private var provenTimes: Percentiles {
        Percentiles(rows.compactMap(\.verdict).filter(\.isProven).compactMap(\.all))
    }

    /// Honest nodes that a proof accuses, over all rows.
    private var honestAccused: Int {
        rows.reduce(0) { sum, row in sum + row.reasons.count { $0.contains("which is honest") } }
    }

    public var summary: [String] {
        let times = provenTimes
        let percentile = times.value(at: 99).map { Self.milliseconds($0) } ?? "-"
        let blockTimes = Set(rows.map(\.scenario.blockTime)).sorted().map(\.text).joined(separator: ", ")
        let took = rows.reduce(Duration.zero) { $0 + $1.took }
        return [
            "\(faults.green) of \(faults.all) faults detected (\(rows.count { $0.isGreen }) of \(rows.count) scenarios), "
                + "\(honestAccused) honest accused",
            "time to all rangers, over the \(times.count) scenarios with a proof: p99 \(percentile), "
                + "block time \(blockTimes)",
            "the whole lab took \(took.seconds(digits: 0)) s",
        ]
    }

    // MARK: Table

    private static let titles = [
        "FAULT", "ID", "LEVEL", "DETECTED BY", "FIRST", "ALL", "PROOF", "BYTES", "VERIFY", "CONVICTED", "VERDICT",
    ]

    private func cells(_ row: Row) -> [String] {
        let verdict = row.verdict
        let proofs = verdict?.proofs ?? []
        var kinds: [String] = []
        for proof in proofs {
            let kind = proof.kind == "PAIR" ? "PAIR \(proof.rule)" : proof.kind
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        let verifying = proofs.compactMap(\.verifying).max()
        return [
            row.scenario.fault, Catalogue.fault(named: row.scenario.fault)?.id ?? "-", row.scenario.level.rawValue,
            detectedBy(row), verdict?.first.map(Self.milliseconds) ?? "-", verdict?.all.map(Self.milliseconds) ?? "-",
            kinds.isEmpty ? "-" : kinds.joined(separator: ", "), Self.range(proofs.map(\.byteCount)),
            verifying.map { "\(Duration.decimal($0.inMilliseconds, digits: 1)) ms" } ?? "-",
            verdict.map { $0.convicted.isEmpty ? "nobody" : $0.convicted.joined(separator: ", ") } ?? "-",
            row.isGreen ? "green" : "RED",
        ]
    }

    private func detectedBy(_ row: Row) -> String {
        guard let detectors = row.verdict?.detectors, !detectors.isEmpty else { return "-" }
        let liars = row.scenario.steps.flatMap { step in
            if case .inject(_, _, by: .node(let name)) = step.deed { [name] } else { [] as [String] }
        }
        let rangers = row.scenario.rangerNames.filter { !liars.contains($0) }
        guard rangers.allSatisfy(detectors.contains) else { return detectors.joined(separator: ", ") }
        let others = detectors.filter { !rangers.contains($0) }
        return others.isEmpty ? "every ranger" : "every ranger, \(others.joined(separator: ", "))"
    }

    private static func milliseconds(_ duration: Duration) -> String {
        "\(duration.labMilliseconds) ms"
    }

    private static func range(_ counts: [Int]) -> String {
        guard let least = counts.min(), let most = counts.max() else { return "-" }
        return least == most ? "\(least)" : "\(least)–\(most)"
    }

    /// For people at a terminal.
    public var lines: [String] {
        var table = Table(titles: Self.titles)
        for row in rows { table.add(cells: cells(row)) }
        return table.lines
    }

    /// For a README.
    public var markdown: [String] {
        func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
        let titles = Self.titles.map { $0.prefix(1) + $0.dropFirst().lowercased() }.map { String($0) }
        return [line(titles), line(titles.map { _ in "---" })] + rows.map { line(cells($0)) }
    }

    /// For programs: times in milliseconds.
    public var json: JSONValue {
        [
            "scenarios": .array(rows.map(Self.json)), "green": .bool(isGreen),
            "faultsDetected": .integer(Int64(faults.green)), "faults": .integer(Int64(faults.all)),
            "honestAccused": .integer(Int64(honestAccused)),
            "p99ToAllRangers": provenTimes.value(at: 99).map { .integer($0.labMilliseconds) } ?? .null,
        ]
    }

    /// One row for programs.
    public static func json(_ row: Row) -> JSONValue {
        func time(_ duration: Duration?) -> JSONValue { duration.map { .integer($0.labMilliseconds) } ?? .null }
        let verdict = row.verdict
        return [
            "name": .string(row.scenario.name), "fault": .string(row.scenario.fault),
            "id": .string(Catalogue.fault(named: row.scenario.fault)?.id ?? ""),
            "level": .string(row.scenario.level.rawValue), "green": .bool(row.isGreen),
            "reasons": .array(row.reasons.map { .string($0) }),
            "detectedBy": .array((verdict?.detectors ?? []).map { .string($0) }),
            "first": time(verdict?.first), "all": time(verdict?.all), "took": time(row.took),
            "convicted": .array((verdict?.convicted ?? []).map { .string($0) }),
            "proofs": .array(
                (verdict?.proofs ?? []).map { proof in
                    [
                        "kind": .string(proof.kind), "rule": .string(proof.rule),
                        "bytes": .integer(Int64(proof.byteCount)),
                        "verifyMicroseconds": proof.verifying.map { .integer(Int64($0.inSeconds * 1e6)) } ?? .null,
                    ]
                }),
            "findings": .array(
                (verdict?.findings ?? []).map { finding in
                    [
                        "expected": .string(finding.expectation.description), "met": .bool(finding.outcome == .met),
                        "seen": .array(
                            finding.detections.map {
                                ["by": .string($0.by), "after": .integer($0.after.labMilliseconds)]
                            }),
                    ]
                }),
        ]
    }
}

/// What came of the cases so far.
struct Tally: Sendable {
    /// Failures are printed in full up to this number, unless `--failures` says otherwise.
    static let failuresPrintedMax = 40
    /// Failures are remembered up to this number, and counted beyond it.
    static let failuresKeptMax = 10_000

    private struct Suite: Sendable {
        var passed = 0
        var failed = 0
        var notApplicable: [String: Int] = [:]
    }

    private var suites: [String: Suite] = [:]
    private var failures: [String] = []

    private(set) var cases = 0
    private(set) var failed = 0

    mutating func add(_ outcome: CaseOutcome, of id: String, in file: FixtureFile) {
        cases += 1
        switch outcome {
        case .passed: suites[file.suite, default: Suite()].passed += 1
        case .notApplicable(let reason): suites[file.suite, default: Suite()].notApplicable[reason, default: 0] += 1
        case .failed(let text):
            failed += 1
            suites[file.suite, default: Suite()].failed += 1
            guard failures.count < Tally.failuresKeptMax else { return }
            let lines = text.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
            failures.append("FAILED \(file.name) \(id)\n\(lines)")
        }
    }

    /// The failures, then a line for each suite, then one for all.
    func text(failuresPrinted: Int) -> String {
        var lines = Array(failures.sorted().prefix(failuresPrinted))
        if failed > lines.count, failed > 0 { lines.append("… \(failed - lines.count) more failures (--failures)") }
        var total = Suite()
        for (name, suite) in suites.sorted(by: { $0.key < $1.key }) {
            lines.append(Tally.line(name, suite))
            total.passed += suite.passed
            total.failed += suite.failed
            total.notApplicable.merge(suite.notApplicable, uniquingKeysWith: +)
        }
        lines.append(Tally.line("all", total))
        return lines.joined(separator: "\n")
    }

    private static func line(_ name: String, _ suite: Suite) -> String {
        let reasons = suite.notApplicable.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        let reason = reasons.isEmpty ? "" : " (\(reasons.joined(separator: "; ")))"
        let notApplicable = suite.notApplicable.values.reduce(0, +)
        return "\(name): \(suite.passed) passed, \(suite.failed) failed, \(notApplicable) not applicable\(reason)"
    }
}

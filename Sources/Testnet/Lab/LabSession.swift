public import Lab
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Runs scenarios one after the other, each on a network of its own, until all are judged or Ctrl-C.
public struct LabSession: Sendable {
    let scenarios: [Scenario]
    let executable: String
    let keeps: Bool
    let check: ProofCheck

    /// - Parameters:
    ///   - executable: The program that nodes run.
    ///   - keeps: Whether the networks' folders stay, for a look at logs and databases.
    public init(_ scenarios: [Scenario], executable: String, keeps: Bool, check: @escaping ProofCheck) {
        (self.scenarios, self.executable, self.keeps, self.check) = (scenarios, executable, keeps, check)
    }

    /// - Parameter report: Is given lines of progress as they come.
    /// - Returns: What came of every scenario that was begun; all processes have ended.
    public func run(report: @Sendable @escaping (String) -> Void) async -> LabReport {
        let results = Results()
        await untilInterrupted {
            for (index, scenario) in scenarios.enumerated() {
                guard !Task.isCancelled else { break }
                let place = "[\(index + 1)/\(scenarios.count)] \(scenario.name)"
                let row = await self.row(of: scenario) { report("\(place): \($0)") }
                report("\(place): \(Self.line(row))")
                for reason in row.isGreen ? [] : row.reasons { report("    \(reason)") }
                results.report.withLock { $0.add(row) }
            }
        }
        return results.report.withLock { $0 }
    }

    private final class Results: Sendable {
        let report = Mutex(LabReport())
    }

    private func row(
        of scenario: Scenario, _ report: @Sendable @escaping (String) -> Void
    ) async -> LabReport.Row {
        let directory = Self.directory(of: scenario)
        let begin = ContinuousClock.now
        do throws(TestnetError) {
            let runner = ScenarioRunner(scenario, executable: executable, directory: directory, check: check)
            let outcome = try await runner.run(keeps: keeps, report: report)
            if keeps { report("its network is kept in \(directory)") }
            return LabReport.Row(scenario, verdict: outcome.verdict, failure: nil, took: outcome.took)
        } catch {
            return LabReport.Row(
                scenario, verdict: nil, failure: error.description, took: ContinuousClock.now - begin)
        }
    }

    private static func line(_ row: LabReport.Row) -> String {
        let took = "\(row.took.seconds(digits: 1)) s"
        guard row.isGreen, let verdict = row.verdict else { return "RED, \(took)" }
        let noticed = verdict.all.map {
            ", noticed by \(verdict.detectors.joined(separator: ", ")) within \($0.labMilliseconds) ms"
        }
        return "green, \(took)\(noticed ?? "")"
    }

    /// A folder of its own in the system's place for such things.
    private static func directory(of scenario: Scenario) -> String {
        let place = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        return "\(place)/firetower-lab-\(System.processID)-\(scenario.name)"
    }
}

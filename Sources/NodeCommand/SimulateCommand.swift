import ArgumentParser
import Primitives
import Simulator

/// `node simulate --seed N`: one run of the whole network in one thread, drawn from a number.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Runs a seeded simulation and prints what happened.",
        discussion: """
            Every option and every accident is drawn from the seed, so a seed is a whole bug report. The trace is \
            printed if an oracle fails or --trace is given. Exits with 1 if an oracle fails.
            """)

    @Option(help: "The number from which everything is drawn.")
    var seed: UInt64

    @Option(help: "How many seeds to run, from --seed on.")
    var count: UInt64 = 1

    @Flag(help: "Print the trace also where all is well.")
    var trace = false

    func validate() throws {
        guard count >= 1, seed.addingReportingOverflow(count - 1).overflow == false else {
            throw ValidationError("--count must be at least 1, and the last seed below 2^64")
        }
    }

    func run() throws {
        var failed: [UInt64] = []
        for value in seed...(seed + count - 1) {
            let report = Simulation.run(.drawn(from: Seed(value)), keepsTrace: true)
            if trace || report.violation != nil { report.trace.forEach { print($0) } }
            let verdict = report.violation.map { "FAILED: \($0)" } ?? "all oracles hold"
            print("seed \(value): height \(report.height), digest \(String(report.digest, radix: 16)), \(verdict)")
            if report.violation != nil { failed.append(value) }
        }
        guard failed.isEmpty else {
            print("failed seeds: \(failed.map(String.init).joined(separator: " "))")
            throw ExitCode(1)
        }
    }
}

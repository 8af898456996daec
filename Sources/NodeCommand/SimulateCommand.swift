import ArgumentParser
import Configuration
import Dispatch
import Lab
import Primitives
import Simulator
import Synchronization

/// `node simulate --seed N`: runs of the whole network, each drawn from a number.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Runs a seeded simulation and prints what happened.",
        discussion: """
            Every option and every accident is drawn from the seed, so a seed and its mode are a whole bug report. \
            The trace of a run is printed with --trace. Exits with 1 if an oracle fails.
            """)

    @Option(help: "The number from which everything is drawn.")
    var seed: UInt64 = 1

    @Option(help: "How many seeds to run, from --seed on.")
    var count: UInt64 = 1

    @Option(help: "Threads that run seeds side by side; each run keeps to one.")
    var jobs: Int = 1

    @Flag(help: "More liars than the council withstands, who try to fork the chain.")
    var conspiracy = false

    @Flag(help: "Nobody lies; with --blocks, until so many blocks are sealed over all seeds.")
    var honest = false

    @Option(help: "With --honest: blocks to seal over all seeds.")
    var blocks: UInt64?

    @Option(help: ArgumentHelp("Run this scenario of the lab instead, and judge it.", valueName: "file"))
    var scenario: String?

    @Flag(help: "Print the trace also where all is well.")
    var trace = false

    @Flag(help: "Print failures, progress and the sum only.")
    var quiet = false

    /// Blocks of one run with --honest.
    static let blocksPerSeed: UInt64 = 250
    static let jobsMax = 64
    /// Seeds from one line of progress to the next.
    static let seedsPerLine: UInt64 = 1_000

    func validate() throws {
        guard count >= 1, seed.addingReportingOverflow(count - 1).overflow == false else {
            throw ValidationError("--count must be at least 1, and the last seed below 2^64")
        }
        guard (1...Self.jobsMax).contains(jobs) else {
            throw ValidationError("--jobs must be between 1 and \(Self.jobsMax)")
        }
        guard !(conspiracy && honest) else { throw ValidationError("either --conspiracy or --honest") }
        guard blocks == nil || honest else { throw ValidationError("--blocks goes with --honest") }
    }

    func run() throws {
        if let file = scenario { return try runLab(file) }
        let series = Series(command: self)
        let clock = ContinuousClock()
        let start = clock.now
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while let seed = series.next() {
                let report = Simulation.run(scenario(seed), keepsTrace: trace, keepsNotes: trace)
                series.add(report, at: clock.now - start)
            }
        }
        let tally = series.sum
        let seconds = (clock.now - start) / .milliseconds(1) / 1_000
        if count > 1 || blocks != nil {
            print("\(tally)")
            print("\(seconds.rounded(toPlaces: 1)) s, \((Double(tally.seeds) / seconds).rounded(toPlaces: 1)) seeds/s")
        }
        guard tally.failed.isEmpty else {
            print("failed seeds: \(tally.failed.map { "\($0.seed)" }.joined(separator: " "))")
            throw ExitCode(1)
        }
    }

    private func runLab(_ file: String) throws {
        let verdict = try Simulation.run(Lab.Scenario(file: file))
        for finding in verdict.findings { print("\(finding.expectation): \(finding.outcome)") }
        for proof in verdict.proofs { print("proof \(proof.kind) \(proof.rule), \(proof.byteCount) bytes") }
        verdict.reasons.forEach { print($0) }
        print("\(verdict.scenario.name): \(verdict.isGreen ? "green" : "red")")
        guard verdict.isGreen else { throw ExitCode(1) }
    }

    func scenario(_ seed: Seed) -> Simulator.Scenario {
        if conspiracy { return .drawnConspiracy(from: seed) }
        return honest ? .drawnHonest(from: seed, blocks: Self.blocksPerSeed) : .drawn(from: seed)
    }

    /// How a failing seed is run again.
    func replay(_ seed: Seed) -> String {
        "node simulate --seed \(seed)" + (conspiracy ? " --conspiracy" : honest ? " --honest" : "") + " --trace"
    }
}

/// The seeds of one command, handed out to threads, and what came of them.
private final class Series: Sendable {
    private struct State {
        var next: UInt64
        var left: UInt64
        var tally = SimulationTally()
    }

    private let command: SimulateCommand
    private let state: Mutex<State>

    init(command: SimulateCommand) {
        self.command = command
        let left = command.blocks == nil ? command.count : .max
        state = Mutex(State(next: command.seed, left: left))
    }

    var sum: SimulationTally { state.withLock { $0.tally } }

    func next() -> Seed? {
        state.withLock { state in
            guard state.left > 0, state.tally.blocks < command.blocks ?? .max else { return nil }
            defer {
                state.left -= 1
                state.next &+= 1
            }
            return Seed(state.next)
        }
    }

    func add(_ report: SimulationReport, at time: Duration) {
        state.withLock { state in
            state.tally.add(report)
            report.trace.forEach { print($0) }
            let seed = report.scenario.seed
            if let violation = report.violation {
                print("seed \(seed): FAILED: \(violation)")
                print("  \(report.scenario)")
                print("  replay with: \(command.replay(seed))")
            } else if !command.quiet {
                print("seed \(seed): \(Self.line(report))")
            }
            guard command.quiet, state.tally.seeds % SimulateCommand.seedsPerLine == 0 else { return }
            let tally = state.tally
            print(
                "\(time.components.seconds) s: \(tally.seeds) seeds, \(tally.blocks) blocks, \(tally.forks) forks, "
                    + "\(tally.failed.count) failed")
        }
    }

    private static func line(_ report: SimulationReport) -> String {
        var parts = ["height \(report.height)", "digest \(String(report.digest, radix: 16))"]
        if let finding = report.world.finding {
            let sort = finding.fork.isSameRound ? "in round \(finding.fork.rounds[0])" : "across rounds"
            parts.append("fork at \(finding.fork.height) \(sort)")
            parts.append("convicted \(finding.convicted.count) of at least \(finding.wanted)")
        }
        return (parts + ["all oracles hold"]).joined(separator: ", ")
    }
}

extension Double {
    fileprivate func rounded(toPlaces places: Int) -> Double {
        let factor = (0..<places).reduce(1.0) { power, _ in power * 10 }
        return (self * factor).rounded() / factor
    }
}

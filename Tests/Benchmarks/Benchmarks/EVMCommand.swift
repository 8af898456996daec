import ArgumentParser
import Foundation

/// `benchmarks evm`: the vectors of evm-bench/own.json, checked, then timed.
struct EVMCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evm",
        abstract: "Times the EVM on the vectors of evm-bench/own.json.",
        discussion: """
            Gas and output of every vector are checked before anything is timed; a difference is exit code 1. A call \
            starts from the vector's state as before the first; going back to it is not timed.
            """)

    @Option(help: "Only vectors whose name contains this.")
    var filter = ""

    @Option(help: "How long each vector is timed, in seconds.")
    var seconds = 1.0

    @Option(help: "The folder with third-party vectors (default: $FIRETOWER_FIXTURES, else ../shared/fixtures).")
    var fixtures: String?

    @Flag(help: "One JSON object a vector instead of a table.")
    var json = false

    @Flag(help: "Reads names from standard input, one a line, and answers each with its JSON object when timed.")
    var onDemand = false

    func validate() throws {
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds is from 0 to 3600") }
    }

    func run() throws {
        let all = try BenchmarkVector.load(from: fixtures)
        let vectors = all.filter { filter.isEmpty || $0.name.contains(filter) }
        guard !vectors.isEmpty else { throw ValidationError("no vector's name contains \"\(filter)\"") }
        let bench = EVMBench()
        if onDemand { return try answer(with: bench, vectors) }
        // All are checked before any is timed: one run shows every wrong one.
        let wrong = vectors.compactMap { vector in bench.fault(of: vector).map { "\(vector.name): \($0)" } }
        for line in wrong { FileHandle.standardError.write(Data((line + "\n").utf8)) }
        guard wrong.isEmpty else { throw ExitCode.failure }
        if !json { print(EVMTiming.heading) }
        var slowest = Double.infinity
        var logarithms = 0.0
        for vector in vectors {
            let timing = bench.time(vector, for: .seconds(seconds))
            print(json ? timing.json : timing.row)
            slowest = min(slowest, timing.megagasPerSecond)
            logarithms += log(timing.megagasPerSecond)
        }
        if !json {
            let mean = exp(logarithms / Double(vectors.count))
            print("geometric mean \(EVMTiming.rounded(mean)) Mgas/s, slowest \(EVMTiming.rounded(slowest))")
            if !EVMTiming.countsAllocations { print("allocations cannot be counted here: not Linux with glibc") }
        }
    }

    private func answer(with bench: EVMBench, _ vectors: [BenchmarkVector]) throws {
        while let name = readLine() {
            guard let vector = vectors.first(where: { $0.name == name }) else {
                throw ValidationError("there is no vector \"\(name)\"")
            }
            if let fault = bench.fault(of: vector) {
                FileHandle.standardError.write(Data("\(name): \(fault)\n".utf8))
                throw ExitCode.failure
            }
            FileHandle.standardOutput.write(Data((bench.time(vector, for: .seconds(seconds)).json + "\n").utf8))
        }
    }
}

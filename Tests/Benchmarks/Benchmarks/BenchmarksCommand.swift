import ArgumentParser

/// Measures what a node spends its time on, one part at a time. Whole networks are measured by `node bench`.
@main
struct BenchmarksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measures parts of a node on this machine. Build it in release.",
        subcommands: [EVMCommand.self, CurvesCommand.self, ProofsCommand.self, PoolCommand.self])
}

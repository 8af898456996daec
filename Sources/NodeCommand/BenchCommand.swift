import ArgumentParser
import Configuration
import Testnet

/// `node bench`: what `scripts/bench` runs.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures networks of four council nodes on this machine.",
        discussion: """
            Prints transfers a second, latency from send to receipt, start to block 1, sync, memory and bytes a \
            block. Nothing else should run meanwhile.
            """)

    @Option(help: "How long to send transfers.")
    var seconds = 60
    @Option(help: "Transfers sent one by one for the latency.")
    var probes = 300
    @Option(help: "The port of the first node's JSON-RPC.")
    var basePort = Bench.basePortDefault
    @Option(name: .customLong("dir"), help: "A folder that does not exist yet, on the disk to measure.")
    var directory = ".bench"
    @OptionGroup var program: ExecutableOptions

    func validate() throws {
        guard (1...3600).contains(seconds) else {
            throw ValidationError("--seconds: expected 1 to 3600, found \(seconds)")
        }
        guard (1...100_000).contains(probes) else {
            throw ValidationError("--probes: expected 1 to 100000, found \(probes)")
        }
        guard (1024...TestnetManifest.basePortMax).contains(basePort) else {
            throw ValidationError("--base-port: expected 1024 to \(TestnetManifest.basePortMax), found \(basePort)")
        }
    }

    func run() async throws {
        let bench = Bench(
            NetworkFolder(directory), executable: try program.path(), basePort: basePort,
            loadDuration: .seconds(seconds), probes: probes)
        try await bench.run { say($0) }
    }
}

internal import Configuration
internal import Primitives

/// Measures whole networks on this machine, one figure after another, from one run.
public struct Bench: Sendable {
    /// Two networks are made below it, and removed at the end.
    public let folder: NetworkFolder
    public let executable: String
    public let basePort: Int
    /// How long to send as many transfers as blocks take.
    public let loadDuration: Duration
    /// Transfers sent one by one for the latency.
    public let probes: Int

    public init(
        _ folder: NetworkFolder, executable: String, basePort: Int, loadDuration: Duration, probes: Int
    ) {
        self.folder = folder
        self.executable = executable
        self.basePort = basePort
        self.loadDuration = loadDuration
        self.probes = probes
    }

    /// The default of tests would meet a network that runs already.
    public static let basePortDefault = 18_545
    /// Idle time before memory is read.
    private static let rest = Duration.seconds(5)
    private static let syncDeadline = Duration.seconds(600)

    /// - Parameter report: Is given each figure when it is known, and a line for each step.
    public func run(report: @Sendable @escaping (String) -> Void) async throws(TestnetError) {
        guard !System.exists(folder.path) else {
            throw .operation("cannot use \(folder.path)", reason: "it exists: remove it or pass --dir")
        }
        try System.makeDirectory(folder.path)
        for line in Machine(directory: folder.path).lines { report(line) }
        do throws(TestnetError) {
            try await measureThroughput(report)
            try await measureLatency(report)
        } catch {
            // The logs stay for a look.
            report("left for a look: \(folder.path)")
            throw error
        }
        try System.removeTree(folder.path)
    }

    private func up(
        _ name: String, rangers: Int, blockTime: Duration, _ report: @Sendable @escaping (String) -> Void
    ) async throws(TestnetError) -> LocalNetwork {
        var wishes = Up.Wishes()
        var manifest = TestnetManifest()
        manifest.rangers = rangers
        manifest.blockTime = blockTime
        manifest.basePort = basePort
        manifest.logLevel = .warning
        manifest.allowFaultInjection = false
        wishes.manifest = manifest
        let place = NetworkFolder("\(folder.path)/\(name)")
        let (network, outcome) = try await Up(place, executable: executable).run(wishes) { _ in }
        if case .started(_, let height, let duration) = outcome {
            report("start to block \(height) on \(network.record.nodes.count) nodes: \(duration.seconds(digits: 2)) s")
        }
        return network
    }

    /// Runs `work` and stops the network whatever comes of it.
    private func using(
        _ network: LocalNetwork, _ work: () async throws(TestnetError) -> Void
    ) async throws(TestnetError) {
        do throws(TestnetError) {
            try await work()
        } catch {
            _ = try? await network.down()
            throw error
        }
        _ = try await network.down()
    }

    /// Four council nodes with the default block time: start, memory at rest, transfers a second, disk, sync.
    private func measureThroughput(_ report: @Sendable @escaping (String) -> Void) async throws(TestnetError) {
        let network = try await up("load", rangers: 1, blockTime: .seconds(1), report)
        try await using(network) { () throws(TestnetError) in
            await pause(Self.rest)
            for line in Self.memory(network) { report(line) }
            let ranger = try network.record.node("rn1")
            _ = try await network.stop(ranger)
            let before = try await Snapshot(network)
            let load = try await Load(
                network, LoadOptions(transfersPerSecond: nil, duration: loadDuration)
            ).run { _ in }
            report("transfers at 4 council nodes, block time \(network.record.blockTime.text):")
            for line in load.lines { report("  \(line)") }
            let after = try await Snapshot(network)
            for line in after.growth(since: before) { report(line) }
            try await measureSync(network, ranger, after.height, report)
        }
    }

    /// A ranger without data catches up with all that was sealed.
    private func measureSync(
        _ network: LocalNetwork, _ ranger: NodeRecord, _ height: Height, _ report: (String) -> Void
    ) async throws(TestnetError) {
        let data = try configured { () throws(ConfigurationError) in
            try NodeConfiguration(file: network.folder.configPath(of: ranger.name)).dataDirectory
        }
        try System.removeTree(data)
        let clock = ContinuousClock()
        let start = clock.now
        let identity = try network.process(ranger).start(executable: executable)
        try await Readiness(network: network).wait(for: ranger, identity, height: height, within: Self.syncDeadline)
        let elapsed = clock.now - start
        let rate = Double(height) / elapsed.inSeconds
        report(
            "sync of a fresh ranger: \(Duration.decimal(rate, digits: 1)) blocks/s "
                + "(\(height) blocks in \(elapsed.seconds(digits: 2)) s, start included)")
    }

    /// Four council nodes as fast as they go, hardly any load.
    private func measureLatency(_ report: @Sendable @escaping (String) -> Void) async throws(TestnetError) {
        let network = try await up("latency", rangers: 0, blockTime: .zero, report)
        try await using(network) { () throws(TestnetError) in
            let probe = LatencyProbe(
                network: network, from: try network.record.node("cn1"), to: try network.record.node("cn3"))
            let latencies = try await probe.run(count: probes)
            report("send to receipt at another node, block time 0: \(latencies.summary) (\(latencies.count) transfers)")
        }
    }

    private static func memory(_ network: LocalNetwork) -> [String] {
        network.record.nodes.map { node in
            guard let id = network.process(node).identity?.id, let memory = ProcessMemory(of: id) else {
                return "memory of \(node.name) at rest: not measured"
            }
            let proportional = memory.proportional.map { ", proportional \(megabytes($0))" } ?? ""
            return "memory of \(node.name) at rest: resident \(megabytes(memory.resident))\(proportional)"
        }
    }

    private static func megabytes(_ bytes: UInt64) -> String {
        "\(Duration.decimal(Double(bytes) / 1_048_576, digits: 1)) MiB"
    }
}

/// How long the chain is and what it takes on disk.
private struct Snapshot {
    let height: Height
    let diskBytes: UInt64
    /// Of the latest block: its encoded size and number of transactions.
    let blockBytes: UInt64

    init(_ network: LocalNetwork) async throws(TestnetError) {
        let node = try network.record.node("cn1")
        let client = network.client(node)
        defer { client.close() }
        do throws(RPCClientError) {
            let head = try await client.call("eth_getBlockByNumber", "latest", false)
            height = head["number"]?.unsigned ?? 0
            blockBytes = head["size"]?.unsigned ?? 0
        } catch {
            throw .unanswered(node: node.name, error)
        }
        let data = try configured { () throws(ConfigurationError) in
            try NodeConfiguration(file: network.folder.configPath(of: node.name)).dataDirectory
        }
        diskBytes = System.names(in: data).reduce(0) { $0 + (LogReader.size("\(data)/\($1)") ?? 0) }
    }

    func growth(since before: Snapshot) -> [String] {
        let blocks = height - before.height
        guard blocks > 0, diskBytes > before.diskBytes else { return ["bytes per block: not measured"] }
        return [
            "bytes of an empty block: \(before.blockBytes)",
            "bytes on cn1's disk per block of this load: \((diskBytes - before.diskBytes) / blocks) (\(blocks) blocks)",
        ]
    }
}

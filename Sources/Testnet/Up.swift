public import Configuration
public import Primitives

/// Brings a network up: makes it where there is none, starts what is stopped, waits until it seals blocks.
public struct Up: Sendable {
    public let folder: NetworkFolder
    public let executable: String
    public let deadline: Duration

    public init(_ folder: NetworkFolder, executable: String, deadline: Duration = Readiness.deadline) {
        self.folder = folder
        self.executable = executable
        self.deadline = deadline
    }

    /// What the user asked for by name; nil is "whatever the network has", or the default for a new one.
    public struct Wishes: Sendable {
        public var manifest: TestnetManifest?
        public var council: Int?
        public var rangers: Int?
        public var blockTime: Duration?
        public var basePort: Int?
        /// Nodes sign for nobody, whatever the manifest says.
        public var locksAccounts = false

        public init() {}

        /// The manifest of a new network.
        public var merged: TestnetManifest {
            var merged = manifest ?? TestnetManifest()
            merged.council = council ?? merged.council
            merged.rangers = rangers ?? merged.rangers
            merged.basePort = basePort ?? merged.basePort
            if locksAccounts { merged.unlockAccounts = false }
            if let blockTime {
                merged.blockTime = blockTime
                if let idle = merged.idlePeriod, idle < blockTime { merged.idlePeriod = nil }
            }
            return merged
        }

        /// How an existing network differs from the wishes, or nil.
        func difference(from record: NetworkRecord) -> String? {
            let council = council ?? manifest?.council
            let rangers = rangers ?? manifest?.rangers
            if let council, council != record.council.count { return "a council of \(record.council.count)" }
            if let rangers, rangers != record.rangers.count { return "\(record.rangers.count) rangers" }
            if let time = blockTime ?? manifest?.blockTime, time != record.blockTime {
                return "a block time of \(record.blockTime.text)"
            }
            if let port = basePort ?? manifest?.basePort, port != record.basePort {
                return "its base port at \(record.basePort)"
            }
            if let manifest, manifest.chainID != record.chainID { return "chain id \(record.chainID)" }
            return nil
        }
    }

    public enum Outcome: Sendable {
        case alreadyRunning
        /// All nodes have block 1. `startToBlock` runs from the start of the first process; `height` is the
        /// block awaited: 1 on a new network, else the one after the highest head found.
        case started(resumed: Bool, height: Height, startToBlock: Duration)
    }

    /// - Parameter report: Is given one line for each step.
    public func run(
        _ wishes: Wishes, report: @Sendable @escaping (String) -> Void
    ) async throws(TestnetError) -> (network: LocalNetwork, outcome: Outcome) {
        let isThere = try folder.holdsNetwork()
        try System.makeDirectory(folder.path)
        let lock = try FolderLock(folder)
        defer { _ = lock }
        let network = try isThere ? existing(wishes) : create(wishes, report)
        let stopped = network.record.nodes.filter { network.process($0).state == .stopped }
        if stopped.isEmpty { return (network, .alreadyRunning) }
        try network.refuseTakenPorts(stopped)
        if isThere, stopped.count < network.record.nodes.count {
            report("starting what is stopped: \(stopped.map(\.name).joined(separator: ", "))")
        }
        do throws(TestnetError) {
            let outcome = try await start(stopped, of: network, resumed: isThere, report)
            return (network, outcome)
        } catch {
            // Leave nothing half alive behind; the folder and its logs stay for a look.
            _ = try? await network.stopAll(stopped)
            throw error
        }
    }

    /// Makes the network's folder with keys, genesis and configurations, and starts nothing.
    public func prepare(_ wishes: Wishes, report: (String) -> Void) throws(TestnetError) -> LocalNetwork {
        let isThere = try folder.holdsNetwork()
        try System.makeDirectory(folder.path)
        let lock = try FolderLock(folder)
        defer { _ = lock }
        return try isThere ? existing(wishes) : create(wishes, report)
    }

    private func existing(_ wishes: Wishes) throws(TestnetError) -> LocalNetwork {
        let network = try LocalNetwork(folder)
        if let difference = wishes.difference(from: network.record) {
            throw .otherShape(directory: folder.path, difference: difference)
        }
        return network
    }

    private func create(_ wishes: Wishes, _ report: (String) -> Void) throws(TestnetError) -> LocalNetwork {
        let manifest = wishes.merged
        try folder.removeRemains()
        let record = try Provision(manifest, in: folder).write(timestampMilliseconds: System.wallMilliseconds())
        report(
            "made \(folder.path): \(manifest.council) council nodes, \(manifest.rangers) rangers, "
                + "block time \(manifest.blockTime.text)")
        return LocalNetwork(folder: folder, record: record)
    }

    private func start(
        _ nodes: [NodeRecord], of network: LocalNetwork, resumed: Bool, _ report: @Sendable @escaping (String) -> Void
    ) async throws(TestnetError) -> Outcome {
        let clock = ContinuousClock()
        let begin = clock.now
        var identities: [String: ProcessIdentity] = [:]
        for node in nodes {
            identities[node.name] = try network.process(node).start(executable: executable)
        }
        report("started \(nodes.map { "\($0.name) (\(identities[$0.name]?.id ?? 0))" }.joined(separator: ", "))")
        let processes = identities
        let readiness = Readiness(network: network)
        let deadline = deadline
        let waitFor = { @Sendable (node: NodeRecord, height: Height) async throws(TestnetError) in
            guard let identity = processes[node.name] else { return }
            try await readiness.wait(for: node, identity, height: height, within: deadline)
        }
        // A resumed network has block 1 on disk: it is up once it seals another block.
        var target: Height = 1
        if resumed {
            let heads = try await together(nodes) { node throws(TestnetError) -> Height in
                try await waitFor(node, 0)
                let client = network.client(node)
                defer { client.close() }
                return (try? await client.height()) ?? 0
            }
            target = (heads.max() ?? 0) + 1
        }
        let height = target
        _ = try await together(nodes) { node throws(TestnetError) in
            try await waitFor(node, height)
            report("\(node.name) has block \(height) after \((clock.now - begin).seconds(digits: 2)) s")
        }
        return .started(resumed: resumed, height: height, startToBlock: clock.now - begin)
    }
}

extension Duration {
    /// Seconds with so many decimal digits, rounded half up.
    public func seconds(digits: Int) -> String {
        Self.decimal(inSeconds, digits: digits)
    }

    public var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    public var inMilliseconds: Double { inSeconds * 1000 }

    /// `value` with so many decimal digits.
    static func decimal(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return "-" }
        var scale: Int64 = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % scale)
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

internal import Chain
internal import Configuration
internal import Lab
internal import Primitives

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Does to a network of processes what a scenario says.
struct LabHands: Sendable {
    let network: LocalNetwork
    let executable: String
    let scenario: Scenario
    let genesis: Genesis
    let notebook: LabNotebook

    /// Nodes have so long to answer after a start.
    private static let startDeadline = Duration.seconds(20)
    /// Cut off a vote log: less than the shortest record, so that exactly the last one is torn.
    static let tornBytes = 7

    /// Does the deed of a step and tells what became of it. Clients that take their time run in `background`.
    func perform(_ step: Int, background: inout TaskGroup<Void>) async {
        let begin = notebook.now
        var act = Observations.Act(step: step, at: begin, effect: nil)
        do throws(TestnetError) {
            try await perform(scenario.steps[step], step, &act, &background)
        } catch {
            act.refusal = error.description
        }
        let done = act
        notebook.tell { $0.tell(done) }
    }

    private func perform(
        _ step: Scenario.Step, _ number: Int, _ act: inout Observations.Act, _ background: inout TaskGroup<Void>
    ) async throws(TestnetError) {
        switch step.deed {
        case .inject(let fault, let level, let culprit):
            // Known from the start, so that the watch sees the fault happen.
            return try await inject(fault, level, by: culprit, at: step.moment, &act)
        case .twin(of: let name):
            act.culprits = [name]
            try await startTwin(of: try network.record.node(name))
        case .garbageFrames, .oversizeFrame, .flood, .hugeRequest:
            act.effect = notebook.now
            let begun = act
            notebook.tell { $0.tell(begun) }
            try startClients(step.deed, number, &background)
            return
        case .partition(let sides): _ = try await Links(network).partition(sides)
        case .delay(let links, let delay, let jitter):
            _ = try await Links(network).delay(links.choice, by: delay, jitter: jitter, seed: scenario.seed)
        case .lose(let links, let percent):
            _ = try await Links(network).lose(links.choice, percent: percent, seed: scenario.seed)
        case .heal: try await Links(network).heal()
        case .nothing: break
        default: try await process(step.deed)
        }
        act.effect = notebook.now
    }

    // MARK: Processes

    private func process(_ deed: Deed) async throws(TestnetError) {
        var nodes: [NodeRecord] = []
        for name in deed.names { nodes.append(try network.record.node(name)) }
        let names = deed.names
        switch deed {
        case .kill:
            notebook.rest(names)
            _ = try await together(nodes) { node throws(TestnetError) in try await network.process(node).kill() }
        case .start: try await start(nodes)
        case .pause:
            notebook.rest(names)
            for node in nodes { try network.setPaused(true, node) }
        case .resume:
            for node in nodes { try network.setPaused(false, node) }
            notebook.wake(names)
        case .restart:
            notebook.rest(names)
            _ = try await together(nodes) { node throws(TestnetError) in try await network.process(node).stop() }
            try await start(nodes)
        case .tearVoteLog: try tearVoteLog(of: nodes[0])
        default: throw .operation("\(deed)", reason: "it is no deed of processes")
        }
    }

    private func start(_ nodes: [NodeRecord]) async throws(TestnetError) {
        let readiness = Readiness(network: network)
        var identities: [String: ProcessIdentity] = [:]
        for node in nodes { identities[node.name] = try network.process(node).start(executable: executable) }
        notebook.wake(nodes.map(\.name))
        let started = identities
        _ = try await together(nodes) { node throws(TestnetError) in
            guard let identity = started[node.name] else { return }
            try await readiness.wait(for: node, identity, height: 0, within: Self.startDeadline)
        }
    }

    private func tearVoteLog(of node: NodeRecord) throws(TestnetError) {
        guard network.process(node).state == .stopped else {
            throw .operation("cannot tear the vote log of \(node.name)", reason: "the node is running")
        }
        let path = "\(network.folder.directory(of: node.name))/data/votes.log"
        guard let size = LogReader.size(path) else {
            throw .operation("cannot tear the vote log of \(node.name)", reason: "there is no \(path)")
        }
        // A header of 72 bytes, and at least one record (VoteLogFormat).
        guard size > 100 else {
            throw .operation("cannot tear the vote log of \(node.name)", reason: "it holds no record")
        }
        guard unsafe truncate(path, off_t(size) - off_t(Self.tornBytes)) == 0 else {
            throw .operation("cannot tear \(path)", reason: systemReason())
        }
    }

    /// The name under which the twin of a node is kept in the network's folder.
    static func twinName(of node: String) -> String { "twin-\(node)" }

    /// A second process with the node's key, and with ports and a disk of its own. It dials every other node, as the
    /// first one would have come to do: so each sees with its own eyes that the key is in use twice.
    private func startTwin(of node: NodeRecord) async throws(TestnetError) {
        let (folder, name) = (network.folder, Self.twinName(of: node.name))
        try System.makeDirectory(folder.directory(of: name))
        let ports = Ports(base: network.record.basePort)
        let place = network.record.nodes.count
        try configured { () throws(ConfigurationError) in
            var configuration = try NodeConfiguration(file: folder.configPath(of: node.name))
            configuration.name = name
            configuration.dataDirectory = System.absolute(folder.directory(of: name)) + "/data"
            configuration.keyPath = System.absolute(configuration.keyPath)
            configuration.genesisPath = System.absolute(configuration.genesisPath)
            configuration.listen = ports.listen(place)
            configuration.rpc = ports.rpc(place)
            configuration.webSocket = ports.webSocket(place)
            configuration.peers = network.record.nodes.filter { $0.name != node.name }.map(\.listen)
            try configuration.write(to: folder.configPath(of: name))
        }
        let process = NodeProcess(name, in: folder)
        _ = try process.start(executable: executable)
    }

    // MARK: Faults inside nodes

    private func inject(
        _ fault: String, _ level: Lab.Level, by culprit: Deed.Culprit, at moment: Scenario.Moment,
        _ act: inout Observations.Act
    ) async throws(TestnetError) {
        guard case .height(let height, let round) = moment else {
            throw .operation("cannot inject \(fault)", reason: "a fault inside a node has a height")
        }
        var order = FaultOrder(
            fault: fault, level: level.rawValue, node: nil, height: .absolute(height), round: round,
            seed: scenario.seed)
        if case .node(let name) = culprit { order.node = name }
        let scheduled = try await FaultLab(network).inject(order)
        (act.height, act.round, act.isConfirmed) = (scheduled.height, round, false)
        act.culprits = try culprits(culprit, level, at: scheduled.height, scheduled.round)
        // A ranger needs no turn: it lies at once.
        if case .node(let name) = culprit, try network.record.node(name).role == .ranger { act.effect = notebook.now }
    }

    /// By name, all who misbehave, by the same rule as the nodes': those who follow in rotation.
    private func culprits(
        _ culprit: Deed.Culprit, _ level: Lab.Level, at height: Height, _ round: UInt64
    ) throws(TestnetError) -> [String] {
        let committee = genesis.council.committee(
            at: height, parent: .zero, sizeMax: genesis.rules.committeeSizeMax)
        func first(_ count: Int) -> [String] {
            (0..<UInt64(min(count, committee.members.count))).map {
                network.record.name(of: committee.proposer(height: height, round: round + $0).address.hex)
            }
        }
        switch culprit {
        case .proposer: return level == .sealed ? first(committee.quorum) : first(1)
        case .nextProposer: return Array(first(2).suffix(1))
        case .first(let count): return first(count)
        case .node(let name): return [name]
        }
    }

    // MARK: Clients

    private func startClients(
        _ deed: Deed, _ step: Int, _ background: inout TaskGroup<Void>
    ) throws(TestnetError) {
        guard let name = deed.names.first else { return }
        let node = try network.record.node(name)
        let clients = LabClients(network: network, notebook: notebook, seed: scenario.seed)
        background.addTask {
            switch deed {
            case .garbageFrames(_, let connections):
                await clients.garbage(to: node, connections: connections, step: step)
            case .oversizeFrame(_, let bytes, let connections):
                await clients.oversize(to: node, bytes: bytes, connections: connections, step: step)
            case .flood(_, let connections, let lasting):
                await clients.flood(node, connections: connections, lasting: lasting, step: step)
            case .hugeRequest(_, let bytes, let calls, let depth):
                await clients.hugeRequest(to: node, bytes: bytes, calls: calls, depth: depth, step: step)
            default: break
            }
        }
    }
}

extension Deed.Links {
    fileprivate var choice: Links.Choice {
        switch self {
        case .all: .all
        case .of(let name): .of(name)
        case .between(let one, let other): .between(one, other)
        }
    }
}

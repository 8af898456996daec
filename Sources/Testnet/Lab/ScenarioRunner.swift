internal import Configuration
public import Lab
public import Primitives

/// Checks the bytes of a proof against a genesis file, with nothing else.
///
/// - Returns: How long the check took, and why the proof shows nothing, or nil.
public typealias ProofCheck = @Sendable (_ proof: Bytes, _ genesisPath: String) -> (took: Duration, refusal: String?)

/// Runs a scenario on processes: a fresh network of its own, the deeds, a watch of every node, the judge.
public struct ScenarioRunner: Sendable {
    public let scenario: Scenario
    /// The program that nodes run.
    public let executable: String
    /// The network's folder; it must not exist.
    public let directory: String
    let check: ProofCheck

    public init(_ scenario: Scenario, executable: String, directory: String, check: @escaping ProofCheck) {
        (self.scenario, self.executable, self.directory) = (scenario, executable, directory)
        self.check = check
    }

    /// What came of a run.
    public struct Outcome: Sendable {
        public let verdict: Verdict
        /// From the first process's start to the last one's end.
        public let took: Duration
    }

    /// A network is up this long after its start, or the run has failed.
    private static let upDeadline = Duration.seconds(30)
    /// Nodes have so long to say that they did their part.
    private static let confirmationDeadline = Duration.seconds(1)
    /// Between two looks at what is expected.
    private static let lookInterval = Duration.milliseconds(20)

    /// Runs to the verdict. Ends every process and removes the folder, however it ends, unless `keeps`.
    ///
    /// - Throws: If there was no network to judge.
    public func run(
        keeps: Bool = false, report: @Sendable @escaping (String) -> Void
    ) async throws(TestnetError) -> Outcome {
        if let problem = scenario.problem { throw .operation(scenario.name, reason: problem.description) }
        guard !System.exists(directory) else { throw .notOurs(directory: directory) }
        let begin = ContinuousClock.now
        let folder = NetworkFolder(directory)
        let result: Result<Verdict, TestnetError>
        do throws(TestnetError) {
            result = .success(try await verdict(in: folder, report))
        } catch {
            result = .failure(error)
        }
        // Also when this task was cancelled: nothing may be left running.
        await Task.detached { await Self.end(folder, removing: !keeps) }.value
        return Outcome(verdict: try result.get(), took: ContinuousClock.now - begin)
    }

    private func verdict(
        in folder: NetworkFolder, _ report: @Sendable @escaping (String) -> Void
    ) async throws(TestnetError) -> Verdict {
        var wishes = Up.Wishes()
        (wishes.council, wishes.rangers) = (scenario.council, scenario.rangers)
        wishes.blockTime = scenario.blockTime
        // One more for a twin.
        wishes.basePort = try Ports.freeBase(nodes: scenario.council + scenario.rangers + 1)
        let (network, _) = try await Up(folder, executable: executable, deadline: Self.upDeadline).run(wishes) { _ in }
        let genesisPath = folder.genesisPath
        let genesis = try configured { () throws(ConfigurationError) in try GenesisFile(file: genesisPath).genesis }
        let notebook = LabNotebook(
            nodes: network.record.nodes.map {
                Observations.Node(name: $0.name, isRanger: $0.role == .ranger, address: $0.address)
            })
        let hands = LabHands(
            network: network, executable: executable, scenario: scenario, genesis: genesis, notebook: notebook)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await LabWatch(network: network, scenario: scenario, notebook: notebook).run() }
            group.addTask {
                await LabTraffic(network: network, kind: scenario.traffic, notebook: notebook).run()
            }
            await withTaskGroup(of: Void.self) { background in
                await perform(hands, notebook, &background, report)
                background.cancelAll()
            }
            group.cancelAll()
        }
        if Task.isCancelled { notebook.tell { $0.trouble("the run was interrupted") } }
        await checkProofs(network, notebook)
        return judge(scenario, notebook.observations)
    }

    // MARK: Steps

    private func perform(
        _ hands: LabHands, _ notebook: LabNotebook, _ background: inout TaskGroup<Void>,
        _ report: @Sendable (String) -> Void
    ) async {
        for step in scenario.steps.indices {
            guard await reach(scenario.steps[step].moment, of: step, notebook) else { return }
            report("\(scenario.steps[step].deed)")
            await hands.perform(step, background: &background)
            // What was refused shows nothing, and what would follow it even less.
            guard notebook.observations.act(of: step)?.refusal == nil else { return }
            let isDecided = await wait(notebook) { seen in
                !findings(ofStep: step, of: scenario, seen).contains(where: \.isOpen)
            }
            guard isDecided else { return }
        }
        // What was ordered may be seen before those who did it have said so.
        let end = notebook.now + Self.confirmationDeadline
        _ = await wait(notebook) { seen in seen.acts.allSatisfy(\.isConfirmed) || seen.now > end }
    }

    private func reach(_ moment: Scenario.Moment, of step: Int, _ notebook: LabNotebook) async -> Bool {
        switch moment {
        case .height(let height, _):
            // A fault inside nodes is ordered ahead, so that each knows its part in time.
            var needed = height
            if case .inject = scenario.steps[step].deed { needed = height > 2 ? height - 2 : 0 }
            return await wait(notebook) { seen in
                needed == 0 || seen.blocks.contains { $0.height >= needed }
            }
        case .afterwards(let delay):
            let begin = notebook.now
            return await wait(notebook) { $0.now >= begin + delay }
        }
    }

    /// - Returns: false if the scenario's patience ended first, or the run was interrupted.
    private func wait(_ notebook: LabNotebook, until isDone: (Observations) -> Bool) async -> Bool {
        while true {
            let seen = notebook.observations
            if isDone(seen) { return true }
            if seen.now > scenario.patience {
                notebook.tell { $0.trouble("the run took longer than \(scenario.patience.text)") }
                return false
            }
            guard !Task.isCancelled else { return false }
            await pause(Self.lookInterval)
        }
    }

    // MARK: Proofs

    /// Takes the proof of each fault from a node that holds it, and checks it here.
    private func checkProofs(_ network: LocalNetwork, _ notebook: LabNotebook) async {
        let flags = notebook.observations.flags
        for flag in flags where !notebook.observations.proofs.contains(where: { $0.id == flag.id }) {
            guard let node = try? network.record.node(flag.node) else { continue }
            let client = network.client(node)
            defer { client.close() }
            do throws(RPCClientError) {
                let answer = try await client.call("ranger_getFault", .string(flag.id.hex))
                guard let proof = answer["proof"]?.text.flatMap({ try? Bytes(hex: $0) }) else {
                    throw .malformed(node.rpc, reason: "no proof in \(answer.summary)")
                }
                // Once for the caches, once for the clock.
                _ = check(proof, network.folder.genesisPath)
                let (took, refusal) = check(proof, network.folder.genesisPath)
                notebook.tell {
                    $0.tell(
                        Observations.Proof(
                            id: flag.id, byteCount: proof.count, verifying: took, refusal: refusal))
                }
            } catch {
                notebook.tell { $0.trouble("the proof \(flag.id.short) of \(flag.node): \(error)") }
            }
        }
    }

    // MARK: End

    /// Ends every process of the network, twins too.
    static func end(_ folder: NetworkFolder, removing: Bool) async {
        let names = System.names(in: folder.path).filter { System.exists("\(folder.path)/\($0)/pid") }
        await withTaskGroup(of: Void.self) { group in
            for name in names { group.addTask { _ = try? await NodeProcess(name, in: folder).kill() } }
        }
        if removing { try? System.removeTree(folder.path) }
    }
}

extension Ports {
    /// A base port for `nodes` nodes at whose ports nobody listens, below those that the system gives to outgoing
    /// connections. Each process begins its search elsewhere, so that two labs do not race.
    static func freeBase(nodes: Int) throws(TestnetError) -> Int {
        let (first, step) = (22_000, max(16, nodes))
        let count = 8_000 / step
        let offset = System.processID % count
        for turn in 0..<count {
            let ports = Ports(base: first + (offset + turn) % count * step)
            let isFree = (0..<nodes).allSatisfy { node in
                [ports.rpc(node), ports.webSocket(node), ports.listen(node)].allSatisfy {
                    System.bindRefusal(host: $0.host, port: $0.port) == nil
                }
            }
            if isFree { return ports.base }
        }
        throw .operation("cannot start a network", reason: "no \(3 * nodes) free ports")
    }
}

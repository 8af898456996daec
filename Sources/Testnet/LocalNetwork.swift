internal import Configuration
internal import Primitives

/// A network of processes on this machine: its folder, and what can be done to it.
public struct LocalNetwork: Sendable {
    public let folder: NetworkFolder
    public let record: NetworkRecord

    /// Opens the network in `folder`, running or not.
    public init(_ folder: NetworkFolder) throws(TestnetError) {
        self.folder = folder
        record = try folder.record()
    }

    init(folder: NetworkFolder, record: NetworkRecord) {
        (self.folder, self.record) = (folder, record)
    }

    public func process(_ node: NodeRecord) -> NodeProcess { NodeProcess(node.name, in: folder) }

    /// The nodes named, or all of them if none is.
    public func nodes(_ names: [String]) throws(TestnetError) -> [NodeRecord] {
        guard !names.isEmpty else { return record.nodes }
        var nodes: [NodeRecord] = []
        for name in names { nodes.append(try record.node(name)) }
        return nodes
    }

    /// The nodes whose process exists, paused ones too.
    public var runningNodes: [NodeRecord] { record.nodes.filter { process($0).state != .stopped } }

    public func client(_ node: NodeRecord, timeout: Duration = .seconds(5)) -> RPCClient {
        RPCClient(node.rpc, timeout: timeout)
    }

    /// Starts a node's process and waits until its JSON-RPC answers.
    ///
    /// - Returns: false if it ran already.
    public func start(
        _ node: NodeRecord, executable: String, within deadline: Duration = Readiness.deadline
    ) async throws(TestnetError) -> Bool {
        let lock = try FolderLock(folder)
        defer { _ = lock }
        guard process(node).state == .stopped else { return false }
        try refuseTakenPorts([node])
        let identity = try process(node).start(executable: executable)
        try await Readiness(network: self).wait(for: node, identity, height: 0, within: deadline)
        return true
    }

    /// Ends a node's process with SIGTERM, and with SIGKILL after `NodeProcess.stopDeadline`.
    public func stop(_ node: NodeRecord) async throws(TestnetError) -> NodeProcess.End {
        let lock = try FolderLock(folder)
        defer { _ = lock }
        return try await process(node).stop()
    }

    /// Ends a node's process with SIGKILL, as a crash would.
    public func kill(_ node: NodeRecord) async throws(TestnetError) -> NodeProcess.End {
        let lock = try FolderLock(folder)
        defer { _ = lock }
        return try await process(node).kill()
    }

    /// Freezes a node with SIGSTOP, or lets it go on.
    public func setPaused(_ paused: Bool, _ node: NodeRecord) throws(TestnetError) {
        try process(node).setPaused(paused)
    }

    /// Stops every node at the same time.
    ///
    /// - Returns: How each of them ended, in the record's order.
    public func down() async throws(TestnetError) -> [(node: NodeRecord, end: NodeProcess.End)] {
        let lock = try FolderLock(folder)
        defer { _ = lock }
        return try await stopAll(record.nodes)
    }

    func stopAll(_ nodes: [NodeRecord]) async throws(TestnetError) -> [(node: NodeRecord, end: NodeProcess.End)] {
        // One that will not end must not keep the others from being stopped.
        let ends = try await together(nodes) { node throws(TestnetError) -> Result<NodeProcess.End, TestnetError> in
            do throws(TestnetError) { return .success(try await process(node).stop()) } catch { return .failure(error) }
        }
        var stopped: [(node: NodeRecord, end: NodeProcess.End)] = []
        for (node, end) in zip(nodes, ends) { stopped.append((node: node, end: try end.get())) }
        return stopped
    }

    /// Stops every node of the network in `folder` and removes the folder with everything in it.
    ///
    /// Also removes what an interrupted `up` left; refuses a folder that is not ours.
    public static func reset(_ folder: NetworkFolder) async throws(TestnetError) {
        guard System.exists(folder.path) else { throw .noNetwork(directory: folder.path) }
        if try folder.holdsNetwork() { _ = try await LocalNetwork(folder).down() }
        try System.removeTree(folder.path)
    }

    /// Says which port is taken before a process fails over it.
    func refuseTakenPorts(_ nodes: [NodeRecord]) throws(TestnetError) {
        for node in nodes {
            for endpoint in [node.rpc, node.listen] {
                if let reason = System.bindRefusal(host: endpoint.host, port: endpoint.port) {
                    throw .portTaken(node: node.name, endpoint: endpoint, reason: reason)
                }
            }
        }
    }
}

/// Does `work` for all items at once, and returns or throws when all of it has ended.
///
/// The first failure cancels the rest, and is thrown.
func together<Item: Sendable, Value: Sendable>(
    _ items: [Item], _ work: @Sendable @escaping (Item) async throws(TestnetError) -> Value
) async throws(TestnetError) -> [Value] {
    let outcome = await withTaskGroup(
        of: (Int, Result<Value, TestnetError>).self, returning: Result<[Value], TestnetError>.self
    ) { group in
        for (index, item) in items.enumerated() {
            group.addTask {
                do throws(TestnetError) {
                    return (index, .success(try await work(item)))
                } catch {
                    return (index, .failure(error))
                }
            }
        }
        var values: [(Int, Value)] = []
        var failure: TestnetError?
        for await (index, result) in group {
            switch result {
            case .success(let value): values.append((index, value))
            case .failure(let error) where failure == nil:
                failure = error
                group.cancelAll()
            case .failure: break
            }
        }
        return failure.map { .failure($0) } ?? .success(values.sorted { $0.0 < $1.0 }.map(\.1))
    }
    return try outcome.get()
}

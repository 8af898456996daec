import Chain
import Configuration
import Crypto
import Foundation
import Primitives
import Testing

@testable import Testnet

/// A council and rangers in processes of their own, for one test. Torn down however the test ends.
struct TestNetwork: Sendable {
    let network: LocalNetwork
    let executable: String

    static let blockTime = Duration.milliseconds(250)
    /// Generous, for machines that do something else besides: a block takes a quarter of a second.
    static let blockDeadline = Duration.seconds(20)

    var record: NetworkRecord { network.record }
    var folder: NetworkFolder { network.folder }
    var rangers: [NodeRecord] { record.rangers }
    var genesis: Genesis { get throws { try GenesisFile(file: folder.genesisPath).genesis } }

    func node(_ name: String) throws -> NodeRecord { try record.node(name) }

    // MARK: Life

    /// Brings a network up, runs `body`, and ends every process of it.
    static func run(
        council: Int = 4, rangers: Int = 2, _ manifest: TestnetManifest? = nil,
        _ body: (TestNetwork) async throws -> Void
    ) async throws {
        await removeAbandoned()
        let folder = try TemporaryFolder()
        let place = NetworkFolder("\(folder.path)/net")
        do {
            let network = try await up(place, manifest, council: council, rangers: rangers)
            try await body(network)
        } catch {
            show(place)
            await remove(place)
            throw error
        }
        await remove(place)
    }

    private static func up(
        _ place: NetworkFolder, _ manifest: TestnetManifest?, council: Int, rangers: Int
    ) async throws -> TestNetwork {
        let executable = try NodeProgram.path()
        var wishes = Up.Wishes()
        wishes.manifest = manifest
        (wishes.council, wishes.rangers, wishes.blockTime) = (council, rangers, blockTime)
        wishes.basePort = try FreePorts.base(nodes: council + rangers)
        let (network, _) = try await Up(place, executable: executable).run(wishes) { _ in }
        return TestNetwork(network: network, executable: executable)
    }

    /// Ends what is running in `place`, also if the test was cancelled.
    static func remove(_ place: NetworkFolder) async {
        await Task.detached {
            guard (try? place.holdsNetwork()) == true else { return }
            do {
                for node in try LocalNetwork(place).runningNodes {
                    _ = try await NodeProcess(node.name, in: place).kill()
                }
            } catch {
                Issue.record("a node was left behind in \(place.path): \(error)")
            }
        }.value
    }

    /// What a test run that was itself killed left behind.
    private static func removeAbandoned() async {
        for path in TemporaryFolder.abandoned() {
            await remove(NetworkFolder("\(path)/net"))
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// The last words of every node, for whoever reads the failure; sealed blocks are no news.
    private static func show(_ place: NetworkFolder) {
        guard let record = try? place.record() else { return }
        for node in record.nodes {
            let lines = LogTail(path: place.logPath(of: node.name), lines: 1_000).lines
            for line in lines.filter({ !$0.contains(" sealed ") }).suffix(40) { print("\(node.name)| \(line)") }
        }
    }

    /// Starts whatever is stopped and waits for the next block on every node.
    func up() async throws -> (height: Height, after: Duration) {
        let (_, outcome) = try await Up(folder, executable: executable).run(Up.Wishes()) { _ in }
        guard case .started(_, let height, let startToBlock) = outcome else {
            throw TestnetError.stillRunning(nodes: network.runningNodes.map(\.name))
        }
        return (height, startToBlock)
    }

    func log(_ node: NodeRecord) throws -> String {
        try String(contentsOf: URL(filePath: folder.logPath(of: node.name)), encoding: .utf8)
    }

    // MARK: Questions

    func call(_ node: NodeRecord, _ method: String, _ parameters: JSONValue...) async throws -> JSONValue {
        let client = RPCClient(node.rpc, timeout: .seconds(10))
        defer { client.close() }
        return try await client.batch([RPCCall(method, parameters: parameters)])[0].get()
    }

    func head(of node: NodeRecord) async throws -> Height {
        try #require(try await call(node, "eth_blockNumber").unsigned)
    }

    func block(_ height: Height, of node: NodeRecord) async throws -> JSONValue {
        try await call(node, "eth_getBlockByNumber", .string(height.quantity), false)
    }

    func hash(ofBlock height: Height, at node: NodeRecord) async throws -> String {
        try #require(try await block(height, of: node)["hash"]?.text, "\(node.name) has no block \(height)")
    }

    func balance(_ address: Address, at height: Height, of node: NodeRecord) async throws -> UInt256 {
        let text = try await call(node, "eth_getBalance", .string(address.hex), .string(height.quantity)).text
        return try UInt256(hex: try #require(text))
    }

    /// Waits until `nodes`, by default all, have the block at `height`.
    func reach(
        _ height: Height, _ nodes: [NodeRecord]? = nil, within deadline: Duration = Self.blockDeadline
    ) async throws {
        for node in nodes ?? record.nodes {
            try await until("\(node.name) has block \(height)", within: deadline) {
                try await head(of: node) >= height
            }
        }
    }

    /// Waits until the council has sealed `count` blocks more than now.
    func advance(_ count: Height = 2, _ nodes: [NodeRecord]? = nil) async throws {
        let nodes = nodes ?? record.council
        try await reach(try await head(of: nodes[0]) + count, nodes)
    }

    // MARK: Faults

    /// Orders a fault a few blocks ahead, so that every node knows its part in time. Returns its height.
    func inject(
        _ fault: String, level: String? = nil, node: String? = nil, round: UInt64? = nil
    ) async throws -> Height {
        let order = FaultOrder(fault: fault, level: level, node: node, height: .ahead(4), round: round, seed: 1)
        return try await FaultLab(network).inject(order).height
    }

    /// What one ranger has flagged at `height`.
    func flags(_ ranger: NodeRecord, at height: Height) async throws -> [JSONValue] {
        try #require(try await call(ranger, "ranger_getFaults").items).filter { $0["height"]?.unsigned == height }
    }

    /// Waits until every ranger has flagged something at `height` that is wanted; the first such flag of each.
    func flagged(
        at height: Height, where isWanted: (JSONValue) -> Bool = { _ in true }
    ) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        for ranger in rangers {
            var flags: [JSONValue] = []
            try await until("\(ranger.name) flags block \(height)", within: Self.blockDeadline) {
                flags = try await self.flags(ranger, at: height).filter(isWanted)
                return !flags.isEmpty
            }
            found.append(flags[0])
        }
        return found
    }

    func validatedHead(_ ranger: NodeRecord) async throws -> Height {
        try #require(try await call(ranger, "ranger_status")["validatedHeight"]?.unsigned)
    }

    func rejectedReports(_ node: NodeRecord) async throws -> UInt64 {
        try #require(try await call(node, "ranger_status")["rejectedReports"]?.unsigned)
    }

    /// No node has dropped another for what it said: they are all honest.
    func nobodyIsPenalised() async throws {
        for node in record.nodes {
            #expect(try await call(node, "ranger_status")["penalisedPeers"]?.unsigned == 0, "by \(node.name)")
        }
    }

    func proposer(at height: Height, round: UInt64) throws -> Address {
        try genesis.council.committee(at: height, parent: .zero, sizeMax: Council.memberMax)
            .proposer(height: height, round: round).address
    }

    /// Runs `node verify-fault` on the bytes of `proof`, with this network's genesis and nothing else.
    func verifyFault(_ proof: Bytes) async throws -> NodeProgram.Run {
        let folder = try TemporaryFolder()
        try SettingsFile.write(proof, to: "\(folder.path)/proof")
        return try await NodeProgram.run("verify-fault", "\(folder.path)/proof", "--genesis", self.folder.genesisPath)
    }
}

/// Ports that nobody listens at, below those which the system gives to outgoing connections.
enum FreePorts {
    /// A base port for a network of `nodes`. Starts at a place of this process's own, so that two runs do not race.
    static func base(nodes: Int) throws -> Int {
        let (first, step, count) = (22_000, 16, 500)
        let offset = Int(ProcessInfo.processInfo.processIdentifier) % count
        for turn in 0..<count {
            let ports = Ports(base: first + (offset + turn) % count * step)
            let isFree = (0..<nodes).allSatisfy { node in
                [ports.rpc(node), ports.webSocket(node), ports.listen(node)].allSatisfy {
                    System.bindRefusal(host: $0.host, port: $0.port) == nil
                }
            }
            if isFree { return ports.base }
        }
        throw TestnetError.operation("cannot start a network", reason: "no \(3 * nodes) free ports")
    }
}

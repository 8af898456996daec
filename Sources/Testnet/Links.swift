internal import Configuration
internal import Primitives

/// Disturbs the links between the nodes of a running network: each node filters its own (`testnet_setLinks`).
///
/// What is in force is kept in the network's folder, so that one command adds to another. A node that is started
/// anew has no disturbed link until the next command.
public struct Links: Sendable {
    let network: LocalNetwork

    public init(_ network: LocalNetwork) {
        self.network = network
    }

    /// Two nodes by name, in the order of the names.
    public struct Edge: Hashable, Comparable, Sendable, CustomStringConvertible {
        public let low: String
        public let high: String

        public init(_ one: String, _ other: String) {
            (low, high) = (min(one, other), max(one, other))
        }

        public static func < (one: Edge, other: Edge) -> Bool { (one.low, one.high) < (other.low, other.high) }
        public var description: String { "\(low)-\(high)" }
    }

    /// How one link is disturbed, in both directions.
    public struct Disturbance: Hashable, Sendable {
        public var isCut = false
        public var delay = Duration.zero
        public var jitter = Duration.zero
        public var lossPercent: UInt64 = 0

        public init() {}
    }

    /// Which links a command is about.
    public enum Choice: Hashable, Sendable {
        case all
        case of(String)
        case between(String, String)

        /// "all", "cn1", "cn1-cn2".
        public init?(text: String) {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { String($0) }
            switch ends.count {
            case 1 where ends[0] == "all": self = .all
            case 1 where !ends[0].isEmpty: self = .of(ends[0])
            case 2 where !ends[0].isEmpty && !ends[1].isEmpty && ends[0] != ends[1]: self = .between(ends[0], ends[1])
            default: return nil
            }
        }
    }

    // MARK: Commands

    /// Cuts all links between two of `sides`, and none other. A node in none of them keeps its links to all.
    ///
    /// - Returns: The links that are cut.
    public func partition(_ sides: [[String]]) async throws(TestnetError) -> [Edge] {
        for name in sides.flatMap(\.self) { _ = try network.record.node(name) }
        let named = sides.flatMap(\.self)
        guard Set(named).count == named.count else {
            throw .operation("cannot part the network so", reason: "a node stands on two sides")
        }
        var cut: [Edge] = []
        for (index, side) in sides.enumerated() {
            for other in sides[(index + 1)...] {
                for one in side { cut += other.map { Edge(one, $0) } }
            }
        }
        try await change { state in
            for edge in state.keys { state[edge]?.isCut = false }
            for edge in cut { state[edge, default: Disturbance()].isCut = true }
        }
        return cut.sorted()
    }

    /// Makes frames over these links so much later, instead of any delay they had.
    public func delay(
        _ choice: Choice, by delay: Duration, jitter: Duration, seed: UInt64 = 0
    ) async throws(TestnetError) -> [Edge] {
        let edges = try edges(choice)
        try await change(seed: seed) { state in
            for edge in edges {
                state[edge, default: Disturbance()].delay = delay
                state[edge, default: Disturbance()].jitter = jitter
            }
        }
        return edges
    }

    /// Loses so many of a hundred frames over these links.
    public func lose(_ choice: Choice, percent: UInt64, seed: UInt64 = 0) async throws(TestnetError) -> [Edge] {
        let edges = try edges(choice)
        try await change(seed: seed) { state in
            for edge in edges { state[edge, default: Disturbance()].lossPercent = percent }
        }
        return edges
    }

    /// Makes every link what it was.
    public func heal() async throws(TestnetError) {
        try await change { $0 = [:] }
    }

    private func edges(_ choice: Choice) throws(TestnetError) -> [Edge] {
        let names = network.record.nodes.map(\.name)
        switch choice {
        case .all: return names.indices.flatMap { low in names[(low + 1)...].map { Edge(names[low], $0) } }.sorted()
        case .of(let name):
            _ = try network.record.node(name)
            return names.filter { $0 != name }.map { Edge(name, $0) }.sorted()
        case .between(let one, let other):
            return [Edge(try network.record.node(one).name, try network.record.node(other).name)]
        }
    }

    // MARK: State

    private var path: String { "\(network.folder.path)/links.json" }

    private func change(
        seed: UInt64 = 0, _ body: (inout [Edge: Disturbance]) -> Void
    ) async throws(TestnetError) {
        var state = try load()
        body(&state)
        state = state.filter { $0.value != Disturbance() }
        try await apply(state, seed: seed)
        if state.isEmpty {
            System.removeFile(path)
        } else {
            let document = Self.json(state)
            try configured { () throws(ConfigurationError) in
                try SettingsFile.write(document.json(pretty: true), to: path)
            }
        }
    }

    /// Tells each running node about its links.
    private func apply(_ state: [Edge: Disturbance], seed: UInt64) async throws(TestnetError) {
        let running = network.record.nodes.filter { network.process($0).state == .running }
        guard !running.isEmpty else { throw .notRunning(node: "the network") }
        var addresses: [String: String] = [:]
        for node in network.record.nodes { addresses[node.name] = node.address.hex }
        let known = addresses
        _ = try await together(running) { node throws(TestnetError) in
            var orders: [JSONValue] = []
            for (edge, disturbance) in state.sorted(by: { $0.key < $1.key }) {
                guard edge.low == node.name || edge.high == node.name else { continue }
                guard let other = known[edge.low == node.name ? edge.high : edge.low] else { continue }
                orders.append(disturbance.order(other))
            }
            let client = network.client(node)
            defer { client.close() }
            do throws(RPCClientError) {
                _ = try await client.call("testnet_setLinks", .array(orders), .string(seed.quantity))
            } catch {
                throw .unanswered(node: node.name, error)
            }
        }
    }

    private func load() throws(TestnetError) -> [Edge: Disturbance] {
        guard System.exists(path) else { return [:] }
        let path = path
        let document = try configured { () throws(ConfigurationError) in
            try JSONValue(parsing: try SettingsFile.read(path), file: path)
        }
        var state: [Edge: Disturbance] = [:]
        for item in document.items ?? [] {
            guard let one = item["one"]?.text, let other = item["other"]?.text else {
                throw .operation(
                    "cannot read \(path)", reason: "expected a list of links, found \(item.summary); remove the file")
            }
            var disturbance = Disturbance()
            disturbance.isCut = item["cut"] == .bool(true)
            disturbance.delay = .milliseconds(Int64(item["delay"]?.unsigned ?? 0))
            disturbance.jitter = .milliseconds(Int64(item["jitter"]?.unsigned ?? 0))
            disturbance.lossPercent = item["loss"]?.unsigned ?? 0
            state[Edge(one, other)] = disturbance
        }
        return state
    }

    private static func json(_ state: [Edge: Disturbance]) -> JSONValue {
        .array(
            state.sorted { $0.key < $1.key }.map { edge, disturbance in
                [
                    "one": .string(edge.low), "other": .string(edge.high), "cut": .bool(disturbance.isCut),
                    "delay": .integer(Int64(disturbance.delay.wholeMilliseconds)),
                    "jitter": .integer(Int64(disturbance.jitter.wholeMilliseconds)),
                    "loss": .integer(Int64(disturbance.lossPercent)),
                ]
            })
    }
}

extension Links.Disturbance {
    fileprivate func order(_ node: String) -> JSONValue {
        [
            "node": .string(node), "cut": .bool(isCut), "delay": .string(delay.wholeMilliseconds.quantity),
            "jitter": .string(jitter.wholeMilliseconds.quantity), "loss": .string(lossPercent.quantity),
        ]
    }
}

public import Configuration
public import Primitives

/// One node at one moment, seen from outside.
public struct NodeStatus: Sendable {
    public let node: NodeRecord
    public let logPath: String
    /// Nil where no process is known.
    public var processID: Int32?
    public var state: ProcessState
    /// Why a running node gave no answer; nil if it did or was not asked.
    public var trouble: String?
    public var height: Height?
    public var headHash: String?
    /// Who was paid for the head: the reward address of its proposer.
    public var beneficiary: String?
    /// The round in which the head was sealed.
    public var round: UInt64?
    /// Addresses of those who sealed the head.
    public var sealers: [String] = []
    public var peers: UInt64?
    /// The height under decision and what the node knows of its round; nil for rangers.
    public var deciding: Deciding?
    /// Nil for council nodes.
    public var ranger: RangerStatus?
    /// Why the node goes no further, because the chain is at fault; nil while it goes on.
    public var stopped: Standstill?
    /// Why the node itself can go on no more, such as a disk that fails.
    public var halted: String?
    /// Node keys that it has seen at two addresses: their own addresses in the council or among rangers.
    public var keyClashes: [String] = []

    /// What a node says of a chain that it does not trust any more.
    public struct Standstill: Sendable {
        /// The highest block that it vouches for.
        public var lastGoodHeight: Height
        /// "sealed block 42 breaks stateRoot".
        public var reason: String
        /// The proof's id; nil while there is none.
        public var fault: String?
        public var advice: String
    }

    /// One word or, where the node has stopped, what has happened: for people.
    public var stateText: String {
        if trouble != nil { return "silent" }
        if let stopped { return "stopped at \(stopped.lastGoodHeight): \(stopped.reason)" }
        if let halted { return "halted: \(halted)" }
        return state.rawValue
    }

    /// A council node's view of the round in which it is.
    public struct Deciding: Sendable {
        public var height: Height
        public var round: UInt64
        /// An address.
        public var proposer: String
        /// Why the round is not over, in words, if the node says.
        public var verdict: String?
    }

    /// What a ranger says of itself.
    public struct RangerStatus: Sendable {
        public var validatedHeight: Height?
        public var followedHeight: Height?
        public var faults: UInt64?
        public var rejectedReports: UInt64?
    }

    /// For `status --json`. Every key is always there; what is not known is null.
    public var json: JSONValue {
        func number(_ value: UInt64?) -> JSONValue { value.map { .integer(Int64(clamping: $0)) } ?? .null }
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        var members: [String: JSONValue] = [
            "name": .string(node.name), "role": .string(node.role.rawValue), "address": .string(node.address.hex),
            "pid": processID.map { .integer(Int64($0)) } ?? .null, "state": .string(state.rawValue),
            "error": text(trouble), "height": number(height), "round": number(round), "hash": text(headHash),
            "peers": number(peers), "rpcUrl": .string(node.url), "wsUrl": text(node.webSocketURL),
            "log": .string(logPath),
            "stoppedAt": number(stopped?.lastGoodHeight), "stopReason": text(stopped?.reason),
            "stopFault": text(stopped?.fault), "halted": text(halted),
            "keyClashes": .array(keyClashes.map { .string($0) }),
        ]
        if node.role == .ranger {
            members["validatedHeight"] = number(ranger?.validatedHeight)
            members["followedHeight"] = number(ranger?.followedHeight)
            members["faults"] = number(ranger?.faults)
            members["rejectedReports"] = number(ranger?.rejectedReports)
        }
        return .object(members)
    }
}

/// Asks the nodes of a network how they are, over connections that it keeps.
public final class StatusReader: Sendable {
    public let network: LocalNetwork
    private let clients: [String: RPCClient]

    /// - Parameter timeout: A node that is silent for longer counts as not answering.
    public init(_ network: LocalNetwork, timeout: Duration = .seconds(2)) {
        self.network = network
        clients = [String: RPCClient](
            network.record.nodes.map { ($0.name, RPCClient($0.rpc, timeout: timeout)) },
            uniquingKeysWith: { first, _ in first })
    }

    public func close() {
        for client in clients.values { client.close() }
    }

    /// One entry a node, in the record's order; asks all at the same time.
    public func read() async -> [NodeStatus] {
        await withTaskGroup(of: (Int, NodeStatus).self) { group in
            for (index, node) in network.record.nodes.enumerated() {
                group.addTask { (index, await self.status(of: node)) }
            }
            var statuses: [(Int, NodeStatus)] = []
            for await status in group { statuses.append(status) }
            return statuses.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func status(of node: NodeRecord) async -> NodeStatus {
        let process = network.process(node)
        let identity = process.identity
        var status = NodeStatus(
            node: node, logPath: network.folder.logPath(of: node.name), state: identity?.state ?? .stopped)
        guard status.state != .stopped else { return status }
        status.processID = identity?.id
        // A paused process cannot answer; waiting for it would only slow the others' rows.
        guard status.state == .running, let client = clients[node.name] else { return status }
        do throws(RPCClientError) {
            try await Self.ask(client, &status)
        } catch {
            status.trouble = error.description
        }
        return status
    }

    private static func ask(_ client: RPCClient, _ status: inout NodeStatus) async throws(RPCClientError) {
        let isRanger = status.node.role == .ranger
        let answers = try await client.batch([
            RPCCall("eth_getBlockByNumber", "latest", false),
            RPCCall("net_peerCount"),
            RPCCall("council_certificate", "latest"),
            isRanger ? RPCCall("ranger_status") : RPCCall("council_roundSummary"),
            RPCCall("council_status"),
        ])
        if let head = try? answers[0].get() {
            status.height = head["number"]?.unsigned
            status.headHash = head["hash"]?.text
            status.beneficiary = head["miner"]?.text
        }
        status.peers = (try? answers[1].get())?.unsigned
        if let certificate = try? answers[2].get() {
            status.round = certificate["round"]?.unsigned
            status.sealers = (certificate["seals"]?.items ?? []).compactMap { $0["validator"]?.text }
        }
        if let watch = try? answers[4].get() {
            status.stopped = watch["stopped"].flatMap(NodeStatus.Standstill.init)
            status.halted = watch["halted"]?.text
            status.keyClashes = (watch["keyClashes"]?.items ?? []).compactMap { $0["node"]?.text }
        }
        guard let answer = try? answers[3].get() else { return }
        if isRanger {
            status.ranger = NodeStatus.RangerStatus(answer)
        } else {
            status.deciding = NodeStatus.Deciding(answer)
        }
    }
}

extension NodeStatus.RangerStatus {
    init(_ json: JSONValue) {
        self.init(
            validatedHeight: json["validatedHeight"]?.unsigned, followedHeight: json["followedHeight"]?.unsigned,
            faults: json["faults"]?.unsigned, rejectedReports: json["rejectedReports"]?.unsigned)
    }
}

extension NodeStatus.Standstill {
    init?(_ json: JSONValue) {
        guard let height = json["lastGoodHeight"]?.unsigned, let reason = json["reason"]?.text else { return nil }
        self.init(
            lastGoodHeight: height, reason: reason, fault: json["fault"]?.text, advice: json["advice"]?.text ?? "")
    }
}

extension NodeStatus.Deciding {
    init?(_ json: JSONValue) {
        guard let height = json["height"]?.unsigned, let current = json["currentRound"]?.unsigned,
            let round = json["rounds"]?.items?.first(where: { $0["round"]?.unsigned == current })
        else { return nil }
        self.init(
            height: height, round: current, proposer: round["proposer"]?.text ?? "", verdict: round["verdict"]?.text)
    }
}

public import Configuration
public import Primitives

/// A fault to be committed on purpose.
public struct FaultOrder: Sendable {
    public var fault: String
    /// "P", "S", "F", "G" or "C" (FAULTS.md); nil: the fault's usual one.
    public var level: String?
    /// Who commits it; nil: the proposer of the height.
    public var node: String?
    public var height: HeightWish
    /// nil: the fault's usual one.
    public var round: UInt64?
    public var seed: UInt64

    public init(
        fault: String, level: String?, node: String?, height: HeightWish, round: UInt64? = nil, seed: UInt64
    ) {
        (self.fault, self.level, self.node, self.height) = (fault, level, node, height)
        (self.round, self.seed) = (round, seed)
    }
}

/// A height as users give it: "120" is that block, "+2" the second after the present head.
public enum HeightWish: Hashable, Sendable {
    case absolute(Height)
    case ahead(UInt64)

    /// Nothing further ahead can be ordered.
    public static let aheadMax: UInt64 = 1_000_000

    public init?(text: String) {
        if text.hasPrefix("+") {
            guard let count = UInt64(text.dropFirst()), (1...Self.aheadMax).contains(count) else { return nil }
            self = .ahead(count)
        } else {
            guard let height = Height(text), height > 0 else { return nil }
            self = .absolute(height)
        }
    }

    func height(from head: Height) -> Height {
        switch self {
        case .absolute(let height): height
        case .ahead(let count): head + count
        }
    }
}

/// Orders faults and reads what rangers found.
public struct FaultLab: Sendable {
    let network: LocalNetwork

    public init(_ network: LocalNetwork) {
        self.network = network
    }

    public struct Scheduled: Sendable {
        /// Where the fault is going to happen: for a proposer's fault, at the acting node's turn.
        public let height: Height
        public let round: UInt64
        /// Nodes that took the order.
        public let nodes: [String]
    }

    /// Sends the order to every running node, so that each knows its part: the acting node commits the fault,
    /// and for level S the others of the council look away at that height.
    public func inject(_ order: FaultOrder) async throws(TestnetError) -> Scheduled {
        let nodes = network.record.nodes.filter { network.process($0).state == .running }
        let actor = try actor(of: order, among: nodes)
        if let actor, !nodes.contains(actor) { throw .notRunning(node: actor.name) }
        guard !nodes.isEmpty else { throw .notRunning(node: "the network") }
        let heads = try await together(nodes) { node throws(TestnetError) in
            try await ask(node) { client throws(RPCClientError) in try await client.height() }
        }
        let head = heads.max() ?? 0
        let height = order.height.height(from: head)
        guard height > head else {
            throw .operation("cannot inject at height \(height)", reason: "block \(head) is already sealed")
        }
        var request: [String: JSONValue] = [
            "fault": .string(order.fault), "height": .string(height.quantity), "seed": .string(order.seed.quantity),
        ]
        if let level = order.level { request["level"] = .string(level) }
        if let round = order.round { request["round"] = .string(round.quantity) }
        if let actor { request["node"] = .string(actor.address.hex) }
        // All are asked before one is told: what some of them refuse must not be half an order.
        let parameter = JSONValue.object(request)
        request["check"] = .bool(true)
        _ = try await call("testnet_inject", .object(request), on: nodes)
        let answers = try await call("testnet_inject", parameter, on: nodes)
        let scheduled = answers.compactMap { $0["height"]?.unsigned }.max()
        let round = answers.compactMap { $0["round"]?.unsigned }.max()
        return Scheduled(height: scheduled ?? height, round: round ?? 0, nodes: nodes.map(\.name))
    }

    private func call(
        _ method: String, _ parameter: JSONValue, on nodes: [NodeRecord]
    ) async throws(TestnetError) -> [JSONValue] {
        try await together(nodes) { node throws(TestnetError) in
            try await ask(node) { client throws(RPCClientError) in try await client.call(method, parameter) }
        }
    }

    /// Who is named; nil leaves it to the nodes. Of the rangers one lies: were it all, nobody would be left to ask.
    private func actor(of order: FaultOrder, among running: [NodeRecord]) throws(TestnetError) -> NodeRecord? {
        if let name = order.node { return try network.record.node(name) }
        return order.fault == "lying-ranger" ? running.first { $0.role == .ranger } : nil
    }

    /// A fault that nodes can commit.
    public struct Kind: Sendable {
        public let name: String
        /// The usual one first.
        public let levels: [String]
        public let summary: String
    }

    /// The faults that the network's nodes can commit, as the first running node lists them.
    public func list() async throws(TestnetError) -> [Kind] {
        guard let node = network.runningNodes.first else { throw .notRunning(node: "the network") }
        let answer = try await ask(node) { client throws(RPCClientError) in
            try await client.call("testnet_listFaults")
        }
        return (answer.items ?? []).map { item in
            Kind(
                name: item["fault"]?.text ?? "?",
                levels: (item["levels"]?.items ?? []).compactMap(\.text),
                summary: item["summary"]?.text ?? "")
        }
    }

    /// One fault as one ranger recorded it.
    public struct Flag: Sendable {
        public let ranger: String
        /// The ranger's own words: id, kind, rule, height, round, block, guilty, expected, found, …
        public let fault: JSONValue

        public var id: String { fault["id"]?.text ?? "" }

        /// For `faults --json`: the ranger's words with its name, counts as plain numbers, and the guilty by name.
        public func json(_ name: (String) -> String) -> JSONValue {
            guard case .object(var members) = fault else { return fault }
            for key in ["height", "round", "firstSeen", "proofSize"] {
                if let number = members[key]?.unsigned { members[key] = .integer(Int64(clamping: number)) }
            }
            members["ranger"] = .string(ranger)
            members["guiltyNames"] = .array((fault["guilty"]?.items ?? []).compactMap(\.text).map { .string(name($0)) })
            return .object(members)
        }

        /// One line for people; `name` gives a validator's address a name.
        public func line(_ name: (String) -> String) -> String {
            let guilty = (fault["guilty"]?.items ?? []).compactMap(\.text).map(name).joined(separator: ", ")
            let place =
                "block \(fault["height"]?.unsigned.map { "\($0)" } ?? "?")"
                + (fault["round"]?.unsigned.map { ", round \($0)" } ?? "")
            let values = [("expected", fault["expected"]?.text), ("found", fault["found"]?.text)]
                .compactMap { label, text in text.flatMap { $0.isEmpty ? nil : "\(label) \(Self.shortened($0))" } }
                .joined(separator: ", ")
            return "\(fault["kind"]?.text ?? "?") \(fault["rule"]?.text ?? ""), \(place): guilty \(guilty)"
                + (values.isEmpty ? "" : "; \(values)")
        }

        /// `text` with each long run of hex cut to the eight digits by which people tell hashes apart.
        static func shortened(_ text: String) -> String {
            text.split(separator: " ", omittingEmptySubsequences: false).map { word in
                guard word.hasPrefix("0x"), word.count > 20 else { return String(word) }
                let end = word.last.map { $0.isPunctuation ? String($0) : "" } ?? ""
                return word.prefix(10) + "…" + end
            }.joined(separator: " ")
        }
    }

    /// What every ranger has flagged, in the order of the rangers.
    ///
    /// - Throws: `.unanswered` if a running ranger does not answer, `.notRunning` if no ranger runs.
    public func flags() async throws(TestnetError) -> [Flag] {
        let rangers = network.record.rangers.filter { network.process($0).state == .running }
        guard !rangers.isEmpty else { throw .notRunning(node: "no ranger") }
        let lists = try await together(rangers) { node throws(TestnetError) in
            let answer = try await ask(node) { client throws(RPCClientError) in
                try await client.call("ranger_getFaults")
            }
            return (answer.items ?? []).map { Flag(ranger: node.name, fault: $0) }
        }
        return lists.flatMap(\.self)
    }

    /// What the fault means whose id begins with `id`, in lines for people, from a ranger that has it.
    public func explanation(_ id: String) async throws(TestnetError) -> (id: String, answer: JSONValue) {
        let flags = try await flags()
        let match = try match(id, among: flags)
        for flag in flags where flag.id == match {
            let node = try network.record.node(flag.ranger)
            let answer = try await ask(node) { client throws(RPCClientError) in
                try await client.call("ranger_explainFault", .string(match))
            }
            if answer["text"]?.items != nil { return (match, answer) }
        }
        throw .operation("fault \(match)", reason: "no ranger can explain it")
    }

    /// The bytes of the proof whose id begins with `id`.
    public func proof(_ id: String) async throws(TestnetError) -> (id: String, proof: Bytes) {
        let flags = try await flags()
        let match = try match(id, among: flags)
        return try await proof(match, among: flags)
    }

    /// The one id that begins so.
    private func match(_ id: String, among flags: [Flag]) throws(TestnetError) -> String {
        let wanted = id.lowercased()
        let matches = Set(flags.map(\.id).filter { $0.hasPrefix(wanted) || $0.dropFirst(2).hasPrefix(wanted) })
        guard matches.count == 1, let match = matches.first, !wanted.isEmpty else {
            let known = Set(flags.map(\.id)).sorted().joined(separator: ", ")
            let reason = matches.isEmpty ? "no ranger has it; known: \(known)" : "several begin so: \(known)"
            throw .operation("fault \(id)", reason: reason)
        }
        return match
    }

    private func proof(_ match: String, among flags: [Flag]) async throws(TestnetError) -> (id: String, proof: Bytes) {
        for flag in flags where flag.id == match {
            if let text = flag.fault["proof"]?.text, let proof = try? Bytes(hex: text) { return (match, proof) }
            // The list may leave the bytes out; the single fault has them.
            let node = try network.record.node(flag.ranger)
            let full = try await ask(node) { client throws(RPCClientError) in
                try await client.call("ranger_getFault", .string(match))
            }
            if let text = full["proof"]?.text, let proof = try? Bytes(hex: text) { return (match, proof) }
        }
        throw .operation("fault \(match)", reason: "no ranger gave the bytes of its proof")
    }

    private func ask<Value>(
        _ node: NodeRecord, _ question: (RPCClient) async throws(RPCClientError) -> Value
    ) async throws(TestnetError) -> Value {
        let client = network.client(node)
        defer { client.close() }
        do throws(RPCClientError) {
            return try await question(client)
        } catch {
            throw .unanswered(node: node.name, error)
        }
    }
}

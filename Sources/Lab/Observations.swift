public import Primitives

/// What a runner saw, as plain data. Every time is counted from the moment at which the network was up.
///
/// A runner tells everything that it reads, as often as it likes: only what is new is kept. It judges nothing.
public struct Observations: Sendable, Hashable {
    /// Who takes part.
    public struct Node: Sendable, Hashable {
        public let name: String
        public let isRanger: Bool
        public let address: Address

        public init(name: String, isRanger: Bool, address: Address) {
            (self.name, self.isRanger, self.address) = (name, isRanger, address)
        }
    }

    /// A deed that was tried.
    public struct Act: Sendable, Hashable {
        public let step: Int
        /// When it was done, or ordered.
        public let at: Duration
        /// Why it could not be done; nil if it was.
        public var refusal: String?
        /// For faults inside nodes: where it happens.
        public var height: Height?
        public var round: UInt64?
        /// By name, all who misbehave, the block's proposer first. Empty for deeds that make nobody lie.
        public var culprits: [String]
        /// When it took effect: for faults inside nodes, when somebody saw the proposal, the round or the block in
        /// which they happen; nil before.
        public var effect: Duration?
        /// Whether it is certain that it was done. For a fault inside nodes: one of them says that it did its part.
        public var isConfirmed: Bool
        /// What a node says about why it did not do its part.
        public var missed: String?

        public init(
            step: Int, at: Duration, refusal: String? = nil, height: Height? = nil, round: UInt64? = nil,
            culprits: [String] = [], effect: Duration?, isConfirmed: Bool = true
        ) {
            self.isConfirmed = isConfirmed
            (self.step, self.at, self.refusal, self.height) = (step, at, refusal, height)
            (self.round, self.culprits, self.effect) = (round, culprits, effect)
        }
    }

    /// A fault that a node holds.
    public struct Flag: Sendable, Hashable {
        public let node: String
        public let at: Duration
        public let id: Hash32
        public let kind: String
        public let rule: String
        public let height: Height
        public let block: Hash32
        public let guilty: [Address]

        public init(
            node: String, at: Duration, id: Hash32, kind: String, rule: String, height: Height, block: Hash32,
            guilty: [Address]
        ) {
            (self.node, self.at, self.id, self.kind, self.rule) = (node, at, id, kind, rule)
            (self.height, self.block, self.guilty) = (height, block, guilty)
        }
    }

    /// The proof of a flag, taken from a node and checked by the runner itself.
    public struct Proof: Sendable, Hashable {
        public let id: Hash32
        public let byteCount: Int
        /// How long the check took; nil where time is not real.
        public let verifying: Duration?
        /// Why it shows nothing; nil if it holds.
        public let refusal: String?

        public init(id: Hash32, byteCount: Int, verifying: Duration?, refusal: String?) {
            (self.id, self.byteCount, self.verifying, self.refusal) = (id, byteCount, verifying, refusal)
        }
    }

    /// A sealed block that a node has.
    public struct Block: Sendable, Hashable {
        public let node: String
        public let at: Duration
        public let height: Height
        public let hash: Hash32
        /// The round of the certificate that the node has.
        public let round: UInt64
        public let sealers: [Address]

        public init(node: String, at: Duration, height: Height, hash: Hash32, round: UInt64, sealers: [Address]) {
            (self.node, self.at, self.height, self.hash) = (node, at, height, hash)
            (self.round, self.sealers) = (round, sealers)
        }
    }

    /// A count that a node keeps about somebody.
    public struct Score: Sendable, Hashable {
        public let node: String
        public let at: Duration
        public let score: Expectation.Score
        public let about: Address
        public let count: UInt64

        public init(node: String, at: Duration, score: Expectation.Score, about: Address, count: UInt64) {
            (self.node, self.at, self.score, self.about, self.count) = (node, at, score, about, count)
        }
    }

    /// How many reports and peers a node has turned away.
    public struct Rejections: Sendable, Hashable {
        public let node: String
        public let at: Duration
        public let reports: UInt64
        public let peers: UInt64

        public init(node: String, at: Duration, reports: UInt64, peers: UInt64) {
            (self.node, self.at, self.reports, self.peers) = (node, at, reports, peers)
        }
    }

    /// Something that a node said.
    public struct Notice: Sendable, Hashable {
        public let node: String
        public let at: Duration
        public let notice: Expectation.Notice
        public let about: Address?

        public init(node: String, at: Duration, notice: Expectation.Notice, about: Address? = nil) {
            (self.node, self.at, self.notice, self.about) = (node, at, notice, about)
        }
    }

    /// What became of a deed's clients.
    public struct Clients: Sendable, Hashable {
        public let step: Int
        public var at: Duration
        /// Connections that were made.
        public var connections: Int
        /// Of those, how many the node ended.
        public var ended: Int
        /// Codes of JSON-RPC or HTTP with which requests were refused, ascending.
        public var refusals: [Int64]
        /// Requests that were answered, whatever the answer.
        public var answered: UInt64

        public init(
            step: Int, at: Duration, connections: Int, ended: Int, refusals: [Int64] = [], answered: UInt64 = 0
        ) {
            (self.step, self.at, self.connections, self.ended) = (step, at, connections, ended)
            (self.refusals, self.answered) = (refusals, answered)
        }
    }

    /// What a node's process holds of the machine's memory.
    public struct Memory: Sendable, Hashable {
        public let node: String
        public let at: Duration
        public let bytes: UInt64

        public init(node: String, at: Duration, bytes: UInt64) {
            (self.node, self.at, self.bytes) = (node, at, bytes)
        }
    }

    /// What is read from nodes, each by itself: an oracle that was not asked has nothing to say.
    public enum Oracle: String, Sendable, Hashable, CaseIterable {
        case blocks
        case flags
        case scores
        case rejections
        case notices
        case memory
    }

    /// When a node was last asked.
    public struct Reading: Sendable, Hashable {
        public let node: String
        public let oracle: Oracle
        public var last: Duration
        public var count: UInt64
    }

    public let nodes: [Node]
    public private(set) var acts: [Act] = []
    public private(set) var flags: [Flag] = []
    public private(set) var proofs: [Proof] = []
    public private(set) var blocks: [Block] = []
    public private(set) var scores: [Score] = []
    public private(set) var rejections: [Rejections] = []
    public private(set) var notices: [Notice] = []
    public private(set) var clients: [Clients] = []
    public private(set) var memory: [Memory] = []
    public private(set) var readings: [Reading] = []
    /// What went wrong with the run itself: each makes it red.
    public private(set) var troubles: [String] = []
    /// How far the run has got.
    public var now = Duration.zero

    /// Each list keeps so many entries; one more makes the run red.
    public static let entriesMax = 100_000

    public init(nodes: [Node]) {
        self.nodes = nodes
    }

    public func address(of name: String) -> Address? { nodes.first { $0.name == name }?.address }
    public func name(of address: Address) -> String? { nodes.first { $0.address == address }?.name }
    public func act(of step: Int) -> Act? { acts.first { $0.step == step } }
}

// Telling. Each keeps what is new and forgets the rest.
extension Observations {
    private func isKnown<Entry>(_ entries: [Entry], _ isSame: (Entry) -> Bool) -> Bool {
        entries.contains(where: isSame)
    }

    private mutating func add<Entry>(_ entry: Entry, to entries: WritableKeyPath<Self, [Entry]>) {
        guard self[keyPath: entries].count < Self.entriesMax else {
            return trouble("more than \(Self.entriesMax) observations of one sort")
        }
        self[keyPath: entries].append(entry)
    }

    /// Notes the act of a step, or what is now known of it.
    public mutating func tell(_ act: Act) {
        if let index = acts.firstIndex(where: { $0.step == act.step }) {
            acts[index] = act
        } else {
            add(act, to: \.acts)
        }
    }

    public mutating func tell(_ flag: Flag) {
        guard !isKnown(flags, { $0.node == flag.node && $0.id == flag.id }) else { return }
        add(flag, to: \.flags)
    }

    public mutating func tell(_ proof: Proof) {
        guard !isKnown(proofs, { $0.id == proof.id }) else { return }
        add(proof, to: \.proofs)
    }

    /// Keeps the first sight of each height by each node, and every other block that it shows there.
    public mutating func tell(_ block: Block) {
        // Nodes show their newest blocks: what is known is near the end.
        for known in blocks.reversed() where known.node == block.node && known.height == block.height {
            if known.hash == block.hash { return }
        }
        add(block, to: \.blocks)
    }

    /// Keeps the counts that grew.
    public mutating func tell(_ score: Score) {
        let known = scores.last { $0.node == score.node && $0.score == score.score && $0.about == score.about }
        guard known.map({ $0.count < score.count }) ?? true else { return }
        add(score, to: \.scores)
    }

    public mutating func tell(_ rejections: Rejections) {
        let known = self.rejections.last { $0.node == rejections.node }
        guard known.map({ $0.reports != rejections.reports || $0.peers != rejections.peers }) ?? true else { return }
        add(rejections, to: \.rejections)
    }

    public mutating func tell(_ notice: Notice) {
        let isOld = isKnown(notices) {
            $0.node == notice.node && $0.notice == notice.notice && $0.about == notice.about
        }
        guard !isOld else { return }
        add(notice, to: \.notices)
    }

    public mutating func tell(_ report: Clients) {
        if let index = clients.firstIndex(where: { $0.step == report.step }) {
            clients[index] = report
        } else {
            add(report, to: \.clients)
        }
    }

    /// Keeps the first measurement of each node and every new highest.
    public mutating func tell(_ measured: Memory) {
        let known = memory.last { $0.node == measured.node }
        guard known.map({ $0.bytes < measured.bytes }) ?? true else { return }
        add(measured, to: \.memory)
    }

    /// Notes that `oracle` was read at `node` just now and all that it said was told.
    public mutating func tellReading(of oracle: Oracle, at node: String) {
        if let index = readings.firstIndex(where: { $0.node == node && $0.oracle == oracle }) {
            readings[index].last = now
            readings[index].count += 1
        } else {
            readings.append(Reading(node: node, oracle: oracle, last: now, count: 1))
        }
    }

    public mutating func trouble(_ text: String) {
        guard troubles.count < 100, !troubles.contains(text) else { return }
        troubles.append(text)
    }
}

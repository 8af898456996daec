/// What must be seen after a deed.
public struct Expectation: Sendable, Hashable {
    public var what: What
    /// By when from the deed's effect; for what must hold (`isHolding`), how long it must.
    public var span: Duration

    public init(_ what: What, within span: Duration) {
        (self.what, self.span) = (what, span)
    }

    public enum What: Sendable, Hashable {
        /// Every honest ranger holds such a fault.
        case flagged(Flagging)
        /// No node holds any fault.
        case nothingFlagged
        /// These nodes get so many blocks beyond the deed's height, or beyond the highest head when it was done: so
        /// a node that was cut off must also catch up.
        case progress(blocks: UInt64, by: Scope)
        /// These nodes get no new block, from one block time after the deed on.
        case standstill(by: Scope)
        /// Two nodes have different blocks at one height.
        case fork
        /// These nodes reject a report and penalise who sent it.
        case reportRejected(by: Scope)
        /// Every honest ranger counts at least so many of these against each of the subjects.
        case score(Score, of: Subject, atLeast: UInt64)
        /// Every honest ranger sees a block that was sealed after round 0: the deed's, or any after it.
        case roundChange
        /// The node ends every connection of the deed's clients.
        case dropped
        /// The node answers throughout and its memory grows by at most so many bytes.
        case alive(String, growthMax: UInt64)
        /// The deed's clients are refused at least once with each of these codes (JSON-RPC's or HTTP's).
        case refused(codes: [Int64])
        /// These nodes say so.
        case notice(Notice, by: Scope, about: Subject)
    }

    /// Which fault, against whom.
    public struct Flagging: Sendable, Hashable {
        /// Any of these kinds of proof: PAIR, EXEC, …
        public var kinds: [String]
        /// Any of these rules; all if empty.
        public var rules: [String]
        public var guilty: Guilty
        /// A proof must not be larger.
        public var bytesMax: Int?
        /// Whether time runs from the first sight of a fork instead of the deed's effect.
        public var isSinceFork: Bool

        public init(
            kinds: [String], rules: [String] = [], guilty: Guilty, bytesMax: Int? = nil, isSinceFork: Bool = false
        ) {
            (self.kinds, self.rules, self.guilty) = (kinds, rules, guilty)
            (self.bytesMax, self.isSinceFork) = (bytesMax, isSinceFork)
        }
    }

    /// Whom a proof must name. Nobody but those who misbehaved, in every case.
    public enum Guilty: Sendable, Hashable {
        /// All who commit the fault.
        case culprits
        /// The one who proposed the block: the first of the culprits.
        case proposer
        /// All who sealed the block.
        case sealers
        /// So many of the culprits, or more.
        case atLeast(Int)
        /// So many of the culprits together, over all the ranger's faults that match.
        case together(Int)
    }

    public enum Score: String, Sendable, Hashable, CaseIterable {
        /// Certificates without its seal: a quorum suffices, so whoever is last misses some.
        case missingSeals = "missing-seals"
        /// Heights at which nothing of it was heard.
        case unheard
        /// Rounds that it should have led and that led to nothing.
        case missedProposals = "missed-proposals"
    }

    /// What nodes say of themselves and of others, in the log or by JSON-RPC.
    public enum Notice: String, Sendable, Hashable, CaseIterable {
        /// Somebody else uses a node's key.
        case keyClash = "key-clash"
        /// The vote log ended in a torn record, which was cut.
        case voteLogRepaired = "vote-log-repaired"
        /// The node follows the chain no further, since a bad block was sealed.
        case stoppedFollowing = "stopped-following"
        /// A proposal was refused.
        case proposalRefused = "proposal-refused"
        /// A certificate had too few seals.
        case tooFewSeals = "too-few-seals"
    }

    /// Nodes from whom something is expected.
    public enum Scope: Sendable, Hashable {
        case everyNode
        /// All but the culprits.
        case everyHonestNode
        case everyRanger
        case everyCouncilNode
        /// At least one of all.
        case someone
        case nodes([String])
    }

    /// Whom something is about.
    public enum Subject: Sendable, Hashable {
        case anybody
        case culprits
        case node(String)
    }

    /// Whether it must hold for the whole span, rather than come about within it.
    public var isHolding: Bool {
        switch what {
        case .nothingFlagged, .standstill, .alive: true
        default: false
        }
    }
}

extension Expectation: CustomStringConvertible {
    public var description: String {
        "\(what) " + (isHolding ? "for " : "within ") + span.lab
    }
}

extension Expectation.What: CustomStringConvertible {
    public var description: String {
        switch self {
        case .flagged(let flagging):
            "every ranger flags " + flagging.kinds.joined(separator: " or ")
                + (flagging.rules.isEmpty ? "" : " (\(flagging.rules.joined(separator: ", ")))")
        case .nothingFlagged: "nobody flags anything"
        case .progress(let blocks, let scope): "\(scope) got \(blocks) more blocks"
        case .standstill(let scope): "\(scope) got no block"
        case .fork: "two blocks at one height"
        case .reportRejected(let scope): "\(scope) rejected the report and penalised its sender"
        case .score(let score, _, let least): "every ranger counts \(least) \(score.rawValue)"
        case .roundChange: "a block of a later round"
        case .dropped: "every connection of the clients is ended"
        case .alive(let node, let growth): "\(node) answers and grows by at most \(growth >> 20) MiB"
        case .refused(let codes): "the clients are refused with \(codes.map { "\($0)" }.joined(separator: ", "))"
        case .notice(let notice, let scope, _): "\(scope) reported \(notice.rawValue)"
        }
    }
}

extension Expectation.Scope: CustomStringConvertible {
    public var description: String {
        switch self {
        case .everyNode: "every node"
        case .everyHonestNode: "every honest node"
        case .everyRanger: "every ranger"
        case .everyCouncilNode: "every council node"
        case .someone: "some node"
        case .nodes(let names): names.joined(separator: ", ")
        }
    }
}

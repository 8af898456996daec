public import Primitives

/// One run of the lab: a network, what is done to it, and what must be seen.
///
/// The same value runs on the simulator and on real processes. Nodes are `cn1`… and `rn1`…; cn1 is the council's
/// first member, and so the proposer of height 1.
public struct Scenario: Sendable, Hashable {
    /// Its own name, which is that of its file: the fault's, and the level's where the fault has several.
    public var name: String
    /// One sentence for people.
    public var summary: String
    /// The fault of the catalogue that is shown, and at which of its levels.
    public var fault: String
    public var level: Level
    public var council: Int
    public var rangers: Int
    /// The least time between two blocks.
    public var blockTime: Duration
    /// Chooses among the forms of a fault, and draws jitter and loss.
    public var seed: UInt64
    public var traffic: Traffic
    /// In this order; each begins when the expectations of the one before are decided.
    public var steps: [Step]
    /// The run ends with a red verdict if it takes longer, from the network's first block.
    public var patience: Duration

    public init(
        name: String, summary: String, fault: String, level: Level, council: Int = 4, rangers: Int = 2,
        blockTime: Duration = .seconds(1), seed: UInt64 = 1, traffic: Traffic = .none, steps: [Step],
        patience: Duration = Self.usualPatience
    ) {
        (self.name, self.summary, self.fault, self.level) = (name, summary, fault, level)
        (self.council, self.rangers, self.blockTime, self.seed) = (council, rangers, blockTime, seed)
        (self.traffic, self.steps, self.patience) = (traffic, steps, patience)
    }

    public static let usualPatience = Duration.seconds(60)
    public static let councilMax = 100
    public static let rangersMax = 100
    public static let stepsMax = 32
    public static let expectationsMax = 32

    /// What fills the blocks meanwhile.
    public enum Traffic: String, Sendable, Hashable, CaseIterable {
        /// Empty blocks.
        case none
        /// A few transfers of native coins in every block.
        case transfers
        /// A few calls of a token contract, which write storage.
        case token
    }

    /// One thing done, when, and what must follow from it.
    public struct Step: Sendable, Hashable {
        public var moment: Moment
        public var deed: Deed
        public var expectations: [Expectation]

        public init(_ moment: Moment, _ deed: Deed, expecting expectations: [Expectation]) {
            (self.moment, self.deed, self.expectations) = (moment, deed, expectations)
        }
    }

    /// When a deed is done. Never by wall time alone: a scenario means the same on a fast and on a slow machine.
    public enum Moment: Sendable, Hashable {
        /// Faults inside nodes happen at this height and round (nil: from round 0 on); every other deed is done
        /// once some node has the block.
        case height(Height, round: UInt64? = nil)
        /// So long after the expectations of the step before were decided, or after the start.
        case afterwards(Duration = .zero)
    }

    /// The names of all nodes, the council first.
    public var nodeNames: [String] { councilNames + rangerNames }
    public var councilNames: [String] { (0..<council).map { "cn\($0 + 1)" } }
    public var rangerNames: [String] { (0..<rangers).map { "rn\($0 + 1)" } }
}

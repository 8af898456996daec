public import Node
public import Primitives

/// Everything about a run that its seed does not decide on the way: who takes part, how bad the network is, who lies.
public struct Scenario: Sendable, Hashable {
    public var seed: Seed
    public var council = 4
    public var rangers = 1
    public var blockTime = Duration.milliseconds(200)
    /// Milliseconds that a message takes.
    public var delay: ClosedRange<UInt64> = 1...20
    /// Percent of messages that are lost, and that arrive twice, in the safety phase.
    public var loss: UInt64 = 0
    public var duplication: UInt64 = 0
    /// Milliseconds by which a machine's clock may be ahead of or behind the true time.
    public var clockSkew: UInt64 = 0
    /// Whether a power cut takes the latest blocks along: they are not synced as votes are.
    public var losesLatestBlocks = false
    public var accidents: [Accident] = []
    /// How long the network behaves badly; afterwards every message arrives.
    public var safetyPhase = Duration.seconds(5)
    /// Blocks that must be sealed by everybody after that, and how long it may take.
    public var livenessBlocks: Height = 3
    public var livenessPatience = Duration.seconds(90)
    /// Transfers handed to random nodes, evenly over the safety phase.
    public var transfers = 20
    public var injections: [Injection] = []
    /// Validators that tell everybody something else, all the time; at most as many as the council withstands.
    public var traitors: [Int] = []
    /// More liars than that, who try to make the honest seal two blocks.
    public var conspiracy: Conspiracy?
    public var frames = Frames.values

    /// How messages travel.
    public enum Frames: Sendable, Hashable {
        /// Encoded and decoded, as between processes; and nothing that one machine computed is believed by another.
        case bytes
        /// As what they mean: the same story, told faster.
        case values
    }

    public init(seed: Seed) {
        self.seed = seed
    }
}

extension Scenario {
    /// ⌈2n/3⌉, or all of fewer than four.
    var quorum: Int { council < 4 ? council : (2 * council + 2) / 3 }

    /// How many validators every fork convicts: what two quorums have in common at least.
    public var convictedMin: Int { 2 * quorum - council }

    /// Whether there are too few liars for a fork. Two quorums have more in common than those.
    var withstandsLiars: Bool {
        let accomplices = Set(traitors).union(conspiracy?.liars ?? [])
        return accomplices.count < convictedMin && !injections.contains { $0.level == .fork }
    }
}

extension Scenario: CustomStringConvertible {
    /// On one line, what is not as usual.
    public var description: String {
        var parts = ["\(council) validators", "\(rangers) rangers", "blocks every \(blockTime.wholeMilliseconds) ms"]
        parts.append("delay \(delay.lowerBound)-\(delay.upperBound) ms")
        if loss > 0 { parts.append("loss \(loss) %") }
        if duplication > 0 { parts.append("duplication \(duplication) %") }
        if clockSkew > 0 { parts.append("clocks ±\(clockSkew) ms") }
        if losesLatestBlocks { parts.append("power cuts take blocks") }
        parts += accidents.map { "\($0)" }
        for injection in injections {
            let actor = injection.actor.map { " by \($0.short)" } ?? ""
            parts.append("\(injection.fault.rawValue) (\(injection.level.rawValue)) at \(injection.height)\(actor)")
        }
        if let conspiracy { parts.append("\(conspiracy)") }
        if !traitors.isEmpty { parts.append("traitors \(traitors)") }
        return parts.joined(separator: ", ")
    }
}

import Chain
public import Node
public import Primitives

/// Everything about a run that is not an accident: who takes part, how bad the network is, who misbehaves.
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
    /// How many times some node loses power in the safety phase.
    public var crashes = 0
    /// Milliseconds in which the network behaves badly; afterwards every message arrives.
    public var safetyPhase = Duration.seconds(5)
    /// Blocks that must be sealed by everybody after that, and how long it may take.
    public var livenessBlocks: Height = 3
    public var livenessPatience = Duration.seconds(90)
    /// Transfers handed to random nodes.
    public var transfers = 20
    public var injections: [Injection] = []

    public init(seed: Seed) {
        self.seed = seed
    }

    /// A scenario with every option drawn from `seed`.
    public static func drawn(from seed: Seed) -> Scenario {
        var generator = SeededGenerator(seed: seed)
        var scenario = Scenario(seed: seed)
        scenario.council = [1, 2, 3, 4, 4, 4, 5, 7][Int(generator.pick(0...7))]
        scenario.rangers = Int(generator.pick(0...2))
        scenario.blockTime = .milliseconds([0, 100, 200, 1_000][Int(generator.pick(0...3))])
        scenario.delay = 1...[5, 20, 100, 400][Int(generator.pick(0...3))]
        scenario.loss = [0, 0, 1, 5, 20][Int(generator.pick(0...4))]
        scenario.duplication = [0, 1, 10][Int(generator.pick(0...2))]
        scenario.crashes = Int(generator.pick(0...4))
        scenario.transfers = Int(generator.pick(0...40))
        if scenario.council >= 4, generator.chance(50) { scenario.injections = [drawInjection(&generator)] }
        return scenario
    }

    /// One liar, at a low height, so that it acts within the safety phase.
    private static func drawInjection(_ generator: inout SeededGenerator) -> Injection {
        let faults: [Injection.Fault] = [
            .equivocatingProposer, .doubleCommit, .silentValidator, .silentProposer, .wrongProposer,
            .wrongTransactionsRoot, .tooFewSeals, .lyingRanger,
        ]
        let fault = faults[Int(generator.pick(0...UInt64(faults.count - 1)))]
        return Injection(
            fault: fault, level: fault.levels[0], height: generator.pick(2...6), seed: generator.next())
    }
}

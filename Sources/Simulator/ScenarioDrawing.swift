import Chain
import Crypto
import Node
import Primitives

extension Scenario {
    /// A scenario with every option drawn from `seed`.
    public static func drawn(from seed: Seed) -> Scenario {
        var generator = SeededGenerator(seed: seed)
        var scenario = Scenario(seed: seed)
        scenario.council = generator.oneOf([1, 2, 3, 4, 4, 4, 5, 7])
        scenario.rangers = Int(generator.pick(0...2))
        scenario.blockTime = .milliseconds(generator.oneOf([0, 100, 200, 1_000]))
        scenario.delay = 1...generator.oneOf([5, 20, 100, 400])
        scenario.loss = generator.oneOf([0, 0, 1, 5, 20])
        scenario.duplication = generator.oneOf([0, 1, 10])
        scenario.clockSkew = generator.oneOf([0, 0, 50, 500])
        scenario.losesLatestBlocks = generator.chance(30)
        scenario.transfers = Int(generator.pick(0...40))
        scenario.frames = seed.value % 16 == 0 ? .bytes : .values
        scenario.accidents = (0..<generator.pick(0...5)).map { _ in scenario.drawAccident(&generator) }
        guard scenario.council >= 4 else { return scenario }
        switch generator.pick(0...7) {
        case 0, 1: scenario.injections = scenario.drawInjections(&generator)
        case 2, 3: scenario.traitors = scenario.drawTraitors(&generator)
        case 4: scenario.injections = [Self.drawSealedFault(&generator)]
        default: break
        }
        return scenario
    }

    /// A council that is lax as a whole, at one height.
    private static func drawSealedFault(_ generator: inout SeededGenerator) -> Injection {
        let faults = Injection.Fault.allCases.filter { $0.levels.contains(.sealed) }
        return Injection(
            fault: generator.oneOf(faults), level: .sealed, height: generator.pick(2...8), seed: generator.next())
    }

    private func drawAccident(_ generator: inout SeededGenerator) -> Accident {
        let phase = UInt64(safetyPhase.wholeMilliseconds)
        let time = Duration.milliseconds(generator.pick(100...phase))
        let lasting = Duration.milliseconds(generator.pick(50...2_000))
        let machines = council + rangers
        let one = Int(generator.pick(0...UInt64(machines - 1)))
        let other = Int(generator.pick(0...UInt64(machines - 1)))
        let kind: Accident.Kind =
            switch generator.pick(0...9) {
            case 0...3: .powerCut(machine: one, lasting: lasting)
            case 4: .blackout(lasting: lasting)
            case 5, 6: .brokenLink(one, other)
            case 7, 8: .partition(side: (0..<machines).filter { _ in generator.chance(50) }, lasting: lasting)
            default: .oneWayLoss(from: one, to: other, lasting: lasting)
            }
        return Accident(kind, at: time)
    }

    /// Faults that one liar or, in a council of seven, two of them commit, at low heights so that they come about.
    private func drawInjections(_ generator: inout SeededGenerator) -> [Injection] {
        let liars = drawTraitors(&generator).map { SimulatedNetwork.nodeKey($0).address }
        var injections: [Injection] = []
        for liar in liars {
            for height: Height in 2...8 where generator.chance(50) {
                let fault = generator.oneOf([
                    Injection.Fault.equivocatingProposer, .doubleCommit, .silentValidator, .silentProposer,
                    .wrongProposer, .wrongTransactionsRoot, .wrongStateRoot, .wrongReward, .tooFewSeals, .amnesia,
                    .unjustifiedProposal,
                ])
                let level = fault.levels.contains(.proposal) ? Injection.Level.proposal : fault.levels[0]
                injections.append(
                    Injection(fault: fault, level: level, height: height, actor: liar, seed: generator.next()))
            }
        }
        if rangers > 0, generator.chance(30) {
            let liar = SimulatedNetwork.nodeKey(council).address
            injections.append(
                Injection(fault: .lyingRanger, level: .conduct, height: 1, actor: liar, seed: generator.next()))
        }
        return injections
    }

    private func drawTraitors(_ generator: inout SeededGenerator) -> [Int] {
        let first = Int(generator.pick(0...UInt64(council - 1)))
        guard council >= 7, generator.chance(70) else { return [first] }
        return [first, (first + Int(generator.pick(1...UInt64(council - 1)))) % council].sorted()
    }
}

// MARK: Forks

extension Scenario {
    /// A scenario in which more validators lie than the council withstands, fewer than a quorum, everything drawn from
    /// `seed`. In most of them there are enough liars for a fork.
    public static func drawnConspiracy(from seed: Seed) -> Scenario {
        var generator = SeededGenerator(seed: Seed(seed.value ^ 0xc0_5917))
        var scenario = Scenario(seed: seed)
        scenario.council = generator.oneOf([4, 4, 4, 4, 5, 5, 6, 7, 7, 10])
        scenario.rangers = Int(generator.pick(1...2))
        scenario.blockTime = .milliseconds(generator.oneOf([100, 200, 200, 500]))
        scenario.delay = 1...generator.oneOf([5, 20, 60])
        scenario.duplication = generator.oneOf([0, 0, 10])
        scenario.clockSkew = generator.oneOf([0, 0, 50])
        scenario.transfers = Int(generator.pick(0...10))
        scenario.frames = seed.value % 16 == 0 ? .bytes : .values
        let conspiracy = scenario.drawConspiracy(&generator)
        scenario.conspiracy = conspiracy
        scenario.safetyPhase = conspiracy.begins + conspiracy.lasts + .milliseconds(500)
        if generator.chance(10) { scenario.accidents = [scenario.drawAccident(&generator)] }
        if generator.chance(10) { scenario.loss = 2 }
        return scenario
    }

    private func drawConspiracy(_ generator: inout SeededGenerator) -> Conspiracy {
        let seats = generator.shuffled(Array(0..<council))
        let least = generator.chance(90) ? convictedMin : (council - 1) / 3 + 1
        let count = Int(generator.pick(UInt64(least)...UInt64(quorum - 1)))
        let honest = Array(seats[count...])
        // Each audience needs a quorum with the liars.
        let audienceMin = max(1, quorum - count)
        let audienceMax = max(audienceMin, honest.count - audienceMin)
        let second = Int(generator.pick(UInt64(audienceMin)...UInt64(audienceMax)))
        var conspiracy = Conspiracy(
            liars: seats[..<count].sorted(), secondAudience: honest.prefix(second).sorted())
        conspiracy.style = generator.chance(75) ? .twins : .twoFaced
        conspiracy.begins = .milliseconds(generator.pick(200...1_500))
        conspiracy.lasts = .milliseconds(generator.pick(6_000...12_000))
        conspiracy.silence = .milliseconds(generator.pick(0...600))
        conspiracy.forgets = generator.chance(30)
        conspiracy.stays = generator.chance(30)
        conspiracy.hidesFromRangers = generator.chance(50)
        for ranger in council..<council + rangers {
            switch generator.pick(0...3) {
            case 0: conspiracy.secondAudience.append(ranger)
            case 1: break
            default: conspiracy.bridges.append(ranger)
            }
        }
        if conspiracy.style == .twoFaced {
            conspiracy.lag = generator.pick(50...1_500)
        } else {
            conspiracy.leak = generator.oneOf([0, 0, 0, 2, 10])
        }
        conspiracy.gags = (0..<generator.oneOf([0, 0, 1, 2, 3])).map { _ in
            Conspiracy.Gag(
                generator.oneOf([.prepare, .commit, .commit, .proposal]), isSecondStory: generator.chance(50),
                roundMax: generator.oneOf([0, 0, 1]))
        }
        return conspiracy
    }
}

// MARK: Honest runs

extension Scenario {
    /// Nobody lies; the weather is as bad as in any run. About `blocks` blocks are sealed.
    public static func drawnHonest(from seed: Seed, blocks: UInt64) -> Scenario {
        var scenario = Scenario.drawn(from: seed)
        var generator = SeededGenerator(seed: Seed(seed.value ^ 0x40_4e57))
        (scenario.injections, scenario.traitors) = ([], [])
        scenario.rangers = max(1, scenario.rangers)
        scenario.blockTime = .milliseconds(generator.oneOf([50, 100, 200]))
        scenario.delay = 1...generator.oneOf([5, 20, 50])
        scenario.transfers = Int(blocks)
        let bad = scenario.safetyPhase
        scenario.livenessBlocks = blocks
        scenario.livenessPatience = bad + scenario.blockTime * Int(blocks) * 20
        return scenario
    }
}

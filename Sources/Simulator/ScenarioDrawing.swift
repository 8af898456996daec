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
        scenario.accidents = (0..<generator.pick(0...5)).map { _ in scenario.drawAccident(&generator) }
        guard scenario.council >= 4 else { return scenario }
        switch generator.pick(0...3) {
        case 0: scenario.injections = scenario.drawInjections(&generator)
        case 1: scenario.traitors = scenario.drawTraitors(&generator)
        default: break
        }
        return scenario
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
                    .wrongProposer, .wrongTransactionsRoot, .wrongStateRoot, .tooFewSeals,
                ])
                let level = fault == .wrongStateRoot ? Injection.Level.proposal : fault.levels[0]
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

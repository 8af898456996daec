import Chain
import Consensus
import Lab
import Node
import Primitives

// What a scenario does to the simulated network.
extension LabRun {
    mutating func act(_ step: Int) {
        var act = Observations.Act(step: step, at: seen.now, effect: nil)
        act.refusal = perform(scenario.steps[step], &act)
        seen.tell(act)
    }

    /// - Returns: Why it could not be done, or nil.
    private mutating func perform(_ step: Lab.Scenario.Step, _ act: inout Observations.Act) -> String? {
        let named = step.deed.names.map { index(of: $0) }
        switch step.deed {
        case .inject(let fault, let level, let culprit):
            return inject(fault, level, by: culprit, at: step.moment, &act)
        case .kill: for index in named { world.powerOff(index) }
        case .start: for index in named { world.powerOn(index) }
        case .pause: for index in named { world.pause(index) }
        case .resume: for index in named { world.resume(index) }
        case .restart:
            for index in named {
                world.powerOff(index)
                world.powerOn(index)
            }
        case .partition(let sides): cut(sides.map { $0.map { index(of: $0) } })
        case .delay(let links, let delay, let jitter):
            world.disturb(pairs(links)) {
                ($0.delay, $0.jitter) = (UInt64(delay.labMilliseconds), UInt64(jitter.labMilliseconds))
            }
        case .lose(let links, let percent): world.disturb(pairs(links)) { $0.lossPercent = percent }
        case .heal: world.healLinks()
        case .tearVoteLog(let name):
            guard world.tearVoteLog(of: named[0]) else { return "\(name) is running, or its vote log holds no record" }
            torn.append(named[0])
        case .nothing, .twin, .garbageFrames, .oversizeFrame, .flood, .hugeRequest: break
        }
        act.effect = seen.now
        return nil
    }

    private mutating func cut(_ sides: [[Int]]) {
        var between: [(Int, Int)] = []
        for (number, side) in sides.enumerated() {
            for other in sides.dropFirst(number + 1) {
                for one in side { between += other.map { (one, $0) } }
            }
        }
        world.disturb(between) { $0.isCut = true }
    }

    private func pairs(_ links: Deed.Links) -> [(Int, Int)] {
        switch links {
        case .all: indices.flatMap { one in indices.filter { $0 > one }.map { (one, $0) } }
        case .between(let one, let other): [(index(of: one), index(of: other))]
        case .of(let name): indices.filter { $0 != index(of: name) }.map { (index(of: name), $0) }
        }
    }

    // MARK: Faults inside nodes

    private mutating func inject(
        _ fault: String, _ level: Lab.Level, by culprit: Deed.Culprit, at moment: Lab.Scenario.Moment,
        _ act: inout Observations.Act
    ) -> String? {
        guard case .height(let height, let round) = moment else { return "a fault inside a node has a height" }
        guard let kind = Injection.Fault(rawValue: fault), let place = Injection.Level(rawValue: level.rawValue) else {
            return "no node can commit \(fault)"
        }
        var actor: Address?
        if case .node(let name) = culprit { actor = world.machines[index(of: name)].address }
        let injection = Injection(
            fault: kind, level: place, height: height, round: round, actor: actor, seed: scenario.seed)
        for index in indices {
            if let refusal = world.machines[index].node?.refusal(of: injection) { return refusal }
        }
        world.order(injection)
        (act.height, act.round, act.isConfirmed) = (height, injection.round, false)
        act.culprits = world.actors(of: injection).compactMap { name(of: $0) }
        // A ranger needs no turn: it lies at once.
        if kind == .lyingRanger { act.effect = seen.now }
        return nil
    }
}

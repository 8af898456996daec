import Chain
import Node
import Primitives

// Power and its loss, and everything else that befalls machines.
extension World {
    /// Starts a machine from what is on its disk.
    mutating func boot(_ index: Int) {
        guard machines[index].node == nil else { return }
        milestones += 1
        machines[index].boot()
        (machines[index].ledgerFree, machines[index].voteLogFree) = (now, now)
        plan(.started, for: index, at: now)
        for injection in scenario.injections where injection.fault != .lyingRanger {
            plan(.inject(injection), for: index, at: now)
        }
    }

    mutating func befall(_ kind: Accident.Kind) {
        switch kind {
        case .powerCut(let machine, let lasting):
            cutPower(of: machine, lasting: lasting)
        case .blackout(let lasting):
            for index in machines.indices where machines[index].node != nil {
                let milliseconds = UInt64(max(1, lasting.wholeMilliseconds))
                cutPower(of: index, lasting: .milliseconds(generator.pick(1...milliseconds)))
            }
        case .brokenLink(let one, let other):
            if keepsTrace { record("the link \(name(one))-\(name(other)) breaks") }
            breakLinks { ($0.low, $0.high) == (min(one, other), max(one, other)) }
        case .partition(let side, let lasting):
            if keepsTrace { record("\(side.map(name)) are alone") }
            partition = side
            breakLinks { side.contains($0.low) != side.contains($0.high) }
            agenda.plan(.heal, at: now + lasting)
        case .oneWayLoss(let from, let to, let lasting):
            if keepsTrace { record("\(name(from)) does not reach \(name(to))") }
            lossy.append(from * machines.count + to)
            agenda.plan(.endLoss(direction: from * machines.count + to), at: now + lasting)
        }
    }

    /// What was not synced is gone.
    private mutating func cutPower(of index: Int, lasting: Duration) {
        guard machines[index].node != nil else { return }
        if keepsTrace { record("power cut at " + name(index)) }
        machines[index].crash()
        if scenario.losesLatestBlocks { machines[index].disk.losePower(at: now) }
        breakLinks { $0.low == index || $0.high == index }
        agenda.plan(.restart(machine: index), at: now + lasting)
    }

    // MARK: Liars

    /// Everybody whom the scenario makes lie may be accused, and nobody else.
    mutating func nameLiars() {
        for index in scenario.traitors + (scenario.conspiracy?.liars ?? []) {
            oracle.liars.insert(machines[index].address)
        }
        for injection in scenario.injections {
            if injection.level == .sealed { oracle.laxHeights.insert(injection.height) }
            oracle.liars.formUnion(actors(of: injection))
        }
    }

    func actors(of injection: Injection) -> [Address] {
        guard injection.fault != .lyingRanger else {
            return injection.actor.map { [$0] } ?? rangers.map(\.address)
        }
        // Who acts depends on the committee, which for a council of this size is the whole of it.
        let committee = genesis.council.committee(
            at: injection.height, parent: .zero, sizeMax: genesis.rules.committeeSizeMax)
        return InjectionCast(injection, in: committee)?.liars ?? []
    }
}

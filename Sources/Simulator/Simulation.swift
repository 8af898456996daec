import Chain
import Node
public import Primitives
import Ranger

/// The outcome of one run.
public struct SimulationReport: Sendable {
    public let scenario: Scenario
    public let violation: Oracle.Violation?
    public let height: Height
    /// Equal for two runs exactly if everything happened alike.
    public let digest: UInt64
    public let trace: [String]
    public let faultsRecorded: Int
    /// Everything as it was in the end.
    public let world: World
}

/// Runs scenarios: bad weather first, then calm, and the oracles throughout.
public enum Simulation {
    /// Runs `scenario` to its end.
    ///
    /// - Parameter keepsTrace: Whether the report holds what happened, line by line.
    public static func run(
        _ scenario: Scenario, keepsTrace: Bool = false, keepsNotes: Bool = true
    ) -> SimulationReport {
        var world = World(scenario)
        world.keepsTrace = keepsTrace
        world.keepsNotes = keepsNotes
        if scenario.conspiracy != nil {
            world.demandAccountability()
        } else {
            _ = world.run(until: scenario.safetyPhase)
            if world.oracle.violation == nil { world.demandProgress() }
        }
        return SimulationReport(
            scenario: scenario, violation: world.oracle.violation, height: Height(world.oracle.sealedBlocks.count),
            digest: world.digest, trace: world.trace, faultsRecorded: world.oracle.faults.count, world: world)
    }
}

extension World {
    /// After the storm everybody must reach a few more blocks; a frozen ranger must follow that far.
    ///
    /// Liars are excused: nobody may want to talk to them.
    mutating func demandProgress() {
        let wanted = Height(oracle.sealedBlocks.count) + scenario.livenessBlocks
        let deadline = now + scenario.livenessPatience
        let isDone = run(until: deadline) { $0.firstBelow(wanted) == nil }
        guard !isDone, let late = firstBelow(wanted).map({ machines[$0] }) else {
            return demandProofs()
        }
        oracle.report(.noProgress(machine: late.name, height: late.progress, wanted: wanted))
    }

    /// Where something wrong was sealed, every ranger has a proof of it a moment later.
    private mutating func demandProofs() {
        guard oracle.wrongHeight != nil else { return }
        _ = run(until: now + Self.proofPatience) { world in
            world.rangers.indices.allSatisfy { world.machines[$0].disk.frozen?.height == world.oracle.wrongHeight }
        }
        for ranger in rangers { oracle.demandProof(by: ranger) }
    }

    /// Time from the moment when a ranger has a wrong block until it has proven it.
    static var proofPatience: Duration { .seconds(1) }

    private func firstBelow(_ wanted: Height) -> Int? {
        machines.indices.first { index in
            // The honest of a council that has sealed a wrong block do not follow it, and have nobody else to follow.
            let isExcused =
                oracle.laxHeights.isEmpty
                ? oracle.liars.contains(machines[index].address) : machines[index].node?.halted != nil
            return !isExcused && machines[index].progress < wanted
        }
    }
}

extension Machine {
    /// The height this machine has sealed or, if it found a sealed block wrong, follows.
    fileprivate var progress: Height {
        (node?.ranger.frozen == nil ? node?.tail.height : node?.followedHead) ?? 0
    }
}

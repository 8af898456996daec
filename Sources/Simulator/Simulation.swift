import Chain
import Crypto
import Node
public import Primitives
import Ranger

/// The outcome of one seed.
public struct SimulationReport: Sendable {
    public let scenario: Scenario
    public let violation: Oracle.Violation?
    public let height: Height
    /// Equal for two runs exactly if everything happened alike.
    public let digest: UInt64
    public let trace: [String]
    public let faultsRecorded: Int
}

/// Runs scenarios: bad weather first, then calm, and the oracles throughout.
public enum Simulation {
    /// Runs `scenario` to its end.
    ///
    /// - Parameter keepsTrace: Whether the report holds what happened, line by line.
    public static func run(_ scenario: Scenario, keepsTrace: Bool = false) -> SimulationReport {
        var world = World(scenario)
        world.keepsTrace = keepsTrace
        world.nameLiars()
        _ = world.run(until: scenario.safetyPhase) { _ in false }
        if world.oracle.violation == nil { world.demandProgress() }
        return SimulationReport(
            scenario: scenario, violation: world.oracle.violation, height: Height(world.oracle.sealedBlocks.count),
            digest: world.digest, trace: world.trace, faultsRecorded: world.oracle.faults.count)
    }
}

extension World {
    /// Everybody whom an injection makes lie may be accused, and nobody else.
    mutating func nameLiars() {
        for injection in scenario.injections {
            if injection.level == .sealed {
                oracle.laxHeights.insert(injection.height)
                oracle.liars.formUnion(genesis.council.members.map(\.address))
            }
            oracle.liars.formUnion(suspects(of: injection))
        }
    }

    /// Who acts depends on the committee at that height, which for a whole council is known at once.
    private func suspects(of injection: Injection) -> [Address] {
        guard injection.fault != .lyingRanger else { return [] }
        if let actor = injection.actor { return [actor] }
        let committee = genesis.council.committee(
            at: injection.height, parent: .zero, sizeMax: genesis.rules.committeeSizeMax)
        let round: UInt64 = injection.fault.isByProposer ? 0 : 1
        return [committee.proposer(height: injection.height, round: round).address]
    }

    /// After the storm everybody must reach a few more blocks; a frozen ranger is excused.
    mutating func demandProgress() {
        let wanted = Height(oracle.sealedBlocks.count) + scenario.livenessBlocks
        let deadline = now + scenario.livenessPatience
        let isDone = run(until: deadline) { world in
            world.machines.allSatisfy { ($0.node?.tail.height ?? 0) >= wanted || $0.node?.ranger.frozen != nil }
        }
        guard !isDone, oracle.violation == nil else { return }
        let late = machines.first { ($0.node?.tail.height ?? 0) < wanted && $0.node?.ranger.frozen == nil }
        oracle.report(.noProgress(
            machine: late?.settings.name ?? "?", height: late?.disk.tail.height ?? 0, wanted: wanted))
    }
}

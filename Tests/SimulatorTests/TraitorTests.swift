import FaultProofs
import Primitives
import Simulator
import Testing

/// Validators that tell everybody something else, all the time (FAULTS.md C1 to C6, C13 to C15, C24).
@Suite struct TraitorTests {
    static func scenario(council: Int, traitors: Int, seed: UInt64) -> Scenario {
        var scenario = Scenario(seed: Seed(seed))
        scenario.council = council
        scenario.rangers = 1
        scenario.delay = 1...60
        scenario.loss = 2
        scenario.traitors = (0..<traitors).map { ($0 * 3 + Int(seed)) % council }.sorted()
        return scenario
    }

    @Test(arguments: [(4, 1), (7, 2), (10, 3)], UInt64(0)..<4)
    func `as many traitors as a council withstands make no fork and stop nothing`(
        size: (council: Int, traitors: Int), seed: UInt64
    ) {
        let scenario = Self.scenario(council: size.council, traitors: size.traitors, seed: seed)
        let report = Simulation.run(scenario)
        if let violation = report.violation { Issue.record("\(violation) in \(scenario), seed \(seed)") }
        // What they sign twice, rangers get to see.
        let guilty = Set(report.world.oracle.faults.flatMap(\.fault.guilty))
        let traitors = Set(scenario.traitors.map { report.world.machines[$0].address })
        #expect(!guilty.isEmpty && guilty.isSubset(of: traitors))
    }

    /// Above that number agreement and progress may be lost. What may not: that an honest validator signs what it
    /// must not, or is shown at fault.
    @Test(arguments: [(4, 2), (7, 4)], UInt64(0)..<4)
    func `more traitors may break the chain, but not frame the honest`(
        size: (council: Int, traitors: Int), seed: UInt64
    ) {
        var scenario = Self.scenario(council: size.council, traitors: size.traitors, seed: seed)
        scenario.livenessPatience = .seconds(5)
        switch Simulation.run(scenario).violation {
        case nil, .noProgress: break
        case .some(let violation): Issue.record("\(violation) in \(scenario), seed \(seed)")
        }
    }
}

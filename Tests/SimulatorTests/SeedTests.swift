import Node
import Simulator
import Testing

/// Whole networks, drawn from numbers: bad weather, then calm, every oracle throughout.
@Suite struct SeedTests {
    static let seedsPerBlock: UInt64 = 10
    static let blocks: UInt64 = 30

    @Test(arguments: 0..<blocks)
    func `the oracles hold whatever is drawn`(block: UInt64) {
        let first = 1 + block * Self.seedsPerBlock
        for seed in first..<first + Self.seedsPerBlock {
            let scenario = Scenario.drawn(from: Seed(seed))
            let report = Simulation.run(scenario)
            guard let violation = report.violation else { continue }
            Issue.record(
                """
                seed \(seed): \(violation)
                replay with: node simulate --seed \(seed)
                \(scenario)
                """)
        }
    }

    @Test func `seeds draw every kind of council, accident and liar`() {
        let scenarios = (UInt64(1)...1_000).map { Scenario.drawn(from: Seed($0)) }
        for council in [1, 2, 3, 4, 5, 7] { #expect(scenarios.contains { $0.council == council }) }
        #expect(scenarios.contains { $0.traitors.count == 2 })
        #expect(scenarios.contains { Set($0.injections.compactMap(\.actor)).count > 2 })
        let accidents = scenarios.flatMap(\.accidents).map(\.kind)
        #expect(accidents.contains { if case .powerCut = $0 { true } else { false } })
        #expect(accidents.contains { if case .blackout = $0 { true } else { false } })
        #expect(accidents.contains { if case .brokenLink = $0 { true } else { false } })
        #expect(accidents.contains { if case .partition = $0 { true } else { false } })
        #expect(accidents.contains { if case .oneWayLoss = $0 { true } else { false } })
        let faults = Set(scenarios.flatMap(\.injections).map(\.fault))
        // Forks need more liars: `ForkTests`.
        #expect(faults.union([.fork, .crossRoundFork]) == Set(Injection.Fault.allCases))
    }
}

@Suite struct DeterminismTests {
    static let seeds: ClosedRange<UInt64> = 1...6

    static func digests() -> String {
        seeds.map { String(Simulation.run(.drawn(from: Seed($0))).digest, radix: 16) }.joined(separator: " ")
    }

    @Test func `a seed tells the same story twice`() {
        #expect(Self.digests() == Self.digests())
    }

    /// Sets and dictionaries iterate in another order in every process.
    @Test func `a seed tells the same story in another process`() async throws {
        let child = try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
            print("digests: \(DeterminismTests.digests()).")
        }
        let output = String(decoding: child.standardOutputContent, as: UTF8.self)
        #expect(output.contains("digests: \(Self.digests())."))
    }

    @Test func `different seeds tell different stories`() {
        let digests = Set(Self.digests().split(separator: " "))
        #expect(digests.count == Self.seeds.count)
    }
}

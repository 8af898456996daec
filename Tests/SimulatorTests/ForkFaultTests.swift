import Chain
import FaultProofs
import Node
import Primitives
import Ranger
import Simulator
import Testing

/// Level F: more liars than the council withstands show each half of the honest another block.
@Suite struct ForkFaultTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let fault: Injection.Fault
        let council: Int
        var round: UInt64 = 0

        var testDescription: String { "\(fault.rawValue), council of \(council), round \(round)" }

        /// What convicts each of the liars.
        var rule: String { fault == .fork ? "E1" : "E4" }

        static let all = [
            Example(fault: .fork, council: 4), Example(fault: .fork, council: 7),
            Example(fault: .crossRoundFork, council: 4), Example(fault: .crossRoundFork, council: 7),
            Example(fault: .fork, council: 5, round: 1), Example(fault: .crossRoundFork, council: 4, round: 1),
        ]
    }

    /// Up to the fork, and as long again as every ranger may take to convict the liars.
    private func run(_ example: Example, seed: UInt64) throws -> (World, InjectionCast) {
        let injection = Injection(
            fault: example.fault, level: .fork, height: FaultRun.height, round: example.round, seed: seed)
        var scenario = Scenario(seed: Seed(seed))
        scenario.council = example.council
        scenario.rangers = 2
        scenario.delay = 1...30
        scenario.duplication = 5
        scenario.safetyPhase = .seconds(60)
        scenario.injections = [injection]
        var world = World(scenario)
        let committee = world.genesis.council.committee(
            at: FaultRun.height, parent: .zero, sizeMax: Council.memberMax)
        let cast = try #require(InjectionCast(injection, in: committee))
        let isForked = world.run(until: .seconds(30)) { world in
            world.machines.prefix(example.council).allSatisfy { $0.chain.count >= FaultRun.height }
        }
        #expect(isForked, "not everybody has sealed the height")
        _ = world.run(until: world.now + .seconds(3))
        return (world, cast)
    }

    private func blocks(_ world: World, of validators: [Address]) -> Set<Hash32> {
        Set(
            world.machines.filter { validators.contains($0.address) }.map {
                $0.chain[Int(FaultRun.height) - 1].block.hash
            })
    }

    @Test(arguments: Example.all, FaultRun.seeds)
    func `each half of the honest seals a block of its own, and the liars follow the first of them`(
        example: Example, seed: UInt64
    ) throws {
        let (world, cast) = try run(example, seed: seed)
        let (first, second) = (blocks(world, of: cast.firstHalf), blocks(world, of: cast.secondHalf))
        #expect(first.count == 1 && second.count == 1 && first != second)
        #expect(blocks(world, of: cast.liars) == first)
        let fork = try #require(world.oracle.fork)
        #expect(fork.height == FaultRun.height && fork.isSameRound == (example.fault == .fork))
        for machine in world.machines where cast.liars.contains(machine.address) {
            let node = try #require(machine.node)
            let round = example.fault == .fork ? example.round : example.round + 1
            #expect(node.injectionReports.map(\.status) == [.applied(height: FaultRun.height, round: round)])
            let said = world.notes.contains {
                guard $0.machine == machine.index,
                    case .forked(FaultRun.height, let other, round, let own) = $0.note
                else { return false }
                return first == [own] && second == [other]
            }
            #expect(said, "\(machine.name) does not say which branch it follows")
        }
        #expect(world.oracle.violation == nil, "\(world.oracle.violation.map { "\($0)" } ?? "")")
    }

    @Test(arguments: Example.all, FaultRun.seeds)
    func `every ranger convicts all liars of a fork, and nobody else`(example: Example, seed: UInt64) throws {
        let (world, cast) = try run(example, seed: seed)
        for ranger in world.machines.dropFirst(example.council) {
            let faults = world.oracle.faults.filter { $0.by == ranger.name }.map(\.fault)
            #expect(faults.contains { $0.kind == .fork && $0.height == FaultRun.height }, "at \(ranger.name)")
            let convicted = faults.filter { $0.rule == example.rule && $0.height == FaultRun.height }.flatMap(\.guilty)
            #expect(Set(convicted) == Set(cast.liars), "at \(ranger.name)")
            #expect(faults.flatMap(\.guilty).allSatisfy(cast.liars.contains))
        }
    }
}

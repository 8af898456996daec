import Chain
import Crypto
import FaultProofs
import Node
import Primitives
import Ranger
import Simulator
import Testing

/// A council of four and two rangers in which one fault is committed on purpose, at `height`.
struct FaultRun {
    static let height: Height = 6
    static let seeds: [UInt64] = [1, 2, 3]

    let world: World
    let injection: Injection

    /// Runs it; every oracle must hold.
    init(
        _ fault: Injection.Fault, _ level: Injection.Level, seed: UInt64,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        injection = Injection(fault: fault, level: level, height: Self.height, seed: seed)
        var scenario = Scenario(seed: Seed(seed))
        scenario.rangers = 2
        scenario.delay = 1...30
        scenario.duplication = 5
        scenario.injections = [injection]
        let report = Simulation.run(scenario)
        world = report.world
        if let violation = report.violation {
            Issue.record("\(violation) in seed \(seed) of \(scenario)", sourceLocation: sourceLocation)
        }
    }

    var council: ArraySlice<Machine> { world.machines.prefix(world.scenario.council) }
    var rangers: ArraySlice<Machine> { world.machines.dropFirst(world.scenario.council) }

    func node(_ machine: Machine) throws -> Node<SimulatedScheme> { try #require(machine.node) }

    private func proposer(round: UInt64) -> Address {
        world.genesis.council.committee(at: Self.height, parent: .zero, sizeMax: 22)
            .proposer(height: Self.height, round: round).address
    }

    /// Who commits the fault: the proposer, or for what is not a proposer's fault the one after it.
    var culprit: Address { proposer(round: injection.fault.isByProposer ? 0 : 1) }

    /// The block that the council agreed on at the height of the fault.
    var sealed: CertifiedBlock { world.oracle.sealedBlocks[Int(Self.height) - 1] }

    func faults(of machine: Machine) -> [ProvenFault] {
        world.oracle.faults.filter { $0.by == machine.name }.map(\.fault)
    }

    func notes(of machine: Machine) -> [Note] {
        world.notes.filter { $0.machine == machine.index }.map(\.note)
    }

    var penalised: [Address] {
        world.notes.compactMap { if case .peerPenalised(let address, _) = $0.note { address } else { nil } }
    }

    /// That the rangers trust the whole chain, and the council went on after the fault.
    func expectNobodyFroze(sourceLocation: SourceLocation = #_sourceLocation) throws {
        for machine in world.machines {
            let node = try node(machine)
            #expect(node.ranger.frozen == nil, sourceLocation: sourceLocation)
            #expect(node.tail.height >= Self.height + 3, sourceLocation: sourceLocation)
        }
    }
}

import Chain
import Crypto
import FaultProofs
import Node
import Primitives
import Ranger
import Simulator
import Testing

/// A council and two rangers in which one fault is committed on purpose, at `height`.
struct FaultRun {
    static let height: Height = 6
    static let seeds: [UInt64] = [1, 2, 3]

    let world: World
    let injection: Injection

    /// Runs it; every oracle must hold.
    init(
        _ fault: Injection.Fault, _ level: Injection.Level, round: UInt64? = nil, seed: UInt64, council: Int = 4,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        injection = Injection(fault: fault, level: level, height: Self.height, round: round, seed: seed)
        var scenario = Scenario(seed: Seed(seed))
        scenario.council = council
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

    var committee: Committee {
        world.genesis.council.committee(at: Self.height, parent: .zero, sizeMax: Council.memberMax)
    }

    /// Who plays what.
    var cast: InjectionCast {
        get throws { try #require(InjectionCast(injection, in: committee)) }
    }

    /// Who commits the fault, the first of them where there are several.
    var culprit: Address {
        get throws { try cast.liars[0] }
    }

    /// What became of the order, as the node that was given it says.
    func status(at machine: Machine) throws -> InjectionReport.Status {
        let reports = try node(machine).injectionReports
        #expect(reports.map(\.injection) == [injection])
        return try #require(reports.first).status
    }

    /// That the liars say that they have done it in this round, and nobody else says that it was their part.
    func expectApplied(
        round: UInt64? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let (liars, round) = (try cast.liars, round ?? injection.round)
        for machine in world.machines {
            let isLiar = liars.contains(machine.address)
            #expect(
                try status(at: machine) == (isLiar ? .applied(height: Self.height, round: round) : .bystander),
                "at \(machine.name)", sourceLocation: sourceLocation)
        }
    }

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

    /// That the deed was done, and all but its author went on as if it had not been.
    func expectConductWithoutDamage(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try expectApplied(sourceLocation: sourceLocation)
        try expectNobodyFroze(sourceLocation: sourceLocation)
        #expect(penalised.isEmpty, sourceLocation: sourceLocation)
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

import Chain
import FaultProofs
import Node
import Primitives
import Ranger
import Simulator
import Testing

/// Level C: what a node says or does not say, with every block in order. And level G: blocks without seals.
@Suite struct ConductFaultTests {
    @Test(arguments: FaultRun.seeds)
    func `an equivocating proposer is convicted of E6 and costs at most one round`(seed: UInt64) throws {
        let run = try FaultRun(.equivocatingProposer, .conduct, seed: seed)
        #expect(run.sealed.certificate.round <= 1)
        try expectConviction(of: "E6", in: run)
    }

    @Test(arguments: FaultRun.seeds)
    func `a double commit is convicted of E1 and costs nothing`(seed: UInt64) throws {
        let run = try FaultRun(.doubleCommit, .conduct, seed: seed)
        #expect(run.sealed.certificate.round == 0)
        try expectConviction(of: "E1", in: run)
    }

    @Test(arguments: FaultRun.seeds, [4, 7])
    func `a proposal without its round changes convicts its proposer, and costs nothing`(
        seed: UInt64, council: Int
    ) throws {
        // Seeds decide whether there are none, or forged ones.
        let run = try FaultRun(.unjustifiedProposal, .conduct, seed: seed, council: council)
        #expect(run.sealed.certificate.round == 0)
        let culprit = try run.culprit
        for validator in run.council where validator.address != culprit {
            let refused = run.notes(of: validator).contains {
                if case .proposalRefused(FaultRun.height, 1, culprit, _) = $0 { true } else { false }
            }
            #expect(refused, "\(validator.name) refused nothing")
        }
        for machine in run.world.machines {
            let faults = run.faults(of: machine)
            #expect(faults.map(\.kind) == [.justification], "at \(machine.name)")
            #expect(faults.map(\.guilty) == [[culprit]] && faults.map(\.round) == [1])
        }
        try run.expectConductWithoutDamage()
    }

    private func expectConviction(of rule: String, in run: FaultRun) throws {
        let culprit = try run.culprit
        for ranger in run.rangers {
            let faults = run.faults(of: ranger)
            #expect(faults.contains { $0.rule == rule }, "at \(ranger.name)")
            // A second commit contradicts its author's prepare too (E3). Each rule is told of once.
            #expect(Set(faults.map(\.rule)).count == faults.count)
            #expect(faults.allSatisfy { $0.guilty == [culprit] && $0.height == FaultRun.height })
        }
        try run.expectConductWithoutDamage()
    }

    @Test(
        arguments: FaultRun.seeds,
        [(Injection.Fault.doubleCommit, "E1"), (.equivocatingProposer, "E6")])
    func `a fault of round 1 happens in round 1, to which the proposer of round 0 leaves the way`(
        seed: UInt64, example: (fault: Injection.Fault, rule: String)
    ) throws {
        let run = try FaultRun(example.fault, .conduct, round: 1, seed: seed)
        #expect((1...2).contains(run.sealed.certificate.round))
        try expectConviction(of: example.rule, in: run)
    }

    @Test(arguments: FaultRun.seeds, [4, 7])
    func `a validator that forgets its commit is convicted of E4 and costs nothing`(seed: UInt64, council: Int) throws {
        let run = try FaultRun(.amnesia, .conduct, seed: seed, council: council)
        #expect(run.sealed.certificate.round == 0)
        try expectConviction(of: "E4", in: run)
    }

    @Test(arguments: FaultRun.seeds)
    func `a silent validator is missed in the seals, and nothing can be proven against it`(seed: UInt64) throws {
        let run = try FaultRun(.silentValidator, .conduct, seed: seed)
        #expect(run.sealed.certificate.round == 0)
        let culprit = try run.culprit
        try run.expectApplied()
        for machine in run.world.machines where machine.address != culprit {
            let certificate = machine.chain[Int(FaultRun.height) - 1].certificate
            #expect(!certificate.signers.contains(culprit), "at \(machine.name)")
        }
        #expect(run.world.oracle.faults.isEmpty)
        try run.expectNobodyFroze()
    }

    @Test(arguments: FaultRun.seeds)
    func `a silent proposer costs one round, and nothing can be proven against it`(seed: UInt64) throws {
        let run = try FaultRun(.silentProposer, .conduct, seed: seed)
        #expect(run.sealed.certificate.round == 1)
        try run.expectApplied()
        #expect(run.world.oracle.faults.isEmpty)
        try run.expectNobodyFroze()
        let council = run.council.filter { machine in
            run.notes(of: machine).contains {
                if case .roundChanged(FaultRun.height, 0, _) = $0 { true } else { false }
            }
        }
        // One of them may have been pulled along by the others.
        #expect(council.count >= 2)
    }

    @Test(arguments: FaultRun.seeds)
    func `a block with too few seals is refused by rangers, and is a fault of its sender only`(seed: UInt64) throws {
        let run = try FaultRun(.tooFewSeals, .ranger, seed: seed)
        let culprit = try run.culprit
        try run.expectApplied()
        for ranger in run.rangers {
            let rejections = try run.node(ranger).ranger.rejections
            #expect(rejections.map(\.height) == [FaultRun.height])
            #expect(rejections.map(\.from) == [culprit])
            #expect(rejections.allSatisfy { $0.reason.contains("3") })
        }
        #expect(run.world.oracle.faults.isEmpty)
        #expect(Set(run.penalised) == [culprit])
        try run.expectNobodyFroze()
    }

    @Test(arguments: FaultRun.seeds)
    func `a lying ranger convinces nobody and is shut out`(seed: UInt64) throws {
        var scenario = Scenario(seed: Seed(seed))
        scenario.rangers = 2
        let liar = World(scenario).machines[4].address
        scenario.injections = [
            Injection(fault: .lyingRanger, level: .conduct, height: 1, actor: liar, seed: seed)
        ]
        let report = Simulation.run(scenario)
        #expect(report.violation == nil)
        #expect(report.world.oracle.faults.isEmpty)
        for machine in report.world.machines where machine.address != liar {
            let node = try #require(machine.node)
            #expect(node.ranger.desk.refusedCount == 1)
            #expect(node.injectionReports.map(\.status) == (node.isRanger ? [.bystander] : []))
            let penalised = report.world.notes.filter { $0.machine == machine.index }.compactMap { entry in
                if case .peerPenalised(let address, _) = entry.note { address } else { nil }
            }
            #expect(penalised == [liar])
            #expect(!node.peers.contains { $0.address == liar })
        }
    }
}

import Chain
import FaultProofs
import Node
import Primitives
import Ranger
import Simulator
import Testing

/// A fault in a block, and what an honest node finds wrong with it.
struct BlockFaultExample: Sendable, CustomTestStringConvertible {
    let fault: Injection.Fault
    let rule: String
    var council = 4
    var round: UInt64 = 0

    var testDescription: String { "\(fault.rawValue), council of \(council), round \(round)" }

    static let rules: [(Injection.Fault, String)] = [
        (.wrongStateRoot, "stateRoot"), (.hiddenMint, "stateRoot"), (.wrongStorageWrite, "accessListRoot"),
        (.wrongReward, "accessListRoot"), (.overspend, "balance"), (.nonceReplay, "nonce"),
        (.badTransactionSignature, "transactionSignature"),
    ]

    static let sealed: [BlockFaultExample] =
        rules.flatMap { fault, rule in
            [BlockFaultExample(fault: fault, rule: rule), BlockFaultExample(fault: fault, rule: rule, council: 7)]
        } + [BlockFaultExample(fault: .wrongReward, rule: "accessListRoot", round: 1)]

    static let proposed: [BlockFaultExample] =
        sealed + [
            BlockFaultExample(fault: .wrongTransactionsRoot, rule: "transactionsRoot"),
            BlockFaultExample(fault: .wrongTransactionsRoot, rule: "transactionsRoot", council: 7, round: 2),
        ]
}

/// Level S: a quorum seals a wrong block with its eyes shut (FAULTS.md B27).
@Suite struct SealedFaultTests {
    @Test(arguments: BlockFaultExample.sealed, FaultRun.seeds)
    func `rangers convict the quorum that sealed a fault and trust nothing above, and the honest do not follow it`(
        example: BlockFaultExample, seed: UInt64
    ) throws {
        let run = try FaultRun(
            example.fault, .sealed, round: example.round, seed: seed, council: example.council)
        let liars = try run.cast.liars
        #expect(liars.count == run.committee.quorum)
        #expect(run.sealed.certificate.round == example.round)
        #expect(run.sealed.certificate.signers == liars.sorted())
        for ranger in run.rangers { try expectFrozen(ranger, example, liars, in: run) }
        for validator in run.council {
            if liars.contains(validator.address) {
                let node = try run.node(validator)
                #expect(node.halted == nil && node.tail.height >= FaultRun.height + 3)
            } else {
                try expectRefusal(by: validator, example, proposer: liars[0], in: run)
            }
        }
        #expect(run.penalised.isEmpty)
        try run.expectApplied()
    }

    private func expectFrozen(
        _ ranger: Machine, _ example: BlockFaultExample, _ liars: [Address], in run: FaultRun
    ) throws {
        let node = try run.node(ranger)
        // Whoever refused it has shown them the proposal too: that convicts its proposer once more.
        let sealed = run.faults(of: ranger).filter(\.isSealed)
        let fault = try #require(sealed.first, "\(ranger.name) noticed nothing")
        #expect(fault.rule == example.rule)
        #expect(fault.height == FaultRun.height && sealed.count == 1)
        #expect(fault.block == run.sealed.block.hash)
        #expect(fault.guilty == liars.sorted())
        #expect(node.ranger.frozen?.height == FaultRun.height)
        #expect(node.badBlocks.entries.contains { $0.hash == fault.block && $0.why.contains(example.rule) })
        #expect(node.tail.height == FaultRun.height - 1)
        #expect(node.followedHead >= FaultRun.height + 3)
        #expect(node.verdict(of: FaultRun.height - 1) == .valid)
        #expect(node.verdict(of: FaultRun.height + 1) == .unknown)
        guard case .invalid(let proof) = node.verdict(of: FaultRun.height) else {
            Issue.record("\(ranger.name) does not call the block invalid")
            return
        }
        #expect(ranger.recordedFaults.contains(proof))
    }

    private func expectRefusal(
        by validator: Machine, _ example: BlockFaultExample, proposer: Address, in run: FaultRun
    ) throws {
        #expect(try run.node(validator).tail.height == FaultRun.height - 1, "\(validator.name) follows it")
        let whys = run.notes(of: validator).compactMap { note -> String? in
            switch note {
            case .proposalRefused(FaultRun.height, run.injection.round, proposer, let why): why
            case .blockRefused(FaultRun.height, let why): why
            default: nil
            }
        }
        #expect(whys.contains { $0.contains(example.rule) }, "\(validator.name) says \(whys)")
        let kept = try run.node(validator).badBlocks.entries
        #expect(kept.contains { $0.block.number == FaultRun.height && $0.why.contains(example.rule) })
    }
}

/// Level P: the proposal is wrong, and honest validators refuse it.
@Suite struct ProposedFaultTests {
    @Test(arguments: BlockFaultExample.proposed, FaultRun.seeds)
    func `a wrong proposal is refused before Prepare, costs one round, and convicts its proposer`(
        example: BlockFaultExample, seed: UInt64
    ) throws {
        let run = try FaultRun(
            example.fault, .proposal, round: example.round, seed: seed, council: example.council)
        let culprit = try run.culprit
        let refusing = run.council.filter { validator in
            run.notes(of: validator).contains {
                guard case .proposalRefused(FaultRun.height, example.round, culprit, let why) = $0 else { return false }
                return why.hasPrefix(example.rule)
            }
        }
        // In a later round some may have been pulled on by those who were faster.
        let least = example.round == 0 ? example.council - 1 : run.committee.faultTolerance + 1
        #expect(refusing.count >= least && refusing.allSatisfy { $0.address != culprit })
        #expect(run.sealed.certificate.round == example.round + 1)
        try run.expectNobodyFroze()
        for ranger in run.rangers {
            let faults = run.faults(of: ranger)
            #expect(faults.map(\.rule) == [example.rule])
            #expect(faults.map(\.guilty) == [[culprit]])
            #expect(faults.allSatisfy { !$0.isSealed && $0.block != run.sealed.block.hash })
        }
        for judge in refusing + run.rangers {
            let kept = try #require(try run.node(judge).badBlocks.entries.first)
            #expect(kept.proposer == culprit && kept.round == example.round && kept.why.hasPrefix(example.rule))
        }
        #expect(run.penalised.isEmpty)
        try run.expectApplied()
    }

    @Test(arguments: FaultRun.seeds, [4, 7])
    func `a proposal out of turn is refused, costs nothing, and convicts whoever signed it`(
        seed: UInt64, council: Int
    ) throws {
        let run = try FaultRun(.wrongProposer, .proposal, seed: seed, council: council)
        let culprit = try run.culprit
        let refusals = run.world.notes.filter {
            if case .proposalRefused(FaultRun.height, 0, culprit, _) = $0.note { true } else { false }
        }
        #expect(refusals.count >= run.world.genesis.council.members.count - 1)
        #expect(run.sealed.certificate.round == 0)
        try run.expectNobodyFroze()
        for ranger in run.rangers {
            #expect(run.faults(of: ranger).map(\.rule) == ["proposer"])
            #expect(run.faults(of: ranger).map(\.guilty) == [[culprit]])
        }
        try run.expectApplied()
    }
}

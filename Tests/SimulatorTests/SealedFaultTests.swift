import Chain
import FaultProofs
import Node
import Primitives
import Ranger
import Simulator
import Testing

/// Level S: a lax council seals a wrong block, and only the rangers notice (FAULTS.md B27).
@Suite struct SealedFaultTests {
    static let rules: [(fault: Injection.Fault, rule: String, kind: FaultProof.Kind)] = [
        (.wrongStateRoot, "stateRoot", .execution),
        (.hiddenMint, "stateRoot", .execution),
        (.wrongStorageWrite, "accessListRoot", .execution),
        (.overspend, "balance", .execution),
        (.nonceReplay, "nonce", .execution),
        (.badTransactionSignature, "transactionSignature", .body),
    ]

    @Test(arguments: rules, FaultRun.seeds)
    func `every ranger proves a sealed fault against its sealers, and trusts nothing above it`(
        example: (fault: Injection.Fault, rule: String, kind: FaultProof.Kind), seed: UInt64
    ) throws {
        let run = try FaultRun(example.fault, .sealed, seed: seed)
        for ranger in run.rangers {
            let node = try run.node(ranger)
            let fault = try #require(run.faults(of: ranger).first, "\(ranger.name) noticed nothing")
            #expect(fault.rule == example.rule && fault.kind == example.kind)
            #expect(fault.height == FaultRun.height && fault.isSealed)
            #expect(fault.block == run.sealed.block.hash)
            #expect(fault.guilty.count >= run.world.genesis.council.members.count - 1)
            #expect(node.ranger.frozen?.height == FaultRun.height)
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
    }

    @Test(arguments: rules, FaultRun.seeds)
    func `the lax council goes on, and nobody is disconnected`(
        example: (fault: Injection.Fault, rule: String, kind: FaultProof.Kind), seed: UInt64
    ) throws {
        let run = try FaultRun(example.fault, .sealed, seed: seed)
        for validator in run.council {
            let node = try run.node(validator)
            #expect(node.halted == nil && node.tail.height >= FaultRun.height + 3)
        }
        #expect(run.sealed.certificate.round == 0)
        #expect(run.penalised.isEmpty)
    }
}

/// Level P: the proposal is wrong, and honest validators refuse it.
@Suite struct ProposedFaultTests {
    @Test(
        arguments: [(Injection.Fault.wrongStateRoot, "stateRoot"), (.wrongTransactionsRoot, "transactionsRoot")],
        FaultRun.seeds)
    func `a wrong proposal is refused before Prepare, costs one round, and convicts its proposer`(
        example: (fault: Injection.Fault, rule: String), seed: UInt64
    ) throws {
        let run = try FaultRun(example.fault, .proposal, seed: seed)
        for validator in run.council where validator.address != run.culprit {
            let refused = run.notes(of: validator).contains {
                guard case .proposalRefused(FaultRun.height, 0, run.culprit, let why) = $0 else { return false }
                return why.hasPrefix(example.rule)
            }
            #expect(refused, "\(validator.name) refused nothing")
        }
        #expect(run.sealed.certificate.round == 1)
        try run.expectNobodyFroze()
        for ranger in run.rangers {
            let faults = run.faults(of: ranger)
            #expect(faults.map(\.rule) == [example.rule])
            #expect(faults.map(\.guilty) == [[run.culprit]])
            #expect(faults.allSatisfy { !$0.isSealed && $0.block != run.sealed.block.hash })
        }
        #expect(run.penalised.isEmpty)
    }

    @Test(arguments: FaultRun.seeds)
    func `a proposal out of turn is refused, costs nothing, and convicts whoever signed it`(seed: UInt64) throws {
        let run = try FaultRun(.wrongProposer, .proposal, seed: seed)
        let refusals = run.world.notes.filter {
            if case .proposalRefused(FaultRun.height, 0, run.culprit, _) = $0.note { true } else { false }
        }
        #expect(refusals.count >= run.world.genesis.council.members.count - 1)
        #expect(run.sealed.certificate.round == 0)
        try run.expectNobodyFroze()
        for ranger in run.rangers {
            #expect(run.faults(of: ranger).map(\.rule) == ["proposer"])
            #expect(run.faults(of: ranger).map(\.guilty) == [[run.culprit]])
        }
    }
}

import Chain
import Crypto
import EVM
import Primitives
import SampleChain
import Testing
import Validation

@testable import FaultProofs

struct `An explanation` {
    private func explanation(
        _ sabotage: Sabotage, _ level: Level = .sealed, on chain: SampleChain, _ calls: [BuildRequest.Candidate]
    ) throws -> FaultExplanation {
        let built = try sabotage.build(chain.request(calls), reading: chain.ledger, under: chain.rules)
        let proof = try #require(
            chain.prove(built.block, by: chain.accusation(level, of: built.block), list: built.accessList))
        let words = try explain(proof, genesis: chain.genesis, scheme: P256())
        #expect(try explain(proof, genesis: chain.genesis, scheme: P256()) == words)
        #expect(words.rule == sabotage.brokenRule.rawValue)
        #expect(words.isSealed == (level == .sealed))
        #expect(words.lines.allSatisfy { !$0.contains("\n") })
        #expect(words.advice.count > 1)
        return words
    }

    @Test(arguments: Level.allCases)
    func `of a wrong word of storage leads to the call, the account and the slot`(level: Level) throws {
        // A contract that lets the counter count, by CALL, and whose own call to the keeper fails before.
        let counter = SampleContract.counter.address
        let push: Bytes = [0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x73]
        let relay = GenesisAccount(
            address: Address(Bytes(repeating: 0x0c, count: 20)), nonce: 1,
            code: push + SampleContract.reverter.address.bytes + [0x5a, 0xf1, 0x50]
                + push + counter.bytes + [0x5a, 0xf1, 0x50, 0x00])
        let chain = try SampleChain.withContracts(extraAccounts: [relay])
        let calls = try [chain.transfer(from: 1), chain.call(relay.address, from: 2)]
        let words = try explanation(.wrongStorageWrite(mask: 4), level, on: chain, calls)
        #expect(words.transaction?.position == 1)
        #expect(words.transaction?.sender == chain.accountKeys[2].address)
        #expect(words.transaction?.recipient == relay.address)
        let divergence = try #require(words.divergence)
        #expect(divergence.account == counter)
        #expect(divergence.slot == 0)
        #expect((divergence.expected, divergence.found) == ("1", "5"))
        #expect(divergence.calls.map(\.to) == [relay.address, counter])
        #expect(divergence.calls.map(\.from) == [chain.accountKeys[2].address, relay.address])
        #expect(divergence.calls.map(\.kind) == [.call, .call])
        let sentence =
            "It writes 1 to slot 0 of \(counter). The block says that it wrote 5. That is done by "
            + "CALL \(relay.address), then CALL \(counter)."
        #expect(words.story.contains(sentence))
        let verb = level == .sealed ? "sealed" : "proposed"
        let who = level == .sealed ? "3 validators" : "Validator \(try chain.proposer().publicKey.address.short)"
        #expect(words.headline == "\(who) \(verb) block 1, which says that code wrote what it did not")
    }

    @Test
    func `of a transaction that cannot run says why, whose it is, and what to do`() throws {
        let (chain, calls, _) = try `A proof by one transaction`.stage()
        let overspend = Sabotage.overspend(try chain.transfer(from: 5, value: 5_000 * SampleChain.klay))
        var words = try explanation(overspend, on: chain, calls)
        let sender = chain.accountKeys[5].address
        #expect(words.headline == "3 validators sealed block 2, with a transaction that its sender cannot pay for")
        #expect(words.story.contains { $0.contains("\(sender) has 1000000000000000000000 peb") })
        #expect(words.transaction?.sender == sender)
        #expect(words.advice.contains { $0.contains("the last good state is that of height 1") })
        let old = try #require(chain.head.transactions.first)
        words = try explanation(
            .nonceReplay(BuildRequest.Candidate(old, from: old.recoverSender())), .proposed, on: chain, calls)
        let account = try old.recoverSender()
        #expect(
            words.story.contains(
                "The account \(account) has reached number 1; the transaction has number 0, so it was run before or "
                    + "stands too early."))
        #expect(words.transaction?.hash == old.hash)
        #expect(words.advice.contains { $0.contains("unless a quorum has sealed the same block") })
        words = try explanation(.badSignature(chain.transfer(from: 4)), on: chain, calls)
        #expect(words.kind == .body)
        #expect(words.headline.hasSuffix("with a transaction that nobody has signed properly"))
        #expect(words.transaction?.sender == nil)
    }

    @Test
    func `of a wrong state root says that only the root differs, and names what changes`() throws {
        let (chain, calls, _) = try `A proof by one transaction`.stage()
        let thief = Address(Bytes(repeating: 0xbb, count: 20))
        for sabotage in [.wrongStateRoot, Sabotage.hiddenMint(Conduct.Mint(address: thief, amount: 1))] {
            let words = try explanation(sabotage, on: chain, calls)
            #expect(words.story.contains { $0.hasPrefix("Of a root nobody can read") })
            #expect(words.changes.count == min(words.changeCount, FaultExplanation.changesMax))
            let honest = try chain.build(calls).changes.accounts
            #expect(words.changeCount == honest.count)
            #expect(words.changes.map(\.address) == honest.prefix(FaultExplanation.changesMax).map(\.address))
        }
    }

    @Test
    func `of a header tells expected from found`() throws {
        let (chain, calls, _) = try `A proof by one transaction`.stage()
        let wrong = chain.request(round: 1).beneficiary
        let words = try explanation(.wrongProposer(beneficiary: wrong), .proposed, on: chain, calls)
        #expect(words.kind == .header)
        #expect(words.found == "\(wrong)")
        #expect(words.headline.hasSuffix("proposed block 2, which was not this proposer's to make"))
    }

    @Test(arguments: Contradiction.allCases)
    func `of two votes quotes both`(rule: Contradiction) throws {
        let chain = try SampleChain()
        let (one, other) = (keccak256([1]), keccak256([2]))
        let votes: [Vote] =
            switch rule {
            case .doubleCommit: [one, other].map { .commit(height: 3, round: 1, block: $0) }
            case .doublePrepare: [one, other].map { .prepare(height: 3, round: 1, block: $0) }
            case .crossVote: [.prepare(height: 3, round: 1, block: one), .commit(height: 3, round: 1, block: other)]
            case .amnesia: [.commit(height: 3, round: 1, block: one), .roundChange(height: 3, to: 2)]
            case .doubleRoundChange:
                [.roundChange(height: 3, to: 2), .roundChange(height: 3, to: 2, prepared: (1, one))]
            case .doubleProposal: [one, other].map { .proposal(height: 3, round: 1, block: $0) }
            }
        let signed = votes.map { SignedVote($0, by: chain.nodeKeys[2], chain: chain.genesis.identity) }
        let proof = try #require(proveContradiction(signed[0], signed[1]))
        let words = try explain(proof, genesis: chain.genesis, scheme: P256())
        let name = chain.nodeKeys[2].publicKey.address
        #expect(words.rule == rule.rawValue)
        #expect(words.headline.hasPrefix("Validator \(name.short) "))
        #expect(words.headline.hasSuffix(" at height 3"))
        #expect(words.statements.count == 2)
        #expect(words.statements.allSatisfy { $0.hasPrefix("\(name) (height 3, round ") })
        #expect(words.signers == [name])
    }

    @Test
    func `of a fork names both blocks, who sealed them, and who is guilty`() throws {
        let fork = try Fork()
        let votes = [1, 2].map { seat in
            SignedVote(
                .roundChange(height: 3, to: 2), by: fork.chain.nodeKeys[seat], chain: fork.chain.genesis.identity)
        }
        let (one, other) = try fork.acrossRounds()
        let words = try explain(
            #require(proveFork(one, other, votes: votes)), genesis: fork.chain.genesis, scheme: P256())
        #expect(words.headline == "Two blocks were sealed at height 3, and 2 validators made both possible")
        for side in [one, other] {
            let signers = side.certificate.signers.map(\.hex).joined(separator: ", ")
            #expect(
                words.statements.contains(
                    "block \(side.header.hash) sealed in round \(side.certificate.round) by \(signers)"))
        }
        #expect(words.statements.count == 4)
        #expect(words.signers == [fork.address(1), fork.address(2)].sorted())
        #expect(words.advice.contains { $0.hasPrefix("Take nothing from height 3 on for final") })

        let unknown = try explain(
            #require(proveFork(one, other, votes: [])), genesis: fork.chain.genesis, scheme: P256())
        #expect(unknown.headline == "Two blocks were sealed at height 3")
        #expect(unknown.signers.isEmpty)
        #expect(unknown.story.contains { $0.contains("those between rounds 0 and 2") })
    }

    @Test
    func `of a proposal without a right to it quotes the reasons that were signed`() throws {
        let round = try Round()
        let reasons = Justification(roundChanges: Array(try round.changes().dropLast()), prepares: [])
        let proposal = try round.proposal(round.fresh, reasons)
        let words = try explain(
            #require(round.prove(proposal, round.fresh, reasons)), genesis: round.chain.genesis, scheme: P256())
        let name = proposal.validator
        #expect(words.headline == "Validator \(name.short) proposed block 3 in round 2 without a right to")
        #expect(words.statements.count == round.quorum)
        #expect(words.statements.first?.hasPrefix("\(name) (height 3, round 2) proposes block") == true)
        #expect(
            words.statements.dropFirst().allSatisfy { $0.hasSuffix("asks for the round, having prepared no block") })
        #expect(words.signers == [name])
        #expect(words.advice.contains("Nothing has to be repaired: the proposal is refused."))
    }

    @Test(arguments: BlockRule.allCases)
    func `has words of its own for every rule`(rule: BlockRule) throws {
        let chain = try SampleChain()
        let fault = ProvenFault(
            kind: .body, rule: rule.rawValue, height: 4, round: 2, block: keccak256([4]),
            guilty: [chain.nodeKeys[0].publicKey.address], expected: "EXPECTED", found: "FOUND", isSealed: false,
            transactionIndex: 3)
        let block = try chain.build().block
        let evidence = BodyEvidence(block: block, accusation: try chain.accusation(.proposed, of: block))
        let words = explain(.body(evidence), showing: fault, genesis: chain.genesis)
        #expect(words.story.contains { $0.contains("EXPECTED") && $0.contains("FOUND") } || rule == .senderNotEOA)
        let others = BlockRule.allCases.filter { $0 != rule }.map { other in
            explain(
                .body(evidence),
                showing: ProvenFault(
                    kind: .body, rule: other.rawValue, height: 4, round: 2, block: fault.block, guilty: fault.guilty,
                    expected: "", found: "", isSealed: false, transactionIndex: nil), genesis: chain.genesis)
        }
        #expect(!others.contains { $0.headline == words.headline || $0.meaning == words.meaning })
        #expect(words.lines.contains { $0.contains("transaction 3") })
    }
}

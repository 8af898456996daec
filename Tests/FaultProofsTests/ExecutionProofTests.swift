import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Validation

struct `An EXEC proof` {
    static func sabotages(_ chain: SampleChain) throws -> [Sabotage] {
        let replay = BuildRequest.Candidate(
            try #require(chain.head.transactions.first),
            from: try #require(chain.head.transactions.first).recoverSender())
        return [
            .wrongStateRoot,
            .hiddenMint(Conduct.Mint(address: Address(Bytes(repeating: 0xbb, count: 20)), amount: 1)),
            .hiddenMint(Conduct.Mint(address: chain.accountKeys[3].address, amount: SampleChain.klay)),
            .overspend(try chain.transfer(from: 5, value: 5_000 * SampleChain.klay)),
            .nonceReplay(replay), .wrongStorageWrite(mask: 1 << 200),
        ]
    }

    @Test(arguments: 0..<6, Level.allCases)
    func `convicts the signers of a block that breaks a rule against the state`(number: Int, level: Level) throws {
        let chain = try SampleChain.grown()
        let sabotage = try Self.sabotages(chain)[number]
        var random = SeededRandom(seed: 3)
        let request = chain.request(try chain.randomTransfers(10, using: &random))
        let block = try sabotage.build(request, reading: chain.ledger, under: chain.rules).block
        let accusation = try chain.accusation(level, of: block)
        let proof = try #require(chain.prove(block, by: accusation))
        #expect(try FaultProof(checking: proof.rlp) == proof)
        let fault = try chain.verdict(proof)
        #expect(fault.kind == .execution)
        #expect(fault.rule == sabotage.brokenRule.rawValue)
        #expect(fault.guilty == accusation.accused)
        #expect(fault.block == block.hash)
        #expect(fault.description.contains(level == .sealed ? "sealed" : "proposed"))
    }

    @Test(arguments: [
        HeaderFault(.gasUsed) { header, _ in header.gasUsed += 1 },
        HeaderFault(.logsBloom) { header, _ in header.logsBloom.insert(Address.zero) },
        HeaderFault(.receiptsRoot) { header, _ in header.receiptsRoot = .zero },
        HeaderFault(.accessListRoot) { _, blockExtension in blockExtension.accessListRoot = .zero },
        HeaderFault(.stateRoot) { header, _ in header.stateRoot = header.receiptsRoot },
    ])
    func `shows every result that a header can state wrongly`(spoil: HeaderFault) throws {
        let chain = try SampleChain.grown()
        let block = try chain.spoiled([chain.transfer(from: 0)], spoil.change)
        let proof = try #require(chain.prove(block, by: chain.accusation(.sealed, of: block)))
        #expect(try chain.verdict(proof).rule == spoil.rule.rawValue)
    }

    @Test(arguments: Level.allCases)
    func `convicts for a word of storage that is not what the contract wrote`(level: Level) throws {
        var chain = try SampleChain.withContracts()
        try chain.grow([chain.call(.counter, from: 0)])
        let calls = try [chain.transfer(from: 1), chain.call(.counter, from: 0), chain.call(.keeper, [1, 2], from: 2)]
        let block = try Sabotage.wrongStorageWrite(mask: 8)
            .build(chain.request(calls), reading: chain.ledger, under: chain.rules).block
        let proof = try #require(chain.prove(block, by: chain.accusation(level, of: block)))
        guard case .execution(let evidence) = proof else {
            Issue.record("a proof of kind \(proof.kind.name)")
            return
        }
        #expect(evidence.witness.contains(SampleContract.counter.code))
        #expect(try chain.verdict(proof).rule == "accessListRoot")
        for index in evidence.witness.indices {
            var gap = evidence
            let missing = keccak256(gap.witness.remove(at: index))
            #expect(throws: ProofRejection.insufficientWitness(.missing(missing))) {
                try chain.verdict(.execution(gap))
            }
        }
        // The same calls without the fault convict nobody.
        let honest = try chain.build(calls).block
        #expect(chain.prove(honest, by: try chain.accusation(level, of: honest)) == nil)
    }

    @Test(arguments: UInt64(0)..<5)
    func `of a valid block convicts nobody`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let chain = try SampleChain.grown(seed: seed)
        let block = try chain.build(chain.randomTransfers(10, using: &random)).block
        for level in Level.allCases {
            let accusation = try chain.accusation(level, of: block)
            #expect(chain.prove(block, by: accusation) == nil)
            let evidence = ExecutionEvidence(
                parent: chain.head.header, parentExtension: chain.head.extension, block: block, accusation: accusation,
                witness: chain.witness(of: block))
            #expect(throws: ProofRejection.noFault) { try chain.verdict(.execution(evidence)) }
        }
    }

    private func evidence(_ chain: SampleChain) throws -> ExecutionEvidence {
        let block = try Sabotage.wrongStateRoot.build(
            chain.request([try chain.transfer(from: 0)]), reading: chain.ledger, under: chain.rules
        ).block
        let proof = chain.prove(block, by: try chain.accusation(.sealed, of: block))
        guard case .execution(let evidence) = proof else { throw SampleError.noKey(.zero) }
        return evidence
    }

    @Test
    func `whose witness has a gap is not sufficient`() throws {
        let chain = try SampleChain.grown()
        let whole = try evidence(chain)
        _ = try chain.verdict(.execution(whole))
        for index in whole.witness.indices {
            var evidence = whole
            let gap = keccak256(evidence.witness.remove(at: index))
            #expect(throws: ProofRejection.insufficientWitness(.missing(gap))) {
                try chain.verdict(.execution(evidence))
            }
        }
    }

    @Test
    func `holds every preimage once, in the order of use, and no other`() throws {
        let chain = try SampleChain.grown()
        let whole = try evidence(chain)
        var variants: [[Bytes]] = [whole.witness + [[1, 2, 3]], [[]] + whole.witness]
        variants.append(whole.witness + [whole.witness[0]])
        variants.append(whole.witness.reversed())
        variants.append(chain.witness(of: try chain.build([chain.transfer(from: 0), chain.transfer(from: 7)]).block))
        for witness in variants where witness != whole.witness {
            var evidence = whole
            evidence.witness = witness
            #expect(throws: ProofRejection.surplusWitness(used: whole.witness.count, found: witness.count)) {
                try chain.verdict(.execution(evidence))
            }
        }
    }

    @Test
    func `stands on the parent that the block names and the state that the parent names`() throws {
        let chain = try SampleChain.grown()
        var other = try evidence(chain)
        other.parent = chain.blocks[1].header
        #expect(throws: ProofRejection.self) { try chain.verdict(.execution(other)) }
        other = try evidence(chain)
        other.parent.stateRoot = chain.blocks[1].header.stateRoot
        #expect(throws: ProofRejection.self) { try chain.verdict(.execution(other)) }
        other = try evidence(chain)
        other.parentExtension = chain.blocks[1].extension
        #expect(throws: ProofRejection.self) { try chain.verdict(.execution(other)) }
        // The state of another height shows something else, and is not the parent's.
        var past = try SampleChain()
        try past.append(try past.build())
        let block = try chain.build([chain.transfer(from: 0)]).block
        let accusation = try chain.accusation(.sealed, of: block)
        #expect(
            proveInvalid(
                block, by: accusation, after: chain.ancestry, reading: past.ledger, genesis: chain.genesis) == nil)
    }

    @Test
    func `is not taken where a smaller proof shows the fault`() throws {
        let chain = try SampleChain.grown()
        let header = try chain.spoiled { header, _ in header.gasLimit *= 2 }
        let body = try Sabotage.badSignature(chain.transfer(from: 4)).build(
            chain.request(), reading: chain.ledger, under: chain.rules
        ).block
        for (block, kind) in [(header, FaultProof.Kind.header), (body, .body)] {
            let evidence = ExecutionEvidence(
                parent: chain.head.header, parentExtension: chain.head.extension, block: block,
                accusation: try chain.accusation(.sealed, of: block), witness: [])
            #expect(throws: ProofRejection.wrongKind(expected: kind, found: .execution)) {
                try chain.verdict(.execution(evidence))
            }
        }
    }

    @Test
    func `is not made from a ledger that cannot be read`() throws {
        let chain = try SampleChain.grown()
        let evidence = try evidence(chain)
        let blind = WitnessLedger(root: chain.ledger.stateRoot, witness: [])
        #expect(
            proveInvalid(
                evidence.block, by: evidence.accusation, after: chain.ancestry, reading: blind, genesis: chain.genesis)
                == nil)
    }
}

import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Validation

struct `A proof by one transaction` {
    /// A chain with contracts and a block behind it, and what a saboteur may do next.
    static func stage() throws -> (chain: SampleChain, calls: [BuildRequest.Candidate], sabotages: [Sabotage]) {
        var chain = try SampleChain.withContracts()
        let old = try chain.transfer(from: 3)
        try chain.grow([old, chain.call(.counter, from: 0)])
        let calls = try [
            chain.transfer(from: 1), chain.call(.counter, from: 0), chain.call(.keeper, [1, 2], from: 2),
            chain.transfer(from: 1, nonce: 1),
        ]
        let thief = Address(Bytes(repeating: 0xbb, count: 20))
        return (
            chain, calls,
            [
                .wrongStateRoot, .wrongTransactionsRoot, .hiddenMint(Conduct.Mint(address: thief, amount: 1)),
                .overspend(try chain.transfer(from: 5, value: 5_000 * SampleChain.klay)), .nonceReplay(old),
                .nonceReplay(try chain.transfer(from: 4)), .badSignature(try chain.transfer(from: 5)),
                .wrongProposer(beneficiary: chain.request(round: 1).beneficiary), .wrongStorageWrite(mask: 8),
                .wrongReward(payee: thief),
            ]
        )
    }

    @Test(arguments: 0..<10, Level.allCases)
    func `is made where one shows the fault; and whatever is made convicts`(number: Int, level: Level) throws {
        let (chain, calls, sabotages) = try Self.stage()
        let sabotage = sabotages[number]
        let built = try sabotage.build(chain.request(calls), reading: chain.ledger, under: chain.rules)
        let accusation = try chain.accusation(level, of: built.block)
        let foreign = try chain.build(calls).accessList
        for list in [nil, built.accessList, .empty, foreign] {
            guard let proof = chain.prove(built.block, by: accusation, list: list) else {
                // Seals do not bind a body that contradicts its header.
                #expect(sabotage == .wrongTransactionsRoot && level == .sealed)
                continue
            }
            #expect(try FaultProof(checking: proof.rlp) == proof)
            let fault = try chain.verdict(proof)
            #expect(fault.rule == sabotage.brokenRule.rawValue)
            #expect(fault.guilty == accusation.accused)
            #expect(fault.kind == proof.kind)
            guard case .transaction(let evidence) = proof else { continue }
            #expect(fault.transactionIndex == evidence.position)
            #expect(proof.rlp.count < 6_000)
        }
        let proof = chain.prove(built.block, by: accusation, list: built.accessList)
        let index: Int? =
            switch sabotage {
            case .overspend, .badSignature: 0
            case .nonceReplay(let candidate): candidate.transaction.nonce == 0 && number == 5 ? 1 : 0
            case .wrongStorageWrite: 1
            default: nil
            }
        guard case .transaction(let evidence) = proof else {
            #expect(index == nil)
            return
        }
        #expect(evidence.position == index)
        #expect(proof?.kind == (sabotage.brokenRule == .transactionSignature ? .body : .execution))
    }

    @Test
    func `names the slot, what the code wrote, and what the list says`() throws {
        let (chain, calls, _) = try Self.stage()
        let built = try Sabotage.wrongStorageWrite(mask: 8)
            .build(chain.request(calls), reading: chain.ledger, under: chain.rules)
        let proof = try #require(
            chain.prove(built.block, by: chain.accusation(.sealed, of: built.block), list: built.accessList))
        let fault = try chain.verdict(proof)
        let slot = "slot \(Hash32.zero.hex) of \(SampleContract.counter.address): "
        #expect(fault.expected == slot + UInt256(2).hash.hex)
        #expect(fault.found == UInt256(2 ^ 8).hash.hex)
        #expect(fault.transactionIndex == 1)
    }

    @Test(arguments: [
        ContentFault(.chainID) { $0.chainID = 1 },
        ContentFault(.transactionGasLimit) { $0.gasLimit = 1 << 24 + 1 },
        ContentFault(.intrinsicGas) { $0.gasLimit = 20_000 },
        ContentFault(.feeCap) { ($0.maxFeePerGas, $0.maxPriorityFeePerGas) = (1, 1) },
        ContentFault(.feeCap) { $0.maxPriorityFeePerGas = $0.maxFeePerGas + 1 },
        ContentFault(.nonce) { $0.nonce = .max },
    ])
    func `takes no state where the transaction is at fault by itself`(spoil: ContentFault) throws {
        let rule = spoil.rule
        let chain = try SampleChain.grown()
        var content = try chain.content(from: 0, to: chain.accountKeys[1].address)
        spoil.change(&content)
        let built = try chain.build(
            [chain.transfer(from: 2), chain.candidate(content, from: 0)], conduct: Conduct(waiving: [rule, .balance]))
        try #require(built.block.transactions.count == 2)
        for level in Level.allCases {
            let accusation = try chain.accusation(level, of: built.block)
            let proof = try #require(chain.prove(built.block, by: accusation))
            guard case .transaction(let evidence) = proof else {
                Issue.record("a proof of another form")
                return
            }
            #expect(evidence.execution == nil)
            let fault = try chain.verdict(proof)
            #expect((fault.kind, fault.rule, fault.transactionIndex) == (.body, rule.rawValue, 1))
            // Nor is it taken as a fault of the whole body, or with a state that it does not take.
            #expect(throws: ProofRejection.noFault) {
                try chain.verdict(.body(BodyEvidence(block: built.block, accusation: accusation)))
            }
            var larger = evidence
            larger.execution = TransactionEvidence.Execution(
                parent: chain.head.header, parentExtension: chain.head.extension,
                witness: TransactionWitness(preimages: [], accessList: AccessListWitness(positions: [], nodes: [])))
            #expect(throws: ProofRejection.wrongKind(expected: .body, found: .execution)) {
                try chain.verdict(.transaction(larger))
            }
        }
    }

    private func storageProof() throws -> (SampleChain, TransactionEvidence) {
        let (chain, calls, _) = try Self.stage()
        let built = try Sabotage.wrongStorageWrite(mask: 8)
            .build(chain.request(calls), reading: chain.ledger, under: chain.rules)
        let proof = chain.prove(built.block, by: try chain.accusation(.sealed, of: built.block), list: built.accessList)
        guard case .transaction(let evidence) = proof else { throw SampleError.noKey(.zero) }
        return (chain, evidence)
    }

    @Test
    func `is refused with anything gone, added, or moved`() throws {
        let (chain, whole) = try storageProof()
        _ = try chain.verdict(.transaction(whole))
        func expectRefusal(_ change: (inout TransactionEvidence) -> Void) {
            var evidence = whole
            change(&evidence)
            #expect(throws: ProofRejection.self) { try chain.verdict(.transaction(evidence)) }
        }
        let witness = try #require(whole.execution?.witness)
        for index in witness.preimages.indices { expectRefusal { $0.execution?.witness.preimages.remove(at: index) } }
        for index in witness.accessList.nodes.indices {
            expectRefusal { $0.execution?.witness.accessList.nodes.remove(at: index) }
        }
        for index in witness.accessList.positions.indices {
            expectRefusal { $0.execution?.witness.accessList.positions.remove(at: index) }
        }
        for index in whole.branch.indices { expectRefusal { $0.branch.remove(at: index) } }
        expectRefusal { $0.execution?.witness.preimages.append([1]) }
        expectRefusal { $0.execution?.witness.preimages.reverse() }
        expectRefusal { $0.execution?.witness.accessList.nodes.append([1]) }
        expectRefusal { $0.branch.append([1]) }
        expectRefusal { $0.position += 1 }
        expectRefusal { $0.position = -1 }
        expectRefusal { $0.position = .max }
        expectRefusal { $0.execution?.parent = chain.blocks[0].header }
        expectRefusal { $0.execution?.parentExtension = chain.blocks[0].extension }
        expectRefusal { $0.extension = chain.head.extension }
        expectRefusal { $0.execution = nil }
        expectRefusal { $0.header.gasUsed += 1 }
    }

    @Test
    func `is not taken where the header shows the fault`() throws {
        let (chain, calls, _) = try Self.stage()
        let block = try chain.spoiled(calls) { header, _ in header.gasLimit *= 2 }
        let built = try chain.build(calls)
        var evidence = try chain.evidence(built, at: 0, by: chain.accusation(.sealed, of: block))
        evidence.header = block.header
        evidence.extension = block.extension
        #expect(throws: ProofRejection.wrongKind(expected: .header, found: .execution)) {
            try chain.verdict(.transaction(evidence))
        }
    }

    @Test
    func `finds the first difference where validation names only what came of all`() throws {
        let chain = try SampleChain.withContracts()
        let calls = try (0..<6).map { try chain.call(.counter, from: $0) }
        let honest = try chain.build(calls)
        // Somebody says that the fourth counted twice, and all else follows from that.
        let counter = SampleContract.counter.address
        let list = try BlockAccessList(
            honest.accessList.entries.map { entry in
                guard case .storageWrite(counter, let slot, let index, let value) = entry, index >= 4 else {
                    return entry
                }
                return .storageWrite(counter, slot: slot, index: index, value: value + 1)
            })
        let block = try chain.spoiled(calls) { _, blockExtension in blockExtension.accessListRoot = list.root }
        let proof = try #require(chain.prove(block, by: chain.accusation(.proposed, of: block), list: list))
        let fault = try chain.verdict(proof)
        #expect((fault.kind, fault.rule, fault.transactionIndex) == (.execution, "accessListRoot", 3))
    }

    /// A list with one entry of some transaction changed, left out, or beside one too many; and which transaction's.
    private func spoiled(
        _ list: BlockAccessList, using random: inout SeededRandom
    ) throws -> (list: BlockAccessList, position: Int) {
        var entries = list.entries
        let transactions = list.entries.compactMap(\.index).max() ?? 0
        // The last index is that of the rewards.
        let candidates = entries.indices.filter { 1..<transactions ~= entries[$0].index ?? 0 }
        let chosen = candidates[random.below(candidates.count)]
        let entry = entries[chosen]
        let index = try #require(entry.index)
        switch (random.below(3), entry) {
        case (0, _): entries.remove(at: chosen)
        case (1, _):
            entries.append(.storageWrite(random.address(), slot: UInt256(random.next()), index: index, value: 1))
        case (_, .storageWrite(let address, let slot, _, let value)):
            entries[chosen] = .storageWrite(address, slot: slot, index: index, value: value ^ 1)
        case (_, .balance(let address, _, let value)):
            entries[chosen] = .balance(address, index: index, value: value + 1)
        case (_, .nonce(let address, _, let value)):
            entries[chosen] = .nonce(address, index: index, value: value + 1)
        case (_, .code(let address, _, let value)):
            entries[chosen] = .code(address, index: index, value: value + [0])
        default: entries.remove(at: chosen)
        }
        return (try BlockAccessList(entries), Int(index) - 1)
    }

    @Test(arguments: UInt64(0)..<30)
    func `finds whatever of an access list is not what a transaction wrote`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var chain = try SampleChain.withContracts(paysSenders: seed % 2 == 0)
        try chain.grow(chain.randomCalls(10, using: &random))
        let calls = try chain.randomCalls(15, using: &random)
        let (list, position) = try spoiled(chain.build(calls).accessList, using: &random)
        let block = try chain.spoiled(calls) { _, blockExtension in blockExtension.accessListRoot = list.root }
        let proof = try #require(chain.prove(block, by: chain.accusation(.sealed, of: block), list: list))
        guard case .transaction(let evidence) = proof else {
            Issue.record("a proof of another form")
            return
        }
        #expect(evidence.position == position)
        let fault = try chain.verdict(FaultProof(checking: proof.rlp))
        #expect((fault.kind, fault.rule, fault.transactionIndex) == (.execution, "accessListRoot", position))
        let words = try explain(proof, genesis: chain.genesis, scheme: P256())
        #expect(words.divergence != nil)
    }

    @Test
    func `shows what an access list holds too much, and what it lacks`() throws {
        let chain = try SampleChain.withContracts()
        let calls = try (0..<3).map { try chain.call(.counter, from: $0) }
        let honest = try chain.build(calls).accessList
        let counter = SampleContract.counter.address
        let extra = BlockAccess.storageWrite(counter, slot: 9, index: 2, value: 1)
        let lists = try [
            BlockAccessList(honest.entries + [extra]),
            BlockAccessList(honest.entries.filter { !($0.index == 2 && $0.address == counter) }),
        ]
        for list in lists {
            let block = try chain.spoiled(calls) { _, blockExtension in blockExtension.accessListRoot = list.root }
            let proof = try #require(chain.prove(block, by: chain.accusation(.sealed, of: block), list: list))
            guard case .transaction = proof else {
                Issue.record("a proof of another form")
                continue
            }
            #expect(try chain.verdict(proof).transactionIndex == 1)
        }
    }
}

/// What is wrong with a transaction by itself.
struct ContentFault: CustomTestStringConvertible, Sendable {
    let rule: BlockRule
    let change: @Sendable (inout Transaction.Content) -> Void

    init(_ rule: BlockRule, _ change: @escaping @Sendable (inout Transaction.Content) -> Void) {
        self.rule = rule
        self.change = change
    }

    var testDescription: String { rule.rawValue }
}

import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Validation

struct `A BODY proof` {
    /// A next block that holds `content`, signed by account 0, whatever rule it breaks by itself.
    private func block(
        _ chain: SampleChain, _ rule: BlockRule, _ change: (inout Transaction.Content) -> Void
    ) throws -> Block {
        var content = try chain.content(from: 0, to: chain.accountKeys[1].address)
        change(&content)
        let candidate = chain.candidate(content, from: 0)
        let built = try chain.build([chain.transfer(from: 2), candidate], conduct: Conduct(waiving: [rule]))
        try #require(built.block.transactions.count == 2)
        return built.block
    }

    private func check(_ block: Block, on chain: SampleChain, breaks rule: BlockRule, transaction: Int?) throws {
        for level in Level.allCases {
            let accusation = try chain.accusation(level, of: block)
            let proof = try #require(chain.prove(block, by: accusation))
            #expect(try FaultProof(checking: proof.rlp) == proof)
            let fault = try chain.verdict(proof)
            #expect(fault.kind == .body)
            #expect(fault.rule == rule.rawValue)
            #expect(fault.transactionIndex == transaction)
            #expect(fault.guilty == accusation.accused)
        }
    }

    @Test
    func `convicts of a transaction that breaks a rule by itself`() throws {
        let chain = try SampleChain.grown()
        try check(block(chain, .chainID) { $0.chainID = 1 }, on: chain, breaks: .chainID, transaction: 1)
        try check(
            block(chain, .transactionGasLimit) { $0.gasLimit = 1 << 24 + 1 }, on: chain, breaks: .transactionGasLimit,
            transaction: 1)
        try check(
            block(chain, .intrinsicGas) { $0.gasLimit = 20_000 }, on: chain, breaks: .intrinsicGas, transaction: 1)
        try check(
            block(chain, .feeCap) { ($0.maxFeePerGas, $0.maxPriorityFeePerGas) = (1, 1) }, on: chain, breaks: .feeCap,
            transaction: 1)
    }

    @Test
    func `convicts of a bad transaction signature`() throws {
        let chain = try SampleChain.grown()
        let sabotage = Sabotage.badSignature(try chain.transfer(from: 4))
        let built = try sabotage.build(chain.request(), reading: chain.ledger, under: chain.rules)
        try check(built.block, on: chain, breaks: .transactionSignature, transaction: 0)
    }

    @Test
    func `convicts who proposed a body that is not the header's, for that signature covers both`() throws {
        let chain = try SampleChain.grown()
        let request = chain.request([try chain.transfer(from: 4)])
        let block = try Sabotage.wrongTransactionsRoot.build(request, reading: chain.ledger, under: chain.rules).block
        let accusation = try chain.accusation(.proposed, of: block)
        let fault = try chain.verdict(try #require(chain.prove(block, by: accusation)))
        #expect(fault.rule == "transactionsRoot")
        #expect(fault.guilty == accusation.accused)
        var other = block.extension
        other.version = 2
        let stray = Block(header: block.header, transactions: block.transactions, extension: other)
        let proposal = try chain.accusation(.proposed, of: stray)
        #expect(try chain.verdict(try #require(chain.prove(stray, by: proposal))).rule == "extraData")
    }

    @Test
    func `convicts nobody of a body that others may have put under an honest header`() throws {
        let chain = try SampleChain.grown()
        let honest = try chain.build([chain.transfer(from: 4)]).block
        let framed = Block(header: honest.header, transactions: [], extension: honest.extension)
        let accusations: [Accusation] = [
            .sealed(try chain.certificate(of: honest)),
            .proposed(try chain.proposal(of: honest)),
            .proposed(try chain.proposal(of: honest, namesContent: false)),
        ]
        for accusation in accusations {
            #expect(chain.prove(framed, by: accusation) == nil)
            #expect(throws: ProofRejection.self) {
                try chain.verdict(.body(BodyEvidence(block: framed, accusation: accusation)))
            }
            #expect(throws: ProofRejection.noFault) {
                try chain.verdict(.body(BodyEvidence(block: honest, accusation: accusation)))
            }
        }
    }

    @Test
    func `convicts nobody of a sealed root that no known body has: nobody can tell whose lack it is`() throws {
        let chain = try SampleChain.grown()
        let request = chain.request([try chain.transfer(from: 4)])
        let block = try Sabotage.wrongTransactionsRoot.build(request, reading: chain.ledger, under: chain.rules).block
        let accusation = try chain.accusation(.sealed, of: block)
        #expect(chain.prove(block, by: accusation) == nil)
        #expect(throws: ProofRejection.self) {
            try chain.verdict(.body(BodyEvidence(block: block, accusation: accusation)))
        }
    }

    /// A block of `count` transactions of a megabyte each.
    private func large(_ count: Int, on chain: SampleChain) throws -> Block {
        let candidates = try (0..<count).map { index in
            var content = try chain.content(from: index % 10, to: .zero, nonce: UInt64(index / 10))
            content.data = Bytes(repeating: 0, count: 1_000_000)
            content.gasLimit = 11_000_000
            return chain.candidate(content, from: index % 10)
        }
        let built = try chain.build(candidates, conduct: Conduct(waiving: [.blockSize]))
        try #require(built.block.transactions.count == count)
        return built.block
    }

    @Test
    func `convicts of a block above the size limit, as long as the proof fits a frame`() throws {
        let chain = try SampleChain(gasLimit: 4_000_000_000)
        let block = try large(9, on: chain)
        let proof = try #require(chain.prove(block, by: chain.accusation(.sealed, of: block)))
        #expect(proof.rlp.count <= FaultProof.encodedBytesMax)
        #expect(try chain.verdict(FaultProof(checking: proof.rlp)).rule == "blockSize")
        let larger = try large(17, on: chain)
        #expect(chain.prove(larger, by: try chain.accusation(.sealed, of: larger)) == nil)
    }
}

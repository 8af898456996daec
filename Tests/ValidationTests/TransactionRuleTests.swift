import Chain
import Crypto
import Primitives
import SampleChain
import Testing
import Validation

/// One way to spoil a transfer of account 0 that would otherwise apply, and the rule that names it.
struct TransactionMutation: CustomTestStringConvertible, Sendable {
    let name: String
    let rule: BlockRule
    let kind: Transaction.Kind
    let change: @Sendable (inout Transaction.Content) -> Void

    init(
        _ name: String, _ rule: BlockRule, kind: Transaction.Kind = .dynamicFee,
        _ change: @escaping @Sendable (inout Transaction.Content) -> Void
    ) {
        (self.name, self.rule, self.kind, self.change) = (name, rule, kind, change)
    }

    var testDescription: String { "\(name): \(rule.rawValue)" }

    /// Rules that a lax council may waive.
    static let waivable: [TransactionMutation] = [
        TransactionMutation("another chain's", .chainID) { $0.chainID = 1 },
        TransactionMutation("another chain's by EIP-155", .chainID, kind: .legacy) { $0.chainID = 8_217 },
        TransactionMutation("more than 2^24 gas", .transactionGasLimit) { $0.gasLimit = 1 << 24 + 1 },
        TransactionMutation("one gas short", .intrinsicGas) { $0.gasLimit = 20_999 },
        TransactionMutation("no gas for its data", .intrinsicGas) { $0.data = [1] },
        TransactionMutation("less gas than the floor of its data", .intrinsicGas) {
            $0.data = Bytes(repeating: 1, count: 100)
            // 21,000 + 100 · 16 intrinsic, 21,000 + 100 · 40 by the floor.
            $0.gasLimit = 24_999
        },
        TransactionMutation("no gas for its access list", .intrinsicGas) {
            $0.accessList = [AccessListEntry(address: .zero, storageKeys: [.zero])]
            $0.gasLimit = 25_299
        },
        TransactionMutation("more initcode than 48 KiB", .initCode) {
            $0.to = nil
            $0.data = Bytes(repeating: 0, count: 49_153)
            $0.gasLimit = 16_000_000
        },
        TransactionMutation("no gas for its creation", .intrinsicGas) {
            $0.to = nil
            $0.gasLimit = 52_999
        },
        TransactionMutation("no authorization", .authorizations, kind: .setCode) { $0.gasLimit = 100_000 },
        TransactionMutation("no gas for its authorization", .intrinsicGas, kind: .setCode) {
            $0.authorizations = [Authorization(chainID: 0, address: .zero, nonce: 0, yParity: 0, r: 1, s: 1)]
            $0.gasLimit = 45_999
        },
        TransactionMutation("a tip above the fee cap", .feeCap) { $0.maxPriorityFeePerGas = $0.maxFeePerGas + 1 },
        TransactionMutation("a fee cap below the base fee", .feeCap) {
            $0.maxFeePerGas = 874_999_999
            $0.maxPriorityFeePerGas = 1
        },
        TransactionMutation("a gas price below the base fee", .feeCap, kind: .legacy) { $0.maxFeePerGas = 1 },
        TransactionMutation("a nonce too high", .nonce) { $0.nonce = 1 },
        TransactionMutation("the last nonce of all", .nonce) { $0.nonce = .max },
        TransactionMutation("more value than the balance", .balance) { $0.value = 1_000 * SampleChain.klay },
        TransactionMutation("fees beyond the balance", .balance) { $0.maxFeePerGas = SampleChain.klay },
        TransactionMutation("a cost beyond 256 bits", .balance) { $0.maxFeePerGas = .max },
        TransactionMutation("a value beyond 256 bits", .balance) { $0.value = .max },
    ]

}

struct `A transaction` {
    @Test(arguments: TransactionMutation.waivable)
    func `that breaks one rule makes its block invalid, and a lax council goes on with it`(
        mutation: TransactionMutation
    ) throws {
        let chain = try SampleChain()
        var content = try chain.content(from: 0, to: chain.accountKeys[1].address, kind: mutation.kind)
        mutation.change(&content)
        let candidate = chain.candidate(content, from: 0)
        let lax = Conduct(waiving: [mutation.rule])
        let before = try chain.transfer(from: 3)
        let built = try chain.build([before, candidate], conduct: lax)
        #expect(built.block.transactions.count == 2)
        let fault = chain.fault(of: built.block)
        #expect(fault?.rule == mutation.rule, "\(fault?.description ?? "valid")")
        #expect(fault?.transactionIndex == 1)
        let found = try validate(
            built.block, after: chain.ancestry, reading: chain.ledger, under: chain.rules, round: .sealed(0),
            conduct: lax)
        #expect(found.stateRoot == built.stateRoot)
        // An honest proposer leaves it out and goes on with the others.
        let honest = try chain.build([candidate, before])
        #expect(honest.block.transactions == [before.transaction])
        #expect(chain.fault(of: honest.block) == nil)
    }

    @Test
    func `with blobs is refused, whatever is waived`() throws {
        let chain = try SampleChain()
        var content = try chain.content(from: 0, to: chain.accountKeys[1].address, kind: .blob)
        content.blobVersionedHashes = [Hash32(1 << 56, 0, 0, 0)]
        content.maxFeePerBlobGas = 1
        let candidate = chain.candidate(content, from: 0)
        let block = try chain.forged(with: [candidate.transaction])
        for conduct in [Conduct.honest, Conduct(waiving: Set(BlockRule.allCases))] {
            #expect(chain.fault(of: block, conduct: conduct)?.rule == .transactionKind)
            #expect(try chain.build([candidate], conduct: conduct).block.transactions.isEmpty)
        }
    }

    @Test
    func `below the nonce of its sender is a replay`() throws {
        var chain = try SampleChain()
        let transfer = try chain.transfer(from: 0)
        try chain.grow([transfer])
        let fault = chain.fault(of: try chain.forged(with: [transfer.transaction]))
        #expect(fault == BlockFault(rule: .nonce, expected: "1", found: "0", transactionIndex: 0))
    }

    @Test
    func `with s in the upper half is refused, also if its sender is known`() throws {
        let chain = try SampleChain()
        let good = try chain.transfer(from: 0)
        let built = try Sabotage.badSignature(good).build(
            chain.request(), reading: chain.ledger, under: chain.rules)
        let bad = built.block.transactions[0]
        #expect(bad.hash != good.transaction.hash)
        #expect(!bad.signature.isLowS)
        #expect(recoverAddress(bad.signature, digest: bad.signingHash) == good.sender)
        #expect(throws: ValidationFailure<StateGap>.self) {
            try validate(
                built.block, after: chain.ancestry, reading: chain.ledger, under: chain.rules, round: .sealed(0),
                senders: [bad.hash: good.sender])
        }
    }

    @Test(arguments: [
        AccountSignature(r: 0, s: 1, yParity: false), AccountSignature(r: 1, s: 0, yParity: false),
        AccountSignature(r: .max, s: 1, yParity: true), AccountSignature(r: 5, s: 1, yParity: false),
    ])
    func `that no account can have signed is refused, whatever is waived`(signature: AccountSignature) throws {
        let chain = try SampleChain()
        let content = try chain.transfer(from: 0).transaction.content
        let block = try chain.forged(with: [Transaction(content, signature: signature)])
        for conduct in [Conduct.honest, Conduct(waiving: [.transactionSignature])] {
            #expect(chain.fault(of: block, conduct: conduct)?.rule == .transactionSignature)
        }
    }

    @Test
    func `takes no more gas than the block has left`() throws {
        let chain = try SampleChain(gasLimit: 100_000)
        var content = try chain.content(from: 1, to: chain.accountKeys[2].address)
        content.gasLimit = 79_001
        let large = chain.candidate(content, from: 1)
        let block = try chain.forged(with: [chain.transfer(from: 0).transaction, large.transaction], gasUsed: 42_000)
        #expect(chain.fault(of: block)?.rule == .blockGas)
        content.gasLimit = 79_000
        let fitting = chain.candidate(content, from: 1)
        let built = try chain.build([chain.transfer(from: 0), large, fitting, chain.transfer(from: 3)])
        // The large one stops its sender; the next sender's 21,000 still fit.
        #expect(built.senders == [0, 3].map { chain.accountKeys[$0].address })
        content.gasLimit = 100_001
        let excess = try chain.forged(with: [chain.candidate(content, from: 1).transaction])
        #expect(chain.fault(of: excess)?.expected == "at most the block's 100000")
    }

    @Test(arguments: [(Bytes([0x60, 0x00]), false), ([0xef, 0x01, 0x00] + Bytes(repeating: 9, count: 20), true)])
    func `is sent by an account without code, or one that is delegated`(code: Bytes, isAllowed: Bool) throws {
        let key = try AccountKey(keccak256([1, 2, 3]))
        let chain = try SampleChain(extraAccounts: [
            GenesisAccount(address: key.address, balance: SampleChain.klay, code: code)
        ])
        let content = try chain.content(from: 0, to: chain.accountKeys[1].address)
        let candidate = BuildRequest.Candidate(.signed(content, by: key), from: key.address)
        let built = try chain.build([candidate], conduct: Conduct(waiving: [.senderNotEOA]))
        #expect(built.block.transactions.count == 1)
        #expect(chain.fault(of: built.block)?.rule == (isAllowed ? nil : .senderNotEOA))
    }

    @Test
    func `of the same bytes belongs to this body only`() throws {
        let chain = try SampleChain()
        let built = try chain.build([chain.transfer(from: 0), chain.transfer(from: 1)])
        let swapped = Block(
            header: built.block.header, transactions: built.block.transactions.reversed(),
            extension: built.block.extension)
        #expect(chain.fault(of: swapped)?.rule == .transactionsRoot)
        let shortened = Block(
            header: built.block.header, transactions: [built.block.transactions[0]], extension: built.block.extension)
        #expect(chain.fault(of: shortened)?.rule == .transactionsRoot)
    }

    @Test
    func `more than the block's bytes allow is left out, and refused in a block that has it`() throws {
        let chain = try SampleChain(
            gasLimit: 4_000_000_000, changingRules: { $0.transactionGasMax = 1_000_000_000 })
        var candidates: [BuildRequest.Candidate] = []
        for from in 0..<9 {
            var content = try chain.content(from: from, to: .zero)
            content.data = Bytes(repeating: 0, count: 1_000_000)
            content.gasLimit = 11_000_000
            candidates.append(chain.candidate(content, from: from))
        }
        let built = try chain.build(candidates)
        #expect(built.block.transactions.count == 8)
        #expect(built.block.rlp.count <= Block.encodedBytesMax)
        let large = try chain.build(candidates, conduct: Conduct(waiving: [.blockSize]))
        #expect(large.block.transactions.count == 9)
        #expect(chain.fault(of: large.block)?.rule == .blockSize)
    }
}

extension SampleChain {
    /// A next block with these transactions under a header that is else in order, up to what came of them.
    func forged(with transactions: [Transaction], gasUsed: Gas = 0) throws -> Block {
        var header = try build().block.header
        header.transactionsRoot = Block.transactionsRoot(of: transactions)
        header.gasUsed = gasUsed
        return Block(header: header, transactions: transactions, extension: try build().block.extension)
    }
}

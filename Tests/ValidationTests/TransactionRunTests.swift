import Chain
import Crypto
import EVM
import Primitives
import SampleChain
import Testing
import Validation

struct `A call of a contract` {
    @Test
    func `leaves its status, logs, bloom and gas in a receipt`() throws {
        var chain = try SampleChain.withContracts()
        let calls = try [
            chain.call(.counter, from: 0), chain.call(.reverter, from: 1), chain.call(.burner, from: 2),
            chain.call(.counter, from: 3),
        ]
        let block = try chain.grow(calls)
        let receipts = block.validated.receipts
        #expect(receipts.map(\.succeeded) == [true, false, false, true])
        let log = { (count: UInt64) in
            Log(address: SampleContract.counter.address, topics: [], data: UInt256(count).hash.bytes)
        }
        #expect(receipts.map(\.logs) == [[log(1)], [], [], [log(2)]])
        #expect(receipts[0].bloom == LogsBloom([log(1)]))
        #expect(block.block.header.logsBloom == Receipt.bloom(of: receipts))
        #expect(receipts[2].cumulativeGasUsed - receipts[1].cumulativeGasUsed == 200_000)
        // The second increment changes a slot that is not zero: 2,900 in place of 20,000.
        let first = receipts[0].cumulativeGasUsed
        #expect(receipts[3].cumulativeGasUsed - receipts[2].cumulativeGasUsed == first - 17_100)
        #expect(try chain.ledger.storage(SampleContract.counter.address, 0) == 2)
        #expect(try chain.ledger.storage(SampleContract.reverter.address, 0) == 0)
        #expect(block.block.header.gasUsed == receipts[3].cumulativeGasUsed)
    }

    @Test
    func `that fails costs its gas, raises the nonce, and moves no value`() throws {
        var chain = try SampleChain.withContracts()
        let sender = chain.accountKeys[0].address
        let block = try chain.grow([
            chain.call(SampleContract.burner.address, from: 0, value: 1_000, gasLimit: 50_000)
        ])
        let price = block.block.header.baseFeePerGas + 2_000_000_000
        #expect(try chain.balance(sender) == 1_000 * SampleChain.klay - price * 50_000)
        #expect(try chain.ledger.account(sender)?.nonce == 1)
        #expect(try chain.balance(SampleContract.burner.address) == 0)
    }

    /// PUSH0 PUSH0 SSTORE takes 2 + 2 + 5,000 gas and gives 4,800 back; PUSH0 PUSH1 1 SSTORE one more.
    static let clearing: [(code: Bytes, used: Gas)] = [
        ([0x5f, 0x5f, 0x55], 26_004 - 4_800),
        ([0x5f, 0x5f, 0x55, 0x5f, 0x60, 1, 0x55], 31_009 - 31_009 / 5),
    ]

    @Test(arguments: clearing)
    func `gets back what EIP-3529 gives for what it clears, and a fifth of its gas at most`(
        code: Bytes, used: Gas
    ) throws {
        let clearer = Address(Bytes(repeating: 0xc1, count: 20))
        let chain = try SampleChain(extraAccounts: [
            GenesisAccount(
                address: clearer, nonce: 1, code: code, storage: [.init(slot: 0, value: 1), .init(slot: 1, value: 1)])
        ])
        #expect(try chain.build([chain.call(clearer, from: 0)]).block.header.gasUsed == used)
    }

    @Test
    func `pays the floor for much data, after the refund`() throws {
        let chain = try SampleChain.withContracts()
        var content = try chain.call(.counter, from: 0).transaction.content
        content.data = Bytes(repeating: 1, count: 2_000)
        content.gasLimit = 200_000
        // The call itself takes some 44,000 gas above 16 a byte; 40 a byte make 101,000.
        #expect(try chain.build([chain.candidate(content, from: 0)]).block.header.gasUsed == 101_000)
    }

    @Test
    func `finds warm what EIP-2929, EIP-2930 and EIP-3651 say`() throws {
        let chain = try SampleChain.withContracts()
        let plain = try chain.call(.keeper, [3, 0], from: 0).transaction.content
        func used(_ content: Transaction.Content) throws -> Gas {
            try chain.build([chain.candidate(content, from: 0)]).block.header.gasUsed
        }
        // A slot that the access list names costs 1,900 and 2,400 before, and 2,100 less in SSTORE.
        var listed = plain
        listed.accessList = [
            AccessListEntry(address: SampleContract.keeper.address, storageKeys: [UInt256(3).hash])
        ]
        #expect(try used(listed) == used(plain) + 4_300 - 2_100)
        // BALANCE of the beneficiary is warm: PUSH1 32 … as above, 2 for COINBASE, 100 for BALANCE, 2 for NUMBER.
        let observed = try used(chain.call(.observer, from: 0).transaction.content)
        #expect(observed == 21_000 + 2 + 100 + 2 + 2_200 || observed == 21_000 + 2 + 100 + 2 + 22_100)
    }

    @Test
    func `of a precompiled contract runs it`() throws {
        var chain = try SampleChain.withContracts()
        try chain.grow([chain.call(.hasher, from: 0)])
        #expect(
            try chain.ledger.storage(SampleContract.hasher.address, 0)
                == UInt256(sha256(Bytes(repeating: 0, count: 32))))
        // Directly it is a transfer that costs more: 60 and 12 a word, none here.
        let identity = try chain.build([chain.transfer(from: 1, to: Address(lastBytesOf: UInt256(2).hash))])
        #expect(identity.receipts.map(\.succeeded) == [false])
        let paid = try chain.build([chain.call(Address(lastBytesOf: UInt256(2).hash), from: 1)])
        #expect(paid.block.header.gasUsed == 21_060)
    }
}

struct `A creation` {
    @Test
    func `puts its code where the sender's address and nonce say`() throws {
        var chain = try SampleChain.withContracts()
        let sender = chain.accountKeys[0].address
        let code = SampleContract.counter.code
        try chain.grow([
            chain.transfer(from: 0), chain.creation(SampleContract.creation(of: code), from: 0, value: 3, nonce: 1),
        ])
        let address = createAddress(sender: sender, nonce: 1)
        let account = try #require(try chain.ledger.account(address))
        #expect(account == Account(nonce: 1, balance: 3, codeHash: keccak256(code)))
        #expect(try chain.ledger.code(account.codeHash) == code)
        #expect(try chain.ledger.storage(address, 9) == 7)
        try chain.grow([chain.call(address, from: 5)])
        #expect(try chain.ledger.storage(address, 0) == 1)
    }

    @Test
    func `that destroys itself leaves nothing behind`() throws {
        var chain = try SampleChain.withContracts()
        let before = try chain.balance(chain.accountKeys[0].address)
        let block = try chain.grow([chain.creation(SampleContract.vanishing, from: 0, value: 99)])
        #expect(block.validated.receipts.map(\.succeeded) == [true])
        let address = createAddress(sender: chain.accountKeys[0].address, nonce: 0)
        #expect(try chain.ledger.account(address) == nil)
        let price = block.block.header.baseFeePerGas + 2_000_000_000
        let after = try chain.balance(chain.accountKeys[0].address)
        #expect(after == before - price * UInt256(block.block.header.gasUsed))
    }

    @Test
    func `of initcode at the limit of EIP-3860 runs`() throws {
        let chain = try SampleChain()
        let initCode = Bytes(repeating: 0, count: 49_152)
        let built = try chain.build([chain.creation(initCode, from: 0, gasLimit: 16_000_000)])
        #expect(built.receipts.map(\.succeeded) == [true])
    }
}

struct `A set-code transaction` {
    private func content(
        _ chain: SampleChain, _ authorizations: [Authorization], to: Address? = nil
    ) throws -> Transaction.Content {
        var content = try chain.content(from: 0, to: to ?? chain.accountKeys[9].address, kind: .setCode)
        content.authorizations = authorizations
        content.gasLimit = 300_000
        return content
    }

    @Test
    func `lets an account run the code that it names, and take that back`() throws {
        var chain = try SampleChain.withContracts()
        let authority = chain.accountKeys[9].address
        let counter = SampleContract.counter.address
        let set = try content(chain, [chain.authorization(of: 9, to: counter, nonce: 0)])
        let block = try chain.grow([chain.candidate(set, from: 0), chain.call(authority, from: 1)])
        #expect(block.validated.receipts.map(\.logs.count) == [1, 1])
        #expect(try chain.ledger.storage(authority, 0) == 2)
        let account = try #require(try chain.ledger.account(authority))
        #expect(account.nonce == 1)
        #expect(try chain.ledger.code(account.codeHash) == [0xef, 0x01, 0x00] + counter.bytes)
        // It may still send for itself (EIP-3607's exception), and clear the wish.
        let cleared = try content(chain, [chain.authorization(of: 9, to: .zero, nonce: 2)])
        try chain.grow([chain.transfer(from: 9), chain.candidate(cleared, from: 0)])
        #expect(try chain.ledger.account(authority)?.codeHash == Account.emptyCodeHash)
        #expect(try chain.ledger.account(authority)?.nonce == 3)
        #expect(try chain.ledger.storage(authority, 0) == 2)
    }

    @Test
    func `passes over authorizations that do not hold, and charges for them`() throws {
        let chain = try SampleChain.withContracts()
        let counter = SampleContract.counter.address
        let good = chain.authorization(of: 9, to: counter, nonce: 0)
        var otherChain = Authorization.signed(chainID: 1, address: counter, nonce: 0, by: chain.accountKeys[9])
        var bad = [otherChain, chain.authorization(of: 9, to: counter, nonce: 1)]
        bad.append(chain.authorization(of: 9, to: counter, nonce: .max))
        otherChain = good
        otherChain.s = .max
        bad.append(otherChain)
        var flipped = good
        flipped.yParity = 2
        bad.append(flipped)
        for authorization in bad {
            let recipient = chain.accountKeys[1].address
            let built = try chain.build([
                chain.candidate(try content(chain, [authorization], to: recipient), from: 0)
            ])
            #expect(built.changes.accounts.allSatisfy { $0.address != chain.accountKeys[9].address })
            #expect(built.block.header.gasUsed == 46_000)
        }
        // One that holds, for an account that exists, gets half of its 25,000 back, as far as a fifth goes.
        let recipient = chain.accountKeys[1].address
        let built = try chain.build([chain.candidate(try content(chain, [good], to: recipient), from: 0)])
        #expect(built.block.header.gasUsed == 46_000 - 46_000 / 5)
    }

    @Test
    func `keeps its delegations when its call reverts`() throws {
        var chain = try SampleChain.withContracts()
        let wish = chain.authorization(of: 9, to: SampleContract.reverter.address, nonce: 0)
        let block = try chain.grow([chain.candidate(try content(chain, [wish]), from: 0)])
        #expect(block.validated.receipts.map(\.succeeded) == [false])
        #expect(try chain.ledger.account(chain.accountKeys[9].address)?.hasCode == true)
    }

    @Test
    func `by the authority itself counts its own nonce first`() throws {
        var chain = try SampleChain.withContracts()
        var content = try chain.content(from: 9, to: chain.accountKeys[9].address, kind: .setCode)
        content.authorizations = [chain.authorization(of: 9, to: SampleContract.counter.address, nonce: 1)]
        content.gasLimit = 300_000
        try chain.grow([chain.candidate(content, from: 9)])
        #expect(try chain.ledger.account(chain.accountKeys[9].address)?.nonce == 2)
        #expect(try chain.ledger.storage(chain.accountKeys[9].address, 0) == 1)
    }
}

struct `The runner of transactions` {
    private func context(_ fork: Fork, blobs: Gas = 0) -> TransactionContext {
        TransactionContext(
            in: BlockEnvironment(
                fork: fork, chainID: SampleChain.chainID, number: 1, timestamp: 1, beneficiary: .zero,
                gasLimit: 30_000_000, baseFeePerGas: 7, prevRandao: .zero, blobBaseFee: 3),
            policy: .ethereum(fork), gasLeft: 30_000_000, blobGasLeft: blobs)
    }

    @Test(arguments: [(Fork.cancun, Gas(22_600)), (.prague, 25_000), (.osaka, 25_000)])
    func `charges the floor of EIP-7623 from Prague on`(fork: Fork, used: Gas) throws {
        let chain = try SampleChain()
        var content = try chain.content(from: 0, to: chain.accountKeys[1].address)
        content.data = Bytes(repeating: 1, count: 100)
        content.gasLimit = 25_000
        var journal = Journal(chain.ledger)
        let outcome = try runTransaction(
            chain.candidate(content, from: 0).transaction, from: chain.accountKeys[0].address, in: context(fork),
            journal: &journal, machine: Machine())
        #expect(outcome.gasUsed == used)
    }

    @Test(arguments: Fork.fromCancun)
    func `takes kinds and gas limits by the fork`(fork: Fork) throws {
        let chain = try SampleChain()
        let rules = TransactionRules(in: context(fork).block, policy: .ethereum(fork))
        func fault(_ content: Transaction.Content) -> BlockRule? {
            do throws(BlockFault) {
                try rules.checkFields(of: chain.candidate(content, from: 0).transaction, at: 0)
                return nil
            } catch {
                return error.rule
            }
        }
        var set = try chain.content(from: 0, to: .zero, kind: .setCode)
        set.authorizations = [chain.authorization(of: 9, to: .zero, nonce: 0)]
        set.gasLimit = 46_000
        #expect(fault(set) == (fork == .cancun ? .transactionKind : nil))
        var large = try chain.content(from: 0, to: .zero)
        large.gasLimit = 1 << 24 + 1
        #expect(fault(large) == (fork == .osaka ? .transactionGasLimit : nil))
        let version = Hash32(1 << 56, 0, 0, 0)
        var blobs = try chain.content(from: 0, to: .zero, kind: .blob)
        blobs.maxFeePerBlobGas = 3
        blobs.blobVersionedHashes = Array(repeating: version, count: 6)
        #expect(fault(blobs) == nil)
        blobs.blobVersionedHashes = Array(repeating: version, count: 7)
        #expect(fault(blobs) == (fork == .prague ? nil : .blobs))
        blobs.blobVersionedHashes = []
        #expect(fault(blobs) == .blobs)
        blobs.blobVersionedHashes = [.zero]
        #expect(fault(blobs) == .blobs)
        blobs.blobVersionedHashes = [version]
        blobs.maxFeePerBlobGas = 2
        #expect(fault(blobs) == .blobs)
    }

    @Test
    func `burns the fee of blobs, and refuses more than the block has left`() throws {
        let chain = try SampleChain()
        let sender = chain.accountKeys[0].address
        var content = try chain.content(from: 0, to: chain.accountKeys[1].address, kind: .blob)
        content.maxFeePerGas = 7
        content.maxPriorityFeePerGas = 0
        content.blobVersionedHashes = [Hash32(1 << 56, 0, 0, 0), Hash32(1 << 56, 0, 0, 1)]
        content.maxFeePerBlobGas = 10
        let transaction = chain.candidate(content, from: 0).transaction
        var journal = Journal(chain.ledger)
        #expect(throws: ValidationFailure<StateGap>.self) {
            try runTransaction(
                transaction, from: sender, in: context(.osaka, blobs: 262_143), journal: &journal,
                machine: Machine())
        }
        let outcome = try runTransaction(
            transaction, from: sender, in: context(.osaka, blobs: 262_144), journal: &journal, machine: Machine())
        #expect(outcome.blobGasUsed == 262_144)
        let cost: UInt256 = 21_000 * 7 + 262_144 * 3 + 1
        #expect(try journal.peek(sender)?.balance == 1_000 * SampleChain.klay - cost)
    }
}

import Chain
import Crypto
import EVM
import Primitives
import SampleChain
import Testing
import Trie
import Validation

struct `An honest block` {
    static let seeds = Array(UInt64(0)..<24)

    @Test(arguments: seeds)
    func `is found valid by all who did not build it, and they find the same`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var chain = try SampleChain()
        for _ in 0..<3 {
            let transfers = try chain.randomTransfers(30, using: &random)
            let built = try chain.build(transfers)
            #expect(built.block.transactions.count == transfers.count)
            let found = try validate(
                built.block, after: chain.ancestry, reading: chain.ledger, under: chain.rules,
                round: .proposedFresh(0))
            #expect(found.block == built.block)
            #expect(found.receipts == built.receipts)
            #expect(found.senders == transfers.map(\.sender))
            #expect(found.changes == built.changes)
            #expect(found.stateRoot == built.block.header.stateRoot)
            #expect(found.accessList == built.accessList)
            try chain.append(found)
        }
    }

    @Test(arguments: seeds.prefix(8))
    func `is found valid by a witness of its parent's state alone`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var chain = try SampleChain()
        try chain.grow(chain.randomTransfers(40, using: &random))
        let block = try chain.build(chain.randomTransfers(40, using: &random)).block
        let recording = RecordingLedger(chain.ledger)
        let full = try validate(
            block, after: chain.ancestry, reading: recording, under: chain.rules, round: .sealed(0))
        let witness = WitnessLedger(root: chain.ledger.stateRoot, witness: recording.witness)
        let stateless = try validate(
            block, after: chain.ancestry, reading: witness, under: chain.rules, round: .sealed(0))
        #expect(stateless.changes == full.changes)
        #expect(stateless.stateRoot == full.stateRoot)
        #expect(stateless.receipts == full.receipts)
    }

    @Test(arguments: seeds.prefix(4))
    func `with any one preimage gone from the witness is unreadable, never invalid`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var chain = try SampleChain()
        try chain.grow(chain.randomTransfers(30, using: &random))
        let block = try chain.build([chain.transfer(from: 1), chain.transfer(from: 2, to: random.address())]).block
        let recording = RecordingLedger(chain.ledger)
        _ = try validate(block, after: chain.ancestry, reading: recording, under: chain.rules, round: .sealed(0))
        for missing in recording.witness.indices {
            var witness = recording.witness
            let gap = keccak256(witness.remove(at: missing))
            #expect(throws: ValidationFailure<StateGap>.unreadable(.missing(gap))) {
                try validate(
                    block, after: chain.ancestry,
                    reading: WitnessLedger(root: chain.ledger.stateRoot, witness: witness), under: chain.rules,
                    round: .sealed(0))
            }
        }
    }

    @Test(arguments: seeds.prefix(6))
    func `makes the reward and burns the base fee; nothing else changes the supply`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var chain = try SampleChain()
        for _ in 0..<4 {
            let before = chain.supply
            let sealed = try chain.grow(chain.randomTransfers(25, using: &random))
            let header = sealed.block.header
            let burned = header.baseFeePerGas * UInt256(header.gasUsed)
            #expect(chain.supply == before + chain.rules.blockReward - burned)
        }
    }

    @Test
    func `twenty in a row end in the root of their accounts built from nothing`() throws {
        var random = SeededRandom(seed: 20)
        var chain = try SampleChain()
        for _ in 0..<20 {
            try chain.grow(chain.randomTransfers(20, using: &random))
            let leaves = chain.ledger.allAccounts.map { address, account in
                let slots = chain.ledger.allWords(of: address).map {
                    (key: keccak256($0.slot.hash).bytes, value: $0.word.rlp)
                }
                let leaf = AccountLeaf(
                    nonce: account.nonce, balance: account.balance, storageRoot: MerkleTrie.root(of: slots),
                    codeHash: account.codeHash)
                return (key: keccak256(address).bytes, value: leaf.rlp)
            }
            #expect(MerkleTrie.root(of: leaves) == chain.head.header.stateRoot)
            #expect(chain.ledger.stateRoot == chain.head.header.stateRoot)
        }
    }

    @Test
    func `believes senders that are given, and recovers the others`() throws {
        let chain = try SampleChain()
        let transfers = [try chain.transfer(from: 0), try chain.transfer(from: 1)]
        let block = try chain.build(transfers).block
        let known = [transfers[0].transaction.hash: transfers[0].sender]
        let found = try validate(
            block, after: chain.ancestry, reading: chain.ledger, under: chain.rules, round: .sealed(0), senders: known)
        #expect(found.senders == transfers.map(\.sender))
        // A wrong one shows where it is used: it is not recovered again.
        let wrong = [transfers[0].transaction.hash: chain.accountKeys[5].address]
        let other = try validate(
            block, after: chain.ancestry, reading: chain.ledger, under: chain.rules, round: .sealed(0), senders: wrong,
            conduct: Conduct(waiving: [.stateRoot, .accessListRoot]))
        #expect(other.senders[0] == chain.accountKeys[5].address)
    }

    @Test
    func `can only be sealed by a certificate of its own`() throws {
        var chain = try SampleChain()
        let first = try chain.build([chain.transfer(from: 0)])
        let other = try chain.build([chain.transfer(from: 1)])
        let certificate = try chain.certificate(of: other.block)
        #expect(throws: CertificateError.wrongBlock(expected: first.hash, found: other.hash)) {
            try SealedBlock(first, certificate: certificate)
        }
        #expect(try chain.append(first).hash == first.hash)
    }

    @Test
    func `of a thousand transfers fits one block`() throws {
        let chain = try SampleChain()
        var random = SeededRandom(seed: 1)
        let transfers = try (0..<1_000).map { index in
            try chain.transfer(from: index % 10, to: random.address(), nonce: UInt64(index / 10))
        }
        let built = try chain.build(transfers)
        #expect(built.block.header.gasUsed == 21_000_000)
        let senders = Dictionary(uniqueKeysWithValues: transfers.map { ($0.transaction.hash, $0.sender) })
        let found = try validate(
            built.block, after: chain.ancestry, reading: chain.ledger, under: chain.rules, round: .proposedFresh(0),
            senders: senders)
        #expect(found.stateRoot == built.stateRoot)
    }
}

extension SampleChain {
    /// All peb there are.
    var supply: UInt256 { ledger.allAccounts.reduce(0) { $0 + $1.account.balance } }

    func balance(_ address: Address) throws -> UInt256 {
        try ledger.account(address)?.balance ?? 0
    }
}

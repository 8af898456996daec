import Chain
import Crypto
import EVM
import Primitives
import SampleChain
import Testing
import Trie
import Validation

struct `A block with contracts` {
    static let seeds = Array(UInt64(0)..<10)

    /// A chain that has run contracts for two blocks, and a next block of them.
    static func example(_ seed: UInt64, count: Int = 25) throws -> (chain: SampleChain, block: ValidatedBlock) {
        var random = SeededRandom(seed: seed)
        var chain = try SampleChain.withContracts()
        for _ in 0..<2 { try chain.grow(chain.randomCalls(count, using: &random)) }
        return (chain, try chain.build(chain.randomCalls(count, using: &random)))
    }

    @Test(arguments: seeds)
    func `is found valid by all who did not build it, and by a witness alone, and all find the same`(
        seed: UInt64
    ) throws {
        let (chain, built) = try Self.example(seed)
        #expect(built.block.transactions.count == 25)
        #expect(built.receipts.contains { $0.succeeded })
        #expect(!built.changes.storage.isEmpty)
        let recording = RecordingLedger(chain.ledger)
        let full = try validate(
            built.block, after: chain.ancestry, reading: recording, under: chain.rules, round: .sealed(0))
        let witness = WitnessLedger(root: chain.ledger.stateRoot, witness: recording.witness)
        let stateless = try validate(
            built.block, after: chain.ancestry, reading: witness, under: chain.rules, round: .sealed(0))
        for found in [full, stateless] {
            #expect(found.changes == built.changes)
            #expect(found.receipts == built.receipts)
            #expect(found.accessList == built.accessList)
            #expect(found.stateRoot == built.block.header.stateRoot)
        }
    }

    @Test(arguments: seeds.prefix(3))
    func `with any one preimage gone from its witness is unreadable, never invalid`(seed: UInt64) throws {
        let (chain, built) = try Self.example(seed, count: 8)
        let recording = RecordingLedger(chain.ledger)
        _ = try validate(
            built.block, after: chain.ancestry, reading: recording, under: chain.rules, round: .sealed(0))
        let codes = Set(SampleContract.allCases.map(\.code))
        #expect(recording.witness.contains { codes.contains($0) })
        for missing in recording.witness.indices {
            var witness = recording.witness
            let gap = keccak256(witness.remove(at: missing))
            #expect(throws: ValidationFailure<StateGap>.unreadable(.missing(gap))) {
                try validate(
                    built.block, after: chain.ancestry,
                    reading: WitnessLedger(root: chain.ledger.stateRoot, witness: witness), under: chain.rules,
                    round: .sealed(0))
            }
        }
    }

    @Test(arguments: seeds)
    func `has an access list that ends in what has changed`(seed: UInt64) throws {
        let (chain, built) = try Self.example(seed)
        let list = built.accessList
        let end = BlockAccessIndex(built.receipts.count + 2)
        var written: Set<Address> = []
        for change in built.changes.accounts {
            written.insert(change.address)
            let (before, after) = (change.before ?? Account(), change.after ?? Account())
            #expect(try list.balance(of: change.address, before: end) ?? before.balance == after.balance)
            #expect(try list.nonce(of: change.address, before: end) ?? before.nonce == after.nonce)
            let code = try list.code(of: change.address, before: end).map { $0.isEmpty ? nil : keccak256($0) }
            #expect((code ?? before.codeHash) ?? Account.emptyCodeHash == after.codeHash)
        }
        var cells: Set<[UInt256]> = []
        for change in built.changes.storage {
            cells.insert([UInt256(change.address), change.slot])
            #expect(try list.storage(of: change.address, slot: change.slot, before: end) == change.after)
        }
        // What the list says was written, and is no change in the end, came back to what it was.
        for entry in list.entries {
            switch entry {
            case .storageWrite(let address, let slot, _, _) where !cells.contains([UInt256(address), slot]):
                let last = try list.storage(of: address, slot: slot, before: end)
                #expect(try last == chain.ledger.storage(address, slot))
            case .balance(let address, _, _) where !written.contains(address):
                let last = try list.balance(of: address, before: end)
                #expect(try last == chain.ledger.account(address)?.balance ?? 0)
            default: break
            }
        }
        #expect(list.entries.contains { $0.index == 0 && $0.address == SystemAddress.history })
    }

    @Test(arguments: seeds.prefix(4))
    func `makes the reward and burns the base fee; nothing else changes the supply`(seed: UInt64) throws {
        var (chain, built) = try Self.example(seed)
        let before = chain.supply
        try chain.append(built)
        let header = built.block.header
        #expect(chain.supply == before + chain.rules.blockReward - header.baseFeePerGas * UInt256(header.gasUsed))
    }

    @Test
    func `ten times in a row ends in the root of all accounts built from nothing`() throws {
        var random = SeededRandom(seed: 77)
        var chain = try SampleChain.withContracts()
        for _ in 0..<10 {
            try chain.grow(chain.randomCalls(20, using: &random))
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
        }
    }

    @Test
    func `keeps the hashes of its forebears where code can ask for them, from block 1 on`() throws {
        var chain = try SampleChain.withContracts()
        for height in Height(1)...4 {
            let calls = try (0...height).map {
                try chain.call(.blockHashKeeper, [UInt256($0)], from: Int($0))
            }
            let block = try chain.build(calls)
            #expect(chain.fault(of: block.block) == nil)
            try chain.append(block)
            for number in 0...height {
                let known = number < height ? chain.blocks[Int(number)].hash : .zero
                #expect(
                    try chain.ledger.storage(SampleContract.blockHashKeeper.address, UInt256(number)).hash == known)
            }
            #expect(try chain.ledger.blockHash(height - 1) == chain.blocks[Int(height) - 1].hash)
        }
    }

    @Test
    func `tells the contracts of EIP-2935 and EIP-4788 their words first`() throws {
        var chain = try SampleChain()
        let block = try chain.grow()
        let parent = chain.blocks[0]
        #expect(try chain.ledger.storage(SystemAddress.history, 0) == UInt256(parent.hash))
        let timestamp = block.block.header.timestamp
        let slot = UInt256(timestamp % 8_191)
        #expect(try chain.ledger.storage(SystemAddress.beaconRoots, slot) == UInt256(timestamp))
        // There is no beacon chain: its root is zero, which holds no slot.
        #expect(chain.ledger.allWords(of: SystemAddress.beaconRoots).count == 1)
        let entries = block.validated.accessList.entries.filter { $0.index == 0 }
        #expect(entries.map(\.address) == [SystemAddress.history, SystemAddress.beaconRoots])
    }

    @Test
    func `runs without those contracts too, where genesis has something else in their place`() throws {
        var chain = try SampleChain(extraAccounts: [
            GenesisAccount(address: SystemAddress.history, balance: 1),
            GenesisAccount(address: SystemAddress.beaconRoots, balance: 1),
        ])
        let block = try chain.build([chain.transfer(from: 0)])
        #expect(block.changes.storage.isEmpty)
        #expect(chain.fault(of: block.block) == nil)
        try chain.append(block)
        #expect(try chain.ledger.blockHash(0) == .zero)
    }
}

import Chain
import Crypto
import EVM
import Primitives
import SampleChain
import Testing
import Trie

@testable import Validation

/// A ledger whose flat account values are damaged, while its tries are whole.
struct DamagedLedger: LedgerReader {
    let base: MemoryLedger
    let address: Address
    let account: Account?

    var stateRoot: Hash32 { base.stateRoot }
    func account(_ address: Address) throws(StateGap) -> Account? {
        address == self.address ? account : try base.account(address)
    }
    func storage(_ address: Address, _ slot: UInt256) throws(StateGap) -> UInt256 { try base.storage(address, slot) }
    func code(_ hash: Hash32) throws(StateGap) -> Bytes { try base.code(hash) }
    func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(StateGap) -> Bytes {
        try base.node(hash, at: path, in: owner)
    }
}

struct `A ledger` {
    @Test
    func `of a genesis has the root that block 0 names`() throws {
        let contract = GenesisAccount(
            address: Address(Bytes(repeating: 3, count: 20)), nonce: 1, balance: 5, code: [0x60, 0x01],
            storage: [.init(slot: 1, value: 2), .init(slot: 7, value: .max)])
        var twin = contract
        twin.address = Address(Bytes(repeating: 4, count: 20))
        let chain = try SampleChain(extraAccounts: [contract, twin])
        #expect(chain.ledger.stateRoot == chain.genesis.block().header.stateRoot)
        #expect(try chain.ledger.storage(contract.address, 7) == .max)
        #expect(try chain.ledger.storage(contract.address, 2) == 0)
        #expect(try chain.ledger.code(keccak256([0x60, 0x01])) == [0x60, 0x01])
        let codes = GenesisState(chain.genesis).changes.code.map(\.code)
        #expect(codes.filter { $0 == [0x60, 0x01] }.count == 1)
    }

    @Test
    func `damaged in its flat values accuses nobody`() throws {
        let chain = try SampleChain()
        let transfer = try chain.transfer(from: 0)
        let block = try chain.build([transfer]).block
        let damages = [
            Account(nonce: 1, balance: 1_000 * SampleChain.klay), Account(balance: 5), nil,
            Account(balance: 1_001 * SampleChain.klay),
        ]
        for account in damages {
            for address in [transfer.sender, chain.accountKeys[1].address] {
                let damaged = DamagedLedger(base: chain.ledger, address: address, account: account)
                let failure = #expect(throws: ValidationFailure<StateGap>.self) {
                    try validate(
                        block, after: chain.ancestry, reading: damaged, under: chain.rules, round: .sealed(0))
                }
                guard case .unreadable(.malformedNode) = failure else {
                    Issue.record("\(String(describing: failure))")
                    continue
                }
            }
        }
    }

    @Test
    func `of a witness knows what is absent from what it does not know`() throws {
        let chain = try SampleChain()
        let stranger = Address(Bytes(repeating: 0x77, count: 20))
        let recording = RecordingLedger(chain.ledger)
        #expect(try recording.account(stranger) == nil)
        let witness = WitnessLedger(root: chain.ledger.stateRoot, witness: recording.witness)
        #expect(try witness.account(stranger) == nil)
        let nothing = WitnessLedger(root: chain.ledger.stateRoot, witness: [])
        #expect(throws: StateGap.missing(chain.ledger.stateRoot)) { try nothing.account(stranger) }
    }

    @Test(arguments: UInt64(0)..<6)
    func `settles storage and accounts as if built from nothing`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let owners = (0..<5).map { _ in random.address() }.sorted()
        let contracts = owners.map { owner in
            GenesisAccount(
                address: owner, nonce: 1, balance: 1, code: [0x01],
                storage: (0..<random.below(20)).map {
                    .init(slot: UInt256(UInt64($0)), value: UInt256(random.next() | 1))
                })
        }
        let chain = try SampleChain(extraAccounts: contracts)
        var words: [Address: [UInt64: UInt256]] = [:]
        for contract in contracts {
            words[contract.address] = Dictionary(
                uniqueKeysWithValues: contract.storage.map { ($0.slot.truncatedToUInt64, $0.value) })
        }
        var journal = Journal(chain.ledger)
        for _ in 0..<60 {
            let owner = owners[random.below(owners.count)]
            let slot = random.next() % 25
            let word = random.below(3) == 0 ? 0 : UInt256(random.next())
            try journal.setStorage(owner, UInt256(slot), to: word)
            words[owner]?[slot] = word
        }
        let raised = owners[0]
        try journal.credit(raised, 41)
        _ = journal.closeTransaction()
        let recording = RecordingLedger(chain.ledger)
        let settlement = try settle(journal.changes(), on: recording)
        let leaves = chain.ledger.allAccounts.map { address, account in
            let slots = (words[address] ?? [:]).filter { !$0.value.isZero }.map {
                (key: keccak256(UInt256($0.key).hash).bytes, value: $0.value.rlp)
            }
            let balance = account.balance + (address == raised ? 41 : 0)
            let leaf = AccountLeaf(
                nonce: account.nonce, balance: balance, storageRoot: MerkleTrie.root(of: slots),
                codeHash: account.codeHash)
            return (key: keccak256(address).bytes, value: leaf.rlp)
        }
        #expect(settlement.stateRoot == MerkleTrie.root(of: leaves))
        let witness = WitnessLedger(root: chain.ledger.stateRoot, witness: recording.witness)
        #expect(try settle(journal.changes(), on: witness).stateRoot == settlement.stateRoot)
    }
}

struct `A journal` {
    private let one = Address(Bytes(repeating: 1, count: 20))

    @Test
    func `goes back to a checkpoint, and further to an earlier one`() throws {
        let chain = try SampleChain()
        let rich = chain.accountKeys[0].address
        var journal = Journal(chain.ledger)
        let start = journal.checkpoint()
        try journal.credit(one, 5)
        try journal.setStorage(rich, 1, to: 9)
        let middle = journal.checkpoint()
        try journal.credit(one, 6)
        try journal.setStorage(rich, 1, to: 10)
        #expect(try journal.account(one)?.balance == 11)
        journal.revert(to: middle)
        #expect(try journal.account(one)?.balance == 5)
        #expect(try journal.storage(rich, 1) == 9)
        journal.revert(to: start)
        #expect(try journal.account(one) == nil)
        #expect(try journal.storage(rich, 1) == 0)
        let effects = journal.closeTransaction()
        // What was accessed stays accessed, though nothing changed.
        #expect(effects.accounts.map(\.address) == [one])
        #expect(effects.storage.map(\.slot) == [1])
        #expect(journal.changes().isEmpty)
    }

    @Test
    func `removes accounts that are touched and empty at the end of a transaction`() throws {
        var journal = Journal(try SampleChain().ledger)
        try journal.credit(one, 0)
        #expect(try journal.account(one) == Account())
        _ = journal.closeTransaction()
        #expect(try journal.account(one) == nil)
    }

    @Test
    func `reports each transaction's own effects, and all of them in the end`() throws {
        var journal = Journal(try SampleChain().ledger)
        try journal.credit(one, 3)
        #expect(journal.closeTransaction().accounts.map(\.before) == [nil])
        try journal.credit(one, 4)
        #expect(journal.closeTransaction().accounts.map(\.before) == [Account(balance: 3)])
        #expect(journal.closeTransaction().accounts.isEmpty)
        _ = try journal.peek(one)
        #expect(journal.closeTransaction().accounts.isEmpty)
        #expect(journal.changes().accounts == [.init(address: one, before: nil, after: Account(balance: 7))])
    }

    @Test
    func `keeps code that an account names, and forgets the rest`() throws {
        var journal = Journal(try SampleChain().ledger)
        let code: Bytes = [1, 2, 3]
        try journal.setCode(one, to: [4])
        try journal.setCode(one, to: code)
        #expect(try journal.code(of: journal.account(one)) == code)
        _ = journal.closeTransaction()
        #expect(journal.changes().code == [.init(hash: keccak256(code), code: code)])
    }

    @Test
    func `stops a balance at the greatest number`() throws {
        var journal = Journal(try SampleChain().ledger)
        try journal.credit(one, .max)
        try journal.credit(one, 1)
        #expect(try journal.account(one)?.balance == .max)
    }
}

import Chain
import Crypto
import EVM
import Primitives
import Testing
import Trie
import Validation

@testable import Storage

@Suite
struct `A view of a chain on disk` {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// A store with so many blocks of `chain`, of which `flushed` are in the state tables.
    func fill(_ chain: inout TestChain, blocks: Int, flushed: Int) throws -> ChainStore {
        let store = try ChainStore.open(path: scratch[scratch.fresh("chain.sqlite")], genesis: chain.genesis)
        for height in 1...blocks {
            try store.append(chain.grow(transfers: 3 + height % 5))
            if height == flushed { try store.flush() }
        }
        return store
    }

    @Test(arguments: [(1, 0), (2, 12), (3, 7), (4, 1)])
    func `knows every past account, from the owner's thread or another`(seed: UInt64, flushed: Int) throws {
        var chain = try TestChain(seed: seed)
        let store = try fill(&chain, blocks: 12, flushed: flushed)
        let addresses = chain.addresses
        let expected = try chain.ledgers.map { ledger in try addresses.map { try ledger.account($0) } }
        func check(_ view: StoreView) throws(StorageError) {
            for height in Height(0)...12 {
                for (address, account) in zip(addresses, expected[Int(height)]) {
                    #expect(try view.account(address, at: height) == account)
                }
            }
        }
        try check(store.view)
        try store.reader().read { (view) throws(StorageError) in
            #expect(view.headHeight == 12)
            for height in Height(0)...12 {
                for (address, account) in zip(addresses, expected[Int(height)]) {
                    #expect(try view.account(address, at: height) == account)
                }
            }
            #expect(throws: StorageError.unknownHeight(13, head: 12)) {
                try view.account(addresses[0], at: 13)
            }
        }
    }

    @Test(arguments: [(1, 0), (2, 9), (3, 5)])
    func `proves every past account and its absence`(seed: UInt64, flushed: Int) throws {
        var chain = try TestChain(seed: seed)
        let store = try fill(&chain, blocks: 9, flushed: flushed)
        for height in Height(0)...9 {
            let ledger = chain.ledgers[Int(height)]
            for address in chain.addresses {
                let proof = try store.view.proof(of: address, slots: [0, 1, 20], at: height)
                let proven = try MerkleTrie.verify(
                    proof: proof.nodes, of: keccak256(address).bytes, root: ledger.stateRoot)
                #expect(proven == proof.leaf?.rlp)
                #expect(try proof.leaf?.account == ledger.account(address))
                for slot in proof.slots {
                    let root = proof.leaf?.storageRoot ?? MerkleTrie.emptyRoot
                    let word = try MerkleTrie.verify(
                        proof: slot.nodes, of: keccak256(slot.slot.hash).bytes, root: root)
                    #expect(word == (slot.value.isZero ? nil : slot.value.rlp))
                    #expect(try slot.value == ledger.storage(address, slot.slot))
                }
            }
        }
    }

    @Test(arguments: [(1, 0), (2, 9), (3, 5), (4, 8)])
    func `lists the slots that make up the storage of any past account`(seed: UInt64, flushed: Int) throws {
        var chain = try TestChain(seed: seed)
        let store = try fill(&chain, blocks: 9, flushed: flushed)
        for height in Height(0)...9 {
            for address in chain.addresses + [SystemAddress.history] {
                let slots = try store.view.slots(of: address, at: height, countMax: 30)
                #expect(Set(slots).count == slots.count)
                let words = try slots.map { (keccak256($0.hash), try store.view.storage(address, $0, at: height)) }
                let stored = words.filter { !$0.1.isZero }.sorted { $0.0 < $1.0 }
                let root = MerkleTrie.build(stored.map { ($0.0, $0.1.rlp) }).root
                let leaf = try store.view.proof(of: address, slots: [], at: height).leaf
                #expect(root == leaf?.storageRoot ?? MerkleTrie.emptyRoot)
                if address == TestChain.contract { #expect(stored.count == 20) }
            }
        }
        #expect(try store.view.slots(of: TestChain.contract, at: 9, countMax: 20).count == 20)
        #expect(throws: StorageError.tooMany("slots of \(TestChain.contract)", countMax: 19)) {
            try store.view.slots(of: TestChain.contract, at: 9, countMax: 19)
        }
    }

    @Test(arguments: [0, 4, 8])
    func `can execute any block again on the state before it`(flushed: Int) throws {
        var chain = try TestChain(seed: 11)
        let store = try fill(&chain, blocks: 8, flushed: flushed)
        for sealed in chain.blocks {
            let parent = try #require(try store.view.head(at: sealed.number - 1))
            let ancestry = Ancestry(
                after: parent.header, parent.extension, council: chain.genesis.council, under: chain.genesis.rules)
            let validated = try validate(
                sealed.block, after: ancestry, reading: store.view.ledger(at: sealed.number - 1),
                under: chain.genesis.rules, round: .sealed(0))
            #expect(validated.accountTrie.root == sealed.block.header.stateRoot)
            #expect(validated.receipts == sealed.validated.receipts)
        }
    }

    @Test func `gives blocks, certificates, receipts and senders as they were appended`() throws {
        var chain = try TestChain(seed: 12)
        let store = try fill(&chain, blocks: 6, flushed: 3)
        for sealed in chain.blocks {
            let height = sealed.number
            let view = store.view
            #expect(try view.block(at: height) == sealed.block)
            #expect(try view.header(at: height) == sealed.block.header)
            #expect(try view.hash(at: height) == sealed.hash)
            #expect(try view.height(of: sealed.hash) == height)
            #expect(try view.certificate(at: height) == sealed.certificate)
            #expect(try view.receipts(at: height) == sealed.validated.receipts)
            #expect(try view.senders(at: height) == sealed.validated.senders)
            #expect(
                try view.encodedCertifiedBlock(at: height)
                    == CertifiedBlock(block: sealed.block, certificate: sealed.certificate).rlp)
            for (position, transaction) in sealed.block.transactions.enumerated() {
                let found = try #require(try view.transaction(transaction.hash))
                #expect(found.transaction == transaction)
                #expect(found.place == TransactionPlace(height: height, position: position))
            }
        }
        #expect(try store.view.transaction(.zero) == nil)
        #expect(try store.view.height(of: .zero) == nil)
        #expect(try store.view.encodedCertifiedBlock(at: 0) == nil)
        #expect(try store.view.encodedCertifiedBlock(at: 7) == nil)
    }

    @Test func `tells apart transactions whose hashes start alike`() throws {
        var chain = try TestChain(seed: 12)
        let store = try fill(&chain, blocks: 4, flushed: 4)
        let wanted = chain.blocks[2].block.transactions[1]
        for place in [(height: Height(1), position: 0), (height: 2, position: 1), (height: 4, position: 0)] {
            try store.tables.state.writeTransaction(
                prefix: wanted.hash.word0, height: place.height, position: place.position)
        }
        let found = try #require(try store.view.transaction(wanted.hash))
        #expect(found.transaction == wanted)
        #expect(found.place == TransactionPlace(height: 3, position: 1))
    }

    @Test func `of a reader stays still while blocks are appended and flushed`() async throws {
        var chain = try TestChain(seed: 13)
        let store = try fill(&chain, blocks: 3, flushed: 2)
        let reader = try store.reader()
        let addresses = chain.addresses
        var later = chain
        for _ in 0..<30 { try later.grow(transfers: 4) }
        let expected = try later.ledgers.map { ledger in try addresses.map { try ledger.account($0) } }
        let reading = Task.detached {
            var last: Height = 0
            while last < 33 {
                last = try reader.read { (view) throws(StorageError) in
                    for height in [view.headHeight, view.headHeight / 2] {
                        for (address, account) in zip(addresses, expected[Int(height)]) {
                            #expect(try view.account(address, at: height) == account)
                        }
                        #expect(try view.header(at: height) != nil)
                    }
                    _ = try view.proof(of: addresses[0], slots: [], at: view.headHeight)
                    return view.headHeight
                }
            }
        }
        for (index, block) in later.blocks.dropFirst(3).enumerated() {
            try store.append(block)
            if index % 4 == 0 { try store.flush() }
            await Task.yield()
        }
        try await reading.value
        #expect(reader.headHeight == 33)
    }

    @Test func `undoes no more than its limit for a proof of the past`() throws {
        var chain = try TestChain(seed: 14)
        let store = try fill(&chain, blocks: 6, flushed: 6)
        #expect(throws: StorageError.tooMany("changes to undo for block 1", countMax: 5)) {
            try PastLedger(view: store.view, height: 1, undoneChangesMax: 5)
        }
        #expect(try PastLedger(view: store.view, height: 6, undoneChangesMax: 5).stateRoot == chain.ledger.stateRoot)
    }

    @Test func `keeps verdicts, faults and followed blocks`() throws {
        var chain = try TestChain(seed: 15)
        let store = try fill(&chain, blocks: 2, flushed: 0)
        let valid = StoredVerdict(height: 2, block: chain.head.hash, fault: nil, judgedMilliseconds: 5)
        let invalid = StoredVerdict(
            height: 3, block: .zero, fault: .init(rule: "stateRoot", expected: "0x1", found: "0x2"),
            judgedMilliseconds: 6)
        try store.store(valid)
        try store.store(invalid)
        #expect(try store.view.verdicts(at: 2) == [valid])
        #expect(try store.view.verdicts(at: 3) == [invalid])

        let proof = Bytes("proof".utf8)
        let fault = StoredFault(
            id: keccak256(proof), kind: "PAIR", rule: "E1", height: 3, round: 1, block: .zero,
            guilty: [Address(hex20: 1), Address(hex20: 2)], expected: "one commit", found: "two", origin: "self",
            firstSeenMilliseconds: 7)
        #expect(try store.store(fault, proof: proof))
        #expect(try !store.store(fault, proof: proof))
        #expect(try store.view.faults(countMax: 10) == [fault])
        #expect(try store.view.faults(from: 4, countMax: 10) == [])
        #expect(try store.view.fault(fault.id) == fault)
        #expect(try store.view.faultProof(fault.id) == proof)
        #expect(try store.view.faultProof(.zero) == nil)

        let third = try chain.grow(transfers: 2)
        let followed = CertifiedBlock(block: third.block, certificate: third.certificate)
        #expect(try store.view.followedHeight() == nil)
        try store.follow(followed)
        #expect(try store.view.followed(at: 3) == [followed])
        #expect(try store.view.followedHeight() == 3)
        #expect(store.head.height == 2)
        #expect(throws: StorageError.self) {
            try store.follow(
                CertifiedBlock(block: chain.blocks[0].block, certificate: chain.blocks[0].certificate))
        }
        try store.append(third)
        #expect(try store.view.followedHeight() == nil)
    }

    @Test func `refuses a fault proof over the limit`() throws {
        var chain = try TestChain(seed: 15)
        let store = try fill(&chain, blocks: 1, flushed: 0)
        let fault = StoredFault(
            id: .zero, kind: "", rule: "", height: 0, round: nil, block: .zero, guilty: [], expected: "", found: "",
            origin: "", firstSeenMilliseconds: 0)
        let proof = Bytes(repeating: 0, count: ChainStore.faultProofBytesMax + 1)
        #expect(throws: StorageError.self) { try store.store(fault, proof: proof) }
    }
}

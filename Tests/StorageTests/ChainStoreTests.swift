import Chain
import Crypto
import EVM
import Primitives
import Testing
import Trie
import Validation

@testable import Storage

@Suite
struct `A chain on disk` {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    func open(_ chain: TestChain, _ name: String = "chain.sqlite") throws -> ChainStore {
        try ChainStore.open(path: scratch[name], genesis: chain.genesis)
    }

    /// Everything the ledger says must be what the ledger in memory says.
    func expectEqual(_ store: ChainStore, _ memory: MemoryLedger, _ chain: TestChain) throws {
        let stored = store.ledger
        #expect(stored.stateRoot == memory.stateRoot)
        for address in chain.addresses {
            let account = try stored.account(address)
            #expect(try account == memory.account(address))
            let key = keccak256(address)
            let leaf = try MerkleTrie.value(of: key, root: stored.stateRoot, owner: nil, source: stored)
            #expect(
                try leaf == MerkleTrie.value(of: key, root: memory.stateRoot, owner: nil, source: memory))
            #expect(try leaf.map { try AccountLeaf(rlp: $0).account } == account)
        }
        for slot in UInt64(0)...21 {
            let slot = UInt256(slot)
            #expect(
                try stored.storage(TestChain.contract, slot) == memory.storage(TestChain.contract, slot))
        }
        #expect(try stored.code(keccak256([0x60, 0x00])) == [0x60, 0x00])
    }

    @Test func `starts with block 0 and its state`() throws {
        let chain = try TestChain(seed: 1)
        let store = try open(chain)
        #expect(store.head.hash == chain.genesis.hash)
        #expect(store.head.certificate == nil)
        #expect(store.stateHeight == 0)
        #expect(try store.view.block(at: 0) == chain.genesis.block())
        #expect(try store.view.block(at: 1) == nil)
        try expectEqual(store, chain.ledger, chain)
    }

    @Test(arguments: 1...8)
    func `says after each block what a ledger in memory says, flushed or not, reopened or not`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var chain = try TestChain(seed: seed)
        var store = try open(chain)
        for _ in 0..<16 {
            try store.append(chain.grow(transfers: Int.random(in: 0...12, using: &dice)))
            try expectEqual(store, chain.ledger, chain)
            if Int.random(in: 0..<3, using: &dice) == 0 {
                try store.flush()
                try expectEqual(store, chain.ledger, chain)
            }
            if Int.random(in: 0..<5, using: &dice) == 0 {
                try store.close()
                store = try reopen(store, chain)
                #expect(store.stateHeight == chain.head.number)
                try expectEqual(store, chain.ledger, chain)
            }
        }
    }

    /// What a process that starts after this one was killed finds: the files as they lie.
    func reopen(_ store: ChainStore, _ chain: TestChain) throws -> ChainStore {
        let copy = scratch.fresh("copy.sqlite")
        try scratch.copyDatabase(String(store.path.dropFirst(scratch.path.count + 1)), to: copy)
        return try open(chain, copy)
    }

    @Test(arguments: 1...4)
    func `gives the next proposer the same block as memory does`(seed: UInt64) throws {
        var chain = try TestChain(seed: seed)
        let store = try open(chain)
        for _ in 0..<5 {
            let before = chain
            let sealed = try chain.grow(transfers: 8)
            let validated = try validate(
                sealed.block, after: before.ancestry, reading: store.ledger, under: chain.genesis.rules,
                round: .sealed(0))
            #expect(validated.accountTrie.root == sealed.block.header.stateRoot)
            #expect(validated.changes == sealed.validated.changes)
            try store.append(SealedBlock(validated, certificate: sealed.certificate))
        }
        try expectEqual(store, chain.ledger, chain)
    }

    @Test(arguments: 1...8)
    func `loses no block when it is killed, and its state comes back by executing`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var chain = try TestChain(seed: seed)
        var store = try open(chain)
        for _ in 0..<20 {
            for _ in 0..<Int.random(in: 0..<4, using: &dice) {
                try store.append(chain.grow(transfers: Int.random(in: 0...5, using: &dice)))
                if Int.random(in: 0..<6, using: &dice) == 0 { try store.flush() }
            }
            let flushed = store.flushedHeight
            store = try reopen(store, chain)
            #expect(store.head.hash == chain.head.hash)
            #expect(store.stateHeight == flushed)
            #expect(store.ledger.stateRoot == chain.ledgers[Int(flushed)].stateRoot)
            try catchUp(store, chain)
            try expectEqual(store, chain.ledger, chain)
        }
    }

    /// Executes the stored blocks above the state again, as the node does after a crash.
    func catchUp(_ store: ChainStore, _ chain: TestChain) throws {
        while store.stateHeight < store.head.height {
            let parent = try #require(try store.view.head(at: store.stateHeight))
            let block = try #require(try store.view.block(at: store.stateHeight + 1))
            let senders = try #require(try store.view.senders(at: store.stateHeight + 1))
            let ancestry = Ancestry(
                after: parent.header, parent.extension, council: chain.genesis.council, under: chain.genesis.rules)
            let validated = try validate(
                block, after: ancestry, reading: store.ledger, under: chain.genesis.rules, round: .sealed(0),
                senders: Dictionary(zip(block.transactions.map(\.hash), senders)) { $1 })
            try store.reapply(validated)
        }
    }

    @Test func `killed inside a transaction shows nothing of it`() throws {
        var chain = try TestChain(seed: 3)
        let store = try open(chain)
        try store.append(chain.grow(transfers: 3))
        try store.database.execute("BEGIN IMMEDIATE; PRAGMA cache_spill = 1; PRAGMA cache_size = 10")
        let next = try chain.grow(transfers: 200)
        try store.tables.blocks.insert(
            next.block, certificate: next.certificate, receipts: next.validated.receipts,
            senders: next.validated.senders)
        try store.database.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
            INSERT INTO accounts SELECT randomblob(20), i, randomblob(2000), NULL, 0 FROM n
            """)
        let killed = try reopen(store, chain)
        #expect(killed.head.hash == next.block.header.parentHash)
        try catchUp(killed, chain)
        try expectEqual(killed, chain.ledgers[1], chain)
        try killed.append(next)
        try expectEqual(killed, chain.ledger, chain)
    }

    @Test func `killed while it is made is made again`() throws {
        let chain = try TestChain(seed: 1)
        let database = try Database(path: scratch["chain.sqlite"], mode: .owner)
        try database.execute("\(Schema.ownerPragmas); BEGIN; CREATE TABLE meta(key, value)")
        try scratch.copyDatabase("chain.sqlite", to: "copy.sqlite")
        #expect(try open(chain, "copy.sqlite").head.hash == chain.genesis.hash)
    }

    @Test func `must be caught up before it takes a block`() throws {
        var chain = try TestChain(seed: 5)
        let store = try open(chain)
        for _ in 0..<3 { try store.append(chain.grow(transfers: 2)) }
        let killed = try reopen(store, chain)
        let next = try chain.grow(transfers: 1)
        #expect(throws: StorageError.behind(stateHeight: 0, headHeight: 3)) { try killed.append(next) }
        #expect(
            throws: StorageError.otherBlock(height: 1, expected: chain.blocks[0].hash, found: chain.blocks[1].hash)
        ) {
            try killed.reapply(chain.blocks[1].validated)
        }
        for block in chain.blocks.prefix(3) { try killed.reapply(block.validated) }
        #expect(throws: StorageError.unknownHeight(4, head: 3)) { try killed.reapply(next.validated) }
        try killed.append(next)
        try expectEqual(killed, chain.ledger, chain)
    }

    @Test func `takes only the block that follows its head`() throws {
        var chain = try TestChain(seed: 5)
        let store = try open(chain)
        let first = try chain.grow(transfers: 1)
        let second = try chain.grow(transfers: 1)
        #expect(throws: StorageError.self) { try store.append(second) }
        try store.append(first)
        #expect(throws: StorageError.self) { try store.append(first) }
        var other = try TestChain(seed: 6)
        _ = try other.grow(transfers: 5)
        let rival = try other.grow(transfers: 1)
        #expect(
            throws: StorageError.outOfOrder(
                expectedHeight: 2, expectedParent: first.hash, foundHeight: 2,
                foundParent: rival.block.header.parentHash)
        ) {
            try store.append(rival)
        }
        try store.append(second)
    }

    @Test func `refuses reads of a ledger that has been overtaken`() throws {
        var chain = try TestChain(seed: 5)
        let store = try open(chain)
        let old = store.ledger
        try store.append(chain.grow(transfers: 1))
        #expect(throws: StorageError.staleLedger(height: 0, head: 1)) { try old.account(.zero) }
    }

    @Test func `writes its state behind at the latest after so many blocks`() throws {
        var chain = try TestChain(seed: 7)
        let store = try open(chain)
        for height in 1...UInt64(ChainStore.pendingBlocksMax) + 1 {
            try store.append(chain.grow(transfers: 1))
            #expect(store.flushedHeight == (height > UInt64(ChainStore.pendingBlocksMax) ? height - 1 : 0))
        }
        try expectEqual(store, chain.ledger, chain)
        #expect(!store.isFlushDue)
    }

    @Test func `on a full disk takes no block, and goes on where it was when there is space`() throws {
        var chain = try TestChain(seed: 9)
        let store = try open(chain)
        try store.append(chain.grow(transfers: 2))
        let head = store.head
        let pages = try #require(try store.database.text("PRAGMA page_count"))
        try store.database.execute("PRAGMA max_page_count = \(pages)")
        let next = try chain.grow(transfers: 300)
        #expect(throws: StorageError.diskFull(path: store.path)) { try store.append(next) }
        #expect(store.head == head)
        try expectEqual(store, chain.ledgers[1], chain)
        #expect(throws: StorageError.diskFull(path: store.path)) {
            for _ in 0..<100 { try store.follow(CertifiedBlock(block: next.block, certificate: next.certificate)) }
        }
        try store.database.execute("PRAGMA max_page_count = 1000000")
        try store.append(next)
        try expectEqual(store, chain.ledger, chain)
        #expect(try reopen(store, chain).head.hash == chain.head.hash)
    }
}

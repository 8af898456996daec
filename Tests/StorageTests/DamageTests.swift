import Chain
import Crypto
import EVM
import Primitives
import Testing
import Trie
import Validation

@testable import Storage

@Suite
struct `A chain's file that is not what it should be` {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Four blocks, made once.
    static let grown = Result {
        var chain = try TestChain(seed: 21)
        for _ in 0..<4 { try chain.grow(transfers: 6) }
        return chain
    }

    /// A store with the first blocks of `grown`, all written.
    func store(blocks: Int) throws -> (ChainStore, TestChain) {
        let chain = try Self.grown.get()
        let store = try ChainStore.open(path: scratch["chain.sqlite"], genesis: chain.genesis)
        for block in chain.blocks.prefix(blocks) { try store.append(block) }
        try store.flush()
        return (store, chain)
    }

    @Test func `of another chain is refused by name`() throws {
        let (store, chain) = try store(blocks: 1)
        try scratch.copyDatabase("chain.sqlite", to: "copy.sqlite")
        let path = scratch["copy.sqlite"]
        let otherID = try TestChain(seed: 1, chainID: 7).genesis
        #expect(throws: StorageError.otherChain(path: path, expected: "chain id 7", found: "2019")) {
            try ChainStore.open(path: path, genesis: otherID)
        }
        let otherGenesis = try TestChain(seed: 1, accounts: 5).genesis
        let error = #expect(throws: StorageError.self) { try ChainStore.open(path: path, genesis: otherGenesis) }
        #expect(error?.description.contains(chain.genesis.hash.hex) == true)
        #expect(error?.description.contains(path) == true)
        withExtendedLifetime(store) {}
    }

    @Test func `of another version is refused`() throws {
        let (store, chain) = try store(blocks: 1)
        try store.database.execute("UPDATE meta SET value = 99 WHERE key = 'schema_version'")
        try scratch.copyDatabase("chain.sqlite", to: "copy.sqlite")
        #expect(throws: StorageError.otherVersion(path: scratch["copy.sqlite"], expected: 2, found: "99")) {
            try ChainStore.open(path: scratch["copy.sqlite"], genesis: chain.genesis)
        }
    }

    @Test func `of another program is refused and left alone`() throws {
        let chain = try TestChain(seed: 1)
        let foreign = try Database(path: scratch["foreign.sqlite"], mode: .owner)
        try foreign.execute("CREATE TABLE songs(title)")
        #expect(throws: StorageError.self) {
            try ChainStore.open(path: scratch["foreign.sqlite"], genesis: chain.genesis)
        }
        #expect(try foreign.text("SELECT group_concat(name) FROM sqlite_schema") == "songs")
        #expect(try foreign.text("PRAGMA journal_mode") == "delete")

        let text = Bytes(repeating: 65, count: 5_000)
        try scratch.write(text, to: "text.sqlite")
        #expect(throws: StorageError.notAChain(path: scratch["text.sqlite"], reason: "it is no SQLite file")) {
            try ChainStore.open(path: scratch["text.sqlite"], genesis: chain.genesis)
        }
        #expect(try scratch.read("text.sqlite") == text)
    }

    @Test func `or is open elsewhere is refused`() throws {
        let (store, chain) = try store(blocks: 0)
        #expect(throws: StorageError.inUse(path: scratch["chain.sqlite"])) {
            try ChainStore.open(path: scratch["chain.sqlite"], genesis: chain.genesis)
        }
        withExtendedLifetime(store) {}
    }

    @Test func `or lies in no directory is refused by name`() throws {
        let chain = try TestChain(seed: 1)
        let error = #expect(throws: StorageError.self) {
            try ChainStore.open(path: scratch["nowhere/chain.sqlite"], genesis: chain.genesis)
        }
        #expect(error?.description.contains("nowhere/chain.sqlite") == true)
    }

    /// A change to one row, and a read that must notice it.
    struct Wound: CustomTestStringConvertible, Sendable {
        let sql: String
        let read: @Sendable (StoreView, TestChain) throws -> Void
        var testDescription: String { sql }
    }

    static let wounds: [Wound] = [
        Wound(sql: "UPDATE blocks SET header = CAST(x'00' || substr(header, 2) AS BLOB) WHERE height = 2") { view, _ in
            _ = try view.header(at: 2)
        },
        Wound(sql: "UPDATE blocks SET header = (SELECT header FROM blocks WHERE height = 1) WHERE height = 2") {
            view, _ in _ = try view.block(at: 2)
        },
        Wound(
            sql:
                "UPDATE blocks SET extension = CAST(substr(extension, 1, 20) || x'77' || substr(extension, 22) AS BLOB)"
        ) {
            view, _ in _ = try view.block(at: 2)
        },
        Wound(
            sql:
                "UPDATE blocks SET certificate = CAST(substr(certificate, 1, 90) || x'77' || substr(certificate, 92) AS BLOB)"
        ) {
            view, _ in _ = try view.certificate(at: 2)
        },
        Wound(
            sql:
                "UPDATE bodies SET transactions = CAST(substr(transactions, 1, 90) || x'77' || substr(transactions, 92) AS BLOB)"
        ) { view, _ in _ = try view.block(at: 2)
        },
        Wound(
            sql:
                "UPDATE bodies SET transactions = CAST(substr(transactions, 1, 90) || x'77' || substr(transactions, 92) AS BLOB)"
        ) { view, _ in _ = try view.encodedCertifiedBlock(at: 2)
        },
        Wound(sql: "DELETE FROM bodies WHERE height = 2") { view, _ in _ = try view.block(at: 2) },
        Wound(sql: "UPDATE receipts SET receipts = x'c0' WHERE height = 2") { view, _ in _ = try view.receipts(at: 2) },
        Wound(sql: "UPDATE receipts SET senders = x'' WHERE height = 2") { view, _ in _ = try view.senders(at: 2) },
        Wound(sql: "UPDATE accounts SET nonce = nonce + 1") { view, chain in
            _ = try view.account(chain.addresses[0], at: 4)
        },
        Wound(sql: "UPDATE accounts SET balance = x'77'") { view, chain in
            _ = try view.account(chain.addresses[0], at: 4)
        },
        Wound(sql: "UPDATE accounts SET balance = randomblob(40)") { view, chain in
            _ = try view.account(chain.addresses[0], at: 4)
        },
        Wound(sql: "UPDATE accounts SET code_hash = zeroblob(32)") { view, chain in
            _ = try view.account(chain.addresses[0], at: 4)
        },
        Wound(sql: "UPDATE accounts SET code_hash = zeroblob(31)") { view, chain in
            _ = try view.account(chain.addresses[0], at: 4)
        },
        Wound(sql: "UPDATE account_history SET balance = x'77'") { view, chain in
            for address in chain.addresses { _ = try view.account(address, at: 1) }
        },
        Wound(sql: "DELETE FROM account_history WHERE height = 3") { view, chain in
            _ = try view.proof(of: chain.addresses[0], slots: [], at: 1)
        },
        Wound(sql: "UPDATE storage SET value = x'77'") { view, _ in _ = try view.storage(TestChain.contract, 3, at: 4)
        },
        Wound(sql: "UPDATE code SET code = x'77'") { view, _ in _ = try view.code(keccak256([0x60, 0x00])) },
        Wound(sql: "UPDATE trie_nodes SET node = CAST(node || x'77' AS BLOB)") { view, chain in
            _ = try view.proof(of: chain.addresses[0], slots: [], at: 4)
        },
        Wound(sql: "DELETE FROM trie_nodes WHERE length(path) = 2") { view, chain in
            _ = try view.proof(of: chain.addresses[0], slots: [], at: 4)
        },
    ]

    @Test(arguments: wounds)
    func `serves nothing of a damaged row`(wound: Wound) throws {
        let (store, chain) = try store(blocks: 4)
        try wound.read(store.view, chain)
        try store.database.execute(wound.sql)
        let error = #expect(throws: StorageError.self) { try wound.read(store.view, chain) }
        guard case .corrupted(let path, _, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path == store.path)
    }

    @Test(arguments: [
        "DELETE FROM meta WHERE key = 'state_height'", "UPDATE meta SET value = 9 WHERE key = 'state_height'",
        "UPDATE blocks SET header = x'c0' WHERE height = 4", "DELETE FROM trie_nodes",
        "UPDATE blocks SET hash = zeroblob(32) WHERE height = 3", "DELETE FROM blocks WHERE height > 0",
    ])
    func `with broken ends is not opened`(sql: String) throws {
        let (store, chain) = try store(blocks: 4)
        try store.database.execute(sql)
        try scratch.copyDatabase("chain.sqlite", to: "copy.sqlite")
        let error = #expect(throws: StorageError.self) {
            try ChainStore.open(path: scratch["copy.sqlite"], genesis: chain.genesis)
        }
        guard case .corrupted = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: 1...40)
    func `gives the truth or an error after any byte of it has changed`(seed: UInt64) throws {
        let (store, chain) = try store(blocks: 4)
        try store.close()
        #expect(try store.database.text("PRAGMA wal_checkpoint(TRUNCATE)") == "0")
        var bytes = try scratch.read("chain.sqlite")
        var dice = Dice(seed: seed)
        for _ in 0..<4 {
            bytes[Int.random(in: bytes.indices, using: &dice)] ^= UInt8.random(in: 1...255, using: &dice)
        }
        try scratch.write(bytes, to: "copy.sqlite")
        do {
            let damaged = try ChainStore.open(path: scratch["copy.sqlite"], genesis: chain.genesis)
            for sealed in chain.blocks {
                if let block = try? damaged.view.block(at: sealed.number) { #expect(block == sealed.block) }
                if let receipts = try? damaged.view.receipts(at: sealed.number) {
                    #expect(receipts == sealed.validated.receipts)
                }
                if let certificate = try? damaged.view.certificate(at: sealed.number) {
                    #expect(certificate == sealed.certificate)
                }
                for address in chain.addresses {
                    let proof = try? damaged.view.proof(of: address, slots: [], at: sealed.number)
                    guard let proof else { continue }
                    #expect(try proof.leaf?.account == chain.ledgers[Int(sealed.number)].account(address))
                }
                for transaction in sealed.block.transactions {
                    guard let found = try? damaged.view.transaction(transaction.hash) else { continue }
                    #expect(found.place.height == sealed.number)
                }
            }
        } catch is StorageError {
            // Refused at the door.
        }
    }

    @Test func `whose pages do not fit together is found when all are checked`() throws {
        let (store, chain) = try store(blocks: 4)
        #expect(try store.database.text("PRAGMA wal_checkpoint(TRUNCATE)") == "0")
        var bytes = try scratch.read("chain.sqlite")
        try scratch.write(bytes, to: "whole.sqlite")
        _ = try ChainStore.open(path: scratch["whole.sqlite"], genesis: chain.genesis, checkingAllPages: true)
        let root = try #require(
            try store.database.text("SELECT rootpage FROM sqlite_schema WHERE name = 'faults_by_height'"))
        let page = try #require(Int(root))
        for position in 0..<100 { bytes[(page - 1) * 4_096 + position] = 0x77 }
        try scratch.write(bytes, to: "copy.sqlite")
        #expect(throws: StorageError.self) {
            try ChainStore.open(path: scratch["copy.sqlite"], genesis: chain.genesis, checkingAllPages: true)
        }
    }

    @Test func `whose vote log was made says so for ever`() throws {
        let (store, chain) = try store(blocks: 1)
        #expect(!store.hasVoteLog)
        try store.rememberVoteLog()
        #expect(store.hasVoteLog)
        try scratch.copyDatabase("chain.sqlite", to: "copy.sqlite")
        #expect(try ChainStore.open(path: scratch["copy.sqlite"], genesis: chain.genesis).hasVoteLog)
    }
}

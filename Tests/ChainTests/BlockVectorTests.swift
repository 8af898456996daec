import Chain
import Crypto
import Fixtures
import Primitives
import Testing

/// Blocks of Ethereum, whose headers at Prague and Osaka have the fields of ours.
@Suite(.enabled(if: Fixtures.arePresent)) struct BlockVectorTests {
    static let packs = [
        "berlin.eip2930_access_list", "cancun.eip4788_beacon_root", "prague.eip2935_historical_block_hashes_from_state",
        "prague.eip7702_set_code_tx",
    ]

    /// Of the two tests that cross from Cancun to Prague, only the blocks from Prague on have all fields of a header.
    @Test(arguments: packs)
    func `valid blocks of Osaka have the specification's hashes and transactions roots`(pack: String) throws {
        let tests = try Fixtures.object("blockchain/eest-osaka/\(pack).json.gz")
        var checked = 0
        for name in tests.keys.sorted() {
            let test = try tests.object(name)
            for block in try test.objects("blocks") {
                guard let expected = block["blockHeader"] as? [String: Any], expected["requestsHash"] != nil else {
                    continue
                }
                let (header, transactions) = try readBlock(block.bytes("rlp"))
                #expect(header.hash == (try expected.hash("hash")), "\(name)")
                #expect(header.transactionsRoot == Block.transactionsRoot(of: transactions), "\(name)")
                #expect(header.ommersHash == Header.emptyOmmersHash, "\(name)")
                #expect(header.requestsHash == (try expected.hash("requestsHash")), "\(name)")
                checked += 1
            }
        }
        #expect(checked > 0)
    }

    @Test func `the genesis headers of Osaka hash as given`() throws {
        for pack in BlockVectorTests.packs {
            let tests = try Fixtures.object("blockchain/eest-osaka/\(pack).json.gz")
            for name in tests.keys.sorted() {
                let test = try tests.object(name)
                guard try test.text("network") == "Osaka" else { continue }
                let (header, transactions) = try readBlock(test.bytes("genesisRLP"))
                #expect(header.hash == (try test.object("genesisBlockHeader").hash("hash")), "\(name)")
                #expect(transactions.isEmpty)
                #expect(header.transactionsRoot == Header.emptyTrieRoot)
                #expect(header.withdrawalsRoot == Header.emptyTrieRoot)
                #expect(header.requestsHash == Header.emptyRequestsHash)
                // The state, too: our accounts have the leaves of Ethereum's.
                #expect(try stateRoot(test.object("pre")) == header.stateRoot, "\(name)")
            }
        }
    }

    /// The chain of execution-apis that starts at Prague: 20 blocks, and the receipts of block 3.
    @Test func `a Prague chain links, and its receipts have their root and bloom`() throws {
        let folder = "rpc/prague-genesis-2025-02"
        var chain = RLPDecoder(Bytes(try Fixtures.data("\(folder)/chain.rlp")))
        var parent: Hash32?
        var count = 0
        while !chain.isAtEnd {
            let (header, transactions) = try readBlock(chain.rawItem())
            if let parent { #expect(header.parentHash == parent) }
            parent = header.hash
            count += 1
            #expect(header.number == UInt64(count))
            #expect(header.transactionsRoot == Block.transactionsRoot(of: transactions))
            for transaction in transactions { _ = try transaction.recoverSender() }
            if header.number == 3 {
                let receipts = try rawReceipts("\(folder)/io/debug_getRawReceipts/get-block-n.io")
                #expect(receipts.count == transactions.count)
                #expect(receipts.map(\.kind) == transactions.map(\.kind))
                #expect(Receipt.root(of: receipts) == header.receiptsRoot)
                #expect(Receipt.bloom(of: receipts) == header.logsBloom)
                #expect(receipts.last?.cumulativeGasUsed == header.gasUsed)
            }
        }
        #expect(count == 20)
    }

    /// Ethereum's block: [header, transactions, ommers, withdrawals].
    private func readBlock(_ bytes: Bytes) throws -> (Header, [Transaction]) {
        var decoder = RLPDecoder(bytes)
        var list = try decoder.list()
        try decoder.finish()
        let rawHeader = try list.rawItem()
        let header = try Header(rlp: rawHeader)
        #expect(header.rlp == rawHeader)
        return (header, try list.array(of: Transaction.self, max: Block.transactionsMax))
    }

    private func rawReceipts(_ path: String) throws -> [Receipt] {
        let text = String(decoding: try Fixtures.data(path), as: UTF8.self)
        let envelopes = text.split(separator: "\"").filter { $0.hasPrefix("0x") && $0.count > 100 }
        return try envelopes.map { text in
            let bytes = try Bytes(hex: String(text))
            let receipt = try Receipt(envelope: bytes)
            #expect(receipt.envelope == bytes)
            return receipt
        }
    }

    private func stateRoot(_ accounts: [String: Any]) throws -> Hash32 {
        let leaves = try accounts.keys.sorted().map { name in
            let account = try accounts.object(name)
            let storage = try account.object("storage")
            return GenesisAccount(
                address: try Address(hex: name), nonce: try account.number("nonce"),
                balance: try UInt256(hex: account.text("balance").quantity), code: try account.bytes("code"),
                storage: try storage.keys.map { slot in
                    .init(
                        slot: try UInt256(hex: slot.quantity), value: try UInt256(hex: storage.text(slot).quantity))
                })
        }
        return Sample.stateRoot(of: leaves)
    }
}

extension String {
    /// Hex without leading zeros, as a quantity is written.
    fileprivate var quantity: String {
        let digits = dropFirst(2).drop { $0 == "0" }
        return "0x" + (digits.isEmpty ? "0" : digits)
    }
}

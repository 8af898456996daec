import Chain
import Crypto
import Fixtures
import Primitives
import Testing

/// The `basic` folder of ethereum/tests and the examples of Klaytn's documentation.
///
/// Files of `basic` that say nothing about this module:
/// - `basic_abi_tests.json`: Solidity's ABI, tested with SystemContracts.
/// - `crypto.json`: AES-CTR and ECIES, which no link here uses (TLS 1.3, DESIGN D6).
/// - `hexencodetest.json`: the trie's paths, internal to Trie.
/// - `keyaddrtest.json`: account keys, tested with Crypto.
/// - `keystore.json`: encrypted key files, which nothing here reads.
@Suite(.enabled(if: Fixtures.arePresent)) struct BasicVectorTests {
    /// The header is Frontier's, of 15 fields, and so no `Header`. Its constants and the way it is hashed are ours.
    @Test func `the main net's genesis has our constants and our hash`() throws {
        let vector = try Fixtures.object("basic/genesishashestest.json")
        var decoder = RLPDecoder(try vector.bytes("genesis_rlp_hex"))
        var block = try decoder.list()
        let rawHeader = try block.rawItem()
        #expect(keccak256(rawHeader) == (try vector.hash("genesis_hash")))
        #expect(throws: RLPError.self) { try Header(rlp: rawHeader) }
        var outer = RLPDecoder(rawHeader)
        var header = try outer.list()
        #expect(try header.hash() == .zero)
        #expect(try header.hash() == Header.emptyOmmersHash)
        #expect(try header.address() == .zero)
        #expect(try header.hash() == (try vector.hash("genesis_state_root")))
        #expect(try header.hash() == Header.emptyTrieRoot)
        #expect(try header.hash() == Header.emptyTrieRoot)
        #expect(try LogsBloom(from: &header) == .empty)
    }

    /// The headers of `genesis.json` are Frontier's, but accounts, slots and code are in the state root as today.
    @Test func `genesis.json's accounts have its state roots`() throws {
        let tests = try Fixtures.object("basic/genesis.json")
        for name in tests.keys.sorted() {
            let test = try tests.object(name)
            let alloc = try test.object("alloc")
            let accounts = try alloc.keys.map { address in try account(address, alloc.object(address)) }
            var decoder = RLPDecoder(try test.bytes("result"))
            var block = try decoder.list()
            var header = try block.list()
            for _ in 0..<3 { try header.skip() }
            #expect(try header.hash() == Sample.stateRoot(of: accounts), "\(name)")
        }
    }

    private func account(_ address: String, _ fields: [String: Any]) throws -> GenesisAccount {
        let storage = fields["storage"] as? [String: String] ?? [:]
        return GenesisAccount(
            address: try Address(hex: "0x" + address),
            balance: try UInt256(decimal: (fields["balance"] ?? fields["wei"]) as? String ?? "0"),
            code: try fields["code"] == nil ? [] : fields.bytes("code"),
            storage: try storage.map { slot, value in
                .init(
                    slot: UInt256(bigEndian: try Bytes(hex: slot)), value: UInt256(bigEndian: try Bytes(hex: value)))
            })
    }

    /// `blockgenesistest.json` is of 2014, before the state trie's keys were hashed: nothing of it can be expressed.
    @Test func `blockgenesistest is from before today's formats`() throws {
        let vectors = try #require(try Fixtures.json("basic/blockgenesistest.json") as? [[String: Any]])
        for vector in vectors {
            var decoder = RLPDecoder(try vector.bytes("result"))
            var block = try decoder.list()
            let rawHeader = try block.rawItem()
            #expect(throws: RLPError.self) { try Header(rlp: rawHeader) }
        }
    }

    private static let klaytnTypes = [
        "TxTypeAccountUpdate", "TxTypeCancel", "TxTypeChainDataAnchoring", "TxTypeSmartContractDeploy",
        "TxTypeSmartContractExecution", "TxTypeValueTransfer", "TxTypeValueTransferMemo",
        "TxTypeFeeDelegatedAccountUpdate", "TxTypeFeeDelegatedCancel", "TxTypeFeeDelegatedChainDataAnchoring",
        "TxTypeFeeDelegatedSmartContractDeploy", "TxTypeFeeDelegatedSmartContractExecution",
        "TxTypeFeeDelegatedValueTransfer", "TxTypeFeeDelegatedValueTransferMemo",
    ]

    /// Klaytn's legacy transaction is Ethereum's. The examples of its own types wait until the chain takes them.
    @Test func `Klaytn's legacy transaction is read, its own types are refused by name`() throws {
        let examples = try Fixtures.object("klaytn/tx_types.json.gz")
        var refused: [String] = []
        for group in examples.keys.sorted() {
            let types = try examples.object(group)
            for name in types.keys.sorted() {
                let example = try types.object(name)
                let envelope = try example.bytes("TxHashRLP")
                if name == "TxTypeLegacyTransaction" {
                    let transaction = try Transaction(envelope: envelope)
                    #expect(transaction.hash == (try example.hash("TxHash")))
                    #expect(transaction.signingHash == (try example.hash("SigHash")))
                    #expect(transaction.chainID == 1)
                    #expect(try transaction.recoverSender() == (try example.address("From:")))
                } else {
                    refused.append(name)
                    #expect(throws: TransactionError.self, "\(name)") { try Transaction(envelope: envelope) }
                }
            }
        }
        #expect(refused == BasicVectorTests.klaytnTypes)
    }
}

import Chain
import Configuration
import Crypto
import Primitives
import Testing

struct `A genesis file` {
    private static let keys = (0..<4).map { _ in NodeKey() }

    private static func genesis() throws -> Genesis {
        let members = keys.map { key in
            CouncilMember(publicKey: key.publicKey, rewardAddress: Address(lastBytesOf: keccak256(key.publicKey.bytes)))
        }
        let rules = ChainRules(
            chainID: 1337, pocFund: Address(Bytes(repeating: 1, count: 20)),
            kirFund: Address(Bytes(repeating: 2, count: 20)))
        return try Genesis(
            rules: rules, council: Council(members), timestampMilliseconds: 1_760_000_000_123,
            accounts: [
                GenesisAccount(address: Address(Bytes(repeating: 3, count: 20)), balance: 10),
                GenesisAccount(
                    address: Address(Bytes(repeating: 4, count: 20)), nonce: 1, balance: UInt256.max, code: [0x60, 0],
                    storage: [GenesisAccount.StorageSlot(slot: 1, value: 2)]),
            ])
    }

    @Test
    func `reads back as the same chain`() throws {
        let genesis = try Self.genesis()
        let read = try GenesisFile(document: GenesisFile(genesis).json, file: "g.json").genesis
        #expect(read.hash == genesis.hash)
        #expect(read.rules == genesis.rules)
        #expect(read.accounts == genesis.accounts)
    }

    @Test
    func `takes a balance in decimal and in hex`() throws {
        let address = "0x0000000000000000000000000000000000000009"
        let hashes = try ["1000000000000000000000", "0x3635c9adc5dea00000"].map { balance in
            let document = try Self.document(
                setting: "alloc", to: [address: ["balance": .string(balance)]] as JSONValue)
            return try GenesisFile(document: document, file: "g.json").genesis.hash
        }
        #expect(hashes[0] == hashes[1])
    }

    private static func document(setting key: String, to value: JSONValue?) throws -> JSONValue {
        guard case .object(var members) = GenesisFile(try genesis()).json else { return .null }
        members[key] = value
        return .object(members)
    }

    @Test(
        arguments: [
            ("council", [["publicKey": "0x00", "rewardAddress": "0x00"]], "council[0].publicKey: expected a P-256"),
            ("council", [], "council: expected a council, found a council needs at least one member"),
            (
                "alloc", ["0x0000000000000000000000000000000000000009": ["balance": "ten"]],
                "9.balance: expected an amount"
            ),
            ("alloc", ["0x0000000000000000000000000000000000000009": [:]], "9.balance is missing"),
            ("alloc", ["nine": ["balance": "1"]], "alloc.nine: expected an address as key"),
            (
                "alloc", ["0x0000000000000000000000000000000000000009": ["balance": "0"]],
                "neither nonce, balance nor code"
            ),
            ("chainId", 0, "chainId: expected an integer from 1"),
            ("gasLimit", 1, "the gas limit must be at least 5000"),
            ("rules", ["kirFund": "0x0000000000000000000000000000000000000009"], "rules.pocFund is missing"),
            ("difficulty", 1, "unknown key difficulty"),
        ] as [(String, JSONValue, String)])
    func `names what is wrong in it`(key: String, value: JSONValue, message: String) throws {
        let document = try Self.document(setting: key, to: value)
        let error = try #require(throws: ConfigurationError.self) {
            try GenesisFile(document: document, file: "g.json")
        }
        #expect(error.description.hasPrefix("g.json: "))
        #expect(error.description.contains(message), "\(error.description)")
    }

    @Test(arguments: ["chainId", "timestampMilliseconds", "rules", "council", "alloc"])
    func `names what is missing in it`(key: String) throws {
        let document = try Self.document(setting: key, to: nil)
        let error = try #require(throws: ConfigurationError.self) {
            try GenesisFile(document: document, file: "g.json")
        }
        #expect(error.description.contains(key))
    }
}

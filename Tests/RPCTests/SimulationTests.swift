import Chain
import EVM
import EthereumChain
import Primitives
import RPC
import Testing
import Trie

/// eth_simulateV1 on this project's own chain.
@Suite(.timeLimit(.minutes(5))) struct SimulationTests {
    private static let rich = Address(Bytes(repeating: 0xa1, count: 20))
    private static let funds = "\"stateOverrides\":{\"\(rich)\":{\"balance\":\"0xde0b6b3a7640000\"}}"

    private static func payload(_ blocks: String, _ options: String = "") -> String {
        "[{\"blockStateCalls\":[\(blocks)]\(options.isEmpty ? "" : "," + options)},\"latest\"]"
    }

    private static func blocks(_ world: TestServer, _ params: String) async throws -> [JSONValue] {
        try #require(try await world.result("eth_simulateV1", params).array)
    }

    @Test func `every simulated block hashes to its hash, and follows the one before`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let transfer = "{\"from\":\"\(Self.rich)\",\"to\":\"\(World.stranger)\",\"value\":\"0x7\"}"
            let blocks = try await Self.blocks(
                world,
                Self.payload(
                    "{\(Self.funds),\"calls\":[\(transfer)]},{\"blockOverrides\":{\"number\":\"0x6\"},"
                        + "\"calls\":[\(transfer),\(transfer)]}", "\"returnFullTransactions\":true"))
            #expect(try blocks.map { try $0.integer("number") } == [4, 5, 6])
            var parent = try #require(world.chain.block(at: 3)).hash
            for block in blocks {
                let header = try block.header()
                #expect(header.parentHash == parent)
                parent = try block.hash("hash")
                #expect(header.hash == parent)
                let transactions = try #require(try block.member("transactions").array)
                #expect(try transactions.count == block.member("calls").array?.count)
                #expect(
                    try transactions.map { try $0.transaction().hash } == transactions.map { try $0.hash("hash") })
                #expect(
                    try Block.transactionsRoot(of: transactions.map { try $0.transaction() }) == header.transactionsRoot
                )
                #expect(header.gasUsed == 21_000 * Gas(transactions.count))
            }
            let last = try #require(try blocks[2].member("transactions").array?.last)
            #expect(try last.integer("nonce") == 2)
            #expect(try last.hash("blockHash") == parent)
            // Nothing of it was sealed.
            #expect(try await world.result("eth_blockNumber") == .string("0x3"))
        }
    }

    @Test func `a call that reverts without a word says so with empty data`() async throws {
        try await TestServer.run { world in
            let code = "\"stateOverrides\":{\"\(World.reader)\":{\"code\":\"0x5f5ffd\"}}"
            let call = "{\"to\":\"\(World.reader)\"}"
            let blocks = try await Self.blocks(world, Self.payload("{\(code),\"calls\":[\(call)]}"))
            let error = try #require(try blocks[0].member("calls").array?[0].member("error"))
            #expect(error["code"]?.int64 == 3)
            #expect(error["message"] == .string("execution reverted"))
            #expect(error["data"] == .string("0x"))
        }
    }

    @Test func `without validation the last nonce is followed by the first`() async throws {
        try await TestServer.run { world in
            let funds = "{\"balance\":\"0xde0b6b3a7640000\",\"nonce\":\"0xffffffffffffffff\"}"
            let call = "{\"from\":\"\(Self.rich)\",\"to\":\"\(World.stranger)\"}"
            let blocks = try await Self.blocks(
                world,
                Self.payload(
                    "{\"stateOverrides\":{\"\(Self.rich)\":\(funds)},\"calls\":[\(call),\(call)]}",
                    "\"returnFullTransactions\":true"))
            let transactions = try #require(try blocks[0].member("transactions").array)
            #expect(transactions.map { $0["nonce"] } == [.string("0xffffffffffffffff"), .string("0x0")])
        }
    }

    @Test func `the root of a simulated block is that of the state it says`() async throws {
        try await TestServer.run { world in
            // The storage of one account is replaced, that of another changed, an account is made, and one is emptied.
            let made = Address(Bytes(repeating: 0xa2, count: 20))
            let one = UInt256(1).hash
            let overrides =
                "{\"\(World.contract)\":{\"state\":{\"\(one)\":\"\(one)\"}},"
                + "\"\(World.reader)\":{\"stateDiff\":{\"\(one)\":\"\(Hash32.zero)\"}},"
                + "\"\(made)\":{\"balance\":\"0x9\",\"code\":\"0x00\"}}"
            let blocks = try await Self.blocks(world, Self.payload("{\"stateOverrides\":\(overrides)}"))
            var state = try #require(world.chain.state(at: 0))
            state.slots[World.contract] = [1: 1]
            state.slots[World.reader] = [:]
            state.setCode(made, [0])
            state.accounts[made]?.nonce = 0
            state.accounts[made]?.balance = 9
            // The reward of the block, which nothing but its own chain pays.
            let rules = World.rules
            let split = rules.rewardSplit
            let poc = rules.blockReward * UInt256(split.poc) / 100
            let kir = rules.blockReward * UInt256(split.kir) / 100
            func credit(_ address: Address, _ amount: UInt256) {
                var account = state.accounts[address] ?? .init()
                account.balance += amount
                state.accounts[address] = account
            }
            credit(rules.pocFund, poc)
            credit(rules.kirFund, kir)
            credit(try blocks[0].address("miner"), rules.blockReward - poc - kir)
            #expect(try blocks[0].hash("stateRoot") == state.accountTrie().root)
        }
    }

    @Test func `a later block sees what an earlier one did, and its hash`() async throws {
        try await TestServer.run { world in
            // SSTORE of the caller's number to slot 0; SLOAD of it; BLOCKHASH of the block before.
            let writer: Bytes = [0x43, 0x5f, 0x55, 0x00]
            let reader: Bytes =
                [0x5f, 0x54, 0x5f, 0x52, 0x60, 0x01, 0x43, 0x03, 0x40, 0x60, 0x20, 0x52, 0x60, 0x40, 0x5f, 0xf3]
            let to = Address(Bytes(repeating: 0xa3, count: 20))
            let call = "\"calls\":[{\"to\":\"\(to)\"}]"
            let blocks = try await Self.blocks(
                world,
                Self.payload(
                    "{\"stateOverrides\":{\"\(to)\":{\"code\":\"\(writer.hex)\"}},\(call)},"
                        + "{\"stateOverrides\":{\"\(to)\":{\"code\":\"\(reader.hex)\"}},\(call)}"))
            let output = try #require(try blocks[1].member("calls").array?.first).data("returnData")
            #expect(UInt256(bigEndian: output.prefix(32)) == 1)
            #expect(try Hash32(Bytes(output.suffix(32))) == blocks[0].hash("hash"))
        }
    }

    @Test func `transfers are told of as logs, but not those of calls that fail`() async throws {
        try await TestServer.run { world in
            let heir = Address(Bytes(repeating: 0xa4, count: 20))
            // Creates nothing with 1 peb, leaves a log, and gives the rest to the heir.
            let spender: Bytes =
                [0x5f, 0x5f, 0x60, 1, 0xf0, 0x50, 0x5f, 0x5f, 0xa0, 0x73] + heir.bytes + [0xff]
            let failing: Bytes = [0x5f, 0x5f, 0xa0, 0x5f, 0x5f, 0xfd]
            let (to, bad) = (Address(Bytes(repeating: 0xa5, count: 20)), Address(Bytes(repeating: 0xa6, count: 20)))
            let overrides =
                "{\"\(Self.rich)\":{\"balance\":\"0x64\"},\"\(to)\":{\"code\":\"\(spender.hex)\"},"
                + "\"\(bad)\":{\"code\":\"\(failing.hex)\"}}"
            let calls = [bad, to].map { "{\"from\":\"\(Self.rich)\",\"to\":\"\($0)\",\"value\":\"0xa\"}" }
            let params = "{\"stateOverrides\":\(overrides),\"calls\":[\(calls.joined(separator: ","))]}"
            let traced = try await Self.blocks(world, Self.payload(params, "\"traceTransfers\":true"))[0]
            let results = try #require(try traced.member("calls").array)
            #expect(results[0]["logs"] == .array([]) && results[0]["status"] == .string("0x0"))
            #expect(results[0]["error"]?["code"] == .number("3"))
            let logs = try #require(try results[1].member("logs").array)
            let coin = Address(Bytes(repeating: 0xee, count: 20))
            #expect(try logs.map { try $0.address("address") } == [coin, coin, to, coin])
            #expect(try logs.map { try $0.integer("logIndex") } == [0, 1, 2, 3])
            #expect(try logs.map { UInt256(bigEndian: try $0.data("data")) } == [10, 1, 0, 9])
            // A receipt knows nothing of them: without the question the block is the same.
            let plain = try await Self.blocks(world, Self.payload(params))[0]
            #expect(try plain.member("calls").array?[1]["logs"]?.array?.count == 1)
            #expect(try plain.hash("hash") == traced.hash("hash"))
        }
    }

    static let refusals: [(payload: String, code: Int64)] = [
        (payload(""), -32602),
        ("[{}]", -32602), ("[7]", -32602), (payload("7"), -32602), (payload("{\"calls\":7}"), -32602),
        (payload("{}", "\"validation\":1"), -32602),
        (payload("{\"blockOverrides\":{\"number\":\"0x0\"}}"), -38020),
        (payload("{\"blockOverrides\":{\"number\":\"0x101\"}}"), -38026),
        (payload("{\"blockOverrides\":{\"number\":\"0xffffffffffffffff\"}}"), -38026),
        (payload("{\"blockOverrides\":{\"time\":\"0x1\"}}"), -38021),
        (payload("{\"blockOverrides\":{\"time\":\"0xffffffffffffffff\"}},{}"), -38021),
        (payload("{\"calls\":[{\"to\":\"\(rich)\",\"value\":\"0x1\"}]}"), -38014),
        (payload("{\"calls\":[{\"to\":\"\(rich)\",\"gas\":\"0x1\"}]}"), -38013),
        (payload("{\"calls\":[{\"to\":\"\(rich)\",\"gas\":\"0x7fffffffffffffff\"}]}"), -38015),
        (
            payload(
                "{\"blockOverrides\":{\"gasLimit\":\"0x5208\"},"
                    + "\"calls\":[{\"to\":\"\(rich)\"},{\"to\":\"\(rich)\"}]}"), -38013
        ),
        (payload("{\(funds),\"calls\":[{\"from\":\"\(rich)\",\"to\":\"\(rich)\"}]}", "\"validation\":true"), -38012),
        (
            payload(
                "{\(funds),\"calls\":[{\"from\":\"\(rich)\",\"to\":\"\(rich)\",\"nonce\":\"0x1\"}]}",
                "\"validation\":true"), -38011
        ),
        (
            payload(
                "{\"stateOverrides\":{\"\(rich)\":{\"nonce\":\"0x5\"}},"
                    + "\"calls\":[{\"from\":\"\(rich)\",\"to\":\"\(rich)\",\"nonce\":\"0x1\"}]}",
                "\"validation\":true"), -38010
        ),
        (payload("{\"calls\":[{\"input\":\"0x" + String(repeating: "00", count: 49_153) + "\"}]}"), -38025),
        (
            payload(
                "{\"calls\":[{\"to\":\"\(rich)\",\"blobVersionedHashes\":[\"0x01"
                    + String(repeating: "0", count: 62) + "\"]}]}"), -32000
        ),
    ]

    @Test func `what cannot be simulated has the code that the specification gives it`() async throws {
        try await TestServer.run { world in
            for (payload, code) in Self.refusals {
                let error = try await world.error("eth_simulateV1", payload)
                #expect(error.code == code, "\(payload.prefix(200)): \(error.message)")
            }
        }
    }

    @Test func `blocks, calls, gas and time of a simulation are limited`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.simulatedBlocksMax = 3
            configuration.limits.simulatedCallsMax = 2
            configuration.limits.callGasMax = 50_000
        } _: { world in
            let call = "{\"to\":\"\(Self.rich)\"}"
            func error(_ blocks: String) async throws -> (code: Int64, message: String) {
                try await world.error("eth_simulateV1", Self.payload(blocks))
            }
            #expect(try await Self.blocks(world, Self.payload("{},{},{\"calls\":[\(call),\(call)]}")).count == 3)
            let refusal = try await error("{},{},{},{}")
            #expect(refusal == (-38026, "too many blocks"))
            let many = try await error("{\"calls\":[\(call)]},{\"calls\":[\(call),\(call)]}")
            #expect(many == (-38026, "too many calls: 3 > 2"))
            // JUMPDEST, PUSH0, JUMP burns all that the first call may have.
            let loop = "{\"stateOverrides\":{\"\(Self.rich)\":{\"code\":\"0x5b5f56\"}},\"calls\":[\(call),\(call)]}"
            let spent = try await error(loop)
            #expect(spent == (-38026, "RPC gas cap exhausted: 50000 for all calls together"))
        }
        try await TestServer.run { configuration in
            configuration.limits.callTimeout = .zero
        } _: { world in
            let error = try await world.error("eth_simulateV1", Self.payload("{}"))
            #expect(error == (-32000, "execution aborted (timeout = 0s)"))
        }
    }

    @Test func `a block pays its withdrawals, and shows them`() async throws {
        try await TestServer.run { world in
            let withdrawal =
                "{\"index\":\"0x1\",\"validatorIndex\":\"0x2\",\"address\":\"\(Self.rich)\",\"amount\":\"0x3\"}"
            let balance: Bytes = [0x73] + Self.rich.bytes + [0x31, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]
            let blocks = try await Self.blocks(
                world,
                Self.payload(
                    "{\"blockOverrides\":{\"withdrawals\":[\(withdrawal)]}},"
                        + "{\"calls\":[{\"input\":\"\(balance.hex)\"}]}"))
            #expect(blocks[0]["withdrawals"]?.array?.count == 1)
            #expect(try blocks[0].hash("withdrawalsRoot") != blocks[1].hash("withdrawalsRoot"))
            #expect(try blocks[0].header().hash == blocks[0].hash("hash"))
            let output = try #require(try blocks[1].member("calls").array?.first).data("returnData")
            #expect(UInt256(bigEndian: output) == 3_000_000_000)
        }
    }
}

import Chain
import Crypto
import EthereumChain
import Primitives
import RPC
import Testing

/// eth_getLogs, and the logs of receipts.
@Suite(.timeLimit(.minutes(5))) struct LogTests {
    private static let first = Address(Bytes(repeating: 0x11, count: 20))
    private static let second = Address(Bytes(repeating: 0x22, count: 20))

    private static func topic(_ number: UInt8) -> Hash32 { keccak256([number]) }

    private static func log(_ address: Address, _ topics: [UInt8]) -> Log {
        Log(address: address, topics: topics.map(topic), data: topics)
    }

    /// Blocks 1 and 2 have two transactions each with logs, block 3 has none.
    private static func grow(_ chain: TestChain) throws {
        let sender = try World.account(0)
        for block in 0..<2 as Range<UInt64> {
            try chain.append(
                [World.transfer(from: sender, nonce: 2 * block), World.transfer(from: sender, nonce: 2 * block + 1)],
                logs: [
                    0: [log(first, [1, 2]), log(second, [1])],
                    1: [log(first, []), log(second, [3, 2, UInt8(block)])],
                ])
        }
        try chain.append([])
    }

    private static func places(_ logs: JSONValue) throws -> [String] {
        try #require(logs.array).map { log in
            #expect(try log.member("removed") == .bool(false))
            return "\(try log.integer("blockNumber")).\(try log.integer("logIndex"))"
        }
    }

    /// What stands in the filter beside the range of all blocks, and which logs it finds.
    static let filters: [(members: String, found: [String])] = [
        ("", ["1.0", "1.1", "1.2", "1.3", "2.0", "2.1", "2.2", "2.3"]),
        (#""address":null,"topics":null"#, ["1.0", "1.1", "1.2", "1.3", "2.0", "2.1", "2.2", "2.3"]),
        (#""topics":[]"#, ["1.0", "1.1", "1.2", "1.3", "2.0", "2.1", "2.2", "2.3"]),
        (#""address":"\#(first)""#, ["1.0", "1.2", "2.0", "2.2"]),
        (#""address":["\#(first)","\#(second)"],"topics":["\#(topic(3))"]"#, ["1.3", "2.3"]),
        (#""address":[],"topics":[["\#(topic(3))","\#(topic(1))"]]"#, ["1.0", "1.1", "1.3", "2.0", "2.1", "2.3"]),
        (#""topics":[null,"\#(topic(2))"]"#, ["1.0", "1.3", "2.0", "2.3"]),
        (#""topics":[[],["\#(topic(2))"]]"#, ["1.0", "1.3", "2.0", "2.3"]),
        (#""topics":[[null,"\#(topic(9))"],["\#(topic(2))"]]"#, ["1.0", "1.3", "2.0", "2.3"]),
        // As many positions as are named must be there, even where anything may stand.
        (#""topics":[null,null,null]"#, ["1.3", "2.3"]),
        (#""topics":[null,null,"\#(topic(1))"]"#, ["2.3"]),
        (#""topics":["\#(topic(2))"]"#, []),
        (#""address":"\#(World.stranger)""#, []),
        (#""address":"\#(first)","topics":["\#(topic(3))"]"#, []),
    ]

    @Test func `a filter finds what it names by address and topics, each log with its place in the block`()
        async throws
    {
        try await TestServer.run { world in
            try Self.grow(world.chain)
            for (members, found) in Self.filters {
                let range = #""fromBlock":"earliest","toBlock":"latest""#
                let filter = members.isEmpty ? range : range + "," + members
                let logs = try await world.result("eth_getLogs", "[{\(filter)}]")
                #expect(try Self.places(logs) == found, "\(members)")
            }
        }
    }

    @Test func `logs are those of the receipts`() async throws {
        try await TestServer.run { world in
            try Self.grow(world.chain)
            let receipts = try #require(try await world.result("eth_getBlockReceipts", "[\"0x2\"]").array)
            let inReceipts = try receipts.flatMap { try #require(try $0.member("logs").array) }
            let hash = try #require(world.chain.block(at: 2)).hash
            let logs = try await world.result("eth_getLogs", "[{\"blockHash\":\"\(hash)\"}]")
            #expect(logs == .array(inReceipts) && inReceipts.count == 4)
            #expect(try inReceipts.map { try $0.integer("transactionIndex") } == [0, 0, 1, 1])
            #expect(try await world.result("eth_getLogs", "[{\"fromBlock\":\"0x2\",\"toBlock\":\"0x2\"}]") == logs)
        }
    }

    @Test func `a range begins and ends with the head unless it says otherwise`() async throws {
        try await TestServer.run { world in
            try Self.grow(world.chain)
            #expect(try await world.result("eth_getLogs", "[{}]") == .array([]))
            #expect(try Self.places(try await world.result("eth_getLogs", "[{\"fromBlock\":\"0x2\"}]")).count == 4)
            #expect(
                try Self.places(
                    try await world.result("eth_getLogs", #"[{"fromBlock":"0x1","toBlock":"safe"}]"#)
                ).count == 8)
        }
    }

    static let refusals: [(params: String, code: Int64, message: String)] = [
        (#"[{"fromBlock":"0x2","toBlock":"0x1"}]"#, -32602, "invalid block range params"),
        (#"[{"fromBlock":"0x1","toBlock":"pending"}]"#, -32000, "pending logs are not supported"),
        (#"[{"fromBlock":"0x1","toBlock":"0x4"}]"#, -32602, "block range extends beyond current head block"),
        (
            #"[{"fromBlock":"0x1","blockHash":"\#(Hash32.zero)"}]"#, -32602,
            "invalid argument 0: cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other"
        ),
        (#"[{"blockHash":"\#(Hash32.zero)"}]"#, -32000, "unknown block"),
        (
            #"[{"topics":[null,null,null,null,null]}]"#, -32602, "invalid argument 0: exceed max topics: 4"
        ),
        (#"["0x1"]"#, -32602, "invalid argument 0: expected a filter object, found a string"),
        (
            #"[{"topics":["0x12"]}]"#, -32602,
            "invalid argument 0: hex string has length 2, want 64 for hash"
        ),
        (#"[{"address":["0x12"]}]"#, -32602, "invalid argument 0: hex string has length 2, want 40 for address"),
    ]

    @Test func `a filter that makes no sense is refused in geth's words`() async throws {
        try await TestServer.run { world in
            try Self.grow(world.chain)
            for (params, code, message) in Self.refusals {
                #expect(try await world.error("eth_getLogs", params) == (code, message))
            }
            let many = [String](repeating: "\"\(World.stranger)\"", count: 1_001).joined(separator: ",")
            #expect(try await world.error("eth_getLogs", "[{\"address\":[\(many)]}]").code == -32602)
        }
    }

    @Test func `more blocks or logs than the limits are refused`() async throws {
        try await TestServer.run { configuration in
            (configuration.limits.logBlocksMax, configuration.limits.logsMax) = (2, 5)
        } _: { world in
            try Self.grow(world.chain)
            let wide = try await world.error("eth_getLogs", #"[{"fromBlock":"0x1","toBlock":"0x3"}]"#)
            #expect(wide == (-32602, "exceed maximum block range: 2"))
            let many = try await world.error("eth_getLogs", #"[{"fromBlock":"0x1","toBlock":"0x2"}]"#)
            #expect(many == (-32000, "query returned more than 5 results. Try with this block range [0x1, 0x1]."))
            #expect(try Self.places(try await world.result("eth_getLogs", #"[{"fromBlock":"0x2"}]"#)).count == 4)
        }
    }

    @Test func `a creation's receipt names the contract, and a failed transaction's has status 0`() async throws {
        try await TestServer.run { world in
            let sender = try World.account(0)
            let creation = World.transfer(from: sender, nonce: 0, to: nil, value: 0, data: World.contractCode)
            let call = World.transfer(from: sender, nonce: 1, to: World.reader, gasLimit: 50_000)
            try world.chain.append([creation, call], failed: [1])
            let made = try await world.result("eth_getTransactionReceipt", "[\"\(creation.hash)\"]")
            #expect(try made.address("contractAddress") == createAddress(sender: sender.address, nonce: 0))
            #expect(try made.integer("status") == 1 && made.member("to").isNull)
            let failed = try await world.result("eth_getTransactionReceipt", "[\"\(call.hash)\"]")
            #expect(try failed.integer("status") == 0 && failed.member("contractAddress").isNull)
        }
    }
}

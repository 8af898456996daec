import Chain
import Crypto
import EthereumChain
import Primitives
import RPC
import Testing

/// eth_createAccessList and eth_fillTransaction: what a wallet asks before it signs.
@Suite(.timeLimit(.minutes(5))) struct PreparationTests {
    @Test func `an access list names what a call reads, but not what is warm anyhow`() async throws {
        try await TestServer.run { world in
            let caller = Address(Bytes(repeating: 0xd1, count: 20))
            // PUSH0 x5, the account, GAS, CALL, then SLOAD of slot 1 and BALANCE of the identity contract.
            let code: Bytes =
                [0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x35, 0x5a, 0xf1, 0x60, 1, 0x54, 0x60, 4, 0x31, 0x00]
            try world.chain.append([]) { $0.setCode(caller, code) }
            let call = "{\"to\":\"\(caller)\",\"input\":\"\(UInt256(World.reader).hash)\"}"
            let list = try await world.result("eth_createAccessList", "[\(call)]")
            let entries = try #require(try list.member("accessList").array)
            #expect(try entries.map { try $0.address("address") } == [caller, World.reader])
            #expect(entries[0]["storageKeys"] == .array([.string(UInt256(1).hash.hex)]))
            #expect(entries[1]["storageKeys"] == .array([.string(UInt256(0).hash.hex)]))
            #expect(list.names == ["accessList", "gasUsed"])
            // With the list in hand it costs as much as was said.
            let withList =
                "{\"to\":\"\(caller)\",\"input\":\"\(UInt256(World.reader).hash)\",\"accessList\":"
                + "[{\"address\":\"\(caller)\",\"storageKeys\":[\"\(UInt256(1).hash)\"]},"
                + "{\"address\":\"\(World.reader)\",\"storageKeys\":[\"\(UInt256(0).hash)\"]}]}"
            #expect(try await world.result("eth_createAccessList", "[\(withList)]") == list)
        }
    }

    @Test func `a call that fails has a list and an error`() async throws {
        try await TestServer.run { world in
            // SLOAD of slot 3, then REVERT.
            let call = "{\"to\":\"\(World.reader)\"}"
            let overrides = "{\"\(World.reader)\":{\"code\":\"0x6003545f5ffd\"}}"
            let list = try await world.result("eth_createAccessList", "[\(call),\"latest\",\(overrides)]")
            #expect(list["error"] == .string("execution reverted"))
            #expect(try list.member("accessList").array?.count == 1)
            let poor = "{\"to\":\"\(World.reader)\",\"value\":\"0x1\"}"
            let error = try await world.error("eth_createAccessList", "[\(poor)]")
            #expect(error.code == -32000 && error.message.hasPrefix("failed to apply transaction: err: insufficient"))
        }
    }

    @Test func `the runs for an access list are limited`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.accessListRoundsMax = 1
        } _: { world in
            let error = try await world.error("eth_createAccessList", "[{\"to\":\"\(World.reader)\"}]")
            #expect(error == (-32000, "the access list does not settle in 1 runs"))
        }
    }

    @Test func `a transaction is filled with nonce, gas and fees`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let from = try World.account(0).address
            world.node.set { $0.pendingNonces[from] = 11 }
            let call = "{\"from\":\"\(from)\",\"to\":\"\(World.stranger)\",\"value\":\"0x1\"}"
            let filled = try await world.result("eth_fillTransaction", "[\(call)]")
            let transaction = try filled.member("tx").transaction()
            #expect(transaction.kind == .dynamicFee && transaction.nonce == 11 && transaction.gasLimit == 21_000)
            #expect(transaction.chainID == World.chainID && transaction.value == 1)
            let head = try #require(world.chain.header(at: world.chain.headHeight))
            let tip = try UInt256(hex: #require(try await world.result("eth_maxPriorityFeePerGas").string))
            #expect(transaction.maxPriorityFeePerGas == tip)
            #expect(transaction.maxFeePerGas == head.baseFee &* 2 &+ tip)
            // What is signed is what was shown.
            let raw = try Transaction(envelope: filled.data("raw"))
            #expect(raw == transaction)
            // A price makes it a legacy one, whose v is zero as long as nobody has signed.
            let priced =
                "{\"from\":\"\(from)\",\"to\":\"\(World.stranger)\",\"gasPrice\":\"0x3b9aca00\","
                + "\"gas\":\"0x5300\"}"
            let legacy = try await world.result("eth_fillTransaction", "[\(priced)]").member("tx")
            #expect(legacy["type"] == .string("0x0") && legacy["gasPrice"] == .string("0x3b9aca00"))
            #expect(legacy["gas"] == .string("0x5300") && legacy["v"] == .string("0x0"))
        }
    }

    static let unfillable: [(call: String, code: Int64, message: String)] = [
        ("{}", -32000, "contract creation without any data provided"),
        ("{\"to\":\"\(World.reader)\",\"gasPrice\":\"0x0\"}", -32000, "gasPrice must be non-zero after london fork"),
        (
            "{\"to\":\"\(World.reader)\",\"maxFeePerGas\":\"0x0\",\"maxPriorityFeePerGas\":\"0x0\"}", -32000,
            "maxFeePerGas must be non-zero"
        ),
        (
            "{\"to\":\"\(World.reader)\",\"maxFeePerGas\":\"0x1\",\"maxPriorityFeePerGas\":\"0x2\"}", -32000,
            "maxFeePerGas (0x1) < maxPriorityFeePerGas (0x2)"
        ),
        (
            "{\"to\":\"\(World.reader)\",\"input\":\"0x01\",\"data\":\"0x\"}", -32000,
            "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass transaction call data"
        ),
        (
            "{\"to\":\"\(World.reader)\",\"chainId\":\"0x1\"}", -32000,
            "chainId does not match node's (have=1, want=8217)"
        ),
    ]

    @Test func `what cannot be filled is refused in geth's words`() async throws {
        try await TestServer.run { world in
            for (call, code, message) in Self.unfillable {
                let refusal = try await world.error("eth_fillTransaction", "[\(call)]")
                #expect(refusal == (code, message))
            }
        }
    }
}

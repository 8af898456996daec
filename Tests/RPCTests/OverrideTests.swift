import Chain
import Crypto
import Primitives
import RPC
import Testing

/// What callers may suppose about the state and the block while a call runs.
@Suite(.timeLimit(.minutes(5))) struct OverrideTests {
    /// Runs `opcodes`, then returns the word on top of the stack.
    private static func returning(_ opcodes: Bytes) -> Bytes { opcodes + [0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3] }

    private static func word(_ number: UInt64) -> JSONValue { .string(UInt256(number).hash.hex) }

    private static func call(_ to: Address, _ input: Bytes = []) -> String {
        "{\"to\":\"\(to)\",\"input\":\"\(input.hex)\"}"
    }

    private static func slots(_ words: [UInt64: UInt64]) -> String {
        "{" + words.map { "\"\(UInt256($0).hash)\":\"\(UInt256($1).hash)\"" }.joined(separator: ",") + "}"
    }

    @Test func `state takes the other slots away, and stateDiff leaves them`() async throws {
        try await TestServer.run { world in
            let question = { (slot: UInt64, overrides: String) in
                let call = Self.call(World.reader, UInt256(slot).hash.bytes)
                return "[\(call),\"latest\",{\"\(World.reader)\":\(overrides)}]"
            }
            let asked: [(slot: UInt64, overrides: String, word: UInt64)] = [
                (1, "{}", 0x2a),
                (1, "{\"stateDiff\":\(Self.slots([2: 7]))}", 0x2a), (2, "{\"stateDiff\":\(Self.slots([2: 7]))}", 7),
                (1, "{\"stateDiff\":\(Self.slots([1: 0]))}", 0),
                (1, "{\"state\":\(Self.slots([2: 7]))}", 0), (2, "{\"state\":\(Self.slots([2: 7]))}", 7),
                (1, "{\"state\":{}}", 0),
            ]
            for (slot, overrides, word) in asked {
                let answer = try await world.result("eth_call", question(slot, overrides))
                #expect(answer == Self.word(word), "\(overrides)")
            }
            let both = "{\"state\":{},\"stateDiff\":{}}"
            let error = try await world.error("eth_call", question(1, both))
            #expect(error == (-32000, "account \(World.reader) has both 'state' and 'stateDiff'"))
            // Nothing of it is left behind.
            #expect(try await world.result("eth_call", question(1, "{}")) == Self.word(0x2a))
        }
    }

    @Test func `balance, code and nonce are those that are supposed, at any height`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let address = "0x00000000000000000000000000000000000c0de5"
            let selfBalance = Self.returning([0x47]).hex
            for height in ["0x0", "0x2", "latest"] {
                let overrides = "{\"\(address)\":{\"code\":\"\(selfBalance)\",\"balance\":\"0x5\"}}"
                let answer = try await world.result(
                    "eth_call", "[{\"to\":\"\(address)\",\"value\":\"0x0\"},\"\(height)\",\(overrides)]")
                #expect(answer == Self.word(5))
            }
            // A creation that returns its own address, which depends on the nonce of its sender.
            let creation = Self.returning([0x30])
            let made = createAddress(sender: World.stranger, nonce: 7)
            let answer = try await world.result(
                "eth_call",
                "[{\"from\":\"\(World.stranger)\",\"input\":\"\(creation.hex)\"},\"latest\","
                    + "{\"\(World.stranger)\":{\"nonce\":\"0x7\"}}]")
            #expect(answer == .string(UInt256(made).hash.hex))
            // Who owns nothing can send what he is supposed to own.
            let transfer = "{\"from\":\"\(World.reader)\",\"to\":\"\(World.stranger)\",\"value\":\"0x64\"}"
            let poor = try await world.error("eth_estimateGas", "[\(transfer)]")
            #expect(poor == (-32000, "insufficient funds for transfer"))
            let rich = "{\"\(World.reader)\":{\"balance\":\"0x64\"}}"
            #expect(
                try await world.result("eth_estimateGas", "[\(transfer),\"latest\",\(rich)]") == .string("0x5208"))
        }
    }

    @Test func `a precompiled contract moves, and gives way to code`() async throws {
        try await TestServer.run { world in
            let identity = Address(Bytes(repeating: 0, count: 19) + [4])
            let elsewhere = Address(Bytes(repeating: 0x12, count: 20))
            let move = "{\"\(identity)\":{\"movePrecompileToAddress\":\"\(elsewhere)\"}}"
            func answer(_ to: Address, _ overrides: String) async throws -> JSONValue {
                try await world.result("eth_call", "[\(Self.call(to, [1, 2, 3])),\"latest\",\(overrides)]")
            }
            #expect(try await answer(identity, "{}") == .string("0x010203"))
            #expect(try await answer(elsewhere, move) == .string("0x010203"))
            #expect(try await answer(identity, move) == .string("0x"))
            // Two may go to one place; which of them is there then is nobody's promise.
            let hash = Address(Bytes(repeating: 0, count: 19) + [2])
            let both =
                "{\"\(identity)\":{\"movePrecompileToAddress\":\"\(elsewhere)\"},"
                + "\"\(hash)\":{\"movePrecompileToAddress\":\"\(elsewhere)\"}}"
            #expect(try await answer(elsewhere, both) != .string("0x"))
            let code = "{\"\(identity)\":{\"code\":\"\(Self.returning([0x60, 9]).hex)\"}}"
            #expect(try await answer(identity, code) == Self.word(9))
            // Whatever is said of the account, its code runs then: here it has none.
            #expect(try await answer(identity, "{\"\(identity)\":{\"balance\":\"0x1\"}}") == .string("0x"))
            let refusals: [(overrides: String, message: String)] = [
                (
                    "{\"\(World.reader)\":{\"movePrecompileToAddress\":\"\(elsewhere)\"}}",
                    "account \(World.reader) is not a precompile"
                ),
                (
                    "{\"\(identity)\":{\"movePrecompileToAddress\":\"\(identity)\"}}",
                    "account \(identity) is already overridden"
                ),
            ]
            for (overrides, message) in refusals {
                let params = "[\(Self.call(identity)),\"latest\",\(overrides)]"
                let refusal = try await world.error("eth_call", params)
                #expect(refusal == (-32000, message))
            }
        }
    }

    @Test func `code put at a native contract runs in its place`() async throws {
        try await TestServer.run { world in
            // blockReward()
            let call = Self.call(SystemAddress.rewards, [0x0a, 0xc1, 0x68, 0xa1])
            let plain = try await world.result("eth_call", "[\(call)]")
            #expect(plain != Self.word(9))
            let code = "{\"\(SystemAddress.rewards)\":{\"code\":\"\(Self.returning([0x60, 9]).hex)\"}}"
            #expect(try await world.result("eth_call", "[\(call),\"latest\",\(code)]") == Self.word(9))
        }
    }

    @Test func `code sees the block that is supposed`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let recipient = Address(Bytes(repeating: 0x77, count: 20))
            let randao = UInt256(0x1234).hash
            let overrides =
                "{\"number\":\"0x2000\",\"time\":\"0x70000000\",\"gasLimit\":\"0x5f5e100\","
                + "\"feeRecipient\":\"\(recipient)\",\"prevRandao\":\"\(randao)\",\"baseFeePerGas\":\"0x9\","
                + "\"blobBaseFee\":\"0x3\"}"
            let asked: [(opcodes: Bytes, word: UInt256)] = [
                ([0x43], 0x2000), ([0x42], 0x7000_0000), ([0x45], 100_000_000), ([0x41], UInt256(recipient)),
                ([0x44], 0x1234), ([0x4a], 3), ([0x48], 0),
                // No block between the one whose state is read and the supposed one has a hash.
                ([0x61, 0x1f, 0xff, 0x40], 0),
            ]
            for (opcodes, word) in asked {
                let call = "{\"input\":\"\(Self.returning(opcodes).hex)\"}"
                let answer = try await world.result("eth_call", "[\(call),\"latest\",null,\(overrides)]")
                #expect(answer == .string(word.hash.hex), "\(opcodes)")
            }
            // With a price there is a base fee, the supposed one.
            let from = try World.account(1).address
            let code = Self.returning([0x48]).hex
            let priced = "{\"from\":\"\(from)\",\"gas\":\"0x186a0\",\"gasPrice\":\"0x9\",\"input\":\"\(code)\"}"
            #expect(try await world.result("eth_call", "[\(priced),\"latest\",{},\(overrides)]") == Self.word(9))
            for name in ["beaconRoot", "withdrawals"] {
                let value = name == "beaconRoot" ? "\"\(randao)\"" : "[]"
                let error = try await world.error("eth_call", "[\(priced),\"latest\",{},{\"\(name)\":\(value)}]")
                #expect(error == (-32000, "block override \"\(name)\" is not supported for this RPC method"))
            }
        }
    }

    static let malformed: [String] = [
        "\"latest\",[]", "\"latest\",{\"0x12\":{}}", "\"latest\",{\"\(World.reader)\":1}",
        "\"latest\",{\"\(World.reader)\":{\"balance\":\"5\"}}", "\"latest\",{\"\(World.reader)\":{\"code\":\"0x1\"}}",
        "\"latest\",{\"\(World.reader)\":{\"state\":{\"0x1\":\"0x2\"}}}",
        "\"latest\",{\"\(World.reader)\":{\"nonce\":\"0x10000000000000000\"}}",
        "\"latest\",{},7", "\"latest\",{},{\"number\":7}", "\"latest\",{},{\"time\":\"0x01\"}",
        "\"latest\",{},{\"withdrawals\":[{}]}",
    ]

    @Test(arguments: malformed)
    func `what is no override is refused as a parameter`(arguments: String) async throws {
        try await TestServer.run { world in
            for method in ["eth_call", "eth_estimateGas"] {
                let error = try await world.error(method, "[{\"to\":\"\(World.reader)\"},\(arguments)]")
                #expect(error.code == -32602)
            }
        }
    }
}

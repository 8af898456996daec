import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import RPC
import Testing

/// eth_call and eth_estimateGas where code runs. Most code here is initcode: a call without recipient runs it.
@Suite(.timeLimit(.minutes(5))) struct ContractCallTests {
    /// Initcode that ends with RETURN or REVERT of `data`, which it carries behind itself.
    private static func ending(with opcode: UInt8, _ data: Bytes) -> Bytes {
        // PUSH2 size, DUP1, PUSH1 start, PUSH0, CODECOPY, PUSH0, opcode
        let size: Bytes = [UInt8(data.count >> 8), UInt8(data.count & 0xff)]
        return [0x61] + size + [0x80, 0x60, 10, 0x5f, 0x39, 0x5f, opcode] + data
    }

    private static func revert(_ data: Bytes) -> Bytes { ending(with: 0xfd, data) }
    private static func `return`(_ data: Bytes) -> Bytes { ending(with: 0xf3, data) }

    private static func word(_ number: UInt64) -> Bytes { UInt256(number).hash.bytes }

    private static func error(_ text: String) -> Bytes {
        let bytes = Bytes(text.utf8)
        let padding = Bytes(repeating: 0, count: (32 - bytes.count % 32) % 32)
        return [0x08, 0xc3, 0x79, 0xa0] + word(32) + word(UInt64(bytes.count)) + bytes + padding
    }

    @Test func `a call reads the state of the height it names`() async throws {
        try await TestServer.run { world in
            try world.chain.append([]) { $0.slots[World.reader] = [1: 0x2b] }
            let question = "{\"to\":\"\(World.reader)\",\"input\":\"\(UInt256(1).hash)\"}"
            for (block, word) in [("0x0", 0x2a), ("0x1", 0x2b), ("latest", 0x2b), ("pending", 0x2b)] as [(_, UInt64)] {
                let answer = try await world.result("eth_call", "[\(question),\"\(block)\"]")
                #expect(answer == .string(UInt256(word).hash.hex), "\(block)")
            }
            let none = try await world.result("eth_call", "[{\"to\":\"\(World.reader)\"}]")
            #expect(none == .string(Hash32.zero.hex))
        }
    }

    @Test func `code sees the block whose state it reads, its caller and its price`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let header = try #require(world.chain.block(at: 2)).header
            let from = try World.account(1).address
            // Each opcode's word, one after the other.
            let asked: [(opcodes: Bytes, word: UInt256)] = [
                ([0x43], 2), ([0x42], UInt256(header.timestamp)), ([0x41], UInt256(header.beneficiary)),
                ([0x45], UInt256(header.gasLimit)), ([0x46], UInt256(World.chainID)), ([0x48], 0),
                ([0x32], UInt256(from)), ([0x33], UInt256(from)), ([0x34], 5), ([0x3a], 0),
                // BLOCKHASH of the block before, and of itself.
                ([0x60, 1, 0x40], UInt256(header.parentHash)), ([0x60, 2, 0x40], 0),
            ]
            for (opcodes, word) in asked {
                let code = opcodes + [0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]
                let call = "{\"from\":\"\(from)\",\"value\":\"0x5\",\"input\":\"\(code.hex)\"}"
                #expect(try await world.result("eth_call", "[\(call),\"0x2\"]") == .string(word.hash.hex), "\(opcodes)")
            }
            // With a price there is a base fee.
            let code: Bytes = [0x48, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]
            let gas = "\"gas\":\"0x186a0\",\"gasPrice\":\"0x2540be400\""
            let priced = "{\"from\":\"\(from)\",\(gas),\"input\":\"\(code.hex)\"}"
            #expect(
                try await world.result("eth_call", "[\(priced),\"0x2\"]") == .string(header.baseFee.hash.hex))
            let cheap = "{\"from\":\"\(from)\",\"gas\":\"0x186a0\",\"gasPrice\":\"0x1\",\"input\":\"\(code.hex)\"}"
            let error = try await world.error("eth_call", "[\(cheap),\"0x2\"]")
            #expect(error.code == -32000 && error.message.hasPrefix("err: max fee per gas less than block base fee"))
        }
    }

    static let reverts: [(data: Bytes, message: String)] = [
        (error("not enough"), "execution reverted: not enough"),
        (error(""), "execution reverted: "),
        (error("exactly thirty-two bytes of text"), "execution reverted: exactly thirty-two bytes of text"),
        ([0x4e, 0x48, 0x7b, 0x71] + word(0x11), "execution reverted: arithmetic underflow or overflow"),
        ([0x4e, 0x48, 0x7b, 0x71] + word(0x99), "execution reverted: unknown panic code: 0x99"),
        ([], "execution reverted"),
        ([1, 2, 3], "execution reverted"),
        // An Error(string) whose length lies.
        ([0x08, 0xc3, 0x79, 0xa0] + word(32) + word(1_000) + [1], "execution reverted"),
        ([0x08, 0xc3, 0x79, 0xa0] + word(.max) + word(1), "execution reverted"),
        ([0x08, 0xc3, 0x79, 0xa0] + UInt256.max.hash.bytes, "execution reverted"),
    ]

    @Test func `a revert is code 3 with its data, and its reason in words where it has one`() async throws {
        try await TestServer.run { world in
            for (data, message) in Self.reverts {
                for method in ["eth_call", "eth_estimateGas"] {
                    let params = "[{\"input\":\"\(Self.revert(data).hex)\"}]"
                    let error = try await world.error(method, params)
                    #expect(error == (3, message))
                    let told = try await world.errorData(method, params)
                    #expect(told == data)
                }
            }
        }
    }

    static let halts: [(code: Bytes, message: String)] = [
        ([0xfe], "invalid opcode: INVALID"),
        ([0x0c], "invalid opcode: opcode 0xc not defined"),
        ([0x60, 0x01, 0x01], "stack underflow (1 <=> 2)"),
        ([0x5f, 0x56], "invalid jump destination"),
        // JUMPDEST, PUSH0, PUSH0, PUSH0 ... and back
        ([0x5b, 0x5f, 0x5f, 0x56], "stack limit reached 1024 (1023)"),
        ([0x5b, 0x5f, 0x56], "out of gas"),
        ([0x5f, 0x35, 0x60, 0x01, 0x5f, 0x3e], "return data out of bounds"),
        (`return`([0xef]), "invalid code: must not begin with 0xef"),
        ([0x61, 0x60, 0x01, 0x5f, 0xf3], "max code size exceeded"),
    ]

    @Test func `a call that halts says why, in geth's words`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.callGasMax = 8_000_000
        } _: { world in
            for (code, message) in Self.halts {
                let params = "[{\"input\":\"\(code.hex)\"}]"
                let error = try await world.error("eth_call", params)
                #expect(error == (-32000, message))
                // With all gas gone, more gas is what would help, as far as anybody knows.
                let estimate = message == "out of gas" ? "gas required exceeds allowance (8000000)" : message
                let refusal = try await world.error("eth_estimateGas", params)
                #expect(refusal == (-32000, estimate))
            }
        }
    }

    @Test func `a creation returns the code, and leaves none`() async throws {
        try await TestServer.run { world in
            let input = Self.return([1, 2, 3]).hex
            #expect(try await world.result("eth_call", "[{\"input\":\"\(input)\"}]") == .string("0x010203"))
            let made = createAddress(sender: .zero, nonce: 0)
            #expect(try await world.result("eth_getCode", "[\"\(made)\"]") == .string("0x"))
            let long = Bytes(repeating: 0, count: Transaction.initCodeBytesMax + 1).hex
            let error = try await world.error("eth_call", "[{\"input\":\"\(long)\"}]")
            let told = "err: max initcode size exceeded: code size 49153, limit 49152 (supplied gas 50000000)"
            #expect(error == (-32000, told))
        }
    }

    @Test func `gas and time of a call are limited`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.callGasMax = 60_000
        } _: { world in
            let code = (Bytes([0x5a, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3, 0x00]))
            for gas in ["", ",\"gas\":\"0xffffffff\""] {
                let left = try await world.result("eth_call", "[{\"input\":\"\(code.hex)\"\(gas)}]")
                // 53,000 for a creation, seven bytes of data that are not zero and one that is, a word, and GAS itself.
                let spent: UInt64 = 53_000 + 7 * 16 + 1 * 4 + 2 + 2
                #expect(left == .string(UInt256(60_000 - spent).hash.hex))
            }
        }
        try await TestServer.run { configuration in
            configuration.limits.callTimeout = .zero
        } _: { world in
            for method in ["eth_call", "eth_estimateGas"] {
                let error = try await world.error(method, "[{\"to\":\"\(World.reader)\"}]")
                #expect(error == (-32000, "execution aborted (timeout = 0s)"))
            }
        }
    }

    @Test func `what cannot begin is refused in geth's words`() async throws {
        try await TestServer.run { world in
            let from = try World.account(0).address
            let refusals: [(call: String, message: String)] = [
                (
                    "{\"to\":\"\(World.reader)\",\"gas\":\"0x5207\"}",
                    "err: intrinsic gas too low: have 20999, want 21000 (supplied gas 20999)"
                ),
                (
                    "{\"to\":\"\(World.reader)\",\"gas\":\"0x5208\",\"value\":\"0x1\"}",
                    "err: insufficient funds for gas * price + value: address \(Address.zero) have 0 want 1 "
                        + "(supplied gas 21000)"
                ),
                (
                    "{\"from\":\"\(from)\",\"to\":\"\(World.reader)\",\"gas\":\"0x55f0\",\"input\":\"0x"
                        + String(repeating: "01", count: 30) + "\"}",
                    "err: insufficient gas for floor data gas cost: have 22000, want 22200 (supplied gas 22000)"
                ),
                (
                    "{\"to\":\"\(World.reader)\",\"chainId\":\"0x1\"}",
                    "chainId does not match node's (have=1, want=8217)"
                ),
            ]
            for (call, message) in refusals {
                #expect(try await world.error("eth_call", "[\(call)]") == (-32000, message))
            }
        }
    }

    @Test func `an estimate is enough, and little more than enough`() async throws {
        try await TestServer.run { world in
            // Reverts where less than 100,000 gas is left: GAS, LT, ISZERO, JUMPI over a REVERT.
            let picky = Address(Bytes(repeating: 0xd1, count: 20))
            // Sets a slot and clears it, which is refunded at the end.
            let thrifty = Address(Bytes(repeating: 0xd2, count: 20))
            try world.chain.append([]) { state in
                state.setCode(
                    picky, [0x62, 0x01, 0x86, 0xa0, 0x5a, 0x10, 0x15, 0x60, 13, 0x57, 0x5f, 0x5f, 0xfd, 0x5b, 0x00])
                state.setCode(thrifty, [0x60, 1, 0x5f, 0x55, 0x5f, 0x5f, 0x55, 0x00])
            }
            // 21,000, and PUSH3 and GAS before the comparison; a cold SSTORE to a new slot, and one back that costs
            // 100 and wants more than 2,300 left (EIP-2200).
            let thriftyGas: UInt64 = 21_000 + 3 + 2 + 22_100 + 4 + 2_301
            for (address, least) in [(picky, 121_005), (thrifty, thriftyGas)] {
                func call(_ gas: UInt64) -> String {
                    "[{\"to\":\"\(address)\",\"gas\":\"\(UInt256(gas).quantity)\"}]"
                }
                let result = try await world.result("eth_estimateGas", "[{\"to\":\"\(address)\"}]")
                let estimate = try UInt256(hex: #require(result.string)).asUInt64 ?? 0
                #expect(World.isEstimate(estimate, of: least), "\(estimate), \(least)")
                #expect(try await world.result("eth_call", call(estimate)) == .string("0x"))
                _ = try await world.error("eth_call", call(least - 1))
            }
        }
    }
}

import Chain
import EthereumChain
import Primitives
import RPC
import Testing

@Suite(.timeLimit(.minutes(5))) struct FeeTests {
    @Test(arguments: [0, 21_000, 29_999_999, 30_000_000, 30_000_001, 60_000_000] as [Gas])
    func `the price of gas is the base fee of the next block and the tip`(gasUsed: Gas) async throws {
        try await TestServer.run { world in
            try world.chain.append([], gasUsed: gasUsed)
            let tip = try UInt256(hex: #require(try await world.result("eth_maxPriorityFeePerGas").string))
            let price = try UInt256(hex: #require(try await world.result("eth_gasPrice").string))
            let history = try await world.result("eth_feeHistory", "[\"0x2\",\"latest\",[]]")
            let next = try world.chain.append([])
            #expect(price == next.header.baseFeePerGas + tip)
            #expect(history["baseFeePerGas"]?.array?.last == .string(next.header.baseFeePerGas.quantity))
            #expect(tip == 1_000_000_000)
        }
    }

    @Test func `the suggested tip follows what blocks took`() async throws {
        try await TestServer.run { world in
            #expect(try await world.result("eth_maxPriorityFeePerGas") == .string("0x3b9aca00"))
            let key = try World.account(0)
            try world.chain.append((0..<5).map { World.transfer(from: key, nonce: $0, tip: UInt256($0 + 1) * 100) })
            // The three lowest tips are 100, 200 and 300; the one at 60 % is 200.
            #expect(try await world.result("eth_maxPriorityFeePerGas") == .string("0xc8"))
            for _ in 0..<25 { try world.chain.append([]) }
            #expect(try await world.result("eth_maxPriorityFeePerGas") == .string("0x3b9aca00"))
        }
    }

    @Test func `the history agrees with the headers`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let next = TestChain.baseFee(after: try #require(world.chain.block(at: 3)).header)
            for (count, newest, oldest) in [
                ("\"0x2\"", "0x3", 2), ("3", "latest", 1), ("\"1024\"", "0x3", 0), ("\"0x1\"", "pending", 3),
            ] {
                let history = try await world.result("eth_feeHistory", "[\(count),\"\(newest)\"]")
                #expect(
                    history.names == [
                        "oldestBlock", "baseFeePerGas", "gasUsedRatio", "baseFeePerBlobGas", "blobGasUsedRatio",
                    ])
                #expect(try history.integer("oldestBlock") == UInt64(oldest))
                let headers = (oldest...3).compactMap { world.chain.block(at: UInt64($0))?.header }
                #expect(
                    history["baseFeePerGas"]
                        == .array((headers.map(\.baseFee) + [next]).map { .string($0.quantity) }))
                let ratios = try #require(history["gasUsedRatio"]?.array).map(\.double)
                #expect(ratios == headers.map { Double($0.gasUsed) / Double($0.gasLimit) })
                #expect(history["baseFeePerBlobGas"]?.array?.count == headers.count + 1)
                #expect(history["blobGasUsedRatio"]?.array?.count == headers.count)
            }
        }
    }

    @Test func `rewards are the tips at the percentiles of a block's gas`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let history = try await world.result("eth_feeHistory", "[\"0x2\",\"0x3\",[0,33,34,66.7,100]]")
            let rewards = try #require(history["reward"]?.array)
            #expect(rewards[0] == .array([JSONValue](repeating: .string("0x0"), count: 5)))
            // Three transfers of equal gas with tips of 1, 2 and 3 gwei.
            let gwei = [1, 1, 2, 3, 3].map { JSONValue.string(UInt64($0 * 1_000_000_000).quantity) }
            #expect(rewards[1] == .array(gwei))
        }
    }

    @Test func `a history that cannot be is refused`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            #expect(
                try await world.error("eth_feeHistory", "[\"0x1\",\"0x9\",[]]") == (
                    -32000, "request beyond head block: requested 9, head 3"
                ))
            for percentiles in ["[50,10]", "[-1]", "[101]", "[\(String(repeating: "1,", count: 100))1]"] {
                #expect(try await world.error("eth_feeHistory", "[\"0x1\",\"latest\",\(percentiles)]").code == -32000)
            }
            for percentiles in ["5", "[\"a\"]", "[1e999]", "{}"] {
                #expect(try await world.error("eth_feeHistory", "[\"0x1\",\"latest\",\(percentiles)]").code == -32602)
            }
            let none = try await world.result("eth_feeHistory", "[\"0x0\",\"latest\",[]]")
            #expect(none["gasUsedRatio"] == .array([]))
        }
    }
}

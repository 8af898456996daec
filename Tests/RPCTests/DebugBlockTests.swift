import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import RPC
import Testing
import Validation

/// debug_getBadBlocks and debug_executionWitness, over real HTTP.
@Suite(.timeLimit(.minutes(5))) struct DebugBlockTests {
    @Test func `bad blocks are shown whole, whoever signed them, and their faults apart`() async throws {
        try await TestServer.run { world in
            #expect(try await world.result("debug_getBadBlocks") == .array([]))
            let good = World.transfer(from: try World.account(0), nonce: 0)
            let forged = Transaction(good.content, signature: AccountSignature(r: 0, s: 0, yParity: false))
            let header = try #require(world.chain.header(at: 0))
            let block = EthereumBlock(header: header, transactions: [good, forged])
            let sealed = EthereumBlock(header: header, transactions: [])
            world.node.set {
                $0.badBlocks = [
                    BadBlockReport(block: block, reason: "too good", proposer: World.stranger, round: 3),
                    BadBlockReport(block: sealed, reason: "no good", proposer: nil, round: nil),
                ]
            }
            let shown = try #require(try await world.result("debug_getBadBlocks").array)
            #expect(shown.count == 2 && shown.allSatisfy { $0.names == ["block", "hash", "rlp"] })
            #expect(try shown[0].data("rlp") == block.rlp)
            #expect(try shown[0].hash("hash") == block.hash)
            let transactions = try #require(try shown[0].member("block").member("transactions").array)
            #expect(
                try transactions.map { try $0.address("from") } == [World.account(0).address, .zero])
            #expect(try shown[0].member("block").header().hash == block.hash)
            let reasons = try #require(try await world.result("ranger_getBadBlocks").array)
            #expect(try reasons.map { try $0.text("reason") } == ["too good", "no good"])
            #expect(try reasons[0].address("proposer") == World.stranger && reasons[0].integer("round") == 3)
            #expect(reasons[1]["proposer"] == .null && reasons[1]["round"] == .null)
        }
    }

    /// PUSH0, SLOAD, PUSH1 1, SSTORE, PUSH1 1, BLOCKHASH, PUSH0, SSTORE, STOP
    private static let code: Bytes = [0x5f, 0x54, 0x60, 1, 0x55, 0x60, 1, 0x40, 0x5f, 0x55, 0x00]
    private static let contract = Address(Bytes(repeating: 0xd4, count: 20))

    @Test func `a block executes from its witness as it does from the whole state`() async throws {
        try await TestServer.run { world in
            try world.chain.append([]) { state in
                state.setCode(Self.contract, Self.code)
                state.slots[Self.contract] = [0: 5, 1: 6, 2: 7]
            }
            for _ in 0..<2 { try world.chain.append([]) }
            let key = try World.account(0)
            try world.chain.append([
                World.transfer(from: key, nonce: 0),
                World.transfer(from: key, nonce: 1, to: Self.contract, value: 0, gasLimit: 200_000),
            ])
            let block = try #require(world.chain.ownBlock(at: 4))
            let parent = try #require(world.chain.state(at: 3))
            for reference in ["\"0x4\"", "\"latest\"", "\"\(block.hash)\""] {
                let answer = try await world.result("debug_executionWitness", "[\(reference)]")
                #expect(answer.names == ["headers", "codes", "state", "keys"])
                // From the parent down to block 1, whose hash the code asks for.
                let headers = try #require(try answer.member("headers").array)
                #expect(try headers.map { try $0.integer("number") } == [3, 2, 1])
                for header in headers { #expect(try header.header().hash == header.hash("hash")) }
                let codes = try Self.bytes(answer, "codes")
                #expect(codes.contains(Self.code))
                let keys = try Self.bytes(answer, "keys")
                for key in [key.address.bytes, World.stranger.bytes, Self.contract.bytes, UInt256(1).hash.bytes] {
                    #expect(keys.contains(key))
                }
                let ledger = WitnessLedger(
                    root: try headers[0].hash("stateRoot"), witness: try Self.bytes(answer, "state") + codes)
                let outcome = try execute(block, reading: ledger, under: World.rules)
                let whole = try execute(block, reading: parent.witnessLedger, under: World.rules)
                #expect(outcome.stateRoot == whole.stateRoot)
                #expect(outcome.receipts == whole.receipts)
            }
        }
    }

    private static func bytes(_ answer: JSONValue, _ name: String) throws -> [Bytes] {
        try #require(try answer.member(name).array).map { try Bytes(hex: #require($0.string)) }
    }

    static let refusals: [(params: String, message: String)] = [
        ("[\"0x0\"]", "block number 0 found, but parent missing"), ("[\"0x9\"]", "block #9 not found"),
        ("[\"\(Hash32.zero)\"]", "block \(Hash32.zero) not found"),
    ]

    @Test func `a witness of what is not there is refused`() async throws {
        try await TestServer.run { world in
            for (params, message) in Self.refusals {
                let error = try await world.error("debug_executionWitness", params)
                #expect(error == (-32000, message))
            }
        }
    }

    @Test func `a witness that is too large is refused`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.responseBytesMax = 500
        } _: { world in
            try world.growChain()
            let error = try await world.error("debug_executionWitness", "[\"0x1\"]")
            #expect(error == (-32003, "response too large"))
        }
    }
}

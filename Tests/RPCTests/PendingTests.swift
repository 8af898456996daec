import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import RPC
import Synchronization
import Testing
import Trie

/// The pending tag: a block out of what waits, on the state of the head.
@Suite(.timeLimit(.minutes(5))) struct PendingTests {
    static let friend = Address(Bytes(repeating: 0x77, count: 20))
    static let proposer = Address(Bytes(repeating: 0x66, count: 20))
    /// Stores 7 in slot 1 and leaves one byte of code.
    static let initCode: Bytes = [0x60, 7, 0x60, 1, 0x55, 0x60, 1, 0x5f, 0xf3]

    private func run(
        _ change: (inout RPCLimits) -> Void = { _ in }, _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run { configuration in
            // However slow the machine: every change of the pool shows at once.
            configuration.limits.pendingBlockShortTime = .seconds(3_600)
            configuration.limits.pendingBlockAgeMax = .seconds(3_600)
            change(&configuration.limits)
        } _: { world in
            try world.growChain()
            try await body(world)
        }
    }

    private func offer(
        _ transactions: [Transaction], version: UInt64, after parent: Height? = nil, in world: TestServer
    ) throws {
        let candidates = try transactions.map { SentTransaction($0, sender: try $0.recoverSender()) }
        world.node.set {
            $0.nextBlock = NextBlock(
                after: parent ?? world.chain.headHeight, poolVersion: version, candidates: candidates,
                beneficiary: Self.proposer, timestamp: 1_800_000_000)
        }
    }

    private func transactions(in block: JSONValue) throws -> [Hash32] {
        try #require(try block.member("transactions").array).map { try $0.hash("hash") }
    }

    @Test func `what waits is in the pending block and acts on the pending state, and nowhere else`() async throws {
        try await run { world in
            let key = try World.account(1)
            let gift = World.transfer(from: key, nonce: 2, to: Self.friend, value: 1_000)
            let creation = World.transfer(
                from: key, nonce: 3, to: nil, value: 0, data: Self.initCode, gasLimit: 200_000)
            try offer([gift, creation], version: 1, in: world)
            let block = try await world.result("eth_getBlockByNumber", "[\"pending\",true]")
            let head = try #require(world.chain.block(at: 3))
            #expect(try transactions(in: block) == [gift.hash, creation.hash])
            for name in ["hash", "nonce", "miner"] { #expect(block[name] == .null) }
            #expect(try block.integer("number") == 4 && block.hash("parentHash") == head.hash)
            #expect(try block.integer("timestamp") == 1_800_000_000)
            let envelopes = [gift.envelope, creation.envelope]
            #expect(try block.hash("transactionsRoot") == MerkleTrie.orderedRoot(envelopes))
            #expect(try block.integer("gasUsed") > 42_000)
            let listed = try #require(try block.member("transactions").array)[0]
            #expect(listed["blockHash"] == .null && listed["transactionIndex"] == .null)

            #expect(try await world.result("eth_getBlockTransactionCountByNumber", "[\"pending\"]") == .string("0x2"))
            let second = try await world.result("eth_getTransactionByBlockNumberAndIndex", "[\"pending\",\"0x1\"]")
            #expect(try second.hash("hash") == creation.hash)

            let created = createAddress(sender: key.address, nonce: 3)
            let word = "0x" + String(repeating: "0", count: 63)
            for (method, arguments, latest, pending) in [
                ("eth_getBalance", "\"\(Self.friend)\"", "0x0", "0x3e8"),
                ("eth_getCode", "\"\(created)\"", "0x", "0x00"),
                ("eth_getStorageAt", "\"\(created)\",\"0x1\"", word + "0", word + "7"),
                ("eth_getTransactionCount", "\"\(Self.friend)\"", "0x0", "0x0"),
            ] {
                #expect(try await world.result(method, "[\(arguments),\"latest\"]") == .string(latest))
                #expect(try await world.result(method, "[\(arguments),\"pending\"]") == .string(pending))
            }
            let spend = "{\"from\":\"\(Self.friend)\",\"to\":\"\(World.stranger)\",\"value\":\"0x3e8\"}"
            #expect(try await world.result("eth_call", "[\(spend),\"pending\"]") == .string("0x"))
            #expect(try await world.result("eth_estimateGas", "[\(spend),\"pending\"]") == .string("0x5208"))
            let reply = try await world.post(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_call\",\"params\":[\(spend),\"latest\"]}")
            #expect(try reply.json().member("error").text("message").contains("insufficient funds"))
        }
    }

    @Test func `one that cannot run leaves out what follows it of its sender, and nothing else`() async throws {
        try await run { world in
            let keys = try (0..<3 as Range<UInt32>).map(World.account)
            let stale = World.transfer(from: keys[0], nonce: 4)
            let next = World.transfer(from: keys[0], nonce: 5)
            let early = World.transfer(from: keys[1], nonce: 3)
            let behind = World.transfer(from: keys[1], nonce: 4)
            let other = World.transfer(from: keys[2], nonce: 2)
            try offer([stale, early, behind, next, other], version: 1, in: world)
            let block = try await world.result("eth_getBlockByNumber", "[\"pending\",true]")
            #expect(try transactions(in: block) == [next.hash, other.hash])
            let receipts = try #require(try await world.result("eth_getBlockReceipts", "[\"pending\"]").array)
            #expect(try receipts.map { try $0.hash("transactionHash") } == [next.hash, other.hash])
        }
    }

    @Test func `the pending block is made once for a head and a pool, and again for the next`() async throws {
        try await run { world in
            let key = try World.account(2)
            try offer([World.transfer(from: key, nonce: 2)], version: 7, in: world)
            func count() async throws -> JSONValue {
                try await world.result("eth_getBlockTransactionCountByNumber", "[\"pending\"]")
            }
            func taken() -> Int { world.node.contents.withLock { $0.nextBlocksTaken } }
            for _ in 0..<5 { #expect(try await count() == .string("0x1")) }
            #expect(taken() == 1)
            let both = (2...3).map { World.transfer(from: key, nonce: $0) }
            try offer(both, version: 8, in: world)
            for _ in 0..<5 { #expect(try await count() == .string("0x2")) }
            #expect(taken() == 2)
            try world.chain.append([World.transfer(from: key, nonce: 2)])
            try offer(both, version: 8, in: world)
            #expect(try await count() == .string("0x1"))
            let block = try await world.result("eth_getBlockByNumber", "[\"pending\"]")
            #expect(try block.integer("number") == 5)
            #expect(taken() == 3)
        }
    }

    @Test func `one that took long serves for a while though the pool changes`() async throws {
        try await run { limits in
            (limits.pendingBlockShortTime, limits.pendingBlockRestFactor) = (.zero, 1_000_000_000)
        } _: { world in
            let key = try World.account(2)
            try offer([World.transfer(from: key, nonce: 2)], version: 1, in: world)
            let first = try await world.result("eth_getBlockByNumber", "[\"pending\"]")
            try offer([], version: 2, in: world)
            #expect(try await world.result("eth_getBlockByNumber", "[\"pending\"]") == first)
            // Not for another head.
            try world.chain.append([])
            let block = try await world.result("eth_getBlockByNumber", "[\"pending\"]")
            #expect(block["transactions"] == .array([]))
        }
    }

    @Test func `it follows the block that its transactions follow, whatever has been sealed since`() async throws {
        try await run { world in
            let key = try World.account(1)
            let (third, fourth) = (World.transfer(from: key, nonce: 2), World.transfer(from: key, nonce: 3))
            try offer([third, fourth], version: 1, in: world)
            // The node was asked before this block and answered after it.
            try world.chain.append([third])
            let block = try await world.result("eth_getBlockByNumber", "[\"pending\"]")
            #expect(try block.integer("number") == 4)
            #expect(block["transactions"]?.array?.count == 2)
            // It will be asked again.
            try offer([fourth], version: 2, in: world)
            let next = try await world.result("eth_getBlockByNumber", "[\"pending\"]")
            #expect(try next.integer("number") == 5)
            #expect(next["transactions"] == .array([.string(fourth.hash.hex)]))
        }
    }

    @Test func `its clock goes on while the pool is idle`() async throws {
        try await run { limits in
            limits.pendingBlockAgeMax = .zero
        } _: { world in
            for time: UInt64 in [1_800_000_000, 1_800_000_009] {
                world.node.set {
                    $0.nextBlock = NextBlock(
                        after: 3, poolVersion: 1, candidates: [], beneficiary: Self.proposer, timestamp: time)
                }
                let block = try await world.result("eth_getBlockByNumber", "[\"pending\"]")
                #expect(try block.integer("timestamp") == time)
            }
        }
    }

    @Test func `it holds so many transactions and takes so long, and no more`() async throws {
        let key = try World.account(2)
        let waiting = (2...5 as ClosedRange<UInt64>).map { World.transfer(from: key, nonce: $0) }
        for (change, count) in [
            ({ $0.pendingTransactionsMax = 3 }, "0x3"), ({ $0.pendingBlockTime = .zero }, "0x0"),
        ] as [((inout RPCLimits) -> Void, String)] {
            try await run(change) { world in
                try offer(waiting, version: 1, in: world)
                let found = try await world.result("eth_getBlockTransactionCountByNumber", "[\"pending\"]")
                #expect(found == .string(count))
            }
        }
        try await run { limits in
            limits.pendingBlockTimeout = .zero
        } _: { world in
            try offer(waiting, version: 1, in: world)
            let reply = try await world.post(
                #"{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["pending"]}"#)
            #expect(try reply.json().member("error").text("message") == "pending block is not available")
        }
    }
}

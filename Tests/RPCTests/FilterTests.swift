import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import Testing

@testable import RPC

/// eth_new*Filter, and what is asked of filters.
@Suite(.timeLimit(.minutes(5))) struct FilterTests {
    private static let log = Log(address: World.contract, topics: [keccak256([1])], data: [1, 2, 3])
    private static let other = Log(address: World.reader, topics: [keccak256([2])], data: [])

    /// A block with one transaction of account 0 that makes `logs`.
    private static func seal(_ logs: [Log], on world: TestServer) throws {
        let sender = try World.account(0)
        let nonce = world.chain.state(at: world.chain.headHeight)?.accounts[sender.address]?.nonce ?? 0
        try world.chain.append([World.transfer(from: sender, nonce: nonce)], logs: [0: logs])
    }

    private static func id(_ world: TestServer, _ method: String, _ params: String = "[]") async throws -> String {
        try #require(try await world.result(method, params).string)
    }

    private static func changes(_ world: TestServer, _ id: String) async throws -> [JSONValue] {
        try #require(try await world.result("eth_getFilterChanges", "[\"\(id)\"]").array)
    }

    @Test func `a block filter tells each block that is sealed after it once, in order`() async throws {
        try await TestServer.run { world in
            try world.chain.append([])
            let id = try await Self.id(world, "eth_newBlockFilter")
            #expect(try await Self.changes(world, id).isEmpty)
            let blocks = try (0..<3).map { _ in try world.chain.append([]) }
            #expect(try await Self.changes(world, id) == blocks.map { .string($0.hash.hex) })
            #expect(try await Self.changes(world, id).isEmpty)
        }
    }

    @Test func `a block is not told before it is the head`() async throws {
        try await TestServer.run { world in
            let id = try await Self.id(world, "eth_newBlockFilter")
            try world.chain.append([], announced: false)
            #expect(try await Self.changes(world, id).isEmpty)
        }
    }

    @Test func `a filter of logs tells new logs that match, and all of them when asked for all`() async throws {
        try await TestServer.run { world in
            try Self.seal([Self.log], on: world)
            let id = try await Self.id(
                world, "eth_newFilter", #"[{"fromBlock":"0x0","address":"\#(World.contract)"}]"#)
            #expect(try await Self.changes(world, id).isEmpty)
            try Self.seal([Self.other, Self.log], on: world)
            let new = try await Self.changes(world, id)
            #expect(try new.map { try $0.integer("blockNumber") } == [2])
            #expect(try new.map { try $0.integer("logIndex") } == [1])
            #expect(try await Self.changes(world, id).isEmpty)
            let all = try #require(try await world.result("eth_getFilterLogs", "[\"\(id)\"]").array)
            #expect(try all.map { try $0.integer("blockNumber") } == [1, 2])
        }
    }

    @Test func `a filter of logs is held to the blocks that it names`() async throws {
        try await TestServer.run { world in
            let range = try await Self.id(world, "eth_newFilter", #"[{"fromBlock":"0x2","toBlock":"0x3"}]"#)
            for _ in 0..<4 { try Self.seal([Self.log], on: world) }
            #expect(try await Self.changes(world, range).map { try $0.integer("blockNumber") } == [2, 3])
            let hash = try #require(world.chain.block(at: 2)).hash
            let block = try await Self.id(world, "eth_newFilter", #"[{"blockHash":"\#(hash)"}]"#)
            try Self.seal([Self.log], on: world)
            #expect(try await Self.changes(world, block).isEmpty)
            #expect(try await world.result("eth_getFilterLogs", "[\"\(block)\"]").array?.count == 1)
        }
    }

    @Test func `more logs than one answer may hold are told by the answers after it, each once`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.logsMax = 4
        } _: { world in
            let id = try await Self.id(world, "eth_newFilter", "[{}]")
            for _ in 0..<2 { try Self.seal([Log](repeating: Self.log, count: 5), on: world) }
            var places: [String] = []
            for _ in 0..<4 {
                let logs = try await Self.changes(world, id)
                #expect(logs.count <= 4)
                places += try logs.map { "\(try $0.integer("blockNumber")).\(try $0.integer("logIndex"))" }
            }
            #expect(places == ["1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1", "2.2", "2.3", "2.4"])
        }
    }

    @Test func `more blocks than one answer may hold are told by the answers after it`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.filterChangesMax = 2
        } _: { world in
            let id = try await Self.id(world, "eth_newBlockFilter")
            for _ in 0..<5 { try world.chain.append([]) }
            #expect(try await Self.changes(world, id).count == 2)
            #expect(try await Self.changes(world, id).count == 2)
            #expect(try await Self.changes(world, id).count == 1)
        }
    }

    @Test func `a filter of pending transactions tells what enters the pool after it, by hash or in full`()
        async throws
    {
        try await TestServer.run { world in
            let key = try World.account(0)
            let sent = (0..<3).map { SentTransaction(World.transfer(from: key, nonce: $0), sender: key.address) }
            world.events.publish(.pending([sent[0]]))
            let hashes = try await Self.id(world, "eth_newPendingTransactionFilter")
            let whole = try await Self.id(world, "eth_newPendingTransactionFilter", "[true]")
            world.events.publish(.pending([sent[1], sent[2]]))
            // One waits, one is sealed.
            _ = await world.node.submit([sent[1]])
            try world.chain.append([sent[2].transaction])
            let expected = sent[1...].map(\.transaction.hash)
            #expect(try await Self.changes(world, hashes) == expected.map { .string($0.hex) })
            #expect(try await Self.changes(world, whole).map { try $0.hash("hash") } == expected)
            #expect(try await Self.changes(world, hashes).isEmpty)
        }
    }

    @Test func `a filter that misses transactions because nobody asked it is gone, not silent`() async throws {
        try await TestServer.run { world in
            let id = try await Self.id(world, "eth_newPendingTransactionFilter")
            let key = try World.account(0)
            let sent = SentTransaction(World.transfer(from: key, nonce: 0), sender: key.address)
            let many = [SentTransaction](repeating: sent, count: EventHub.rememberedTransactionsMax)
            world.events.publish(.pending(many))
            world.events.publish(.pending([sent]))
            let error = try await world.error("eth_getFilterChanges", "[\"\(id)\"]")
            #expect(error == (-32000, "filter not found"))
        }
    }

    @Test func `a filter that was uninstalled or never was is not found`() async throws {
        try await TestServer.run { world in
            let id = try await Self.id(world, "eth_newBlockFilter")
            #expect(try await world.result("eth_uninstallFilter", "[\"\(id)\"]") == .bool(true))
            #expect(try await world.result("eth_uninstallFilter", "[\"\(id)\"]") == .bool(false))
            for method in ["eth_getFilterChanges", "eth_getFilterLogs"] {
                #expect(try await world.error(method, "[\"\(id)\"]") == (-32000, "filter not found"))
            }
            let blocks = try await Self.id(world, "eth_newBlockFilter")
            #expect(try await world.error("eth_getFilterLogs", "[\"\(blocks)\"]") == (-32000, "filter not found"))
            #expect(try await world.error("eth_getFilterChanges", "[\"0x\"]").code == -32602)
        }
    }

    @Test func `a filter of logs with a reversed range is refused`() async throws {
        try await TestServer.run { world in
            let error = try await world.error("eth_newFilter", #"[{"fromBlock":"0x2","toBlock":"0x1"}]"#)
            #expect(error == (-32602, "invalid block range params"))
        }
    }

    @Test func `more filters than the limit are refused until one is uninstalled`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.filtersMax = 2
        } _: { world in
            let id = try await Self.id(world, "eth_newBlockFilter")
            _ = try await Self.id(world, "eth_newBlockFilter")
            let error = try await world.error("eth_newBlockFilter")
            #expect(error == (-32000, "too many filters: at most 2; uninstall some"))
            _ = try await world.result("eth_uninstallFilter", "[\"\(id)\"]")
            _ = try await Self.id(world, "eth_newBlockFilter")
        }
    }

    @Test func `a connection that is kept may install some of the filters, another one the next`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.filtersPerConnectionMax = 2
        } _: { world in
            let request = #"{"jsonrpc":"2.0","id":1,"method":"eth_newBlockFilter","params":[]}"#
            let (first, second) = (try await world.connect(), try await world.connect())
            for _ in 0..<2 {
                try await first.post(request)
                #expect(try await first.reply().json()["result"] != nil)
            }
            try await first.post(request)
            let message = try await first.reply().json()["error"]?["message"]?.string
            #expect(message == "too many filters on this connection: at most 2; uninstall some")
            try await second.post(request)
            #expect(try await second.reply().json()["result"] != nil)
            for client in [first, second] { try await client.close() }
        }
    }
}

/// The bookkeeping of filters, at times that the tests choose.
@Suite struct FilterBookTests {
    private let start = ContinuousClock.now
    private let subject = FilterBook.Subject.blocks(next: 1)

    @Test func `a filter that nobody asks for its lifetime is gone, and one that is asked lives on`() throws {
        let limits = RPCLimits()
        var book = FilterBook(limits: limits)
        let almost = limits.filterLifetime - .nanoseconds(1)
        try book.insert(subject, as: 1, of: nil, at: start)
        try book.insert(subject, as: 2, of: nil, at: start)
        _ = try book.ask(1, at: start + almost)
        _ = try book.ask(1, at: start + almost + almost)
        #expect(throws: RPCError.filterNotFound) { try book.ask(2, at: start + limits.filterLifetime) }
        #expect(book.count == 1)
    }

    @Test func `filters that have expired make room for new ones`() throws {
        var limits = RPCLimits()
        limits.filtersMax = 1
        var book = FilterBook(limits: limits)
        try book.insert(subject, as: 1, of: nil, at: start)
        #expect(throws: RPCError.self) { try book.insert(subject, as: 2, of: nil, at: start) }
        try book.insert(subject, as: 2, of: nil, at: start + limits.filterLifetime)
        #expect(book.count == 1)
    }

    @Test func `one connection may have some of the filters, others the rest`() throws {
        var limits = RPCLimits()
        limits.filtersPerConnectionMax = 1
        var book = FilterBook(limits: limits)
        try book.insert(subject, as: 1, of: 7, at: start)
        #expect(throws: RPCError.self) { try book.insert(subject, as: 2, of: 7, at: start) }
        try book.insert(subject, as: 2, of: 8, at: start)
        book.remove(1)
        try book.insert(subject, as: 3, of: 7, at: start)
        #expect(book.count == 2)
    }

    @Test func `all filters together hold a bounded number of addresses and topics`() throws {
        var limits = RPCLimits()
        limits.filterTermsMax = 3
        var book = FilterBook(limits: limits)
        let topic = JSONValue.string(Hash32.zero.hex)
        let filter = try LogFilter(.object(JSONObject([.init("topics", .array([topic, topic]))])))
        let subject = FilterBook.Subject.logs(filter, next: LogPlace(height: 1))
        try book.insert(subject, as: 1, of: nil, at: start)
        #expect(throws: RPCError.self) { try book.insert(subject, as: 2, of: nil, at: start) }
        book.remove(1)
        try book.insert(subject, as: 2, of: nil, at: start)
    }
}

import Chain
import Crypto
import EVM
import Primitives
import Synchronization
import Testing

@testable import RPC

/// What clients are told over WebSocket as it happens.
@Suite(.timeLimit(.minutes(5))) struct SubscriptionTests {
    private func grow(_ world: TestServer, logs: [Int: [Log]] = [:]) throws -> Block {
        let head = world.chain.headHeight
        let block = try world.chain.append(
            logs.isEmpty
                ? []
                : [
                    World.transfer(from: World.account(0), nonce: UInt64(head)),
                    World.transfer(from: World.account(1), nonce: UInt64(head)),
                ],
            logs: logs)
        world.events.publish(.head(block.number))
        return block
    }

    @Test func `new heads are told in order, each as the header of its block`() async throws {
        try await TestServer.run { world in
            let client = try await WebSocketClient(world)
            let id = try await client.subscribe(#"["newHeads"]"#)
            for _ in 0..<3 {
                let block = try grow(world)
                let head = try await client.news(of: id)
                #expect(head["hash"] == .string(block.hash.hex))
                let whole = try await world.result("eth_getBlockByHash", #"["\#(block.hash)",false]"#)
                for member in try #require(head.object).members { #expect(member.value == whole[member.name]) }
                let missing = try #require(whole.object).members.map(\.name).filter { head[$0] == nil }
                #expect(missing.sorted() == ["size", "transactions", "uncles", "withdrawals"])
            }
            try await client.close()
        }
    }

    @Test func `a head that was left out is told before the one that came`() async throws {
        try await TestServer.run { world in
            let client = try await WebSocketClient(world)
            let id = try await client.subscribe(#"["newHeads"]"#)
            let hashes = try (0..<3).map { _ in try world.chain.append([]).hash }
            world.events.publish(.head(3))
            world.events.publish(.head(2))
            for hash in hashes { #expect(try await client.news(of: id)["hash"] == .string(hash.hex)) }
            let next = try grow(world)
            #expect(try await client.news(of: id)["hash"] == .string(next.hash.hex))
            try await client.close()
        }
    }

    @Test func `logs are told to those whose filter they match, as eth_getLogs gives them`() async throws {
        try await TestServer.run { world in
            let (topic, other) = (keccak256([1]), keccak256([2]))
            let log = Log(address: World.contract, topics: [topic, other], data: [1, 2, 3])
            let stranger = Log(address: World.stranger, topics: [other], data: [])
            let client = try await WebSocketClient(world)
            let all = try await client.subscribe(#"["logs"]"#)
            let address = try await client.subscribe(#"["logs",{"address":"\#(World.contract)"}]"#)
            let second = try await client.subscribe(#"["logs",{"topics":[null,["\#(other)","\#(topic)"]]}]"#)
            _ = try await client.subscribe(#"["logs",{"topics":["\#(keccak256([9]))"]}]"#)
            let block = try grow(world, logs: [1: [stranger, log]])
            let wanted = try #require(
                try await world.result("eth_getLogs", #"[{"blockHash":"\#(block.hash)"}]"#).array)
            #expect(wanted.count == 2)
            #expect(try await client.news(of: all) == wanted[0])
            #expect(try await client.news(of: all) == wanted[1])
            #expect(try await client.news(of: address) == wanted[1])
            #expect(try await client.news(of: second) == wanted[1])
            try await client.close()
        }
    }

    @Test(arguments: [false, true]) func `transactions that enter the pool are told, by hash or in full`(
        full: Bool
    ) async throws {
        try await TestServer.run { world in
            let client = try await WebSocketClient(world)
            let id = try await client.subscribe(#"["newPendingTransactions",\#(full)]"#)
            let key = try World.account(0)
            let transactions = (0..<3).map {
                SentTransaction(World.transfer(from: key, nonce: $0), sender: key.address)
            }
            world.events.publish(.pending(transactions))
            for sent in transactions {
                let news = try await client.news(of: id)
                #expect((full ? news["hash"] : news) == .string(sent.transaction.hash.hex))
                guard full else { continue }
                #expect(news["from"] == .string(key.address.hex))
                #expect(news["blockHash"] == .null)
            }
            try await client.close()
        }
    }

    @Test func `faults, verdicts, rounds and falling behind are told as their methods give them`() async throws {
        try await TestServer.run { world in
            let client = try await WebSocketClient(world)
            let record = FaultRecord(
                id: keccak256([7]), kind: "pair", rule: "E1", height: 4, round: 1, block: .zero,
                guilty: [World.stranger], expected: "one", found: "two", firstSeenMilliseconds: 9, proofByteCount: 3)
            let verdict = VerdictReport(height: 4, outcome: .invalid, explanation: "wrong", fault: record.id)
            let round = RoundReport(
                round: 2, proposer: World.stranger, proposal: keccak256([8]), preparesFrom: [World.stranger],
                commitsFrom: [], roundChangesFrom: [World.contract], verdict: "no quorum")
            let sync = SyncReport(startingHeight: 0, currentHeight: 5, highestHeight: 9)
            world.node.set {
                $0.faults = [ProvenRecord(record: record, proof: [])]
                $0.verdicts[4] = verdict
                $0.sync = sync
                $0.rounds[1] = RoundSummary(height: 1, currentRound: 2, isSealed: false, rounds: [round])
            }
            let faults = try await client.subscribe(#"["faults"]"#, in: "ranger")
            let verdicts = try await client.subscribe(#"["verdicts"]"#, in: "ranger")
            let rounds = try await client.subscribe(#"["rounds"]"#, in: "council")
            let syncing = try await client.subscribe(#"["syncing"]"#)

            world.events.publish(.fault(record))
            let listed = try await world.result("ranger_getFaults").array?.first
            #expect(try await client.news(of: faults, in: "ranger") == listed)
            world.events.publish(.verdict(verdict))
            let asked = try await world.result("ranger_verdict", #"["0x4"]"#)
            #expect(try await client.news(of: verdicts, in: "ranger") == asked)
            world.events.publish(.round(height: 1, isSealed: false, round))
            let told = try await client.news(of: rounds, in: "council")
            let summary = try await world.result("council_roundSummary")["rounds"]?.array?.first
            #expect(told["height"] == .string("0x1"))
            #expect(told["sealed"] == .bool(false))
            for member in try #require(summary?.object).members { #expect(told[member.name] == member.value) }
            world.events.publish(.syncing(sync))
            let behind = try await client.news(of: syncing)
            #expect(behind["syncing"] == .bool(true))
            #expect(try await behind["status"] == world.result("eth_syncing"))
            world.events.publish(.syncing(nil))
            #expect(try await client.news(of: syncing) == .bool(false))
            try await client.close()
        }
    }

    @Test func `a subscription that was ended is told nothing more, and is not ended twice`() async throws {
        try await TestServer.run { world in
            let client = try await WebSocketClient(world)
            let ended = try await client.subscribe(#"["newHeads"]"#)
            let kept = try await client.subscribe(#"["newHeads"]"#)
            #expect(ended != kept)
            #expect(try await client.call("eth_unsubscribe", #"["\#(ended)"]"#)["result"] == .bool(true))
            let again = try await client.call("eth_unsubscribe", #"["\#(ended)"]"#)
            #expect(again["error"]?["code"]?.int64 == -32000)
            #expect(again["error"]?["message"]?.string == "subscription not found")
            for _ in 0..<3 {
                _ = try grow(world)
                _ = try await client.news(of: kept)
            }
            try await client.close()
        }
    }

    @Test func `a subscription of logs may name a range, and is told what is new in it`() async throws {
        try await TestServer.run { world in
            let client = try await WebSocketClient(world)
            // As Go's clients ask where nobody asked for a range.
            let all = try await client.subscribe(#"["logs",{"fromBlock":"0x0","toBlock":"latest"}]"#)
            let some = try await client.subscribe(#"["logs",{"fromBlock":"0x2","toBlock":"0x2"}]"#)
            var blocks: [String] = []
            for number: UInt8 in 1...3 {
                let log = Log(address: World.contract, topics: [], data: [number])
                blocks.append(try grow(world, logs: [0: [log]]).hash.hex)
            }
            for (subscription, block) in [(all, 0), (all, 1), (some, 1), (all, 2)] {
                #expect(try await client.news(of: subscription)["blockHash"]?.string == blocks[block])
            }
            try await client.close()
        }
    }

    @Test func `nobody ends another's subscription`() async throws {
        try await TestServer.run { world in
            let (first, second) = (try await WebSocketClient(world), try await WebSocketClient(world))
            let id = try await first.subscribe(#"["newHeads"]"#)
            #expect(try await second.call("eth_unsubscribe", #"["\#(id)"]"#)["error"] != nil)
            _ = try grow(world)
            _ = try await first.news(of: id)
            try await first.close()
            try await second.close()
        }
    }

    @Test(arguments: [
        ("eth_subscribe", #"["nothing"]"#, -32601), ("eth_subscribe", "[]", -32602), ("eth_subscribe", "[1]", -32602),
        ("eth_subscribe", #"["logs",{"fromBlock":"0x2","toBlock":"0x1"}]"#, -32602),
        ("eth_subscribe", #"["logs",{"toBlock":"0x9"}]"#, -32602),
        ("eth_subscribe", #"["logs",{"fromBlock":"pending"}]"#, -32000), ("eth_subscribe", #"["logs",7]"#, -32602),
        ("eth_subscribe", #"["logs",{"blockHash":"\#(Hash32.zero)"}]"#, -32602),
        ("eth_subscribe", #"["newPendingTransactions","yes"]"#, -32602), ("eth_unsubscribe", #"["x"]"#, -32602),
        ("ranger_subscribe", #"["newHeads"]"#, -32601), ("council_subscribe", #"["faults"]"#, -32601),
        ("eth_unsubscribe", #"["0x1"]"#, -32000),
    ]) func `a wish that cannot be met is an error`(method: String, params: String, code: Int64) async throws {
        try await TestServer.run { world in
            let client = try await WebSocketClient(world)
            #expect(try await client.call(method, params)["error"]?["code"]?.int64 == code)
            try await client.close()
        }
    }

    @Test func `over HTTP nobody can be talked back to`() async throws {
        try await TestServer.run { world in
            for method in ["eth_subscribe", "ranger_subscribe", "council_subscribe"] {
                let error = try await world.error(method, #"["newHeads"]"#)
                #expect(error.code == -32601)
                #expect(error.message == "notifications not supported")
            }
        }
    }

    @Test func `no notification comes before the answer that names it`() async throws {
        try await TestServer.run { world in
            let client = try await WebSocketClient(world)
            let key = try World.account(0)
            let sent = SentTransaction(World.transfer(from: key, nonce: 0), sender: key.address)
            // The batch subscribes, then waits for the node; meanwhile something happens.
            world.node.set { $0.hangs = true }
            try await client.send(
                #"""
                [{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newPendingTransactions"]},
                {"jsonrpc":"2.0","id":2,"method":"eth_getTransactionCount","params":["\#(World.stranger)","pending"]}]
                """#)
            while world.node.contents.withLock({ $0.pendingNonceQuestions }) == 0 { await Task.yield() }
            world.events.publish(.pending([sent]))
            world.node.set { $0.hangs = false }
            let answer = try #require(try await client.json().array)
            let id = try #require(answer[0]["result"]?.string)
            #expect(try await client.news(of: id) == .string(sent.transaction.hash.hex))
            try await client.close()
        }
    }

    @Test func `subscriptions are limited by connection and altogether, and freed with the connection`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.subscriptionsPerConnectionMax = 3
            configuration.limits.subscriptionsMax = 4
            configuration.limits.subscriptionFilterMax = 2
        } _: { world in
            let first = try await WebSocketClient(world)
            for _ in 0..<3 { _ = try await first.subscribe(#"["newHeads"]"#) }
            #expect(try await first.call("eth_subscribe", #"["newHeads"]"#)["error"]?["code"]?.int64 == -32000)
            let second = try await WebSocketClient(world)
            let topics = (0..<3 as Range<UInt8>).map { #""\#(keccak256([$0]))""# }.joined(separator: ",")
            let wide = try await second.call("eth_subscribe", #"["logs",{"topics":[[\#(topics)]]}]"#)
            #expect(wide["error"]?["code"]?.int64 == -32602)
            _ = try await second.subscribe(#"["newHeads"]"#)
            let full = try await second.call("eth_subscribe", #"["newHeads"]"#)
            #expect(full["error"]?["message"]?.string == "too many subscriptions: at most 4 for this node")
            try await first.close()
            while try await second.call("eth_subscribe", #"["newHeads"]"#)["error"] != nil {}
            try await second.close()
        }
    }
}

import Chain
import Crypto
import Primitives
import RPC
import Testing

/// txpool_*, in the form that geth gives it.
@Suite(.timeLimit(.minutes(5))) struct PoolMethodTests {
    /// The examples of EIP-55.
    static let senders = [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    ]

    private func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(members.map { JSONObject.Member($0.0, $0.1) }))
    }

    private func fill(_ world: TestServer) throws -> [Transaction] {
        let key = try World.account(0)
        let waiting = [
            World.transfer(from: key, nonce: 5), World.transfer(from: key, nonce: 6, kind: .legacy, value: 7),
            World.transfer(from: key, nonce: 9, to: nil, value: 0, data: World.contractCode),
        ]
        let senders = try Self.senders.map { try Address(hex: $0) }
        world.node.set { contents in
            contents.waiting = [
                PoolSenderReport(sender: senders[0], pending: Array(waiting[..<2]), queued: [waiting[2]]),
                PoolSenderReport(sender: senders[1], pending: [], queued: [waiting[2]]),
                PoolSenderReport(sender: senders[2], pending: [waiting[0]], queued: []),
                PoolSenderReport(sender: senders[3], pending: [waiting[0]], queued: []),
            ]
        }
        return waiting
    }

    @Test func `all that waits is listed by checksummed sender and decimal nonce`() async throws {
        try await TestServer.run { world in
            let empty = try await world.result("txpool_content")
            #expect(empty == object([("pending", object([])), ("queued", object([]))]))
            let waiting = try fill(world)
            let content = try await world.result("txpool_content")
            let (pending, queued) = (try content.member("pending"), try content.member("queued"))
            #expect(pending.names == [Self.senders[0], Self.senders[2], Self.senders[3]])
            #expect(queued.names == [Self.senders[0], Self.senders[1]])
            let first = try pending.member(Self.senders[0])
            #expect(first.names == ["5", "6"])
            #expect(try first.member("6").transaction() == waiting[1])
            #expect(try first.member("6").text("from") == Self.senders[0].lowercased())
            for name in ["blockHash", "blockNumber", "transactionIndex"] {
                #expect(try first.member("5").member(name) == .null)
            }
            #expect(try queued.member(Self.senders[1]).member("9").transaction() == waiting[2])
        }
    }

    @Test func `one sender's are listed by nonce, and nobody's as nothing`() async throws {
        try await TestServer.run { world in
            let waiting = try fill(world)
            let content = try await world.result("txpool_contentFrom", "[\"\(Self.senders[0].lowercased())\"]")
            #expect(try content.member("pending").names == ["5", "6"])
            #expect(try content.member("queued").member("9").transaction() == waiting[2])
            let nobody = try await world.result("txpool_contentFrom", "[\"\(World.stranger)\"]")
            #expect(nobody == object([("pending", object([])), ("queued", object([]))]))
        }
    }

    @Test func `counts and summaries are those of what waits`() async throws {
        try await TestServer.run { world in
            _ = try fill(world)
            let status = try await world.result("txpool_status")
            #expect(status == object([("pending", .string("0x4")), ("queued", .string("0x2"))]))
            let summary = try await world.result("txpool_inspect")
            let lines = try summary.member("pending").member(Self.senders[0])
            #expect(
                try lines.text("6")
                    == "0x9999999999999999999999999999999999999999: 7 wei + 21000 gas × 10000000000 wei")
            #expect(
                try summary.member("queued").member(Self.senders[0]).text("9").hasPrefix("contract creation: 0 wei + "))
        }
    }

    @Test func `a pool too large for one answer is refused, and the node goes on`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.responseBytesMax = 1_000
        } _: { world in
            _ = try fill(world)
            let reply = try await world.post(#"{"jsonrpc":"2.0","id":1,"method":"txpool_content"}"#)
            #expect(try reply.json().member("error").member("code") == .number("-32003"))
            #expect(try await world.result("txpool_status").names == ["pending", "queued"])
        }
    }
}

import Chain
import Crypto
import EthereumChain
import Fixtures
import Primitives
import RPC
import Testing

/// What testing_buildBlockV1 will not build; what it builds is among the recorded conversations.
@Suite(.enabled(if: Fixtures.arePresent), .timeLimit(.minutes(5))) struct BlockBuildingTests {
    /// A request that is right but for one thing, and what is said of that.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var parent: String?
        var timestamp = "0x228"
        var transactions = "[]"
        var extraData = #""0x""#
        let says: String
    }

    /// A transfer of one wei by key 1, which has nothing on that chain, with the chain's own id.
    private static func transfer(nonce: UInt64) throws -> String {
        let transaction = World.transfer(
            from: try World.account(1), nonce: nonce, chainID: RecordedChain.chainID)
        return "[\"\(transaction.envelope.hex)\"]"
    }

    static func refusals() throws -> [Refusal] {
        [
            Refusal(
                testDescription: "after an unknown block", parent: "0x" + String(repeating: "11", count: 32),
                says: "unknown parent"),
            Refusal(
                testDescription: "no later than its parent", timestamp: "0x1", says: "invalid timestamp: parent"),
            Refusal(
                testDescription: "with extra data of 33 bytes",
                extraData: "\"0x" + String(repeating: "00", count: 33) + "\"",
                says: "extra data exceeds max length. 33 > 32"),
            Refusal(
                testDescription: "of bytes that are no transaction", transactions: #"["0x02c0"]"#, says: "transaction 0"
            ),
            Refusal(
                testDescription: "of what nobody can pay", transactions: try transfer(nonce: 0), says: "transaction 0"),
        ]
    }

    @Test func `what waits is built into a block that is not told of what else to build, as far as it can run`()
        async throws
    {
        let recorded = try #require(
            try Conversation.all(in: RecordedChain.Source.all[1], of: "testing_buildBlockV1").first {
                $0.file == "build-block-with-transactions.io"
            })
        let exchange = recorded.exchanges[0]
        let parameters = try #require(try JSONParser.parse(exchange.request).member("params").array)
        let envelope = try Bytes(hex: #require(parameters[2].array?[0].string))
        let transaction = try Transaction(pooled: envelope)
        // After it of its sender one with a gap before it, and one of somebody who has nothing.
        let poor = World.transfer(from: try World.account(1), nonce: 0, chainID: RecordedChain.chainID)
        let late = World.transfer(
            from: try World.account(2), nonce: transaction.nonce + 2, chainID: RecordedChain.chainID)
        let node = TestNode(council: try World.council())
        let waiting = [
            PoolSenderReport(sender: try World.account(1).address, pending: [poor], queued: []),
            PoolSenderReport(sender: try transaction.recoverSender(), pending: [transaction, late], queued: []),
        ]
        node.set { $0.waiting = waiting }
        let chain = try ReplayedChain()
        let configuration = RPCConfiguration(
            port: 0, clientVersion: "Firetower/test", profile: ChainProfile(ReplayedChain.rules))
        let server = try await RPCServer.start(configuration, chain: chain, node: node, testnet: nil)
        let text = String(decoding: exchange.request, as: UTF8.self)
        let request = text.replacing(#"["\#(envelope.hex)"]"#, with: "null")
        #expect(request != text)
        let answer = try await server.post(Bytes(request.utf8)).json()
        #expect(answer["result"]?.says(exchange.answer["result"] ?? .null) == true, "\(answer)")
        await server.stop()
    }

    @Test func `a block that cannot be is refused with what is wrong about it`() async throws {
        let chain = try ReplayedChain()
        let head = try #require(chain.hash(ofBlockAt: chain.headHeight))
        let configuration = RPCConfiguration(
            port: 0, clientVersion: "Firetower/test", profile: ChainProfile(ReplayedChain.rules))
        let server = try await RPCServer.start(
            configuration, chain: chain, node: TestNode(council: try World.council()), testnet: nil)
        for refusal in try Self.refusals() {
            let zero = "0x" + String(repeating: "00", count: 32)
            let attributes =
                #"{"timestamp":"\#(refusal.timestamp)","prevRandao":"\#(zero)","parentBeaconBlockRoot":"\#(zero)","#
                + #""suggestedFeeRecipient":"0x0000000000000000000000000000000000000000","withdrawals":[]}"#
            let parameters =
                #"["\#(refusal.parent ?? head.description)",\#(attributes),\#(refusal.transactions),\#(refusal.extraData)]"#
            let request = #"{"jsonrpc":"2.0","id":1,"method":"testing_buildBlockV1","params":\#(parameters)}"#
            let answer = try await server.post(Bytes(request.utf8)).json()
            let error = try #require(answer["error"], "\(refusal.testDescription) is built")
            #expect(error["code"]?.int64 == -32_000, "\(refusal.testDescription)")
            #expect(error["message"]?.string?.hasPrefix(refusal.says) == true, "\(error["message"]?.string ?? "")")
        }
        await server.stop()
    }
}

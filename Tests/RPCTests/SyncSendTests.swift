import Chain
import Crypto
import Primitives
import RPC
import Testing

/// eth_sendRawTransactionSync.
@Suite(.timeLimit(.minutes(5))) struct SyncSendTests {
    @Test func `a call that waits gets the receipt once the transaction is sealed`() async throws {
        try await TestServer.run { world in
            let transaction = World.transfer(from: try World.account(0), nonce: 0)
            async let receipt = world.result("eth_sendRawTransactionSync", "[\"\(transaction.envelope.hex)\"]")
            while await world.node.pendingTransaction(transaction.hash) == nil { await Task.yield() }
            try world.chain.append([transaction])
            #expect(try await receipt.hash("transactionHash") == transaction.hash)
            let asked = try await world.result("eth_getTransactionReceipt", "[\"\(transaction.hash)\"]")
            #expect(try await receipt == asked)
        }
    }

    @Test(arguments: [#""0x1""#, "1"])
    func `a call that waits for too long is told the hash, and the transaction goes on`(timeout: String) async throws {
        try await TestServer.run { world in
            let transaction = World.transfer(from: try World.account(0), nonce: 0)
            let params = "[\"\(transaction.envelope.hex)\",\(timeout)]"
            let request = #"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransactionSync","params":\#(params)}"#
            let error = try #require(try await world.post(request).json()["error"])
            #expect(error["code"]?.int64 == 4)
            #expect(error["data"] == .string(transaction.hash.hex))
            #expect(await world.node.pendingTransaction(transaction.hash) != nil)
        }
    }

    @Test func `a refused transaction is not waited for`() async throws {
        try await TestServer.run { world in
            world.node.set { $0.refusal = TransactionRefusal("nonce too low") }
            let raw = World.transfer(from: try World.account(0), nonce: 0).envelope.hex
            #expect(try await world.error("eth_sendRawTransactionSync", "[\"\(raw)\"]") == (-32000, "nonce too low"))
            #expect(try await world.error("eth_sendRawTransactionSync", "[\"\(raw)\",0]").code == -32602)
        }
    }

    @Test func `more calls that wait than the limit are refused`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.synchronousSendsMax = 0
        } _: { world in
            let raw = World.transfer(from: try World.account(0), nonce: 0).envelope.hex
            let error = try await world.error("eth_sendRawTransactionSync", "[\"\(raw)\"]")
            #expect(error == (-32000, "too many calls wait for their receipts, try again"))
        }
    }
}

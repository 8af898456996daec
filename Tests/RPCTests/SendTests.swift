import Chain
import Crypto
import Primitives
import RPC
import Testing

/// eth_sendRawTransaction and what becomes of a transaction.
@Suite(.timeLimit(.minutes(5))) struct SendTests {
    @Test(arguments: [Transaction.Kind.legacy, .accessList, .dynamicFee])
    func `a sent transaction is pending, then sealed`(kind: Transaction.Kind) async throws {
        try await TestServer.run { world in
            let key = try World.account(0)
            let transaction = World.transfer(from: key, nonce: 0, kind: kind)
            let hash = try await world.result("eth_sendRawTransaction", "[\"\(transaction.envelope.hex)\"]")
            #expect(hash == .string(transaction.hash.hex))
            #expect(await world.node.pendingTransaction(transaction.hash)?.sender == key.address)

            let pending = try await world.result("eth_getTransactionByHash", "[\"\(transaction.hash)\"]")
            for name in ["blockHash", "blockNumber", "transactionIndex", "blockTimestamp"] {
                #expect(pending[name] == .null)
            }
            #expect(try pending.quantity("gasPrice") == transaction.maxFeePerGas)
            #expect(try pending.transaction() == transaction)
            #expect(try await world.result("eth_getTransactionReceipt", "[\"\(transaction.hash)\"]") == .null)

            try world.chain.append([transaction])
            let sealed = try await world.result("eth_getTransactionByHash", "[\"\(transaction.hash)\"]")
            #expect(try sealed.integer("blockNumber") == 1)
            #expect(sealed.names == pending.names)
            #expect(
                try await world.result("eth_getTransactionReceipt", "[\"\(transaction.hash)\"]").integer("status") == 1)
        }
    }

    @Test func `what can run on no state is refused in geth's words before it reaches the pool`() async throws {
        try await TestServer.run { world in
            let key = try World.account(0)
            let good = World.transfer(from: key, nonce: 0)
            var forged = good.envelope
            forged.replaceSubrange((forged.count - 32)..., with: Bytes(repeating: 0xff, count: 32))
            let highTip = Transaction.signed(
                Transaction.Content(
                    chainID: World.chainID, nonce: 0, maxPriorityFeePerGas: 2, maxFeePerGas: 1, to: World.stranger),
                by: key)
            for (raw, message) in [
                (Bytes(), "typed transaction too short"), ([0x02], "rlp: "), ([0x02, 0xc0], "rlp: "),
                ([0x05, 0xc0], "transaction type not supported"),
                ([0x03, 0xc0], "rlp: "), (good.envelope + [0], "rlp: "), (Bytes(good.envelope.dropLast()), "rlp: "),
                (forged, "invalid sender: invalid transaction v, r, s values"),
                (
                    World.transfer(from: key, nonce: 0, chainID: 1).envelope,
                    "invalid sender: invalid chain id for signer: have 1 want 8217"
                ),
                (
                    World.transfer(from: key, nonce: 0, gasLimit: 20_999).envelope,
                    "intrinsic gas too low: gas 20999, minimum needed 21000"
                ),
                (World.transfer(from: key, nonce: 0, gasLimit: 1 << 24 + 1).envelope, "transaction gas limit too high"),
                (World.transfer(from: key, nonce: .max).envelope, "nonce has max value"),
                (highTip.envelope, "max priority fee per gas higher than max fee per gas"),
                (
                    World.transfer(
                        from: key, nonce: 0, to: nil, data: Bytes(repeating: 0, count: 49_153), gasLimit: 1 << 24
                    ).envelope, "max initcode size exceeded"
                ),
            ] as [(Bytes, String)] {
                let error = try await world.error("eth_sendRawTransaction", "[\"\(raw.hex)\"]")
                #expect(error.code == -32000)
                #expect(error.message.hasPrefix(message), "\(error.message)")
            }
            world.node.set { #expect($0.submissions.isEmpty) }
        }
    }

    @Test(arguments: ["nonce too low", "already known", "insufficient funds for gas * price + value"])
    func `the pool's refusal reaches the sender word for word`(message: String) async throws {
        try await TestServer.run { world in
            world.node.set { $0.refusal = TransactionRefusal(message) }
            let raw = World.transfer(from: try World.account(0), nonce: 0).envelope.hex
            #expect(try await world.error("eth_sendRawTransaction", "[\"\(raw)\"]") == (-32000, message))
        }
    }
}

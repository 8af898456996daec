import Chain
import Crypto
import EthereumChain
import Primitives
import RPC
import Testing

/// Methods from the time of miners, and transactions as they were sent.
@Suite(.timeLimit(.minutes(5))) struct SealingMethodTests {
    @Test func `a council node mines for its reward account, and others mine not`() async throws {
        let member = try #require(World.council().members.first)
        for (identity, isMember) in [
            (NodeIdentity(address: member.address, protocolVersion: 1), true),
            (NodeIdentity(address: World.stranger, protocolVersion: 1), false), (nil, false),
        ] {
            try await TestServer.run { configuration in
                configuration.identity = identity
            } _: { world in
                #expect(try await world.result("eth_mining") == .bool(isMember))
                #expect(try await world.result("eth_protocolVersion") == (identity == nil ? .null : .string("0x1")))
                #expect(try await world.result("eth_hashrate") == .string("0x0"))
                if isMember {
                    #expect(try await world.result("eth_coinbase") == .string(member.rewardAddress.hex))
                } else {
                    let error = try await world.error("eth_coinbase")
                    #expect(error == (-32000, "etherbase must be explicitly specified"))
                }
            }
        }
    }

    @Test func `blocks of a council have no uncles, and blocks that do not exist have no count`() async throws {
        try await TestServer.run { world in
            let hash = try world.chain.append([]).hash
            #expect(try await world.result("eth_getUncleCountByBlockNumber", "[\"latest\"]") == .string("0x0"))
            #expect(try await world.result("eth_getUncleCountByBlockHash", "[\"\(hash)\"]") == .string("0x0"))
            #expect(try await world.result("eth_getUncleCountByBlockNumber", "[\"0x2\"]") == .null)
            #expect(try await world.result("eth_getUncleByBlockNumberAndIndex", "[\"0x1\",\"0x0\"]") == .null)
            #expect(try await world.result("eth_getUncleByBlockHashAndIndex", "[\"\(hash)\",\"0x0\"]") == .null)
        }
    }

    @Test func `a raw transaction is its envelope wherever it is asked for, and empty where there is none`()
        async throws
    {
        try await TestServer.run { world in
            try world.growChain()
            let block = try #require(world.chain.block(at: 1))
            for (index, transaction) in block.transactions.enumerated() {
                let envelope = JSONValue.string(transaction.envelope.hex)
                let place = UInt256(UInt64(index)).quantity
                #expect(try await world.result("eth_getRawTransactionByHash", "[\"\(transaction.hash)\"]") == envelope)
                #expect(
                    try await world.result("eth_getRawTransactionByBlockNumberAndIndex", "[\"0x1\",\"\(place)\"]")
                        == envelope)
                #expect(
                    try await world.result(
                        "eth_getRawTransactionByBlockHashAndIndex", "[\"\(block.hash)\",\"\(place)\"]") == envelope)
            }
            let key = try World.account(1)
            let waiting = World.transfer(from: key, nonce: 9)
            _ = await world.node.submit([SentTransaction(waiting, sender: key.address)])
            #expect(
                try await world.result("eth_getRawTransactionByHash", "[\"\(waiting.hash)\"]")
                    == .string(waiting.envelope.hex))
            #expect(try await world.result("eth_getRawTransactionByHash", "[\"\(Hash32.zero)\"]") == .string("0x"))
            #expect(
                try await world.result("eth_getRawTransactionByBlockNumberAndIndex", #"["0x1","0x99"]"#)
                    == .string("0x"))
        }
    }
}

import Chain
import Crypto
import EthereumChain
import Primitives
import RPC
import Testing
import Trie

/// Blocks, transactions and receipts: everything in them recomputes from what the JSON says.
@Suite(.timeLimit(.minutes(5))) struct BlockTests {
    static let blockNames: Set<String> = [
        "number", "hash", "parentHash", "nonce", "mixHash", "sha3Uncles", "logsBloom", "transactionsRoot", "stateRoot",
        "receiptsRoot", "miner", "difficulty", "extraData", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas",
        "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash", "size",
        "transactions", "uncles", "withdrawals",
    ]
    static let transactionNames: Set<String> = [
        "blockHash", "blockNumber", "blockTimestamp", "from", "gas", "gasPrice", "hash", "input", "nonce", "to",
        "transactionIndex", "value", "type", "v", "r", "s",
    ]
    static let receiptNames: Set<String> = [
        "blockHash", "blockNumber", "contractAddress", "cumulativeGasUsed", "effectiveGasPrice", "from", "gasUsed",
        "logs", "logsBloom", "status", "to", "transactionHash", "transactionIndex", "type",
    ]

    @Test func `hash and roots of every block recompute from its members`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            for height in 0...3 as ClosedRange<UInt64> {
                let block = try await world.result("eth_getBlockByNumber", "[\"\(height.quantity)\",true]")
                let sealed = try #require(world.chain.block(at: height))
                #expect(block.names == Self.blockNames)
                #expect(try keccak256(block.header().rlp) == block.hash("hash"))
                #expect(try block.hash("hash") == sealed.hash)
                #expect(try block.integer("size") == UInt64(sealed.rlp.count))
                #expect(block["uncles"] == .array([]))
                #expect(block["withdrawals"] == .array([]))
                let transactions = try #require(try block.member("transactions").array)
                let root = MerkleTrie.orderedRoot(try transactions.map { try $0.transaction().envelope })
                #expect(try root == block.hash("transactionsRoot"))

                let receipts = try #require(
                    try await world.result("eth_getBlockReceipts", "[\"\(height.quantity)\"]").array)
                let decoded = try receipts.map { try $0.receipt() }
                #expect(try MerkleTrie.orderedRoot(decoded.map(\.envelope)) == block.hash("receiptsRoot"))
                #expect(try Receipt.bloom(of: decoded).bytes == block.data("logsBloom"))

                let short = try await world.result("eth_getBlockByHash", "[\"\(sealed.hash)\",false]")
                #expect(short.names == Self.blockNames)
                #expect(short["transactions"] == .array(sealed.transactions.map { .string($0.hash.hex) }))
                let plain = try await world.result("eth_getBlockByHash", "[\"\(sealed.hash)\"]")
                #expect(plain == short)
            }
        }
    }

    @Test func `a header is that of its block, wherever it is asked for`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let block = try await world.result("eth_getBlockByNumber", #"["0x2"]"#)
            let header = try await world.result("eth_getHeaderByNumber", #"["0x2"]"#)
            #expect(header.names == block.names.subtracting(["size", "transactions", "uncles", "withdrawals"]))
            #expect(header.names.allSatisfy { header[$0] == block[$0] })
            let hash = try block.hash("hash")
            #expect(try await world.result("eth_getHeaderByHash", "[\"\(hash)\"]") == header)
            #expect(try await world.result("eth_getHeaderByHash", "[\"\(Hash32.zero)\"]") == .null)
            #expect(try await world.result("eth_getHeaderByNumber", #"["0x99"]"#) == .null)
            let pending = try await world.result("eth_getHeaderByNumber", #"["pending"]"#)
            #expect(try pending.integer("number") == 4 && pending.names == header.names)
            #expect(["hash", "nonce", "miner"].allSatisfy { pending[$0] == .null })
        }
    }

    @Test func `a transaction is the same wherever it is asked for and says what was signed`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let sealed = try #require(world.chain.block(at: 1))
            let block = try await world.result("eth_getBlockByNumber", "[\"0x1\",true]")
            let listed = try #require(try block.member("transactions").array)
            for (index, transaction) in sealed.transactions.enumerated() {
                let json = listed[index]
                #expect(try json.transaction() == transaction)
                #expect(try json.hash("hash") == transaction.hash)
                #expect(try json.address("from") == transaction.recoverSender())
                #expect(try json.hash("blockHash") == sealed.hash)
                #expect(try json.integer("blockNumber") == 1)
                #expect(try json.integer("blockTimestamp") == sealed.header.timestamp)
                #expect(try json.integer("transactionIndex") == UInt64(index))
                #expect(
                    try json.quantity("gasPrice") == transaction.effectiveGasPrice(baseFee: sealed.header.baseFee)
                )
                #expect(json.names == Self.names(of: transaction))
                for (method, params) in [
                    ("eth_getTransactionByHash", "[\"\(transaction.hash)\"]"),
                    ("eth_getTransactionByBlockHashAndIndex", "[\"\(sealed.hash)\",\"\(UInt64(index).quantity)\"]"),
                    ("eth_getTransactionByBlockNumberAndIndex", "[\"0x1\",\"\(UInt64(index).quantity)\"]"),
                ] {
                    #expect(try await world.result(method, params) == json, "\(method)")
                }
            }
        }
    }

    /// The members that each kind has, as execution-apis' conversations show them.
    private static func names(of transaction: Transaction) -> Set<String> {
        var names = transactionNames
        if transaction.chainID != nil { names.insert("chainId") }
        if transaction.kind != .legacy { names.formUnion(["accessList", "yParity"]) }
        if !transaction.kind.hasGasPrice { names.formUnion(["maxFeePerGas", "maxPriorityFeePerGas"]) }
        if transaction.kind == .setCode { names.insert("authorizationList") }
        return names
    }

    @Test func `a receipt is the same wherever it is asked for and adds up`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            for height in [1, 3] as [UInt64] {
                let sealed = try #require(world.chain.block(at: height))
                let listed = try #require(try await world.result("eth_getBlockReceipts", "[\"\(sealed.hash)\"]").array)
                var gas: UInt64 = 0
                var logs: UInt64 = 0
                for (index, transaction) in sealed.transactions.enumerated() {
                    let json = listed[index]
                    #expect(json.names == Self.receiptNames)
                    #expect(try await world.result("eth_getTransactionReceipt", "[\"\(transaction.hash)\"]") == json)
                    gas += try json.integer("gasUsed")
                    #expect(try json.integer("cumulativeGasUsed") == gas)
                    #expect(try json.address("from") == transaction.recoverSender())
                    #expect(try json.hash("transactionHash") == transaction.hash)
                    #expect(
                        try json.quantity("effectiveGasPrice")
                            == transaction.effectiveGasPrice(baseFee: sealed.header.baseFee))
                    if transaction.isCreation {
                        let created = createAddress(sender: try transaction.recoverSender(), nonce: transaction.nonce)
                        #expect(try json.address("contractAddress") == created)
                        #expect(json["to"] == .null)
                    } else {
                        #expect(json["contractAddress"] == .null)
                    }
                    for log in try #require(try json.member("logs").array) {
                        #expect(
                            log.names == [
                                "address", "topics", "data", "blockNumber", "transactionHash", "transactionIndex",
                                "blockHash", "blockTimestamp", "logIndex", "removed",
                            ])
                        #expect(try log.integer("logIndex") == logs)
                        #expect(try log.hash("transactionHash") == transaction.hash)
                        #expect(log["removed"] == .bool(false))
                        logs += 1
                    }
                }
                #expect(gas == sealed.header.gasUsed)
                #expect(height != 1 || logs == 3)
            }
        }
    }

    @Test func `what does not exist is null and not an error`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let nobody = String(repeating: "1", count: 64)
            for (method, params) in [
                ("eth_getBlockByNumber", "[\"0x4\",true]"), ("eth_getBlockByNumber", "[\"0xffffffffffffffff\"]"),
                ("eth_getBlockByHash", "[\"0x\(nobody)\"]"), ("eth_getBlockReceipts", "[\"0x4\"]"),
                ("eth_getBlockReceipts", "[\"0x\(nobody)\"]"), ("eth_getTransactionByHash", "[\"0x\(nobody)\"]"),
                ("eth_getTransactionReceipt", "[\"0x\(nobody)\"]"),
                ("eth_getTransactionByBlockNumberAndIndex", "[\"0x1\",\"0x6\"]"),
                ("eth_getTransactionByBlockNumberAndIndex", "[\"0x1\",\"0xffffffffffffffff\"]"),
                ("eth_getTransactionByBlockNumberAndIndex", "[\"0x4\",\"0x0\"]"),
                ("eth_getTransactionByBlockNumberAndIndex", "[\"pending\",\"0x0\"]"),
                ("eth_getTransactionByBlockHashAndIndex", "[\"0x\(nobody)\",\"0x0\"]"),
                ("eth_getBlockTransactionCountByNumber", "[\"0x4\"]"),
                ("eth_getBlockTransactionCountByHash", "[\"0x\(nobody)\"]"),
                ("council_certificate", "[\"0x0\"]"), ("council_certificate", "[\"0x4\"]"),
                ("ranger_getFault", "[\"0x\(nobody)\"]"), ("council_members", "[\"0x0\"]"),
            ] {
                #expect(try await world.result(method, params) == .null, "\(method)")
            }
        }
    }

    @Test func `what is on disk but not yet the head does not exist yet`() async throws {
        try await TestServer.run { world in
            let block = try world.chain.append([World.transfer(from: try World.account(0), nonce: 0)], announced: false)
            #expect(try await world.result("eth_blockNumber") == .string("0x0"))
            for (method, params) in [
                ("eth_getBlockByNumber", "[\"0x1\"]"), ("eth_getBlockByHash", "[\"\(block.hash)\"]"),
                ("eth_getTransactionByHash", "[\"\(block.transactions[0].hash)\"]"),
                ("eth_getTransactionReceipt", "[\"\(block.transactions[0].hash)\"]"),
                ("eth_getBlockReceipts", "[\"\(block.hash)\"]"),
            ] {
                #expect(try await world.result(method, params) == .null, "\(method)")
            }
        }
    }

    @Test func `latest, safe and finalized are one block and earliest is genesis`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let latest = try await world.result("eth_getBlockByNumber", "[\"latest\",true]")
            #expect(try latest.integer("number") == 3)
            for tag in ["safe", "finalized", "0x3"] {
                #expect(try await world.result("eth_getBlockByNumber", "[\"\(tag)\",true]") == latest)
            }
            let earliest = try await world.result("eth_getBlockByNumber", "[\"earliest\"]")
            #expect(try earliest.integer("number") == 0)
            #expect(try await world.result("eth_getBlockTransactionCountByNumber", "[\"0x1\"]") == .string("0x6"))
            let hash = try earliest.text("hash")
            #expect(try await world.result("eth_getBlockTransactionCountByHash", "[\"\(hash)\"]") == .string("0x0"))
        }
    }

    @Test func `the pending block follows the head and has no hash, nonce and miner yet`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let pending = try await world.result("eth_getBlockByNumber", "[\"pending\",true]")
            #expect(pending.names == Self.blockNames)
            for name in ["hash", "nonce", "miner"] { #expect(pending[name] == .null) }
            let next = try world.chain.append([])
            #expect(try pending.integer("number") == next.number)
            #expect(try pending.hash("parentHash") == next.header.parentHash)
            #expect(try pending.quantity("baseFeePerGas") == next.header.baseFeePerGas)
            #expect(pending["transactions"] == .array([]))
        }
    }
}

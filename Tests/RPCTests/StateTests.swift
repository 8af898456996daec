import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import RPC
import Testing
import Trie

/// Accounts after any block, their proofs, and calls on them.
@Suite(.timeLimit(.minutes(5))) struct StateTests {
    @Test func `balance and nonce are those after the block that is named`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let address = try World.account(0).address
            for height in 0...3 as ClosedRange<UInt64> {
                let account = try #require(world.chain.state(at: height)?.accounts[address])
                let hash = try #require(world.chain.block(at: height)).hash
                for block in [
                    "\"\(height.quantity)\"", "\"\(hash)\"", "{\"blockNumber\":\"\(height.quantity)\"}",
                    "{\"blockHash\":\"\(hash)\"}", "{\"blockHash\":\"\(hash)\",\"requireCanonical\":true}",
                ] {
                    let balance = try await world.result("eth_getBalance", "[\"\(address)\",\(block)]")
                    #expect(balance == .string(account.balance.quantity))
                    let nonce = try await world.result("eth_getTransactionCount", "[\"\(address)\",\(block)]")
                    #expect(nonce == .string(account.nonce.quantity))
                }
            }
            let latest = try await world.result("eth_getBalance", "[\"\(address)\",\"0x3\"]")
            for block in ["", ",null", ",\"latest\"", ",\"safe\"", ",\"finalized\"", ",\"pending\""] {
                #expect(try await world.result("eth_getBalance", "[\"\(address)\"\(block)]") == latest)
            }
            #expect(try await world.result("eth_getBalance", "[\"\(Address.zero)\"]") == .string("0x0"))
            let upper = "0x" + address.hex.dropFirst(2).uppercased()
            #expect(try await world.result("eth_getBalance", "[\"\(upper)\"]") == latest)
        }
    }

    @Test func `the pending nonce counts what waits in the pool`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let address = try World.account(0).address
            #expect(try await world.result("eth_getTransactionCount", "[\"\(address)\",\"pending\"]") == .string("0x5"))
            world.node.set { $0.pendingNonces[address] = 9 }
            #expect(try await world.result("eth_getTransactionCount", "[\"\(address)\",\"pending\"]") == .string("0x9"))
            #expect(try await world.result("eth_getTransactionCount", "[\"\(address)\",\"latest\"]") == .string("0x5"))
            world.node.set { $0.pendingNonces[address] = 2 }
            #expect(try await world.result("eth_getTransactionCount", "[\"\(address)\",\"pending\"]") == .string("0x5"))
        }
    }

    @Test func `code and slots are read, absent ones as nothing`() async throws {
        try await TestServer.run { world in
            let code = try await world.result("eth_getCode", "[\"\(World.contract)\"]")
            #expect(code == .string(World.contractCode.hex))
            #expect(try await world.result("eth_getCode", "[\"\(World.stranger)\",\"latest\"]") == .string("0x"))
            let word = "0x" + String(repeating: "0", count: 62) + "2a"
            let full = "0x" + String(repeating: "0", count: 63) + "1"
            for key in ["0x1", "0x01", "0x001", "1", full] {
                #expect(
                    try await world.result("eth_getStorageAt", "[\"\(World.contract)\",\"\(key)\"]") == .string(word))
            }
            let zero = "0x" + String(repeating: "0", count: 64)
            #expect(
                try await world.result("eth_getStorageAt", "[\"\(World.contract)\",\"0x2\",\"latest\"]")
                    == .string(zero))
            #expect(
                try await world.result("eth_getStorageAt", "[\"\(World.stranger)\",\"0x1\",\"0x0\"]") == .string(zero))
        }
    }

    @Test func `proofs verify against the state root, of what is there and of what is not`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let root = try #require(world.chain.block(at: 3)).header.stateRoot
            let full = "0x" + String(repeating: "0", count: 63) + "7"
            for address in [World.contract, World.stranger, try World.account(1).address, Address.zero] {
                let proof = try await world.result(
                    "eth_getProof", "[\"\(address)\",[\"0x1\",\"\(full)\",\"0x2\"],\"latest\"]")
                #expect(
                    proof.names == [
                        "address", "accountProof", "balance", "codeHash", "nonce", "storageHash", "storageProof",
                    ])
                let value = try MerkleTrie.verify(
                    proof: Self.nodes(proof, "accountProof"), of: keccak256(address).bytes, root: root)
                let told = AccountLeaf(
                    nonce: try proof.integer("nonce"), balance: try proof.quantity("balance"),
                    storageRoot: try proof.hash("storageHash"), codeHash: try proof.hash("codeHash"))
                if let value {
                    #expect(value == told.rlp)
                } else {
                    #expect(
                        told.rlp
                            == AccountLeaf(
                                nonce: 0, balance: 0, storageRoot: MerkleTrie.emptyRoot, codeHash: Account.emptyCodeHash
                            ).rlp)
                }
                let slots = try #require(try proof.member("storageProof").array)
                #expect(slots.map { $0["key"]?.string } == ["0x1", full, "0x2"])
                for (slot, number) in zip(slots, [1, 7, 2] as [UInt256]) {
                    let stored = try MerkleTrie.verify(
                        proof: Self.nodes(slot, "proof"), of: keccak256(number.hash).bytes, root: told.storageRoot)
                    var encoder = RLPEncoder()
                    encoder.append(try slot.quantity("value"))
                    #expect(try slot.quantity("value").isZero ? stored == nil : stored == encoder.bytes)
                }
            }
        }
    }

    private static func nodes(_ proof: JSONValue, _ name: String) throws -> [Bytes] {
        try #require(try proof.member(name).array).map { try Bytes(hex: #require($0.string)) }
    }

    @Test func `a proof that is not kept and too many slots are refused`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let old = try await world.error("eth_getProof", "[\"\(World.contract)\",[],\"0x0\"]")
            #expect(old == (-32000, "proofs are kept for the last 2 blocks"))
            let keys = [String](repeating: "\"0x1\"", count: 1_025).joined(separator: ",")
            #expect(try await world.error("eth_getProof", "[\"\(World.contract)\",[\(keys)]]").code == -32602)
            #expect(try await world.error("eth_getProof", "[\"\(World.contract)\",\"0x1\"]").code == -32602)
            #expect(try await world.error("eth_getProof", "[\"\(World.contract)\",[1]]").code == -32602)
        }
    }

    @Test func `a call of an account without code returns nothing`() async throws {
        try await TestServer.run { world in
            for call in [
                "{\"to\":\"\(World.stranger)\"}", "{\"to\":\"\(World.stranger)\",\"data\":\"0x1234\"}",
                "{\"to\":\"\(World.stranger)\",\"from\":\"\(try World.account(0).address)\",\"value\":\"0x1\","
                    + "\"gas\":\"0x5208\",\"gasPrice\":\"0x77359400\"}",
            ] {
                #expect(try await world.result("eth_call", "[\(call),\"latest\"]") == .string("0x"))
                #expect(try await world.result("eth_call", "[\(call)]") == .string("0x"))
            }
        }
    }

    @Test func `a call by the poor is refused`() async throws {
        try await TestServer.run { world in
            for method in ["eth_call", "eth_estimateGas"] {
                let payer = try await world.error(method, "[{\"to\":\"\(World.stranger)\",\"value\":\"0x1\"}]")
                #expect(payer.code == -32000)
                #expect(payer.message.contains("insufficient funds for "))
            }
        }
    }

    @Test func `the estimate of a transfer is what it will use`() async throws {
        try await TestServer.run { world in
            let from = try World.account(0).address
            let to = World.stranger
            func estimate(_ members: String) async throws -> UInt64 {
                let result = try await world.result(
                    "eth_estimateGas", "[{\"from\":\"\(from)\",\"to\":\"\(to)\"\(members)}]")
                return try UInt256(hex: #require(result.string)).asUInt64 ?? 0
            }
            #expect(try await estimate("") == 21_000)
            #expect(try await estimate(",\"value\":\"0x1\",\"maxFeePerGas\":\"0x77359400\"") == 21_000)
            // Three zero bytes and two others are eleven tokens, each ten gas by EIP-7623.
            #expect(World.isEstimate(try await estimate(",\"input\":\"0x0000000102\""), of: 21_110))
            #expect(World.isEstimate(try await estimate(",\"data\":\"0x0000000102\""), of: 21_110))
            let list = "[{\"address\":\"\(to)\",\"storageKeys\":[\"\(Hash32.zero)\"]}]"
            #expect(World.isEstimate(try await estimate(",\"accessList\":\(list)"), of: 21_000 + 2_400 + 1_900))
            // A limit below that of any transaction is not meant.
            #expect(try await estimate(",\"gas\":\"0x5207\"") == 21_000)
            // Nobody pays for a call without price.
            let free = try await world.result("eth_estimateGas", "[{\"from\":\"\(World.stranger)\",\"to\":\"\(to)\"}]")
            #expect(free == .string("0x5208"))

            let poor = "[{\"from\":\"\(World.stranger)\",\"to\":\"\(to)\",\"gasPrice\":\"0x77359400\"}]"
            #expect(try await world.error("eth_estimateGas", poor) == (-32000, "gas required exceeds allowance (0)"))
            let tight = "[{\"from\":\"\(from)\",\"to\":\"\(to)\",\"gas\":\"0x5208\",\"data\":\"0x01\"}]"
            #expect(
                try await world.error("eth_estimateGas", tight) == (-32000, "gas required exceeds allowance (21000)"))
        }
    }
}

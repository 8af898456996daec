import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import RPC
import Testing

/// eth_sign, eth_signTransaction and eth_sendTransaction for development accounts.
@Suite(.timeLimit(.minutes(5))) struct AccountTests {
    private static func run(_ body: (TestServer, AccountKey) async throws -> Void) async throws {
        let keys = try (0..<2 as Range<UInt32>).map(World.account)
        try await TestServer.run { configuration in
            configuration.developmentAccounts = keys
        } _: { world in
            try await body(world, keys[0])
        }
    }

    @Test func `a node signs for the accounts that it was given and for no others`() async throws {
        try await Self.run { world, key in
            let listed = try await world.result("eth_accounts")
            #expect(try listed == .array((0..<2 as Range<UInt32>).map { .string(try World.account($0).address.hex) }))
            let unknown: (Int64, String) = (-32000, "unknown account")
            let call = #"[{"from":"\#(World.stranger)","to":"\#(World.stranger)"}]"#
            #expect(try await world.error("eth_sign", "[\"\(World.stranger)\",\"0x00\"]") == unknown)
            #expect(try await world.error("personal_sign", "[\"0x00\",\"\(World.stranger)\"]") == unknown)
            let own = try await world.result("eth_sign", "[\"\(key.address)\",\"0x00\"]")
            #expect(try await world.result("personal_sign", "[\"0x00\",\"\(key.address)\"]") == own)
            let empty = #"{"types":{"EIP712Domain":[]},"primaryType":"EIP712Domain"}"#
            #expect(try await world.error("eth_signTypedData_v4", "[\"\(World.stranger)\",\(empty)]") == unknown)
            let typed = try await world.result("eth_signTypedData_v4", "[\"\(key.address)\",\(empty)]")
            let text = empty.replacing("\"", with: "\\\"")
            let asText = try await world.result("eth_signTypedData", "[\"\(key.address)\",\"\(text)\"]")
            #expect(typed.string?.count == 132 && typed == asText)
            #expect(try await world.error("eth_sendTransaction", call) == unknown)
            #expect(try await world.error("eth_signTransaction", call) == unknown)
        }
        try await TestServer.run { world in
            #expect(try await world.result("eth_accounts") == .array([]))
            let address = try World.account(0).address
            #expect(try await world.error("eth_sign", "[\"\(address)\",\"0x00\"]").message == "unknown account")
        }
    }

    /// What MetaMask's documentation and ethers' own tests sign: the first development account, "hello world".
    @Test func `a signed text names its signer, under the prefix that keeps it from being a transaction`()
        async throws
    {
        try await Self.run { world, key in
            let message = Bytes("hello world".utf8)
            let signature = try Bytes(
                hex: try #require(try await world.result("eth_sign", "[\"\(key.address)\",\"\(message.hex)\"]").string))
            #expect(signature.count == 65 && [27, 28].contains(signature[64]))
            let digest = keccak256(Bytes("\u{19}Ethereum Signed Message:\n11hello world".utf8))
            let signer = recoverAddress(
                AccountSignature(
                    r: UInt256(bigEndian: signature[..<32]), s: UInt256(bigEndian: signature[32..<64]),
                    yParity: signature[64] == 28), digest: digest)
            #expect(signer == key.address)
        }
    }

    @Test func `what a sender leaves open is filled in: nonce, gas, fees that later blocks do not outbid`() async throws
    {
        try await Self.run { world, key in
            try world.chain.append([World.transfer(from: key, nonce: 0)])
            world.node.set { $0.pendingNonces[key.address] = 5 }
            let call = #"[{"from":"\#(key.address)","to":"\#(World.stranger)","value":"0x7"}]"#
            let hash = try Hash32(hex: try #require(try await world.result("eth_sendTransaction", call).string))
            let sent = try #require(await world.node.pendingTransaction(hash))
            #expect(sent.sender == key.address)
            #expect(try sent.transaction.recoverSender() == key.address)
            #expect(sent.transaction.kind == .dynamicFee && sent.transaction.chainID == World.chainID)
            #expect(sent.transaction.nonce == 5 && sent.transaction.value == 7)
            #expect(sent.transaction.gasLimit == GasSchedule.transaction)
            let baseFee = try #require(world.chain.header(at: 1)).baseFee
            let tip = try await world.result("eth_maxPriorityFeePerGas").string
            #expect(sent.transaction.maxPriorityFeePerGas.quantity == tip)
            #expect(sent.transaction.maxFeePerGas == baseFee * 2 + sent.transaction.maxPriorityFeePerGas)
        }
    }

    /// What a request names, and the kind that it makes.
    static let kinds: [(members: String, kind: Transaction.Kind)] = [
        (#""gasPrice":"0x3b9aca00""#, .legacy),
        (#""gasPrice":"0x3b9aca00","accessList":[]"#, .accessList),
        (#""maxFeePerGas":"0x77359400""#, .dynamicFee),
        (#""maxPriorityFeePerGas":"0x3b9aca00""#, .dynamicFee),
        (#""accessList":[]"#, .dynamicFee),
    ]

    @Test(arguments: kinds.indices)
    func `the fees that a sender names decide the kind`(index: Int) async throws {
        let (members, kind) = Self.kinds[index]
        try await Self.run { world, key in
            let call = #"[{"from":"\#(key.address)","to":"\#(World.stranger)",\#(members)}]"#
            let hash = try Hash32(hex: try #require(try await world.result("eth_sendTransaction", call).string))
            let sent = try #require(await world.node.pendingTransaction(hash))
            #expect(sent.transaction.kind == kind)
            #expect(sent.transaction.maxFeePerGas >= sent.transaction.maxPriorityFeePerGas)
        }
    }

    @Test func `two that are sent at once get two nonces`() async throws {
        try await Self.run { world, key in
            world.node.set { $0.countsPending = true }
            let call = #"{"from":"\#(key.address)","to":"\#(World.stranger)","gas":"0x5208"}"#
            let replies = try await withThrowingTaskGroup(of: JSONValue.self) { group in
                for _ in 0..<8 { group.addTask { try await world.result("eth_sendTransaction", "[\(call)]") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            var nonces: [UInt64] = []
            for reply in replies {
                let hash = try Hash32(hex: try #require(reply.string))
                nonces.append(try #require(await world.node.pendingTransaction(hash)).transaction.nonce)
            }
            #expect(nonces.sorted() == Array(0..<8))
        }
    }

    @Test func `a signed transaction is given back and not sent`() async throws {
        try await Self.run { world, key in
            let call = """
                [{"from":"\(key.address)","to":"\(World.stranger)","gas":"0x5208","nonce":"0x3","value":"0x1",
                "maxFeePerGas":"0x77359400","maxPriorityFeePerGas":"0x1"}]
                """
            let answer = try await world.result("eth_signTransaction", call)
            let transaction = try Transaction(envelope: try answer.data("raw"))
            #expect(try transaction.recoverSender() == key.address && transaction.nonce == 3)
            #expect(try answer.member("tx").transaction() == transaction)
            world.node.set { #expect($0.submissions.isEmpty) }
        }
    }

    /// A request, and why it is not signed.
    static let refusals: [(method: String, members: String, message: String)] = [
        ("eth_signTransaction", #""to":"\#(World.stranger)""#, "gas not specified"),
        (
            "eth_signTransaction", #""to":"\#(World.stranger)","gas":"0x5208""#,
            "missing gasPrice or maxFeePerGas/maxPriorityFeePerGas"
        ),
        (
            "eth_signTransaction", #""to":"\#(World.stranger)","gas":"0x5208","gasPrice":"0x1""#, "nonce not specified"
        ),
        ("eth_sendTransaction", #""value":"0x1""#, "contract creation without any data provided"),
        (
            "eth_sendTransaction", #""to":"\#(World.stranger)","chainId":"0x1""#,
            "chainId does not match node's (have=1, want=8217)"
        ),
        (
            "eth_sendTransaction", #""to":"\#(World.stranger)","maxFeePerGas":"0x1","maxPriorityFeePerGas":"0x2""#,
            "maxFeePerGas (0x1) < maxPriorityFeePerGas (0x2)"
        ),
        (
            "eth_sendTransaction", #""to":"\#(World.stranger)","gas":"0x5207""#,
            "intrinsic gas too low: gas 20999, minimum needed 21000"
        ),
    ]

    @Test func `what cannot be sent is refused in geth's words`() async throws {
        try await Self.run { world, key in
            for (method, members, message) in Self.refusals {
                let error = try await world.error(method, #"[{"from":"\#(key.address)",\#(members)}]"#)
                #expect(error.message == message)
            }
            world.node.set { $0.refusal = TransactionRefusal("nonce too low") }
            let call = #"[{"from":"\#(key.address)","to":"\#(World.stranger)","nonce":"0x0"}]"#
            #expect(try await world.error("eth_sendTransaction", call) == (-32000, "nonce too low"))
        }
    }
}

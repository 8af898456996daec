import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import RPC
import Testing

/// debug_traceTransaction and debug_traceBlock*, over real HTTP.
@Suite(.timeLimit(.minutes(5))) struct TraceTests {
    /// Stores 7 in slot 0: PUSH1 7, PUSH0, SSTORE, STOP.
    private static let store = Address(Bytes(repeating: 0xd1, count: 20))
    private static let storeCode: Bytes = [0x60, 7, 0x5f, 0x55, 0x00]
    /// Leaves a log, calls the caller of nobody with 1 peb, then whoever reverts, and returns a word.
    private static let caller = Address(Bytes(repeating: 0xd2, count: 20))
    private static let callerCode: Bytes =
        [0x60, 9, 0x5f, 0x5f, 0xa1] + call(store, value: 0, gas: 50_000) + call(World.stranger, value: 1, gas: 0)
        + call(reverter, value: 0, gas: 5_000) + [0x60, 0x20, 0x5f, 0xf3]
    /// Reverts with Error("no").
    private static let reverter = Address(Bytes(repeating: 0xd3, count: 20))
    private static let reverterCode: Bytes =
        [0x60, UInt8(reason.count), 0x60, 11, 0x5f, 0x39, 0x60, UInt8(reason.count), 0x5f, 0xfd, 0x00] + reason
    private static let reason: Bytes =
        [0x08, 0xc3, 0x79, 0xa0] + UInt256(32).bigEndianBytes + UInt256(2).bigEndianBytes + Bytes("no".utf8)
        + Bytes(repeating: 0, count: 30)

    /// CALL without input and output, whose result is dropped.
    private static func call(_ address: Address, value: UInt8, gas: UInt16) -> Bytes {
        [0x5f, 0x5f, 0x5f, 0x5f, 0x60, value, 0x73] + address.bytes + [0x61, UInt8(gas >> 8), UInt8(gas & 0xff)]
            + [0xf1, 0x50]
    }

    /// Block 1 puts the contracts there; block 2 has three transactions of account 0, and a creation of account 1.
    private static func grow(_ world: TestServer) throws -> [Transaction] {
        let (first, second) = (try World.account(0), try World.account(1))
        try world.chain.append([]) { state in
            state.setCode(store, storeCode)
            state.setCode(caller, callerCode)
            state.setCode(reverter, reverterCode)
            state.accounts[caller]?.balance = 5
        }
        let transactions = [
            World.transfer(from: first, nonce: 0, to: store, value: 0, gasLimit: 100_000),
            World.transfer(from: first, nonce: 1, to: store, value: 0, gasLimit: 100_000),
            World.transfer(from: first, nonce: 2, to: caller, value: 2, data: [1, 2, 3, 4, 5], gasLimit: 200_000),
            // Initcode that is no opcode.
            World.transfer(from: second, nonce: 0, to: nil, value: 0, data: [0x0c], gasLimit: 60_000),
        ]
        try world.chain.append(transactions)
        return transactions
    }

    private static func trace(
        _ world: TestServer, _ transaction: Transaction, _ options: String = "{}"
    ) async throws -> JSONValue {
        try await world.result("debug_traceTransaction", "[\"\(transaction.hash)\",\(options)]")
    }

    private static func word(_ number: UInt64) -> String { UInt256(number).hash.hex }

    @Test func `every opcode stands there as geth shows it`() async throws {
        try await TestServer.run { world in
            let transaction = try Self.grow(world)[0]
            let expected = """
                {"gas":43105,"failed":false,"returnValue":"0x","structLogs":[
                {"pc":0,"op":"PUSH1","gas":79000,"gasCost":3,"depth":1,"stack":[]},
                {"pc":2,"op":"PUSH0","gas":78997,"gasCost":2,"depth":1,"stack":["0x7"]},
                {"pc":3,"op":"SSTORE","gas":78995,"gasCost":22100,"depth":1,"stack":["0x7","0x0"],
                "storage":{"\(Self.word(0))":"\(Self.word(7))"}},
                {"pc":4,"op":"STOP","gas":56895,"gasCost":0,"depth":1,"stack":[]}]}
                """
            #expect(try await Self.trace(world, transaction).says(JSONParser.parse(Bytes(expected.utf8))))
            let bare = try await Self.trace(world, transaction, #"{"disableStack":true,"disableStorage":true}"#)
            let entries = try #require(try bare.member("structLogs").array)
            #expect(entries.allSatisfy { $0.names == ["pc", "op", "gas", "gasCost", "depth"] })
            let limited = try await Self.trace(world, transaction, #"{"limit":2,"tracer":""}"#)
            #expect(try limited.member("structLogs").array?.count == 2)
            #expect(try limited.member("gas").int64 == 43105)
        }
    }

    @Test func `memory and return data are shown where they are wanted and there`() async throws {
        try await TestServer.run { world in
            let transaction = try Self.grow(world)[2]
            let trace = try await Self.trace(world, transaction, #"{"enableMemory":true,"enableReturnData":true}"#)
            let entries = try #require(try trace.member("structLogs").array)
            let revert = try #require(entries.first { $0["op"] == .string("REVERT") })
            #expect(try revert.member("depth").int64 == 2)
            let memory = try #require(try revert.member("memory").array)
            let bytes = try memory.flatMap { try Bytes(hex: #require($0.string)) }
            #expect(bytes == Self.reason + Bytes(repeating: 0, count: 128 - Self.reason.count))
            #expect(memory.count == 4 && memory.allSatisfy { $0.string?.count == 66 })
            let last = try #require(entries.last)
            #expect(try last.data("returnData") == Self.reason)
            #expect(entries.first?["memory"] == nil && entries.first?["returnData"] == nil)
            #expect(try trace.text("returnValue") == Self.word(0))
        }
    }

    @Test func `the tree of calls is that of geth's callTracer`() async throws {
        try await TestServer.run { world in
            let transactions = try Self.grow(world)
            let sender = try World.account(0).address
            let trace = try await Self.trace(
                world, transactions[2], #"{"tracer":"callTracer","tracerConfig":{"withLog":true}}"#)
            let expected = """
                {"from":"\(sender)","gas":"0x30d40","gasUsed":"\(try trace.text("gasUsed"))","to":"\(Self.caller)",
                "input":"0x0102030405","output":"\(Self.word(0))","calls":[
                {"from":"\(Self.caller)","gas":"0xc350","gasUsed":"0x89d","to":"\(Self.store)","input":"0x",
                "value":"0x0","type":"CALL"},
                {"from":"\(Self.caller)","gas":"0x8fc","gasUsed":"0x0","to":"\(World.stranger)","input":"0x",
                "value":"0x1","type":"CALL"},
                {"from":"\(Self.caller)","gas":"0x1388","gasUsed":"0x28","to":"\(Self.reverter)","input":"0x",
                "output":"\(Self.reason.hex)","error":"execution reverted","revertReason":"no","value":"0x0",
                "type":"CALL"}],
                "logs":[{"address":"\(Self.caller)","topics":["\(Self.word(9))"],"data":"0x","position":"0x0"}],
                "value":"0x2","type":"CALL"}
                """
            #expect(try trace.says(JSONParser.parse(Bytes(expected.utf8))), "\(trace)")
            let top = try await Self.trace(
                world, transactions[2], #"{"tracer":"callTracer","tracerConfig":{"onlyTopCall":true}}"#)
            #expect(top["calls"] == nil && top["logs"] == nil)
            #expect(top["gasUsed"] == trace["gasUsed"])
            let failed = try await Self.trace(world, transactions[3], #"{"tracer":"callTracer"}"#)
            #expect(
                failed.names == ["from", "gas", "gasUsed", "input", "error", "value", "type"])
            #expect(try failed.text("error") == "invalid opcode: opcode 0xc not defined")
            #expect(try failed.text("type") == "CREATE" && failed.text("gasUsed") == "0xea60")
        }
    }

    @Test func `a call that nobody sends is traced on the state of a block, and on one that is supposed`() async throws
    {
        try await TestServer.run { world in
            _ = try Self.grow(world)
            let call = #"{"from":"\#(try World.account(0).address)","to":"\#(World.stranger)","gas":"0x186a0"}"#
            // NUMBER, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN.
            let supposed = """
                "stateOverrides":{"\(World.stranger)":{"code":"0x435f5260205ff3"}},"blockOverrides":{"number":"0x1234"}
                """
            let params = #"[\#(call),"latest",{"tracer":"callTracer",\#(supposed)}]"#
            let trace = try await world.result("debug_traceCall", params)
            #expect(try trace.text("output") == Self.word(0x1234))
            #expect(try trace.text("gas") == "0x186a0" && trace.text("type") == "CALL")
            let plain = try await world.result("debug_traceCall", "[\(call)]")
            #expect(try plain.member("structLogs").array == [] && plain.member("gas").int64 == 21_000)
            let dear = #"[{"from":"\#(World.stranger)","to":"\#(World.stranger)","value":"0x1"}]"#
            let refusal = try await world.error("debug_traceCall", dear)
            #expect(refusal.message.hasPrefix("tracing failed: insufficient funds"))
        }
    }

    @Test func `the prestate is what the transaction looked at, and the difference what it changed`() async throws {
        try await TestServer.run { world in
            let transactions = try Self.grow(world)
            let sender = try World.account(0).address
            let block = try #require(world.chain.block(at: 2))
            let before = try await Self.trace(world, transactions[1], #"{"tracer":"prestateTracer"}"#)
            // Who proposed has been paid before, by the first transaction.
            #expect(before.names == [sender.hex, Self.store.hex, block.header.beneficiary.hex])
            let contract = try before.member(Self.store.hex)
            #expect(
                contract.says(
                    try JSONParser.parse(
                        Bytes(
                            """
                            {"balance":"0x0","nonce":1,"code":"\(Self.storeCode.hex)",
                            "codeHash":"\(keccak256(Self.storeCode))",
                            "storage":{"\(Self.word(0))":"\(Self.word(7))"}}
                            """.utf8))))
            #expect(try before.member(sender.hex).member("nonce").int64 == 1)
            let first = try await Self.trace(
                world, transactions[0], #"{"tracer":"prestateTracer","tracerConfig":{"diffMode":true}}"#)
            let (pre, post) = (try first.member("pre"), try first.member("post"))
            #expect(pre.names == [sender.hex, Self.store.hex])
            #expect(post.names == [sender.hex, Self.store.hex, block.header.beneficiary.hex])
            #expect(try pre.member(Self.store.hex)["storage"] == nil)
            #expect(try post.member(Self.store.hex).names == ["storage"])
            #expect(try post.member(sender.hex).names == ["balance", "nonce"])
            #expect(try pre.member(sender.hex).names == ["balance"])
            let paid =
                try pre.member(sender.hex).quantity("balance") - post.member(sender.hex).quantity("balance")
            #expect(paid == UInt256(43105) * (block.header.baseFee + 1_000_000_000))
            // The second one writes the same once more: only the sender and the proposer change.
            let second = try await Self.trace(
                world, transactions[1], #"{"tracer":"prestateTracer","tracerConfig":{"diffMode":true}}"#)
            #expect(try second.member("post").names == [sender.hex, block.header.beneficiary.hex])
            let hidden = try await Self.trace(
                world, transactions[1],
                #"{"tracer":"prestateTracer","tracerConfig":{"disableCode":true,"disableStorage":true}}"#)
            #expect(try hidden.member(Self.store.hex).names == ["balance", "nonce", "codeHash"])
        }
    }

    @Test func `functions are counted, and nobody may watch`() async throws {
        try await TestServer.run { world in
            let transaction = try Self.grow(world)[2]
            let counts = try await Self.trace(world, transaction, #"{"tracer":"4byteTracer"}"#)
            #expect(counts == .object(JSONObject([.init("0x01020304-1", .integer(1))])))
            #expect(try await Self.trace(world, transaction, #"{"tracer":"noopTracer"}"#) == .object(JSONObject()))
        }
    }

    @Test func `a block is traced transaction by transaction, each on what those before it left`() async throws {
        try await TestServer.run { world in
            let transactions = try Self.grow(world)
            let block = try #require(world.chain.block(at: 2))
            for (method, parameter) in [("Number", "0x2"), ("Number", "latest"), ("Hash", block.hash.hex)] {
                let traces = try #require(
                    try await world.result("debug_traceBlockBy\(method)", "[\"\(parameter)\"]").array)
                #expect(try traces.map { try $0.hash("txHash") } == transactions.map(\.hash))
                for (trace, transaction) in zip(traces, transactions) {
                    #expect(trace.names == ["txHash", "result"])
                    #expect(try await Self.trace(world, transaction) == trace.member("result"))
                }
                // The second one finds the slot as it wants it.
                let costs = try traces.prefix(2).map { try $0.member("result").member("gas").int64 }
                #expect(costs == [43105, 43105 - 20_000 + 100 - 0])
            }
            #expect(try await world.result("debug_traceBlockByNumber", "[\"0x1\"]") == .array([]))
        }
    }

    static let refusals: [(method: String, params: String, code: Int64, message: String)] = [
        ("debug_traceTransaction", "[\"\(Hash32.zero)\"]", -32000, "transaction not found"),
        ("debug_traceBlockByNumber", "[\"0x0\"]", -32000, "genesis is not traceable"),
        ("debug_traceBlockByNumber", "[\"earliest\"]", -32000, "genesis is not traceable"),
        ("debug_traceBlockByNumber", "[\"0x99\"]", -32000, "block #153 not found"),
        ("debug_traceBlockByNumber", "[\"pending\"]", -32000, "pending block is not available"),
        ("debug_traceBlockByHash", "[\"\(Hash32.zero)\"]", -32000, "block \(Hash32.zero) not found"),
        ("debug_traceBlockByNumber", "[\"3\"]", -32602, "invalid argument 0: hex string without 0x prefix"),
        ("debug_traceBlockByNumber", "[\"0x2\",1]", -32602, "invalid argument 1: expected an object, found a number"),
        (
            "debug_traceBlockByNumber", "[\"0x2\",{\"disableStack\":1}]", -32602,
            "invalid argument 1: disableStack: expected true or false, found a number"
        ),
        (
            "debug_traceBlockByNumber", "[\"0x2\",{\"limit\":-1}]", -32602,
            "invalid argument 1: limit: expected a whole number, found a number"
        ),
        (
            "debug_traceBlockByNumber", "[\"0x2\",{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":\"yes\"}}]",
            -32602, "invalid argument 1: withLog: expected true or false, found a string"
        ),
        ("debug_traceBlockByNumber", "[\"0x2\",{\"timeout\":\"5\"}]", -32000, "time: invalid duration \"5\""),
        ("debug_traceBlockByNumber", "[\"0x2\",{\"timeout\":\"0s\"}]", -32000, "execution timeout"),
        (
            "debug_traceBlockByNumber", "[\"0x2\",{\"tracer\":\"fancyTracer\"}]", -32000,
            "tracer fancyTracer is not supported: there are callTracer, flatCallTracer, prestateTracer, 4byteTracer, "
                + "noopTracer, muxTracer of these, and the struct logger without a name"
        ),
    ]

    @Test func `what cannot be traced is refused in geth's words`() async throws {
        try await TestServer.run { world in
            _ = try Self.grow(world)
            for (method, params, code, message) in Self.refusals {
                #expect(try await world.error(method, params) == (code, message), "\(method)\(params)")
            }
        }
    }

    struct Limit: Sendable {
        let tracer: String
        let name: any WritableKeyPath<RPCLimits, Int> & Sendable
        let value: Int
        /// What the error says after "response too large".
        let words: String
    }

    static let limits = [
        Limit(
            tracer: "", name: \.traceStepsMax, value: 3,
            words: ": more than 3 opcodes, or 67108864 bytes with one of them (traceStepsMax, traceBytesMax): ask for "
                + "fewer with limit, leave out enableMemory, or ask for calls alone with callTracer"),
        Limit(tracer: "", name: \.traceBytesMax, value: 10, words: " or 10 bytes with one of them "),
        Limit(tracer: "callTracer", name: \.traceCallsMax, value: 0, words: ": more than 0 calls"),
        Limit(tracer: "callTracer", name: \.traceBytesMax, value: 0, words: " or 0 bytes of their inputs"),
        Limit(tracer: "prestateTracer", name: \.traceAccountsMax, value: 0, words: ": more than 0 accounts"),
        Limit(tracer: "prestateTracer", name: \.traceSlotsMax, value: 0, words: " or 0 slots"),
        Limit(tracer: "4byteTracer", name: \.traceSelectorsMax, value: 0, words: ": more than 0 functions"),
        Limit(
            tracer: "", name: \.traceAnswerBytesMax, value: 200,
            words: ": more than 200 bytes (traceAnswerBytesMax): leave out enableMemory"),
    ]

    @Test(arguments: limits) func `a trace that is too large is refused`(limit: Limit) async throws {
        try await TestServer.run { configuration in
            // So that what is larger must ask to be.
            configuration.limits.responseBytesMax = 150
            configuration.limits[keyPath: limit.name] = limit.value
        } _: { world in
            let transactions = try Self.grow(world)
            let options = "{\"tracer\":\"\(limit.tracer)\"}"
            for method in ["debug_traceTransaction", "debug_traceBlockByNumber"] {
                let subject = method == "debug_traceTransaction" ? transactions[2].hash.hex : "latest"
                let error = try await world.error(method, "[\"\(subject)\",\(options)]")
                #expect(error.code == -32003)
                #expect(error.message.hasPrefix("response too large: more than "))
                #expect(error.message.contains(limit.words), "\(error.message)")
            }
        }
    }

    @Test func `reading the state has an end too`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.traceReadTimeout = .zero
        } _: { world in
            let transaction = try Self.grow(world)[0]
            let error = try await world.error("debug_traceTransaction", "[\"\(transaction.hash)\"]")
            #expect(error == (-32000, "execution timeout"))
        }
    }
}

import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import RPC
import Testing

/// flatCallTracer and muxTracer.
@Suite(.timeLimit(.minutes(5))) struct FlatTraceTests {
    /// Stores 7 in slot 0.
    private static let store = Address(Bytes(repeating: 0xd1, count: 20))
    private static let caller = Address(Bytes(repeating: 0xd2, count: 20))
    /// Reverts with nothing.
    private static let reverter = Address(Bytes(repeating: 0xd3, count: 20))
    private static let invalid = Address(Bytes(repeating: 0xd4, count: 20))
    /// Gives all it has to its caller.
    private static let ender = Address(Bytes(repeating: 0xd5, count: 20))
    private static let identity = Address(Bytes(repeating: 0, count: 19) + [4])

    /// Of every kind of call one, and a creation of nothing.
    private static let callerCode: Bytes =
        call(store, 0xf1) + call(identity, 0xfa) + call(identity, 0xf4) + call(reverter, 0xf1) + call(invalid, 0xf2)
        + call(ender, 0xf1) + [0x5f, 0x5f, 0x5f, 0xf0, 0x50] + [0x60, 0x20, 0x5f, 0xf3]

    /// A call without input and output, with 30,000 gas, whose result is dropped.
    private static func call(_ address: Address, _ opcode: UInt8) -> Bytes {
        let value: Bytes = opcode == 0xf1 || opcode == 0xf2 ? [0x5f] : []
        return [0x5f, 0x5f, 0x5f, 0x5f] + value + [0x73] + address.bytes + [0x61, 0x75, 0x30, opcode, 0x50]
    }

    private static func grow(_ world: TestServer) throws -> [Transaction] {
        try world.chain.append([]) { state in
            state.setCode(store, [0x60, 7, 0x5f, 0x55, 0x00])
            state.setCode(caller, callerCode)
            state.setCode(reverter, [0x5f, 0x5f, 0xfd])
            state.setCode(invalid, [0xfe])
            state.setCode(ender, [0x33, 0xff])
            state.accounts[ender]?.balance = 5
        }
        let sender = try World.account(0)
        let transactions = [
            World.transfer(from: sender, nonce: 0, to: World.stranger, value: 3),
            World.transfer(from: sender, nonce: 1, to: caller, value: 2, data: [1, 2, 3, 4], gasLimit: 400_000),
            // Initcode that reverts with a byte.
            World.transfer(from: sender, nonce: 2, to: nil, data: [0x60, 1, 0x5f, 0xfd], gasLimit: 100_000),
            World.transfer(from: sender, nonce: 3, to: identity, value: 0, data: [1], gasLimit: 30_000),
        ]
        try world.chain.append(transactions)
        return transactions
    }

    private static func trace(
        _ world: TestServer, _ transaction: Transaction, _ tracer: String, _ details: String = "{}"
    ) async throws -> JSONValue {
        let options = #"{"tracer":"\#(tracer)","tracerConfig":\#(details)}"#
        return try await world.result("debug_traceTransaction", "[\"\(transaction.hash)\",\(options)]")
    }

    /// Where each entry stands, what it is, and what went wrong.
    private static func outline(_ trace: JSONValue) throws -> [String] {
        try #require(trace.array).map { entry in
            let place = try #require(try entry.member("traceAddress").array).map { "\($0.int64 ?? -1)" }
            let kind = try entry["action"]?["callType"]?.string ?? entry.text("type")
            let error = entry["error"]?.string.map { ": " + $0 } ?? ""
            return "[\(place.joined(separator: ","))] \(kind) \(try entry.member("subtraces").int64 ?? -1)\(error)"
        }
    }

    @Test func `calls stand one behind the other, each with its place`() async throws {
        try await TestServer.run { world in
            let transactions = try Self.grow(world)
            let plain = try Self.outline(await Self.trace(world, transactions[1], "flatCallTracer"))
            #expect(
                plain == [
                    "[] call 6", "[0] call 0", "[1] delegatecall 0", "[2] call 0: execution reverted",
                    "[3] callcode 0: invalid opcode: INVALID", "[4] call 1", "[4,0] suicide 0", "[5] create 0",
                ])
            let full = try Self.outline(
                await Self.trace(
                    world, transactions[1], "flatCallTracer",
                    #"{"includePrecompiles":true,"convertParityErrors":true}"#))
            #expect(
                full == [
                    "[] call 7", "[0] call 0", "[1] staticcall 0", "[2] delegatecall 0", "[3] call 0: Reverted",
                    "[4] callcode 0: Bad instruction", "[5] call 1", "[5,0] suicide 0", "[6] create 0",
                ])
            // What the transaction itself calls is shown, precompiled or not.
            #expect(try Self.outline(await Self.trace(world, transactions[3], "flatCallTracer")) == ["[] call 0"])
        }
    }

    @Test func `each entry has the members that geth gives it`() async throws {
        try await TestServer.run { world in
            let transactions = try Self.grow(world)
            let block = try #require(world.chain.block(at: 2))
            let sender = try World.account(0).address
            func origin(_ index: Int) -> String {
                """
                "blockHash":"\(block.hash)","blockNumber":2,"transactionHash":"\(transactions[index].hash)",
                "transactionPosition":\(index)
                """
            }
            let transfer = """
                [{"action":{"callType":"call","from":"\(sender)","gas":"0x5208","input":"0x","to":"\(World.stranger)",
                "value":"0x3"},\(origin(0)),"result":{"gasUsed":"0x5208","output":"0x"},"subtraces":0,
                "traceAddress":[],"type":"call"}]
                """
            let first = try await Self.trace(world, transactions[0], "flatCallTracer")
            #expect(try first.says(JSONParser.parse(Bytes(transfer.utf8))), "\(first)")
            let calls = try await Self.trace(world, transactions[1], "flatCallTracer")
            let entries = try #require(calls.array)
            let made = createAddress(sender: Self.caller, nonce: 1)
            #expect(entries[7]["result"]?.names == ["address", "code", "gasUsed"])
            #expect(entries[7]["result"]?["address"] == .string(made.hex))
            #expect(entries[7]["action"]?.names == ["from", "gas", "init", "value"])
            let end = """
                {"action":{"address":"\(Self.ender)","balance":"0x5","refundAddress":"\(Self.caller)"},\(origin(1)),
                "subtraces":0,"traceAddress":[4,0],"type":"suicide"}
                """
            #expect(try entries[6].says(JSONParser.parse(Bytes(end.utf8))), "\(entries[6])")
            // A revert has its result, another failure has none.
            #expect(entries[3]["result"]?.names == ["gasUsed", "output"])
            #expect(entries[4]["result"] == nil)
            let refused = try #require(try await Self.trace(world, transactions[2], "flatCallTracer").array?.first)
            #expect(refused["result"]?.names == ["code", "gasUsed"] && refused["result"]?["code"] == "0x00")
        }
    }

    @Test func `the entries are the tree of callTracer`() async throws {
        try await TestServer.run { world in
            let transaction = try Self.grow(world)[1]
            let tree = try await Self.trace(world, transaction, "callTracer")
            let flat = try await Self.trace(world, transaction, "flatCallTracer", #"{"includePrecompiles":true}"#)
            func flattened(_ call: JSONValue) -> [JSONValue] {
                [call] + (call["calls"]?.array ?? []).flatMap(flattened)
            }
            let (calls, entries) = (flattened(tree), try #require(flat.array))
            #expect(calls.count == entries.count)
            for (call, entry) in zip(calls, entries) where entry["type"] != "suicide" {
                for name in ["from", "gas"] { #expect(entry["action"]?[name] == call[name]) }
                #expect(entry["action"]?["value"] == call["value"] ?? "0x0")
                #expect(entry["result"]?["gasUsed"] == (entry["result"] == nil ? nil : call["gasUsed"]))
            }
        }
    }

    @Test func `a call that nobody sent is in no block`() async throws {
        try await TestServer.run { world in
            _ = try Self.grow(world)
            let call = #"{"from":"\#(try World.account(0).address)","to":"\#(Self.store)","gas":"0x186a0"}"#
            let trace = try await world.result("debug_traceCall", #"[\#(call),"latest",{"tracer":"flatCallTracer"}]"#)
            let entry = try #require(trace.array?.first)
            #expect(entry["blockHash"] == .null && entry["transactionHash"] == .null)
            #expect(entry["transactionPosition"] == .integer(0) && trace.array?.count == 1)
        }
    }

    @Test func `several tracers see one run as each would see its own`() async throws {
        try await TestServer.run { world in
            let transactions = try Self.grow(world)
            let details = [
                "callTracer": #"{"withLog":true}"#, "flatCallTracer": #"{"convertParityErrors":true}"#,
                "prestateTracer": #"{"diffMode":true}"#, "4byteTracer": "null", "noopTracer": "{}",
            ]
            let all = details.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
            for transaction in transactions {
                let together = try await Self.trace(world, transaction, "muxTracer", "{\(all)}")
                #expect(together.names == Set(details.keys))
                for (name, configuration) in details {
                    let alone = try await Self.trace(world, transaction, name, configuration)
                    #expect(try together.member(name) == alone)
                }
            }
            #expect(try await Self.trace(world, transactions[0], "muxTracer") == .object(JSONObject()))
            let blocks = try await world.result(
                "debug_traceBlockByNumber", #"["0x2",{"tracer":"muxTracer","tracerConfig":{"noopTracer":{}}}]"#)
            #expect(blocks.array?.count == transactions.count)
        }
    }

    static let refusals: [(details: String, code: Int64, message: String)] = [
        (#"{"fancyTracer":{}}"#, -32000, "tracer fancyTracer is not supported"),
        (#"{"muxTracer":{}}"#, -32000, "tracer muxTracer is not supported"),
        (#"{"":{}}"#, -32000, "tracer  is not supported"),
        (#"{"callTracer":1}"#, -32602, "invalid argument 1: callTracer: expected an object, found a number"),
        (#"{"callTracer":{"withLog":1}}"#, -32602, "invalid argument 1: withLog: expected true or false"),
    ]

    @Test func `only tracers with a name stand together`() async throws {
        try await TestServer.run { world in
            let hash = try Self.grow(world)[0].hash
            for (details, code, message) in Self.refusals {
                let options = #"{"tracer":"muxTracer","tracerConfig":\#(details)}"#
                let error = try await world.error("debug_traceTransaction", "[\"\(hash)\",\(options)]")
                #expect(error.code == code && error.message.hasPrefix(message), "\(error.message)")
            }
        }
    }

    @Test(arguments: ["callTracer", "flatCallTracer"]) func `limits hold for each of several`(name: String) async throws
    {
        try await TestServer.run { configuration in
            configuration.limits.traceCallsMax = 7
        } _: { world in
            let hash = try Self.grow(world)[1].hash
            let options = #"{"tracer":"muxTracer","tracerConfig":{"noopTracer":{},"\#(name)":{}}}"#
            let error = try await world.error("debug_traceTransaction", "[\"\(hash)\",\(options)]")
            #expect(error.code == -32003 && error.message.contains("more than 7 calls"))
        }
    }
}

import Fixtures
import Foundation
import Primitives
import RPC
import Testing

/// rpc_modules and rpc.discover.
@Suite(.timeLimit(.minutes(5))) struct DiscoveryTests {
    private static func methods(_ document: JSONValue) throws -> [String: JSONValue] {
        let methods = try #require(try document.member("methods").array)
        return try Dictionary(uniqueKeysWithValues: methods.map { (try $0.text("name"), $0) })
    }

    @Test func `every method that is documented exists, and no other does`() async throws {
        try await TestServer.run(testnet: true) { world in
            let documented = try Self.methods(try await world.result("rpc.discover"))
            #expect(documented.count > 150)
            let page = try await world.connect()
            try await page.send("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            let listed = try await page.reply(to: "GET").text
            for (name, method) in documented {
                #expect(listed.contains(name))
                #expect(try !method.text("summary").isEmpty)
                let request = #"{"jsonrpc":"2.0","id":1,"method":"\#(name)","params":{}}"#
                #expect(try await world.post(request).json()["error"]?["code"]?.int64 == -32602, "\(name)")
            }
            let modules = try #require(try await world.result("rpc_modules").object)
            let families = Set(documented.keys.map { String($0.prefix { $0 != "_" && $0 != "." }) })
            #expect(Set(modules.members.map(\.name)) == families)
            #expect(modules.members.allSatisfy { $0.value == "1.0" })
        }
    }

    /// What the specification has and this node has not, and why.
    private static func reasonToLack(_ name: String) -> String? {
        switch name {
        case let name where name.hasPrefix("engine_"): "there is no consensus client beside this node"
        case "eth_getBlockAccessList", "debug_getRawBlockAccessList", "testing_buildBlockV1":
            "of Amsterdam, and of chains that only tests have"
        default: nil
        }
    }

    /// Methods of the specification that others of this project's modules have still to bring.
    @Test func `the methods of the specification are there, with its parameters in its order`() async throws {
        let data = try Fixtures.data("rpc/openrpc.json.gz")
        let specified = try Self.methods(try JSONParser.parse(Bytes(data)))
        try await TestServer.run { world in
            let document = try await world.result("rpc.discover")
            let documented = try Self.methods(document)
            let schemas = Schemas(document)
            for (name, method) in specified where Self.reasonToLack(name) == nil {
                guard let ours = documented[name] else {
                    Issue.record("\(name) is missing")
                    continue
                }
                let wanted = try #require(try method.member("params").array)
                let found = try #require(try ours.member("params").array)
                #expect(found.count >= wanted.count, "\(name)")
                for (wanted, found) in zip(wanted, found) {
                    let label = try found.text("name")
                    // Theirs may be called for where ours may be left out, never the other way round.
                    if found["required"]?.bool == true, wanted["required"] != nil {
                        #expect(wanted["required"]?.bool == true, "\(name): \(label)")
                    }
                    let pattern = wanted["schema"]?["pattern"]?.string
                    guard let pattern, let sample = Self.samples[pattern] else { continue }
                    #expect(schemas.allow(sample, as: found["schema"] ?? .null), "\(name): \(label)")
                }
                for further in found.dropFirst(wanted.count) { #expect(further["required"] == .bool(false), "\(name)") }
            }
        }
    }

    /// What a pattern of the specification takes.
    private static let samples: [String: JSONValue] = [
        "^0x[0-9a-fA-F]{40}$": .string(World.stranger.hex), "^0x[0-9a-f]{64}$": .string(Hash32.zero.hex),
        "^0x(0|[1-9a-f][0-9a-f]*)$": "0x1f", "^0x[0-9a-f]*$": "0x00ff",
    ]

    /// Calls whose results are compared with what the document says of them.
    static let calls: [(method: String, params: String)] = [
        ("eth_getBlockByNumber", #"["0x1",true]"#), ("eth_getBlockByNumber", #"["0x1",false]"#),
        ("eth_getBlockByNumber", #"["pending",false]"#), ("eth_getBlockByNumber", #"["0x99",false]"#),
        ("eth_getBlockReceipts", #"["0x1"]"#), ("eth_getLogs", #"[{"fromBlock":"0x0"}]"#),
        ("eth_getTransactionByBlockNumberAndIndex", #"["0x1","0x0"]"#), ("eth_chainId", "[]"),
        ("eth_getBalance", #"["\#(World.stranger)"]"#), ("eth_getCode", #"["\#(World.contract)"]"#),
        ("eth_getStorageAt", #"["\#(World.contract)","0x1"]"#), ("eth_syncing", "[]"), ("eth_gasPrice", "[]"),
        ("eth_getProof", #"["\#(World.contract)",["0x1"],"latest"]"#), ("eth_newBlockFilter", "[]"),
        ("klay_getHeaderByNumber", #"["0x1"]"#), ("kaia_getCouncil", "[]"), ("kaia_getCouncilSize", "[]"),
        ("eth_mining", "[]"), ("eth_accounts", "[]"), ("net_version", "[]"), ("net_listening", "[]"),
        ("web3_sha3", #"["0x00"]"#), ("eth_getUncleCountByBlockNumber", #"["0x1"]"#),
    ]

    @Test func `results are as the document says`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let document = try await world.result("rpc.discover")
            let documented = try Self.methods(document)
            let schemas = Schemas(document)
            for (method, params) in Self.calls {
                let schema = try #require(documented[method]?["result"]?["schema"])
                #expect(schema["description"] == nil || schema["type"] != nil, "\(method) has no schema")
                let result = try await world.result(method, params)
                #expect(schemas.allow(result, as: schema), "\(method)\(params)")
                #expect(!schemas.allow(.string("no"), as: schema) || schema["type"] == "string", "\(method)")
            }
        }
    }
}

/// As much of JSON Schema as the document uses.
private struct Schemas {
    private let components: JSONValue

    init(_ document: JSONValue) {
        components = document["components"]?["schemas"] ?? .null
    }

    func allow(_ value: JSONValue, as schema: JSONValue) -> Bool {
        if let name = schema["$ref"]?.string?.split(separator: "/").last {
            guard let target = components[String(name)] else { return false }
            return allow(value, as: target)
        }
        if let choices = schema["anyOf"]?.array { return choices.contains { allow(value, as: $0) } }
        if let constant = schema["const"] { return value == constant }
        if let values = schema["enum"]?.array { return values.contains(value) }
        switch schema["type"]?.string {
        case "null": return value.isNull
        case "boolean": return value.bool != nil
        case "integer": return value.int64 != nil
        case "number": return value.double != nil
        case "string": return value.string.map { matches($0, schema["pattern"]?.string) } ?? false
        case "array": return value.array?.allSatisfy { allow($0, as: schema["items"] ?? .null) } ?? false
        case "object":
            guard value.object != nil else { return false }
            let required = schema["required"]?.array ?? []
            guard required.allSatisfy({ $0.string.map { value[$0] != nil } ?? false }) else { return false }
            return schema["properties"]?.object?.members.allSatisfy { member in
                value[member.name].map { allow($0, as: member.value) } ?? true
            } ?? true
        default: return true
        }
    }

    private func matches(_ text: String, _ pattern: String?) -> Bool {
        guard let pattern else { return true }
        return text.range(of: pattern, options: .regularExpression) != nil
    }
}

import NIOCore
import Primitives
import RPC
import SampleChain

/// Draws requests: most of them nearly right, from the document that the node publishes about itself.
struct RequestGenerator {
    /// What the values of a chain look like: addresses, hashes, envelopes, in hex.
    struct Lexicon {
        var addresses: [String]
        var hashes: [String]
        var envelopes: [String]
    }

    struct Method {
        let name: String
        let parameters: [JSONValue]
    }

    let methods: [Method]
    private let schemas: JSONObject
    private let lexicon: Lexicon

    /// - Parameter document: The answer of rpc.discover.
    init(_ document: JSONValue, lexicon: Lexicon) {
        methods = (document["methods"]?.array ?? []).compactMap { method in
            guard let name = method["name"]?.string, let parameters = method["params"]?.array else { return nil }
            return Method(name: name, parameters: parameters.map { $0["schema"] ?? .null })
        }
        schemas = document["components"]?["schemas"]?.object ?? JSONObject()
        self.lexicon = lexicon
    }

    /// Arrays and objects within each other, at most.
    private static let depthMax = 6

    // MARK: Requests

    /// One body: a call, a batch, or bytes that are neither.
    ///
    /// - Parameter seen: Texts of earlier answers, which may be ids.
    func body(seen: [String], _ random: inout SeededRandom) -> (name: String, bytes: Bytes) {
        switch random.below(20) {
        case 0: return ("noise", noise(&random))
        case 1: return ("nesting", nesting(&random))
        case 2, 3:
            let calls = (0..<random.below(6)).map { _ in call(seen, &random).request }
            return ("batch", bytes(of: .array(calls), &random))
        default:
            let (name, request) = call(seen, &random)
            return (name, bytes(of: request, &random))
        }
    }

    private func call(_ seen: [String], _ random: inout SeededRandom) -> (name: String, request: JSONValue) {
        let method = methods[random.below(methods.count)]
        var arguments = method.parameters.map { value(of: $0, seen, depth: 0, &random) }
        if random.below(4) == 0 { arguments = Array(arguments.prefix(random.below(arguments.count + 1))) }
        if random.below(20) == 0 { arguments.append(anything(depth: 3, seen, &random)) }
        var members: [JSONObject.Member] = [
            .init("jsonrpc", "2.0"), .init("id", .integer(random.below(1_000))), .init("method", .string(method.name)),
            .init("params", .array(arguments)),
        ]
        if random.below(12) == 0 {
            let place = random.below(members.count)
            switch random.below(3) {
            case 0: members.remove(at: place)
            case 1: members[place] = .init(members[place].name, anything(depth: 2, seen, &random))
            default: members.append(.init(members[place].name, anything(depth: 3, seen, &random)))
            }
        }
        return (method.name, .object(JSONObject(members)))
    }

    /// The request as JSON; now and then with a few bytes wrong.
    private func bytes(of request: JSONValue, _ random: inout SeededRandom) -> Bytes {
        var writer = JSONWriter()
        writer.value(request)
        var bytes = Bytes(writer.finish().readableBytesView)
        guard random.below(8) == 0 else { return bytes }
        for _ in 0...random.below(3) where !bytes.isEmpty {
            let place = random.below(bytes.count)
            switch random.below(4) {
            case 0: bytes[place] ^= 1 << UInt8(random.below(8))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }

    private func noise(_ random: inout SeededRandom) -> Bytes {
        let alphabet = Bytes("{}[]\",:0123456789eE+-.truefalsn \\ud83d\u{7f}".utf8)
        return (0..<random.below(200)).map { _ in
            random.below(10) == 0 ? UInt8(truncatingIfNeeded: random.next()) : alphabet[random.below(alphabet.count)]
        }
    }

    private func nesting(_ random: inout SeededRandom) -> Bytes {
        let depth = 1 << random.below(16)
        let open = random.below(2) == 0 ? "[" : #"{"a":"#
        return Bytes(String(repeating: open, count: depth).utf8)
            + (random.below(2) == 0 ? Bytes(String(repeating: "]", count: depth).utf8) : [])
    }

    // MARK: Values

    /// A value that the schema describes; now and then any other.
    private func value(
        of schema: JSONValue, _ seen: [String], depth: Int, _ random: inout SeededRandom
    ) -> JSONValue {
        if depth > Self.depthMax || random.below(25) == 0 { return anything(depth: depth, seen, &random) }
        if let name = schema["$ref"]?.string?.split(separator: "/").last.map(String.init) {
            return named(name, seen, &random) ?? value(of: schemas[name] ?? .null, seen, depth: depth + 1, &random)
        }
        if let choices = (schema["anyOf"] ?? schema["enum"])?.array, !choices.isEmpty {
            let choice = choices[random.below(choices.count)]
            return schema["enum"] == nil ? value(of: choice, seen, depth: depth + 1, &random) : choice
        }
        if let constant = schema["const"] { return constant }
        switch schema["type"]?.string {
        case "null": return .null
        case "boolean": return .bool(random.below(2) == 0)
        case "integer", "number": return number(&random)
        case "string": return text(seen, &random)
        case "array":
            let element = schema["items"] ?? .null
            let count = random.below(random.below(30) == 0 ? 40 : 4)
            return .array((0..<count).map { _ in value(of: element, seen, depth: depth + 1, &random) })
        case "object":
            guard let properties = schema["properties"]?.object else { return options(depth, seen, &random) }
            let members = properties.members.filter { _ in random.below(2) == 0 }
            return .object(
                JSONObject(
                    members.map { .init($0.name, value(of: $0.value, seen, depth: depth + 1, &random)) }))
        default: return random.below(2) == 0 ? options(depth, seen, &random) : anything(depth: depth, seen, &random)
        }
    }

    /// What chains have a word for.
    private func named(_ name: String, _ seen: [String], _ random: inout SeededRandom) -> JSONValue? {
        let isKnown = random.below(4) != 0
        switch name {
        case "Address":
            return .string(isKnown ? lexicon.addresses[random.below(lexicon.addresses.count)] : random.address().hex)
        case "Hash": return .string(isKnown ? lexicon.hashes[random.below(lexicon.hashes.count)] : random.hash().hex)
        case "Quantity":
            if !seen.isEmpty, random.below(3) == 0 { return .string(seen[random.below(seen.count)]) }
            return .string(quantity(&random))
        case "Bytes":
            if random.below(6) == 0 { return .string(lexicon.envelopes[random.below(lexicon.envelopes.count)]) }
            return .string(random.bytes(random.below(100)).hex)
        case "StorageKey": return .string(random.below(2) == 0 ? quantity(&random) : random.hash().hex)
        default: return nil
        }
    }

    private func quantity(_ random: inout SeededRandom) -> String {
        let edges: [UInt256] = [
            0, 1, 2, 5, 6, 7, 255, 21_000, 60_000_000, UInt256(UInt64.max), UInt256(UInt64(Int64.max)), .max,
            1_000_000_000_000_000_000,
        ]
        return edges[random.below(edges.count)].quantity
    }

    private func number(_ random: inout SeededRandom) -> JSONValue {
        let edges = ["0", "1", "50", "100", "-1", "1.5", "1e999999", "9223372036854775808", "-0.0", "101"]
        return .number(edges[random.below(edges.count)])
    }

    private func text(_ seen: [String], _ random: inout SeededRandom) -> JSONValue {
        let texts = Self.words + seen + ["", "0x", "0X1", "0x0", "0x01", "0xg", "\u{0}", "\u{fffd}\"\\", "𝄞", "latest"]
        return .string(texts[random.below(texts.count)])
    }

    /// Members that options and overrides have.
    private static let words = [
        "tracer", "callTracer", "flatCallTracer", "muxTracer", "prestateTracer", "includePrecompiles", "tracerConfig",
        "onlyTopCall", "withLog", "diffMode", "timeout",
        "enableMemory", "disableStack", "disableStorage", "enableReturnData", "limit", "stateOverrides",
        "blockOverrides", "balance", "nonce", "code", "state", "stateDiff", "movePrecompileToAddress", "number",
        "time", "gasLimit", "feeRecipient", "prevRandao", "baseFeePerGas", "blobBaseFee", "blockStateCalls", "calls",
        "validation", "traceTransfers", "returnFullTransactions", "fault", "level", "height", "round", "seed", "node",
        "check", "address", "topics", "newHeads", "logs", "blockNumber", "blockHash", "requireCanonical",
    ]

    /// An object of options: members that mean something somewhere, with values of any kind.
    private func options(_ depth: Int, _ seen: [String], _ random: inout SeededRandom) -> JSONValue {
        .object(
            JSONObject(
                (0..<random.below(5)).map { _ in
                    let name =
                        random.below(4) == 0
                        ? lexicon.addresses[random.below(lexicon.addresses.count)]
                        : Self.words[random.below(Self.words.count)]
                    return .init(name, anything(depth: depth + 1, seen, &random))
                }))
    }

    /// Any JSON value.
    private func anything(depth: Int, _ seen: [String], _ random: inout SeededRandom) -> JSONValue {
        switch random.below(depth > Self.depthMax ? 6 : 9) {
        case 0: return .null
        case 1: return .bool(random.below(2) == 0)
        case 2: return number(&random)
        case 3: return text(seen, &random)
        case 4: return .string(quantity(&random))
        case 5: return named("Address", seen, &random) ?? .null
        case 6:
            return .array((0..<random.below(4)).map { _ in anything(depth: depth + 1, seen, &random) })
        case 7:
            let name = ["TransactionObject", "LogFilter", "AccessList", "Block"][random.below(4)]
            return value(of: schemas[name] ?? .null, seen, depth: depth + 1, &random)
        default: return options(depth + 1, seen, &random)
        }
    }
}

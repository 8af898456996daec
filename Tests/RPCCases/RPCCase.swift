import Chain
import Crypto
import Primitives
import RPC
import SampleChain

/// A JSON-RPC service over a small chain, and what must hold of every answer that it gives.
package final class RPCCases {
    private let rpc: LocalRPC
    private let node: SampleNode
    private let generator: RequestGenerator
    private let limits: RPCLimits

    /// Requests of one case: a later one may use what an earlier one gave, such as a filter.
    private static let requestsMax = 4

    package init() async throws {
        let chain = try SampleReader()
        node = SampleNode(council: chain.genesis.council)
        var configuration = RPCConfiguration(port: 0, clientVersion: "Firetower/fuzz", rules: chain.genesis.rules)
        configuration.developmentAccounts = try (0..<3).map {
            try AccountKey(keccak256(Bytes("sample account \($0)".utf8)))
        }
        configuration.identity = NodeIdentity(address: chain.genesis.council.members[0].address, protocolVersion: 1)
        configuration.limits.synchronousSendTimeout = .milliseconds(1)
        configuration.limits.callGasMax = 2_000_000
        // Many cases install filters and none takes them away.
        configuration.limits.filterLifetime = .milliseconds(500)
        // What is larger than this takes long to check.
        configuration.limits.traceAnswerBytesMax = configuration.limits.responseBytesMax
        limits = configuration.limits
        rpc = LocalRPC(configuration, chain: chain, node: node, testnet: node)
        let discover = #"{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}"#
        let document = try JSONParser.parse(await rpc.answer(Bytes(discover.utf8)))["result"] ?? .null
        let transactions = chain.blocks.flatMap(\.transactions)
        generator = RequestGenerator(
            document,
            lexicon: RequestGenerator.Lexicon(
                addresses: chain.accounts.map(\.hex),
                hashes: chain.blocks.map(\.hash.hex) + transactions.map(\.hash.hex),
                envelopes: transactions.map(\.envelope.hex)))
    }

    /// How many methods the cases draw from.
    package var methodCount: Int { generator.methods.count }

    /// What one case asked and what was wrong with the answers.
    package struct Finding {
        /// The method, or the kind of body, of the first request.
        package let name: String
        package let fault: String?
    }

    /// Asks what `seed` draws.
    package func run(seed: UInt64) async -> Finding {
        var random = SeededRandom(seed: seed)
        var seen: [String] = []
        var name: String?
        node.reset()
        for _ in 0...random.below(Self.requestsMax) {
            let (title, body) = generator.body(seen: seen, &random)
            name = name ?? title
            let answer = await rpc.answer(body)
            if let fault = fault(of: answer, to: body, &seen) {
                return Finding(
                    name: name ?? title,
                    fault: "\(fault)\n  request: \(String(decoding: body.prefix(2_000), as: UTF8.self))"
                        + "\n  answer: \(String(decoding: answer.prefix(2_000), as: UTF8.self))")
            }
        }
        return Finding(name: name ?? "", fault: nil)
    }

    // MARK: Answers

    /// What is wrong with an answer; nil where it is valid JSON-RPC.
    private func fault(of answer: Bytes, to body: Bytes, _ seen: inout [String]) -> String? {
        let request = try? JSONParser.parse(body, limits: limits.json)
        if answer.isEmpty { return request.map(asksNothing) == true ? nil : "no answer" }
        guard answer.count <= limits.traceAnswerBytesMax + 1_024 else { return "\(answer.count) bytes" }
        var wide = JSONLimits()
        wide.valuesMax = .max
        let value: JSONValue
        do {
            value = try JSONParser.parse(answer, limits: wide)
        } catch {
            return "the answer is no JSON: \(error)"
        }
        guard let request else {
            // Too many values are refused as well as what is no JSON.
            let code = value["error"]?["code"]?.int64
            return code == -32700 || code == -32600 ? fault(of: value, to: nil, &seen) : "bad JSON was taken"
        }
        guard let calls = request.array, !calls.isEmpty else { return fault(of: value, to: request, &seen) }
        guard let answers = value.array, answers.count <= calls.count else { return "a batch needs an array" }
        for answer in answers {
            if let fault = fault(of: answer, to: nil, &seen) { return fault }
        }
        return nil
    }

    /// Whether a request is a notification, or a batch of nothing else.
    private func asksNothing(_ request: JSONValue) -> Bool {
        if let calls = request.array { return !calls.isEmpty && calls.allSatisfy(asksNothing) }
        return request.object != nil && request["id"] == nil
    }

    /// - Parameter request: The call that is answered, where it is known.
    private func fault(of answer: JSONValue, to request: JSONValue?, _ seen: inout [String]) -> String? {
        guard answer["jsonrpc"] == "2.0", let id = answer["id"] else { return "not an answer of JSON-RPC 2.0" }
        if let asked = request?["id"], !id.isNull, asked != id { return "the answer has another id" }
        guard let error = answer["error"] else {
            guard let result = answer["result"] else { return "neither result nor error" }
            if let text = result.string, seen.count < 16 { seen.append(text) }
            return nil
        }
        guard answer["result"] == nil else { return "both result and error" }
        guard let code = error["code"]?.int64, error["message"]?.string?.isEmpty == false else {
            return "an error without code or message"
        }
        // The disk of this chain does not fail, so nothing may be our own trouble.
        return code == -32603 ? "an internal error" : nil
    }
}

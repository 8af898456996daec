internal import Configuration
internal import Crypto
internal import Lab
internal import NIOPosix
internal import Network
internal import Primitives
internal import Synchronization

/// What hostile clients do to one node, and what became of them.
struct LabClients: Sendable {
    let network: LocalNetwork
    let notebook: LabNotebook
    let seed: UInt64

    /// A connection that the node has not ended by then is open for good.
    private static let patience = Duration.seconds(10)

    // MARK: Strangers on the node's public port

    /// Bytes that are no message, in every manner in which a stranger can send them.
    func garbage(to node: NodeRecord, connections: Int, step: Int) async {
        await strangers(to: node, connections, step: step) { index in
            let noise = Self.noise(256, seed: seed ^ UInt64(index))
            switch index % 3 {
            // No TLS at all.
            case 0: return (noise, .atOnce)
            // A whole frame that says nothing.
            case 1: return ([0, 0, 1, 0] + noise, .asFrames)
            // A length that no frame has.
            default: return ([0, 0, 0, 0] + noise, .asFrames)
            }
        }
    }

    func oversize(to node: NodeRecord, bytes: UInt32, connections: Int, step: Int) async {
        let header = stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bytes >> UInt32($0)) }
        await strangers(to: node, connections, step: step) { index in
            (header + Self.noise(64, seed: seed ^ UInt64(index)), .asFrames)
        }
    }

    private func strangers(
        to node: NodeRecord, _ connections: Int, step: Int,
        _ deed: @Sendable @escaping (Int) -> (bytes: Bytes, manner: HostileLink.Manner)
    ) async {
        let target = Network.Endpoint(host: node.listen.host, port: node.listen.port)
        let genesisHash = network.record.genesisHash
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        await withTaskGroup(of: HostileLink.Outcome.self) { group in
            for index in 0..<connections {
                group.addTask {
                    let (bytes, manner) = deed(index)
                    return await HostileLink(target: target, genesisHash: genesisHash, key: NodeKey())
                        .send(bytes, manner, on: loop, patience: Self.patience)
                }
            }
            var (made, ended) = (0, 0)
            for await outcome in group {
                switch outcome {
                case .ended: (made, ended) = (made + 1, ended + 1)
                case .stillOpen: made += 1
                case .unreachable(let why): notebook.tell { $0.trouble("a stranger cannot reach \(node.name): \(why)") }
                }
            }
            notebook.tell { [made, ended] seen in
                seen.tell(Observations.Clients(step: step, at: seen.now, connections: made, ended: ended))
            }
        }
    }

    /// SplitMix64: the same bytes for the same seed.
    private static func noise(_ count: Int, seed: UInt64) -> Bytes {
        var state = seed
        return (0..<count).map { _ in
            state = state &+ 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return UInt8(truncatingIfNeeded: mixed ^ mixed >> 31)
        }
    }

    // MARK: Clients of JSON-RPC

    /// Asks over so many connections as fast as answers come, for so long.
    func flood(_ node: NodeRecord, connections: Int, lasting: Duration, step: Int) async {
        let tally = Tally(step: step, connections: connections)
        let end = ContinuousClock.now + lasting
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<connections {
                group.addTask {
                    let client = network.client(node, timeout: .seconds(5))
                    defer { client.close() }
                    while ContinuousClock.now < end, !Task.isCancelled {
                        await ask(client, Bytes(#"{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"}"#.utf8), tally)
                    }
                }
            }
        }
    }

    /// A body, a batch and a nesting that are too large, one after the other.
    func hugeRequest(to node: NodeRecord, bytes: Int, calls: Int, depth: Int, step: Int) async {
        let tally = Tally(step: step, connections: 3)
        let call = #"{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"}"#
        let bodies = [
            Bytes("[\"".utf8) + Bytes(repeating: UInt8(ascii: "x"), count: bytes) + Bytes("\"]".utf8),
            Bytes("[\(Array(repeating: call, count: calls).joined(separator: ","))]".utf8),
            Bytes(repeating: UInt8(ascii: "["), count: depth) + Bytes(repeating: UInt8(ascii: "]"), count: depth),
        ]
        for body in bodies {
            let client = network.client(node, timeout: Self.patience)
            await ask(client, body, tally)
            client.close()
        }
    }

    /// What the answers were, told whenever a new kind of refusal comes.
    private final class Tally: Sendable {
        let report: Mutex<Observations.Clients>

        init(step: Int, connections: Int) {
            report = Mutex(Observations.Clients(step: step, at: .zero, connections: connections, ended: 0))
        }
    }

    private func ask(_ client: RPCClient, _ body: Bytes, _ tally: Tally) async {
        var code: Int64?
        do throws(RPCClientError) {
            let answer = try await client.post(body)
            let document = try? JSONValue(parsing: answer, file: "answer")
            // A batch that is refused as a whole gets one error in an array.
            let error = document?["error"] ?? document?.items?.first?["error"]
            if case .integer(let refusal)? = error?["code"] { code = refusal }
        } catch {
            if case .httpStatus(_, let status) = error { code = Int64(status) }
            // Whoever gets no answer at all has not been refused.
            if code == nil { await pause(.milliseconds(20)) }
        }
        let isNew = tally.report.withLock { report in
            report.answered += 1
            guard let code, !report.refusals.contains(code) else { return false }
            report.refusals = (report.refusals + [code]).sorted()
            report.at = notebook.now
            return true
        }
        if isNew { notebook.tell { seen in seen.tell(tally.report.withLock { $0 }) } }
        // A client that is turned away comes again, but not at once.
        if code != nil { await pause(.milliseconds(50)) }
    }
}

internal import Configuration
internal import Primitives

/// Waits for nodes to answer, and says which one did not and what it logged.
public struct Readiness: Sendable {
    let network: LocalNetwork

    /// Nodes have this long from their start to what is awaited of them.
    public static let deadline = Duration.seconds(60)
    private static let interval = Duration.milliseconds(20)

    /// Returns once `node` is on the network's chain and the newest sealed block that it follows is at `height` or
    /// above: a fault may have frozen its head.
    ///
    /// - Throws: `.died` as soon as its process ends; `.late` at the deadline.
    func wait(
        for node: NodeRecord, _ identity: ProcessIdentity, height: Height, within deadline: Duration
    ) async throws(TestnetError) {
        let client = network.client(node, timeout: .seconds(2))
        defer { client.close() }
        let clock = ContinuousClock()
        let end = clock.now + deadline
        var knownChain = false
        var head: Height?
        var lastError: RPCClientError?
        while true {
            do throws(RPCClientError) {
                if !knownChain {
                    try await checkChain(node, client)
                    knownChain = true
                }
                head = try await client.followedHeight()
            } catch {
                // Not listening yet, or refusing for now: the process and the clock decide.
                lastError = error
            }
            if knownChain, let head, head >= height { return }
            guard identity.state != .stopped else {
                throw .died(node: node.name, log: network.process(node).log)
            }
            // Somebody else's failure ended the wait; that one is reported.
            guard !Task.isCancelled else { return }
            guard clock.now < end else {
                let awaited =
                    head.map { "block \(height) (it is at \($0))" }
                    ?? "an answer at \(node.url)" + (lastError.map { " (\($0))" } ?? "")
                throw .late(node: node.name, awaited: awaited, after: deadline, log: network.process(node).log)
            }
            await pause(Self.interval)
        }
    }

    /// Refuses a node of another chain: somebody else may listen at the port.
    private func checkChain(_ node: NodeRecord, _ client: RPCClient) async throws(RPCClientError) {
        let genesis = try await client.call("eth_getBlockByNumber", "0x0", false)
        guard let hash = genesis["hash"]?.text else { throw .malformed(node.rpc, reason: "block 0 has no hash") }
        guard hash == network.record.genesisHash.hex else {
            throw .malformed(node.rpc, reason: "its chain begins with \(hash)")
        }
    }
}

extension RPCClient {
    /// The number of the node's latest block.
    func height() async throws(RPCClientError) -> Height {
        let answer = try await call("eth_blockNumber")
        guard let height = answer.unsigned else {
            throw .malformed(endpoint, reason: "eth_blockNumber gave \(answer.summary)")
        }
        return height
    }

    /// The newest sealed block that a node has seen: beyond its head, if it has refused a block.
    func followedHeight() async throws(RPCClientError) -> Height {
        let answer = try await call("ranger_status")
        guard let height = answer["followedHeight"]?.unsigned else {
            throw .malformed(endpoint, reason: "ranger_status gave \(answer.summary)")
        }
        return height
    }
}

internal import Configuration
internal import Primitives

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Follows the blocks of one node and notes when transactions that were sent to others appear there.
struct LoadObserver: Sendable {
    let client: RPCClient
    let ledger: LoadLedger
    /// Between two looks at the node's head: the resolution of the latencies.
    let interval: Duration
    /// Whether this observer is responsible for a transaction.
    let counts: @Sendable (Int) -> Bool

    /// Follows from the block after `height` until cancelled. A node that does not answer is asked again.
    func run(after height: Height) async {
        var seen = height
        while !Task.isCancelled {
            do throws(RPCClientError) {
                let head = try await client.height()
                while seen < head, !Task.isCancelled {
                    let hashes = try await transactions(of: seen + 1)
                    if let last = hashes.last {
                        // The block can be read; what the user waits for is a receipt.
                        _ = try await client.call("eth_getTransactionReceipt", .string(last.hex))
                        ledger.included(hashes, at: ContinuousClock().now, counts: counts)
                    }
                    seen += 1
                }
            } catch {
                ledger.failed(error.description)
                await pause(.milliseconds(100))
            }
            await pause(interval)
        }
    }

    private struct Answer: Decodable {
        struct Block: Decodable { let transactions: [String] }
        let result: Block?
    }

    private func transactions(of height: Height) async throws(RPCClientError) -> [Hash32] {
        let call =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBlockByNumber\",\"params\":[\"\(height.quantity)\",false]}"
        let bytes = try await client.post(Array(call.utf8))
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(bytes)), let block = answer.result else {
            throw .malformed(client.endpoint, reason: "block \(height) has no list of transactions")
        }
        return block.transactions.compactMap { try? Hash32(hex: $0) }
    }
}

internal import Chain
internal import Configuration
internal import Crypto
internal import Primitives

/// One transfer after another: how long from sending it at one node until another node has its receipt.
struct LatencyProbe {
    let network: LocalNetwork
    let from: NodeRecord
    let to: NodeRecord

    private static let deadline = Duration.seconds(30)

    /// Sends `count` transfers from the first development account and waits for each.
    func run(count: Int) async throws(TestnetError) -> Percentiles {
        let sender = network.client(from)
        let receiver = network.client(to)
        defer {
            sender.close()
            receiver.close()
        }
        guard let account = network.record.accounts.first, let key = try? AccountKey(account.secret) else {
            throw .operation("cannot probe", reason: "the network has no development accounts")
        }
        let accounts = LoadAccounts(network: network, client: sender)
        let feeCap = try await accounts.currentBaseFee() * 1000 + LoadAccounts.tip
        do throws(RPCClientError) {
            let answer = try await sender.call("eth_getTransactionCount", .string(key.address.hex), "pending")
            guard let nonce = answer.unsigned else {
                throw .malformed(sender.endpoint, reason: "eth_getTransactionCount gave \(answer.summary)")
            }
            var durations: [Duration] = []
            for step in 0..<UInt64(count) {
                let transfer = Transaction.signed(
                    Transaction.Content(
                        chainID: network.record.chainID, nonce: nonce + step, maxPriorityFeePerGas: LoadAccounts.tip,
                        maxFeePerGas: feeCap, to: account.address, value: 1),
                    by: key)
                durations.append(try await probe(transfer, sender, receiver))
            }
            return Percentiles(durations)
        } catch {
            throw .unanswered(node: "\(from.name) or \(to.name)", error)
        }
    }

    private func probe(
        _ transfer: Transaction, _ sender: RPCClient, _ receiver: RPCClient
    ) async throws(RPCClientError) -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        _ = try await sender.call("eth_sendRawTransaction", .string(transfer.envelope.hex))
        while try await receiver.call("eth_getTransactionReceipt", .string(transfer.hash.hex)).isNull {
            guard clock.now - start < Self.deadline else {
                throw .timedOut(receiver.endpoint, after: Self.deadline)
            }
            await pause(.microseconds(500))
        }
        return clock.now - start
    }
}

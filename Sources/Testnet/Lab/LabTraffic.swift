internal import Chain
internal import Configuration
internal import Crypto
internal import Lab
internal import Primitives

/// A few transactions in every block, so that there is something to spoil.
struct LabTraffic: Sendable {
    let network: LocalNetwork
    let kind: Scenario.Traffic
    let notebook: LabNotebook

    /// From each of these development accounts one transaction a turn.
    private static let senders = 4
    private static let turn = Duration.milliseconds(300)
    /// More than a run can use.
    private static let transfersEach = 10_000

    /// Sends until the task is cancelled. What goes wrong is told: a scenario with traffic needs it.
    func run() async {
        guard kind != .none else { return }
        do throws(TestnetError) {
            try await send()
        } catch {
            guard !Task.isCancelled else { return }
            notebook.tell { $0.trouble("traffic: \(error)") }
        }
    }

    private func send() async throws(TestnetError) {
        guard let first = network.record.council.first else { return }
        let client = network.client(first)
        defer { client.close() }
        let accounts = LoadAccounts(network: network, client: client)
        let keys = Array(try accounts.payerKeys().dropFirst().prefix(Self.senders))
        let fee = try await accounts.currentBaseFee() * 4 + LoadAccounts.tip
        var token: LoadToken?
        if kind == .token {
            token = try await LoadToken.deploy(for: keys.map(\.address), each: Self.transfersEach, accounts)
        }
        let clients = network.record.council.map { network.client($0, timeout: .seconds(1)) }
        defer { for client in clients { client.close() } }
        var senders = try await accounts.read(keys)
        while !Task.isCancelled {
            let calls = senders.indices.map { index in
                RPCCall(
                    "eth_sendRawTransaction",
                    .string(transaction(from: senders[index], fee, token).envelope.hex))
            }
            // A node that is down or cut off takes nothing: the same goes to all, and one is enough.
            for client in clients { _ = try? await client.batch(calls) }
            await pause(Self.turn)
            for client in clients {
                let accounts = LoadAccounts(network: network, client: client)
                guard let now = try? await accounts.read(keys) else { continue }
                for index in senders.indices { senders[index].nonce = max(senders[index].nonce, now[index].nonce) }
                break
            }
        }
    }

    private func transaction(
        from sender: LoadAccounts.Sender, _ fee: UInt256, _ token: LoadToken?
    ) -> Transaction {
        var content = Transaction.Content(
            chainID: network.record.chainID, nonce: sender.nonce, maxPriorityFeePerGas: LoadAccounts.tip,
            maxFeePerGas: fee, to: sender.receiver, value: 1)
        if let token {
            content = Transaction.Content(
                chainID: network.record.chainID, nonce: sender.nonce, maxPriorityFeePerGas: LoadAccounts.tip,
                maxFeePerGas: fee, gasLimit: LoadToken.transferGas, to: token.address,
                data: LoadToken.transfer(to: sender.receiver))
        }
        return Transaction.signed(content, by: sender.key)
    }
}

internal import Chain
internal import Configuration
internal import Crypto
internal import Primitives

/// Sends traffic to a network and measures what becomes of it.
public struct Load: Sendable {
    public let network: LocalNetwork
    public let options: LoadOptions

    public init(_ network: LocalNetwork, _ options: LoadOptions) {
        (self.network, self.options) = (network, options)
    }

    private struct Signed: Sendable {
        let envelope: Bytes
        let hash: Hash32
    }

    /// Runs to the end of the duration and until the last transaction is in a block or `drainDeadline` has passed.
    ///
    /// - Parameter report: Is given one line for each step.
    public func run(report: (String) -> Void) async throws(TestnetError) -> LoadReport {
        guard options.kind == .transfer else {
            throw .operation(
                "load --kind \(options.kind.rawValue)", reason: "nodes run no contract code yet; use --kind transfer")
        }
        let targets = network.record.council.filter { network.process($0).state == .running }
        guard let first = targets.first else { throw .notRunning(node: "the council") }
        let client = network.client(first)
        defer { client.close() }

        let total = plannedCount
        let senderCount = min(options.senders, max(1, total))
        let accounts = LoadAccounts(network: network, client: client)
        let each = (total + senderCount - 1) / senderCount
        let feeCap = try await feeCap(for: each * senderCount, accounts)
        let need = UInt256(UInt64(each)) * (feeCap * UInt256(GasSchedule.transaction) + 1)
        report("funding \(senderCount) senders")
        let senders = try await accounts.senders(senderCount, need: need)
        report("signing \(each * senderCount) transfers")
        let lists = try await signed(senders, each: each, feeCap: feeCap)
        return try await measure(lists, targets, client, report)
    }

    /// The base fee rises by an eighth a block while blocks are more than half full: room for that, as far as half
    /// of what the development accounts have can pay for it.
    private func feeCap(for total: Int, _ accounts: LoadAccounts) async throws(TestnetError) -> UInt256 {
        let baseFee = try await accounts.currentBaseFee()
        let gas = UInt256(UInt64(total)) * UInt256(GasSchedule.transaction)
        let affordable = try await accounts.budget() / 2 / gas
        let cap = min(baseFee * Self.feeRoom + LoadAccounts.tip, affordable)
        guard cap > baseFee * 2 else {
            throw .operation(
                "cannot send \(total) transfers",
                reason: "the development accounts cannot pay for them at a base fee of \(baseFee) peb; `reset` the "
                    + "network, or send fewer")
        }
        return cap
    }

    private static let feeRoom: UInt256 = 2000

    /// How many to sign ahead.
    private var plannedCount: Int {
        let rate = options.transfersPerSecond ?? Self.highestRate
        return min(LoadOptions.transactionsMax, Int((rate * options.duration.inSeconds).rounded(.up)))
    }

    /// More than any network on one machine takes: what is signed must not run out before time does.
    private static let highestRate = 4000.0

    private func signed(
        _ senders: [LoadAccounts.Sender], each: Int, feeCap: UInt256
    ) async throws(TestnetError) -> [[Signed]] {
        let chainID = network.record.chainID
        return try await together(Array(senders.indices)) { index throws(TestnetError) in
            let sender = senders[index]
            let to = senders[(index + 1) % senders.count].key.address
            return (0..<UInt64(each)).map { step in
                let transaction = Transaction.signed(
                    Transaction.Content(
                        chainID: chainID, nonce: sender.nonce + step,
                        maxPriorityFeePerGas: min(LoadAccounts.tip, feeCap),
                        maxFeePerGas: feeCap, to: to, value: 1),
                    by: sender.key)
                return Signed(envelope: transaction.envelope, hash: transaction.hash)
            }
        }
    }

    private func measure(
        _ lists: [[Signed]], _ targets: [NodeRecord], _ client: RPCClient, _ report: (String) -> Void
    ) async throws(TestnetError) -> LoadReport {
        let all = lists.flatMap(\.self)
        let ledger = LoadLedger(all.map(\.hash))
        let envelopes = all.map(\.envelope)
        let each = lists.first?.count ?? 0
        // Sender i belongs to node i mod n, and its transactions count when the next node has them.
        let targetCount = targets.count
        let queues = targets.indices.map { target in
            LoadQueue(
                stride(from: target, to: lists.count, by: targetCount).map { list in
                    Array(list * each..<(list + 1) * each)
                })
        }
        let head: Height
        do throws(RPCClientError) { head = try await client.height() } catch {
            throw .unanswered(node: "\(client.endpoint)", error)
        }
        let observers = targets.indices.map { target in
            LoadObserver(
                client: network.client(targets[target]), ledger: ledger, interval: pollInterval,
                counts: { ($0 / max(1, each) % targetCount + 1) % targetCount == target })
        }
        let watching = Task {
            await withTaskGroup(of: Void.self) { group in
                for observer in observers { group.addTask { await observer.run(after: head) } }
            }
        }
        report("sending for \(options.duration.text) to \(targets.map(\.name).joined(separator: ", "))")
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + options.duration
        await withTaskGroup(of: Void.self) { group in
            for (target, queue) in queues.enumerated() {
                let sender = LoadSender(
                    client: network.client(targets[target]), envelopes: envelopes, ledger: ledger,
                    transfersPerSecond: options.transfersPerSecond.map { $0 / Double(targetCount) })
                group.addTask {
                    await sender.run(queue, from: start, until: end)
                    sender.client.close()
                }
            }
        }
        let drained = clock.now + LoadOptions.drainDeadline
        while ledger.outstanding > 0, clock.now < drained { await pause(.milliseconds(20)) }
        watching.cancel()
        await watching.value
        for observer in observers { observer.client.close() }
        return ledger.report(from: start)
    }

    /// A fraction of the block time: fine enough for latencies, coarse enough not to burden the nodes.
    private var pollInterval: Duration {
        min(max(network.record.blockTime / 50, .milliseconds(4)), .milliseconds(20))
    }
}

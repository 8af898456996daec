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
        let targets = network.record.council.filter { network.process($0).state == .running }
        guard let first = targets.first else { throw .notRunning(node: "the council") }
        let client = network.client(first)
        defer { client.close() }

        let total = plannedCount
        let senderCount = min(options.senders, max(1, total))
        let accounts = LoadAccounts(network: network, client: client)
        let each = (total + senderCount - 1) / senderCount
        let gas = options.kind == .transfer ? GasSchedule.transaction : LoadToken.transferGas
        let feeCap = try await feeCap(for: each * senderCount, gas, accounts)
        let need = UInt256(UInt64(each)) * (feeCap * UInt256(gas) + 1)
        report("funding \(senderCount) senders")
        let senders = try await accounts.senders(senderCount, need: need)
        var token: LoadToken?
        if options.kind == .erc20 {
            report("deploying a token")
            token = try await LoadToken.deploy(for: senders.map(\.key.address), each: each, accounts)
        }
        let receivers = token == nil ? senders.map(\.key.address) : senders.map(\.receiver)
        report("signing \(each * senderCount) transfers")
        let plan = Plan(token: token, receivers: receivers, each: each, feeCap: feeCap, gas: gas)
        let lists = try await signed(senders, plan)
        var outcome = try await measure(lists, targets, client, report)
        if let token {
            outcome.failedCount = outcome.included - (try await arrived(outcome.included, token, receivers, accounts))
        }
        return outcome
    }

    /// How many of `count` transfers have moved a token, once the node that is asked has caught up.
    private func arrived(
        _ count: Int, _ token: LoadToken, _ receivers: [Address], _ accounts: LoadAccounts
    ) async throws(TestnetError) -> Int {
        let end = ContinuousClock.now + .seconds(2)
        while true {
            let arrived = try await token.balance(of: receivers, accounts).asInt ?? 0
            if arrived >= count || ContinuousClock.now > end { return min(arrived, count) }
            await pause(.milliseconds(100))
        }
    }

    /// What the transfers have in common.
    private struct Plan: Sendable {
        let token: LoadToken?
        /// To whom each sender sends.
        let receivers: [Address]
        let each: Int
        let feeCap: UInt256
        let gas: Gas

        func content(from sender: Int, nonce: UInt64, chainID: UInt64) -> Transaction.Content {
            let tip = min(LoadAccounts.tip, feeCap)
            let receiver = receivers[(sender + 1) % receivers.count]
            guard let token else {
                return Transaction.Content(
                    chainID: chainID, nonce: nonce, maxPriorityFeePerGas: tip, maxFeePerGas: feeCap, gasLimit: gas,
                    to: receiver, value: 1)
            }
            return Transaction.Content(
                chainID: chainID, nonce: nonce, maxPriorityFeePerGas: tip, maxFeePerGas: feeCap, gasLimit: gas,
                to: token.address, data: LoadToken.transfer(to: receiver))
        }
    }

    /// The base fee rises by an eighth a block while blocks are more than half full: room for that, as far as half
    /// of what the development accounts have can pay for it.
    private func feeCap(
        for total: Int, _ gas: Gas, _ accounts: LoadAccounts
    ) async throws(TestnetError) -> UInt256 {
        let baseFee = try await accounts.currentBaseFee()
        let gas = UInt256(UInt64(total)) * UInt256(gas)
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

    private func signed(_ senders: [LoadAccounts.Sender], _ plan: Plan) async throws(TestnetError) -> [[Signed]] {
        let chainID = network.record.chainID
        return try await together(Array(senders.indices)) { index throws(TestnetError) in
            let sender = senders[index]
            return (0..<UInt64(plan.each)).map { step in
                let content = plan.content(from: index, nonce: sender.nonce + step, chainID: chainID)
                let transaction = Transaction.signed(content, by: sender.key)
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

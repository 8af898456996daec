internal import Chain
internal import Configuration
internal import Crypto
internal import Primitives

/// The accounts that send load: further accounts of the network's mnemonic, funded by the development accounts.
struct LoadAccounts {
    let network: LocalNetwork
    let client: RPCClient

    struct Sender: Sendable {
        let key: AccountKey
        /// Of its next transaction.
        var nonce: UInt64
        var balance: UInt256

        /// Takes the tokens that are sent to this sender. It never sends, so what it has is what has arrived.
        var receiver: Address { Address(lastBytesOf: keccak256(key.address)) }
    }

    /// Their place in the wallet, well away from accounts that people use.
    static let firstIndex: UInt32 = 100_000
    private static let fundingDeadline = Duration.seconds(60)

    /// `count` senders, each with at least `need` peb; funds what is missing and waits until it has arrived.
    func senders(_ count: Int, need: UInt256) async throws(TestnetError) -> [Sender] {
        let wallet = HDWallet(mnemonic: network.record.mnemonic)
        let keys = try await together(Array(0..<count)) { index throws(TestnetError) in
            try Provision.account(Self.firstIndex + UInt32(index), of: wallet)
        }
        var senders = try await read(keys)
        let poor = senders.filter { $0.balance < need }
        guard !poor.isEmpty else { return senders }
        try await fund(poor.map { (to: $0.key.address, amount: need - $0.balance) })
        let clock = ContinuousClock()
        let end = clock.now + Self.fundingDeadline
        while let missing = senders.first(where: { $0.balance < need }) {
            guard clock.now < end else {
                throw .operation(
                    "cannot fund the senders",
                    reason: "\(missing.key.address) has \(missing.balance) of \(need) peb "
                        + "after \(Self.fundingDeadline.text)")
            }
            await pause(.milliseconds(50))
            senders = try await read(keys)
        }
        return senders
    }

    /// The accounts of `keys` as the node sees them now, with what waits in its pool.
    func read(_ keys: [AccountKey]) async throws(TestnetError) -> [Sender] {
        let answers = try await results(
            keys.flatMap { key in
                [
                    RPCCall("eth_getTransactionCount", .string(key.address.hex), "pending"),
                    RPCCall("eth_getBalance", .string(key.address.hex), "latest"),
                ]
            })
        var senders: [Sender] = []
        for (index, key) in keys.enumerated() {
            guard let nonce = answers[2 * index].unsigned,
                let balance = answers[2 * index + 1].text.flatMap({ try? UInt256(hex: $0) })
            else {
                throw .wrongAnswer(
                    node: "\(client.endpoint)", method: "eth_getBalance", expected: "quantities",
                    found: answers[2 * index + 1].summary)
            }
            senders.append(Sender(key: key, nonce: nonce, balance: balance))
        }
        return senders
    }

    private func fund(_ needs: [(to: Address, amount: UInt256)]) async throws(TestnetError) {
        let payers = try payerKeys()
        var states = try await read(payers)
        guard !states.isEmpty else {
            throw .operation("cannot fund the senders", reason: "the network has no development accounts")
        }
        let fee = try await currentBaseFee() * 4 + Self.tip
        var calls: [RPCCall] = []
        for need in needs {
            // The richest pays, so that all become equally poor.
            let payer = states.indices.max { states[$0].balance < states[$1].balance } ?? 0
            let cost = need.amount + fee * UInt256(GasSchedule.transaction)
            guard states[payer].balance >= cost else {
                throw .operation(
                    "cannot fund the senders",
                    reason: "the development accounts have too little left; `reset` the network")
            }
            let transfer = Transaction.signed(
                Transaction.Content(
                    chainID: network.record.chainID, nonce: states[payer].nonce, maxPriorityFeePerGas: Self.tip,
                    maxFeePerGas: fee, to: need.to, value: need.amount),
                by: payers[payer])
            states[payer].nonce += 1
            states[payer].balance = states[payer].balance - cost
            calls.append(RPCCall("eth_sendRawTransaction", .string(transfer.envelope.hex)))
        }
        _ = try await results(calls)
    }

    /// What the development accounts have together, in peb.
    func budget() async throws(TestnetError) -> UInt256 {
        try await read(try payerKeys()).reduce(0) { $0 + $1.balance }
    }

    /// Keys of the development accounts.
    func payerKeys() throws(TestnetError) -> [AccountKey] {
        do throws(KeyError) {
            var keys: [AccountKey] = []
            for account in network.record.accounts { keys.append(try AccountKey(account.secret)) }
            return keys
        } catch {
            throw .operation("a development account has a bad key", reason: error.description)
        }
    }

    /// One gwei for the proposer.
    static let tip: UInt256 = 1_000_000_000

    func currentBaseFee() async throws(TestnetError) -> UInt256 {
        let answer = try await results([RPCCall("eth_getBlockByNumber", "latest", false)])[0]
        guard let fee = answer["baseFeePerGas"]?.text.flatMap({ try? UInt256(hex: $0) }) else {
            throw .wrongAnswer(
                node: "\(client.endpoint)", method: "eth_getBlockByNumber", expected: "a block with a base fee",
                found: answer.summary)
        }
        return fee
    }

    /// The results of `calls` in requests of bounded size; the first refusal is an error.
    func results(_ calls: [RPCCall]) async throws(TestnetError) -> [JSONValue] {
        var results: [JSONValue] = []
        var start = 0
        while start < calls.count {
            let end = min(start + LoadOptions.batchMax, calls.count)
            do throws(RPCClientError) {
                for answer in try await client.batch(Array(calls[start..<end])) {
                    switch answer {
                    case .success(let value): results.append(value)
                    case .failure(let refusal): throw .refused(refusal)
                    }
                }
            } catch {
                throw .unanswered(node: "\(client.endpoint)", error)
            }
            start = end
        }
        return results
    }
}

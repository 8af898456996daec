internal import Chain
internal import Configuration
internal import Crypto
package import Primitives

/// The ERC-20 token that a load of kind `erc20` moves: deployed for it, all of it first with a development account.
package struct LoadToken: Sendable {
    let address: Address

    /// What is moved in one transfer.
    static let amount: UInt256 = 1
    /// More than a transfer takes, also to an account that had none.
    package static let transferGas: Gas = 70_000
    private static let creationGas: Gas = 1_000_000
    /// Transfers of one account that wait at once: a pool takes no more than 1,024.
    private static let fundingMax = 500
    private static let deadline = Duration.seconds(60)
    private static let supply: UInt256 = 1_000_000_000

    // MARK: Calls (Contract ABI Specification)

    package static func transfer(to receiver: Address) -> Bytes { transfer(to: receiver, amount) }

    /// transfer(address,uint256)
    private static func transfer(to receiver: Address, _ amount: UInt256) -> Bytes {
        [0xa9, 0x05, 0x9c, 0xbb] + UInt256(receiver).hash.bytes + amount.hash.bytes
    }

    /// balanceOf(address)
    private static func balance(of owner: Address) -> Bytes {
        [0x70, 0xa0, 0x82, 0x31] + UInt256(owner).hash.bytes
    }

    /// The initcode, and (name, symbol, supply) behind it.
    package static func initCode() throws(TestnetError) -> Bytes {
        guard let code = try? Bytes(hex: "0x" + code) else {
            throw .operation("cannot deploy the token", reason: "its code is not hex")
        }
        func text(_ text: String) -> Bytes {
            UInt256(UInt64(text.utf8.count)).hash.bytes + Bytes(text.utf8)
                + Bytes(repeating: 0, count: 32 - text.utf8.count)
        }
        let offsets = [UInt256(0x60), UInt256(0xa0), supply].flatMap(\.hash.bytes)
        return code + offsets + text("Load") + text("LOAD")
    }

    // MARK: Before and after a load

    /// Deploys the token and gives each of `owners` enough for `each` transfers.
    static func deploy(
        for owners: [Address], each: Int, _ accounts: LoadAccounts
    ) async throws(TestnetError) -> LoadToken {
        guard let key = try accounts.payerKeys().first else {
            throw .operation("cannot deploy the token", reason: "the network has no development accounts")
        }
        guard UInt256(UInt64(each)) * UInt256(UInt64(owners.count)) <= supply else {
            throw .operation("cannot deploy the token", reason: "more than \(supply) transfers were asked for")
        }
        var payer = Payer(key: key, nonce: try await accounts.read([key])[0].nonce, accounts: accounts)
        let token = LoadToken(address: createAddress(sender: key.address, nonce: payer.nonce))
        try await payer.send([(nil, try initCode())], gas: creationGas)
        guard try await accounts.results([RPCCall("eth_getCode", .string(token.address.hex), "latest")])[0] != "0x"
        else {
            throw .operation("cannot deploy the token", reason: "there is no code at \(token.address)")
        }
        for start in stride(from: 0, to: owners.count, by: fundingMax) {
            let transfers = owners[start..<min(start + fundingMax, owners.count)].map {
                (Optional(token.address), transfer(to: $0, UInt256(UInt64(each)) * amount))
            }
            try await payer.send(transfers, gas: transferGas)
        }
        return token
    }

    /// How much `owners` have together.
    func balance(of owners: [Address], _ accounts: LoadAccounts) async throws(TestnetError) -> UInt256 {
        let calls = owners.map { owner in
            RPCCall(
                "eth_call",
                .object([
                    "to": .string(address.hex), "input": .string(Self.balance(of: owner).hex),
                ]), "latest")
        }
        var sum: UInt256 = 0
        for answer in try await accounts.results(calls) {
            guard let bytes = answer.text.flatMap({ try? Bytes(hex: $0) }), bytes.count == 32 else {
                throw .wrongAnswer(
                    node: "\(accounts.client.endpoint)", method: "eth_call", expected: "a balance",
                    found: answer.summary)
            }
            sum = sum + UInt256(bigEndian: bytes)
        }
        return sum
    }

    /// Whoever deploys the token and hands it out.
    private struct Payer {
        let key: AccountKey
        var nonce: UInt64
        let accounts: LoadAccounts

        /// Sends transactions and waits until all are in blocks.
        mutating func send(_ transactions: [(to: Address?, data: Bytes)], gas: Gas) async throws(TestnetError) {
            let fee = try await accounts.currentBaseFee() * 4 + LoadAccounts.tip
            let calls = transactions.enumerated().map { index, transaction in
                let content = Transaction.Content(
                    chainID: accounts.network.record.chainID, nonce: nonce + UInt64(index),
                    maxPriorityFeePerGas: LoadAccounts.tip, maxFeePerGas: fee, gasLimit: gas, to: transaction.to,
                    data: transaction.data)
                let envelope = Transaction.signed(content, by: key).envelope
                return RPCCall("eth_sendRawTransaction", .string(envelope.hex))
            }
            _ = try await accounts.results(calls)
            nonce += UInt64(calls.count)
            let end = ContinuousClock.now + LoadToken.deadline
            let question = RPCCall("eth_getTransactionCount", .string(key.address.hex), "latest")
            while try await accounts.results([question])[0].unsigned ?? 0 < nonce {
                guard ContinuousClock.now < end else {
                    throw .operation(
                        "cannot hand out the token",
                        reason: "\(calls.count) transactions are not in blocks after \(LoadToken.deadline.text)")
                }
                await pause(.milliseconds(50))
            }
        }
    }
}

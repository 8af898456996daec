import Chain
import Configuration
import Crypto
import Primitives
import Testing
import Testnet

/// The funded accounts of a network, with keys from its mnemonic.
struct TestAccounts {
    let network: TestNetwork
    let keys: [AccountKey]

    init(_ network: TestNetwork) throws {
        self.network = network
        let wallet = HDWallet(mnemonic: network.record.mnemonic)
        keys = try network.record.accounts.indices.map { try wallet.account(UInt32($0)) }
    }

    /// One KLAY.
    static let amount: UInt256 = 1_000_000_000_000_000_000

    /// Receives from account `index` of the wallet, and from nobody else.
    static func recipient(_ index: Int) -> Address {
        Address(lastBytesOf: keccak256(Bytes("recipient \(index)".utf8)))
    }

    /// Sends one KLAY to the account's recipient; returns the transaction's hash.
    func transfer(from index: Int, nonce: UInt64, through node: NodeRecord) async throws -> String {
        let kinds: [Transaction.Kind] = [.legacy, .accessList, .dynamicFee]
        let transaction = Transaction.signed(
            Transaction.Content(
                kind: kinds[index % kinds.count], chainID: network.record.chainID, nonce: nonce,
                maxPriorityFeePerGas: 1, maxFeePerGas: 10_000_000_000, to: Self.recipient(index), value: Self.amount),
            by: keys[index])
        let hash = try await network.call(node, "eth_sendRawTransaction", .string(transaction.envelope.hex)).text
        #expect(hash == transaction.hash.hex)
        return transaction.hash.hex
    }
}

extension Processes {
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct `Transfers sent to different nodes` {
        @Test
        func `lead to the same receipts, balances and roots on all nodes`() async throws {
            try await TestNetwork.run { network in
                let accounts = try TestAccounts(network)
                let nodes = network.record.nodes
                #expect(accounts.keys.map(\.address) == network.record.accounts.map(\.address))
                var hashes: [String] = []
                for index in 0..<20 {
                    let account = index % accounts.keys.count
                    let nonce = UInt64(index / accounts.keys.count)
                    hashes.append(
                        try await accounts.transfer(from: account, nonce: nonce, through: nodes[index % nodes.count]))
                }
                let heights = try await sameReceipts(of: hashes, network)
                let last = try #require(heights.max())
                try await network.reach(last)
                try await compareBalances(accounts, at: last)
                try await comparePast(accounts, heights)
                try await compareBlocks(through: last, network)
                try await network.nobodyIsPenalised()
            }
        }

        /// Waits for every receipt on every node; returns the heights at which the transfers are.
        private func sameReceipts(of hashes: [String], _ network: TestNetwork) async throws -> [Height] {
            var heights: [Height] = []
            for hash in hashes {
                var receipts: Set<JSONValue> = []
                for node in network.record.nodes {
                    var receipt = JSONValue.null
                    try await until("\(node.name) has \(hash)", within: TestNetwork.blockDeadline) {
                        receipt = try await network.call(node, "eth_getTransactionReceipt", .string(hash))
                        return !receipt.isNull
                    }
                    receipts.insert(receipt)
                }
                let receipt = try #require(receipts.first)
                #expect(receipts.count == 1, "nodes tell different receipts of \(hash)")
                #expect(receipt["status"]?.unsigned == 1 && receipt["gasUsed"]?.unsigned == 21_000)
                heights.append(try #require(receipt["blockNumber"]?.unsigned))
            }
            return heights
        }

        private func compareBalances(_ accounts: TestAccounts, at height: Height) async throws {
            let network = accounts.network
            for (index, key) in accounts.keys.enumerated() {
                var balances: Set<UInt256> = []
                for node in network.record.nodes {
                    balances.insert(try await network.balance(key.address, at: height, of: node))
                    let received = try await network.balance(TestAccounts.recipient(index), at: height, of: node)
                    #expect(received == TestAccounts.amount * 2)
                }
                let balance = try #require(balances.first)
                #expect(balances.count == 1, "nodes tell different balances of account \(index)")
                // Both transfers and the gas of both.
                let spent = network.record.accounts[index].balance - balance
                #expect(spent > TestAccounts.amount * 2 && spent < TestAccounts.amount * 2 + 500_000_000_000_000)
            }
        }

        /// Any past balance by its height: just before and just after each account's first transfer.
        private func comparePast(_ accounts: TestAccounts, _ heights: [Height]) async throws {
            let network = accounts.network
            for node in network.record.nodes {
                for index in accounts.keys.indices {
                    let (first, second) = (heights[index], heights[index + accounts.keys.count])
                    let recipient = TestAccounts.recipient(index)
                    #expect(try await network.balance(recipient, at: first - 1, of: node) == 0)
                    let received = try await network.balance(recipient, at: first, of: node)
                    #expect(received == TestAccounts.amount * (first == second ? 2 : 1))
                    let atGenesis = try await network.balance(accounts.keys[index].address, at: 0, of: node)
                    #expect(atGenesis == network.record.accounts[index].balance)
                }
            }
        }

        /// Every block is the same everywhere, and its hash is that of its fields.
        private func compareBlocks(through last: Height, _ network: TestNetwork) async throws {
            for height in 0...last {
                var blocks: Set<JSONValue> = []
                for node in network.record.nodes { blocks.insert(try await network.block(height, of: node)) }
                #expect(blocks.count == 1, "nodes tell different blocks at height \(height)")
                let block = try #require(blocks.first)
                #expect(try header(of: block).hash.hex == block["hash"]?.text)
            }
        }
    }
}

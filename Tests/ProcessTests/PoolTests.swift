import Chain
import Configuration
import Crypto
import Primitives
import Testing

@testable import Testnet

extension Processes {
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct `What waits in a node's pool` {
        /// How many transactions of account 0 wait behind a gap.
        private func queued(_ network: TestNetwork, _ node: NodeRecord) async throws -> UInt64? {
            try await network.call(node, "txpool_status")["queued"]?.unsigned
        }

        @Test
        func `outlives a kill where a client sent it, and is told again to those that have forgotten`() async throws {
            try await TestNetwork.run { network in
                let wallet = try TestAccounts(network)
                let (home, council) = (try network.node("rn1"), network.record.nodes.filter { $0.name.hasPrefix("cn") })
                let late = try await wallet.transfer(from: 0, nonce: 1, through: home)
                for node in [home] + council {
                    try await until("it waits at \(node.name)") { try await queued(network, node) == 1 }
                }
                // Nobody but the ranger has written it down.
                for node in [home] + council {
                    #expect(try await network.network.kill(node) == .killed)
                }
                for node in council + [home] {
                    _ = try await network.network.start(node, executable: network.executable)
                }
                for node in [home] + council {
                    try await until("it waits at \(node.name) again") { try await queued(network, node) == 1 }
                }
                let content = try await network.call(home, "txpool_contentFrom", .string(wallet.keys[0].address.hex))
                #expect(content["queued"]?["1"]?["hash"]?.text == late)

                _ = try await wallet.transfer(from: 0, nonce: 0, through: network.node("cn2"))
                for node in network.record.nodes {
                    try await until("\(node.name) has the receipt", within: TestNetwork.blockDeadline) {
                        try await !network.call(node, "eth_getTransactionReceipt", .string(late)).isNull
                    }
                    let status = try await network.call(node, "txpool_status")
                    #expect(status["pending"]?.unsigned == 0 && status["queued"]?.unsigned == 0)
                }
                try await network.nobodyIsPenalised()
            }
        }
    }
}

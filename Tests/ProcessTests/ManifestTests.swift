import Chain
import Configuration
import Crypto
import Primitives
import Testing

@testable import Testnet

extension Processes {
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct `A network whose manifest sets limits` {
        private func refusal(
            _ network: TestNetwork, _ method: String, _ parameters: JSONValue...
        ) async throws -> String {
            let client = RPCClient(try network.node("cn1").rpc, timeout: .seconds(10))
            defer { client.close() }
            do {
                let answer = try await client.batch([RPCCall(method, parameters: parameters)])[0].get()
                Issue.record("\(method) was answered: \(answer)")
                return ""
            } catch {
                return "\(error)"
            }
        }

        /// A transfer of the first account that waits behind a gap.
        private func envelope(_ network: TestNetwork, nonce: UInt64, tip: UInt256 = 5) throws -> JSONValue {
            let content = Transaction.Content(
                chainID: network.record.chainID, nonce: nonce, maxPriorityFeePerGas: tip,
                maxFeePerGas: 2_000_000_000 * tip, to: .zero)
            return .string(Transaction.signed(content, by: try TestAccounts(network).keys[0]).envelope.hex)
        }

        @Test
        func `has nodes that keep to them`() async throws {
            var manifest = TestnetManifest()
            manifest.allowUnprotected = false
            manifest.limits = [
                .poolPerSenderMax: 2, .poolTipMin: 5, .poolReplacementPercent: 50, .callGasMax: 500_000_000,
                .callTimeout: 100, .logBlocksMax: 1,
            ]
            try await TestNetwork.run(council: 1, rangers: 0, manifest) { network in
                let (node, send) = (try network.node("cn1"), "eth_sendRawTransaction")
                for nonce: UInt64 in [5, 6] {
                    _ = try await network.call(node, send, try envelope(network, nonce: nonce))
                }
                let third = try await refusal(network, send, try envelope(network, nonce: 7))
                #expect(third.contains("account limit exceeded: pooled 2 txs"), "\(third)")
                let cheap = try await refusal(network, send, try envelope(network, nonce: 5, tip: 4))
                #expect(cheap.contains("gas tip cap 4, minimum needed 5"), "\(cheap)")
                let replacement = try await refusal(network, send, try envelope(network, nonce: 5, tip: 7))
                #expect(replacement.contains("replacement transaction underpriced"), "\(replacement)")
                _ = try await network.call(node, send, try envelope(network, nonce: 5, tip: 8))

                // GAS, and its answer returned; then a loop that reads slot after slot.
                let contract = Address(Bytes(repeating: 0x77, count: 20)).hex
                func overrides(_ code: String) -> JSONValue { .object([contract: ["code": .string(code)]]) }
                let call: JSONValue = ["to": .string(contract)]
                let gas = try await network.call(node, "eth_call", call, "latest", overrides("0x5a5f5260205ff3"))
                #expect(try UInt256(hex: "0x" + #require(gas.text).suffix(16)) > 499_000_000)
                let endless = try await refusal(
                    network, "eth_call", call, "latest", overrides("0x5f5b805450600101600156"))
                #expect(endless.contains("execution aborted (timeout = 100ms)"), "\(endless)")

                try await network.reach(1)
                let blocks: JSONValue = ["fromBlock": "0x0", "toBlock": "0x1"]
                let logs = try await refusal(network, "eth_getLogs", blocks)
                #expect(logs.contains("exceed maximum block range: 1"), "\(logs)")
            }
        }

        @Test
        func `says which limit is out of its range, and the help lists all`() async throws {
            let folder = try TemporaryFolder()
            let manifest = "\(folder.path)/manifest.json"
            try SettingsFile.write(Bytes(#"{"limits": {"callGasMax": 5}}"#.utf8), to: manifest)
            let run = try await NodeProgram.run(
                "testnet", "prepare", "--dir", "\(folder.path)/net", "--manifest", manifest)
            #expect(!run.succeeded)
            let words = "limits.callGasMax: expected an integer from 21000 to 500000000, found 5"
            #expect(run.errors.contains(words), "\(run.testDescription)")
            for command in [["testnet", "up", "--help"], ["run", "--help"]] {
                let help = try await NodeProgram.Job(command).end(within: NodeProgram.runDeadline)
                for limit in NodeLimit.allCases {
                    #expect(help.output.contains("\(limit.rawValue) "), "\(help.output)")
                }
            }
        }
    }
}

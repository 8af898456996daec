import Configuration
import NIOCore
import Node
import RPC
import Testing

@testable import NodeCommand

extension Processes {
    /// What a configuration's limits do to a node.
    struct `A node's limits` {
        private func configuration(_ limits: [NodeLimit: UInt64]) -> NodeConfiguration {
            let endpoint = Configuration.Endpoint(host: "127.0.0.1", port: 1)
            return NodeConfiguration(
                name: "cn1", role: .council, keyPath: "key", genesisPath: "genesis", dataDirectory: "data",
                listen: endpoint, rpc: endpoint, limits: limits)
        }

        @Test
        func `are the usual ones where nothing is set`() {
            var usual: [NodeLimit: UInt64] = [:]
            for limit in NodeLimit.allCases { usual[limit] = limit.usual }
            for limits in [[:], usual] {
                let configuration = configuration(limits)
                #expect(configuration.poolLimits == PoolLimits())
                let (rpc, own) = (configuration.rpcLimits, RPCLimits())
                #expect(rpc.callGasMax == own.callGasMax && rpc.callTimeout == own.callTimeout)
                #expect(rpc.logBlocksMax == own.logBlocksMax && rpc.answerTimeout == own.answerTimeout)
            }
        }

        @Test
        func `leave time for the answer to a call that takes as long as it may`() {
            let limits = configuration([.callTimeout: 60_000]).rpcLimits
            #expect(limits.callTimeout == .seconds(60) && limits.answerTimeout == .seconds(65))
        }
    }
}

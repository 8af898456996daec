import EVM
import EthereumChain
import Fixtures
import Primitives
import RPC
import Testing

/// The recorded conversations of eth_simulateV1 and its kin, held on their own chain: every hash and root in them is ours too.
@Suite(.enabled(if: Fixtures.arePresent), .timeLimit(.minutes(5))) struct SimulationConversationTests {
    /// Begins at a block with proof of work, whose miner would be paid. Nothing here knows such blocks.
    private static let ofProofOfWork: Set<String> = ["ethSimulate-empty-with-block-num-set-firstblock.io"]
    /// Recorded when geth counted the logs of failed calls too where it numbers those that stay.
    private static let numberedOtherwise: Set<String> = ["ethSimulate-use-as-many-features-as-possible.io"]

    @Test func `simulations are answered as they were recorded`() async throws {
        let source = RecordedChain.Source.all[1]
        let chain = try ReplayedChain()
        #expect(chain.header(at: 54)?.stateRoot == (try chain.stateRoot(at: 54, after: .init(), clearing: [])))
        let configuration = RPCConfiguration(
            port: 0, clientVersion: "Firetower/test", profile: ChainProfile(ReplayedChain.rules))
        let server = try await RPCServer.start(
            configuration, chain: chain, node: TestNode(council: try World.council()), testnet: nil)
        var held = 0
        for method in ["eth_call", "eth_createAccessList", "eth_estimateGas", "eth_simulateV1", "testing_buildBlockV1"]
        {
            for conversation in try Conversation.all(in: source, of: method)
            where !Self.ofProofOfWork.contains(conversation.file) {
                for (request, theirs) in conversation.exchanges {
                    let ours = try await server.post(request).json()
                    if Self.numberedOtherwise.contains(conversation.file) {
                        let (told, recorded) = (ours["result"]?.array ?? [], theirs["result"]?.array ?? [])
                        #expect(!told.isEmpty && told.map { $0["hash"] } == recorded.map { $0["hash"] })
                    } else {
                        let isSame =
                            theirs["error"] == nil
                            ? ours.says(theirs)
                            : ours["error"]?["code"] == theirs["error"]?["code"]
                                && ours["error"]?["data"] == theirs["error"]?["data"]
                        #expect(isSame, "\(conversation.file): \(ours.difference(from: theirs))")
                    }
                    held += 1
                }
            }
        }
        await server.stop()
        #expect(held >= 41)
    }
}

extension JSONValue {
    /// Where this and `other` differ first, and how.
    fileprivate func difference(from other: JSONValue, at place: String = "") -> String {
        if says(other) { return "" }
        if let ours = array, let theirs = other.array, ours.count == theirs.count {
            for (index, pair) in zip(ours, theirs).enumerated() where !pair.0.says(pair.1) {
                return pair.0.difference(from: pair.1, at: "\(place)[\(index)]")
            }
        }
        if object != nil, other.object != nil {
            let all = names.union(other.names).sorted()
            let differing = all.filter { name in
                guard let ours = self[name], let theirs = other[name] else { return true }
                return !ours.says(theirs)
            }
            return differing.map { name in
                (self[name] ?? .null).difference(from: other[name] ?? .null, at: "\(place).\(name)")
            }.joined(separator: "; ")
        }
        return "\(place): \("\(self)".prefix(200)), recorded \("\(other)".prefix(200))"
    }
}

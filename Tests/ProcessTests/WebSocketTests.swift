import Chain
import Configuration
import Primitives
import Testing

@testable import Testnet

extension Processes {
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct `A node over WebSocket` {
        /// A connection with its subscriptions.
        private struct Listening {
            let ear: Ear
            let heads: String
            let logs: String
            let rounds: String

            init(_ ear: Ear, logsOf token: Address) async throws {
                self.ear = ear
                heads = try await ear.subscribe("eth", "newHeads")
                logs = try await ear.subscribe("eth", "logs", ["address": .string(token.hex)])
                rounds = try await ear.subscribe("council", "rounds")
            }

            func toldHeads() throws -> [JSONValue] { try ear.news(of: heads, in: "eth") }
            func toldLogs() throws -> [JSONValue] { try ear.news(of: logs, in: "eth") }
            func toldRounds() throws -> [JSONValue] { try ear.news(of: rounds, in: "council") }
            func sealedHeights() throws -> [Height] {
                try toldRounds().filter { $0["sealed"] == true }.compactMap { $0["height"]?.unsigned }
            }
        }

        @Test
        func `tells of every head, log and round in order, until it is asked to stop`() async throws {
            try await TestNetwork.run { network in
                let (validator, ranger) = (try network.node("cn1"), try network.node("rn1"))
                var token = try await TestToken.deployed(network, through: validator)
                try await Ear.listen(to: validator, of: network) { near in
                    try await Ear.listen(to: ranger, of: network) { far in
                        let ears = [
                            try await Listening(near, logsOf: token.address),
                            try await Listening(far, logsOf: token.address),
                        ]
                        let hashes = try await transfers(5, &token, network)
                        for listening in ears {
                            try await hears(hashes, listening, token, network)
                            try await isSilentWhenAsked(listening)
                        }
                    }
                }
            }
        }

        /// Transfers of the token, each in a block after that of the one before.
        private func transfers(_ count: Int, _ token: inout TestToken, _ network: TestNetwork) async throws -> [String]
        {
            var hashes: [String] = []
            for index in 0..<count {
                let node = network.record.nodes[index % network.record.nodes.count]
                hashes.append(try await token.transfer(through: node))
                #expect(try await token.receipt(of: hashes[index], at: node)["status"]?.unsigned == 1)
            }
            return hashes
        }

        private func hears(
            _ hashes: [String], _ listening: Listening, _ token: TestToken, _ network: TestNetwork
        ) async throws {
            let node = listening.ear.node
            try await until("\(node.name) tells of \(hashes.count) transfers", within: TestNetwork.blockDeadline) {
                try listening.toldLogs().count >= hashes.count
            }
            let logs = try listening.toldLogs()
            #expect(logs.map { $0["transactionHash"]?.text } == hashes)
            let last = try #require(logs.last?["blockNumber"]?.unsigned)
            try await until("\(node.name) tells of what came after block \(last)", within: TestNetwork.blockDeadline) {
                let heads = try listening.toldHeads().compactMap { $0["number"]?.unsigned }
                return try heads.contains { $0 > last } && listening.sealedHeights().contains { $0 > last }
            }
            let filter: JSONValue = ["address": .string(token.address.hex), "fromBlock": logs[0]["blockNumber"] ?? nil]
            #expect(try await network.call(node, "eth_getLogs", filter).items == logs)

            let heads = try listening.toldHeads()
            let first = try #require(heads[0]["number"]?.unsigned)
            #expect(heads.map { $0["number"]?.unsigned } == heads.indices.map { first + UInt64($0) })
            for (head, next) in zip(heads, heads.dropFirst()) { #expect(next["parentHash"] == head["hash"]) }
            for head in heads {
                let block = try await network.block(try #require(head["number"]?.unsigned), of: node)
                #expect(head["hash"]?.text == block["hash"]?.text && head["stateRoot"] == block["stateRoot"])
            }

            let sealed = try listening.sealedHeights()
            #expect(sealed == sealed.indices.map { sealed[0] + UInt64($0) }, "\(node.name)")
            for round in try listening.toldRounds() {
                let (height, number) = (
                    try #require(round["height"]?.unsigned), try #require(round["round"]?.unsigned)
                )
                #expect(try round["proposer"]?.text == network.proposer(at: height, round: number).hex)
                guard round["sealed"] == true else { continue }
                #expect(try await round["proposal"]?.text == network.hash(ofBlock: height, at: node))
            }
        }

        private func isSilentWhenAsked(_ listening: Listening) async throws {
            let ear = listening.ear
            #expect(try await ear.call("eth_unsubscribe", .string(listening.heads))["result"] == true)
            // The answer is the last that is said of it, while the rounds go on over the same connection.
            let answered = try ear.messages().lastIndex { $0["result"] == true }
            let next = try #require(listening.sealedHeights().last) + 3
            try await until("\(ear.node.name) tells of round \(next)", within: TestNetwork.blockDeadline) {
                try listening.sealedHeights().contains { $0 >= next }
            }
            let later = try ear.messages().dropFirst(try #require(answered))
            #expect(!later.contains { $0["params"]?["subscription"]?.text == listening.heads })
            let again = try await ear.call("eth_unsubscribe", .string(listening.heads))
            #expect(again["error"]?["message"]?.text == "subscription not found", "\(again)")
        }

        @Test
        func `tells of a fault as soon as a ranger has proven it, and of the verdicts before`() async throws {
            try await TestNetwork.run { network in
                let rangers = network.rangers
                try await Ear.listen(to: rangers[0], of: network) { first in
                    try await Ear.listen(to: rangers[1], of: network) { second in
                        var subscriptions: [(ear: Ear, faults: String, verdicts: String)] = []
                        for ear in [first, second] {
                            subscriptions.append(
                                (
                                    ear, try await ear.subscribe("ranger", "faults"),
                                    try await ear.subscribe("ranger", "verdicts")
                                ))
                        }
                        let height = try await network.inject("wrong-state-root", level: "S")
                        let flags = try await network.flagged(at: height) { $0["guilty"]?.items?.count == 3 }
                        for (subscription, flag) in zip(subscriptions, flags) {
                            let (ear, faults, verdicts) = subscription
                            try await until("\(ear.node.name) tells of the fault") {
                                try ear.news(of: faults, in: "ranger").contains(flag)
                            }
                            let told = try ear.news(of: faults, in: "ranger")
                            #expect(Set(told.map { $0["id"] }).count == told.count)
                            try await until("\(ear.node.name) tells of its verdict on block \(height)") {
                                try ear.news(of: verdicts, in: "ranger").contains { $0["verdict"]?.text == "invalid" }
                            }
                            let found = try ear.news(of: verdicts, in: "ranger")
                            let last = try #require(found.firstIndex { $0["verdict"]?.text == "invalid" })
                            #expect(found[last]["height"]?.unsigned == height)
                            let before = found[..<last]
                            #expect(before.allSatisfy { $0["verdict"]?.text == "valid" })
                            let lowest = height - UInt64(before.count)
                            #expect(before.map { $0["height"]?.unsigned } == Array(lowest..<height))
                        }
                    }
                }
            }
        }
    }
}

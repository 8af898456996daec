import Configuration
import Foundation
import Primitives
import Testing

@testable import Testnet

extension Processes {
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct `A network of processes` {
        /// The commands that scripts rely on, as a user types them.
        @Test
        func `has block 1 everywhere after up, tells its status as JSON, and is the same chain after down and up`()
            async throws
        {
            let folder = try TemporaryFolder()
            let directory = "\(folder.path)/net"
            do {
                try await upDownUp(directory)
            } catch {
                await TestNetwork.remove(NetworkFolder(directory))
                throw error
            }
            let reset = try await NodeProgram.run("testnet", "reset", "--dir", directory)
            #expect(reset.succeeded, "\(reset.testDescription)")
            #expect(!FileManager.default.fileExists(atPath: directory))
        }

        private func upDownUp(_ directory: String) async throws {
            let basePort = try FreePorts.base(nodes: 6)
            let up = try await NodeProgram.run(
                "testnet", "up", "--dir", directory, "--base-port", "\(basePort)", "--block-time", "250ms")
            try #require(up.succeeded, "\(up.testDescription)")
            let network = TestNetwork(
                network: try LocalNetwork(NetworkFolder(directory)), executable: try NodeProgram.path())
            let names = ["cn1", "cn2", "cn3", "cn4", "rn1", "rn2"]
            #expect(network.record.nodes.map(\.name) == names)
            #expect(network.record.nodes.map(\.rpc.port) == Array(basePort..<basePort + 6))

            let status = try await NodeProgram.run("testnet", "status", "--json", "--dir", directory)
            let rows = try #require(try status.json().items, "\(status.testDescription)")
            #expect(rows.compactMap { $0["name"]?.text } == names)
            for row in rows {
                #expect(row["state"]?.text == "running" && row["error"]?.isNull == true)
                #expect(try #require(row["height"]?.unsigned) >= 1)
            }

            let genesis = network.record.genesisHash.hex
            let first = try await hashes(ofBlock: 1, network)
            #expect(try await hashes(ofBlock: 0, network) == [genesis])
            #expect(first.count == 1)

            let down = try await NodeProgram.run("testnet", "down", "--dir", directory)
            try #require(down.succeeded, "\(down.testDescription)")
            #expect(names.allSatisfy { down.output.contains("\($0) stopped") }, "\(down.testDescription)")
            #expect(network.network.runningNodes.isEmpty)
            let again = try await NodeProgram.run("testnet", "up", "--dir", directory)
            try #require(again.succeeded, "\(again.testDescription)")
            #expect(again.output.contains("resumed: block"))
            #expect(try await hashes(ofBlock: 0, network) == [genesis])
            #expect(try await hashes(ofBlock: 1, network) == first)
            try await network.advance(2, network.record.nodes)
            try await network.nobodyIsPenalised()
        }

        /// The hashes that the nodes give for one height.
        private func hashes(ofBlock height: Height, _ network: TestNetwork) async throws -> Set<String> {
            var hashes: Set<String> = []
            for node in network.record.nodes { hashes.insert(try await network.hash(ofBlock: height, at: node)) }
            return hashes
        }

        @Test
        func `goes on without one member, which catches up and seals again when it is back`() async throws {
            try await TestNetwork.run { network in
                let victim = try network.node("cn2")
                let others = network.record.nodes.filter { $0 != victim }
                try await network.advance()
                #expect(try await network.network.kill(victim) == .killed)
                // More blocks than members: the dead one's turn to propose is among them.
                try await network.advance(5, others)
                _ = try await network.network.start(victim, executable: network.executable)
                try await network.advance(1, network.record.nodes)

                var height = try await network.head(of: others[0])
                try await until("\(victim.name) seals a block again", within: .seconds(30)) {
                    height += 1
                    try await network.reach(height, others)
                    let certificate = try await network.call(
                        others[0], "council_certificate", .string(height.quantity))
                    let sealers = try #require(certificate["seals"]?.items).compactMap { $0["validator"]?.text }
                    return sealers.contains(victim.address.hex)
                }
                try await network.nobodyIsPenalised()
            }
        }

        @Test
        func `loses nothing that was sealed when all its processes are killed, and seals again within 5 s`()
            async throws
        {
            try await TestNetwork.run { network in
                let wallet = try TestAccounts(network)
                let sent = try await wallet.transfer(from: 0, nonce: 0, through: network.node("cn1"))
                try await until("the transfer is in a block", within: TestNetwork.blockDeadline) {
                    try await !network.call(network.node("cn1"), "eth_getTransactionReceipt", .string(sent)).isNull
                }
                let receipt = try await network.call(network.node("cn1"), "eth_getTransactionReceipt", .string(sent))
                var sealed: [Height: String] = [:]
                for node in network.record.nodes {
                    let height = try await network.head(of: node)
                    sealed[height] = try await network.hash(ofBlock: height, at: node)
                }
                for node in network.record.nodes {
                    let process = try #require(network.network.process(node).identity)
                    #expect(process.send(SIGKILL))
                }
                try await until("all processes are gone") { network.network.runningNodes.isEmpty }

                let (height, after) = try await network.up()
                #expect(after < .seconds(5))
                #expect(try height > #require(sealed.keys.max()))
                for node in network.record.nodes {
                    for (height, hash) in sealed {
                        #expect(try await network.hash(ofBlock: height, at: node) == hash)
                    }
                    let again = try await network.call(node, "eth_getTransactionReceipt", .string(sent))
                    #expect(again == receipt)
                }
                try await network.nobodyIsPenalised()
            }
        }

        @Test
        func `ends its nodes within 5 s of SIGTERM, with exit code 0`() async throws {
            try await TestNetwork.run(council: 1, rangers: 0) { network in
                let node = try network.node("cn1")
                #expect(try await network.network.stop(node) == .stopped)
                let job = try NodeProgram.Job(["run", "--config", network.folder.configPath(of: "cn1")])
                try await until("cn1 answers") { (try? await network.head(of: node)) != nil }
                try await network.advance(1)
                job.process.terminate()
                let end = try await job.end(within: .seconds(5))
                #expect(end.succeeded, "\(end.testDescription)")
                #expect(end.errors.contains("stopped"))
            }
        }
    }
}

import Chain
import Configuration
import Foundation
import Primitives
import Testing
import Testnet

extension Processes {
    /// FAULTS.md on real processes: at least one fault of each level.
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct `A fault` {
        /// Level S, B1 and B27.
        @Test
        func `that a lax council seals freezes every ranger below it, with a proof that names the sealers`()
            async throws
        {
            try await TestNetwork.run { network in
                let height = try await network.inject("wrong-state-root", level: "S")
                let lax = try (0..<3).map { try network.proposer(at: height, round: $0) }.map { address in
                    try #require(network.record.council.first { $0.address == address })
                }
                let flags = try await network.flagged(at: height) { $0["guilty"]?.items?.count == lax.count }
                let sealers = try #require(
                    try await network.call(
                        lax[0], "council_certificate", .string(height.quantity))["seals"]?.items)
                for flag in flags {
                    #expect(flag["kind"]?.text == "EXEC" && flag["rule"]?.text == "stateRoot")
                    #expect(flag["block"]?.text == (try await network.hash(ofBlock: height, at: lax[0])))
                    let guilty = try #require(flag["guilty"]?.items).compactMap(\.text)
                    #expect(guilty == lax.map(\.address.hex).sorted() && sealers.count == 3)
                }
                for ranger in network.rangers { #expect(try await network.validatedHead(ranger) == height - 1) }
                try await verifyOffline(flags[0], network)

                // The quorum goes on without the honest one, and the rangers follow its headers without believing them.
                let honest = try #require(network.record.council.first { node in !lax.contains(node) })
                for _ in 0..<2 {
                    try await network.advance(3, lax)
                    try await staysFrozen(below: height, flags, network)
                    #expect(try await network.head(of: honest) == height - 1)
                    let said = try network.log(honest)
                    #expect(said.contains("refused the proposal") && said.contains("stateRoot"))
                    _ = try await network.network.down()
                    _ = try await network.up()
                }
            }
        }

        private func staysFrozen(below height: Height, _ flags: [JSONValue], _ network: TestNetwork) async throws {
            for (ranger, flag) in zip(network.rangers, flags) {
                try await until("\(ranger.name) follows headers past block \(height)") {
                    try #require(try await network.call(ranger, "ranger_status")["followedHeight"]?.unsigned) > height
                }
                #expect(try await network.validatedHead(ranger) == height - 1)
                #expect(try await network.flags(ranger, at: height).contains { $0["id"] == flag["id"] })
                let verdict = try await network.call(ranger, "ranger_verdict", .string(height.quantity))
                #expect(verdict["verdict"]?.text == "invalid")
            }
            // It says so in words, and so does an honest validator that was not asked.
            let reader = StatusReader(network.network)
            defer { reader.close() }
            for status in await reader.read() where status.node.role == .ranger {
                #expect(status.stateText == "stopped at \(height - 1): sealed block \(height) breaks stateRoot")
                #expect(status.stopped?.fault != nil)
            }
            let id = try #require(flags[0]["id"]?.text)
            let shown = try await NodeProgram.run("testnet", "faults", "show", id, "--dir", network.folder.path)
            #expect(shown.succeeded && shown.output.contains("stateRoot"), "\(shown.testDescription)")
            #expect(shown.output.contains("cn"), "validators have names there")
        }

        /// The proof that the launcher saves is accepted as it is, and not with any of its bytes changed.
        func verifyOffline(_ flag: JSONValue, _ network: TestNetwork) async throws {
            let folder = try TemporaryFolder()
            let file = "\(folder.path)/proof"
            let id = try #require(flag["id"]?.text)
            let saved = try await NodeProgram.run("testnet", "faults", "save", id, file, "--dir", network.folder.path)
            try #require(saved.succeeded, "\(saved.testDescription)")
            let proof = try SettingsFile.read(file)
            let verified = try await NodeProgram.run("verify-fault", file, "--genesis", network.folder.genesisPath)
            #expect(verified.succeeded, "\(verified.testDescription)")
            for guilty in try #require(flag["guilty"]?.items) {
                #expect(try verified.output.contains("guilty:   " + #require(guilty.text)))
            }
            // Both ends and some between; FaultProofsTests changes every byte.
            for position in stride(from: 0, to: proof.count, by: proof.count / 12) + [proof.count - 1] {
                var changed = proof
                changed[position] ^= 1
                let refused = try await network.verifyFault(changed)
                #expect(refused.status == 1, "byte \(position): \(refused.testDescription)")
                #expect(refused.output.hasPrefix("refused: "))
            }
        }

        /// Level P, B3.
        @Test
        func `that is proposed is refused by the council, and rangers hold the proposer's signature on it`()
            async throws
        {
            try await TestNetwork.run { network in
                let height = try await network.inject("wrong-transactions-root", level: "P")
                let proposer = try network.proposer(at: height, round: 0).hex
                for flag in try await network.flagged(at: height) {
                    #expect(flag["kind"]?.text == "BODY" && flag["rule"]?.text == "transactionsRoot")
                    #expect(flag["guilty"]?.items == [.string(proposer)])
                }
                let proof = try await FaultLab(network.network).proof(
                    #require(try await network.flags(network.rangers[0], at: height)[0]["id"]?.text))
                let verified = try await network.verifyFault(proof.proof)
                #expect(verified.succeeded, "\(verified.testDescription)")

                // The proposer says that it was its deed, and everybody else that it was not.
                for node in network.record.nodes {
                    let orders = try #require(try await network.call(node, "testnet_injections").items)
                    let isLiar = node.address.hex == proposer
                    #expect(orders.map { $0["status"]?.text } == [isLiar ? "applied" : "bystander"], "\(node.name)")
                    if isLiar { #expect(orders[0]["appliedHeight"]?.unsigned == height) }
                }

                // A later round sealed a correct block, which the rangers have executed.
                try await network.reach(height + 1)
                let certificate = try await network.call(
                    network.node("cn1"), "council_certificate", .string(height.quantity))
                #expect(try #require(certificate["round"]?.unsigned) >= 1)
                for ranger in network.rangers { #expect(try await network.validatedHead(ranger) > height) }
            }
        }

        /// Level G, B18.
        @Test
        func `of too few seals convicts nobody, and is refused with the count in the log`() async throws {
            try await TestNetwork.run { network in
                let height = try await network.inject("too-few-seals", level: "G")
                for ranger in network.rangers {
                    try await until("\(ranger.name) logs the refusal") {
                        try network.log(ranger).contains("1 of 3 seals")
                    }
                }
                // The same block arrives with its quorum and is taken.
                try await network.reach(height + 2)
                for ranger in network.rangers {
                    #expect(try await network.flags(ranger, at: height).isEmpty)
                    #expect(try await network.validatedHead(ranger) > height)
                }
            }
        }

        /// C1 and C3.
        @Test(arguments: [("equivocating-proposer", "E6"), ("double-commit", "E1")])
        func `of two statements by one validator is flagged as what it is, and the chain goes on`(
            fault: String, rule: String
        ) async throws {
            try await TestNetwork.run { network in
                let height = try await network.inject(fault)
                let flags = try await network.flagged(at: height)
                for flag in flags {
                    #expect(flag["kind"]?.text == "PAIR")
                    #expect(flag["guilty"]?.items?.count == 1)
                    #expect(flag["guilty"] == flags[0]["guilty"])
                }
                // A second commit contradicts its author's prepare too (E3), whichever of the two comes first.
                let flag = try #require(flags.first { $0["rule"]?.text == rule })
                let proof = try await FaultLab(network.network).proof(#require(flag["id"]?.text))
                let verified = try await network.verifyFault(proof.proof)
                #expect(verified.succeeded, "\(verified.testDescription)")
                try await network.reach(height + 2)
                for ranger in network.rangers { #expect(try await network.validatedHead(ranger) > height) }
            }
        }

        /// C23.
        @Test
        func `that a lying ranger makes up is believed by nobody`() async throws {
            try await TestNetwork.run { network in
                // It lies at once, to those whom it is connected to.
                let liar = try network.node("rn1")
                try await until("rn1 is connected to all", within: TestNetwork.blockDeadline) {
                    try await network.call(liar, "net_peerCount").unsigned == 5
                }
                _ = try await network.inject("lying-ranger", node: "rn1")
                for node in network.record.nodes where node != liar {
                    try await until("\(node.name) rejects the report") {
                        try await network.rejectedReports(node) > 0
                    }
                }
                try await network.advance(2, network.record.council + [network.node("rn2")])
                for node in network.record.nodes {
                    #expect(try await network.call(node, "ranger_getFaults").items == [])
                }
            }
        }
    }
}

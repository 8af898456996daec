import Chain
import Crypto
import FaultProofs
import Primitives
import RPC
import Testing

/// net_*, web3_*, council_*, ranger_* and testnet_*.
@Suite(.timeLimit(.minutes(5))) struct NodeMethodTests {
    @Test func `the node says who it is and whom it knows`() async throws {
        try await TestServer.run { world in
            #expect(try await world.result("web3_clientVersion") == .string("Firetower/test"))
            #expect(try await world.result("web3_sha3", "[\"0x\"]") == .string(keccak256(Bytes()).hex))
            #expect(try await world.result("net_version") == .string("8217"))
            #expect(try await world.result("eth_chainId") == .string("0x2019"))
            #expect(try await world.result("net_listening") == .bool(true))
            #expect(try await world.result("eth_accounts") == .array([]))
            #expect(try await world.result("net_peerCount") == .string("0x0"))
            #expect(try await world.result("eth_syncing") == .bool(false))
            world.node.set { contents in
                contents.sync = SyncReport(startingHeight: 1, currentHeight: 2, highestHeight: 30)
                contents.peers = [
                    PeerReport(
                        node: .zero, endpoint: "127.0.0.1:1", isCouncilLink: true, isInbound: false, headHeight: 2)
                ]
            }
            #expect(try await world.result("net_peerCount") == .string("0x1"))
            let sync = try await world.result("eth_syncing")
            #expect(sync.names == ["startingBlock", "currentBlock", "highestBlock"])
            #expect(try sync.integer("highestBlock") == 30)
        }
    }

    @Test func `who sealed a block is told with the seals, and who is missing`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let certificate = try await world.result("council_certificate", "[\"latest\"]")
            let sealed = try #require(world.chain.certificate(at: 3))
            #expect(try certificate.integer("height") == 3)
            #expect(try certificate.hash("block") == sealed.block)
            let seals = try #require(try certificate.member("seals").array)
            #expect(try seals.map { try $0.address("validator") } == sealed.signers)
            let committee = world.chain.council.committee(at: 3, parent: .zero, sizeMax: 22)
            for seal in seals {
                let member = try #require(committee.member(try seal.address("validator")))
                let signature = try NodeSignature(checking: seal.data("signature"))
                #expect(
                    P256().verify(signature, of: sealed.commit.digest(chain: World.chain), by: member.publicKey))
            }
            let missing = try #require(try certificate.member("missing").array)
            #expect(missing.count == 1)
            #expect(!sealed.signers.map(\.hex).contains(missing[0].string ?? ""))
            #expect(try certificate.integer("quorum") == 3)
        }
    }

    @Test func `council and proposer are those of the height that is meant`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            for (params, height) in [("[]", 4), ("[\"pending\"]", 4), ("[\"latest\"]", 3), ("[\"0x1\"]", 1)]
                as [(String, UInt64)]
            {
                let council = try await world.result("council_members", params)
                #expect(try council.integer("height") == height)
                #expect(council["members"]?.array?.count == 4)
                #expect(council["committee"]?.array?.count == 4)
                #expect(try council.integer("quorum") == 3)
                #expect(try council.integer("faultTolerance") == 1)
                let proposer = try await world.result("council_proposer", params)
                let expected = world.chain.council.committee(at: height, parent: .zero, sizeMax: 22).proposer(
                    height: height, round: 0)
                #expect(try proposer.member("proposer").address("address") == expected.address)
                #expect(try proposer.integer("round") == 0)
            }
            let far = try await world.result("council_proposer", "[\"0x4\",\"0xffffffffffffffff\"]")
            #expect(try far.integer("round") == .max)
        }
    }

    @Test func `a round tells why it failed`() async throws {
        try await TestServer.run { world in
            #expect(try await world.result("council_roundSummary") == .null)
            let members = world.chain.council.members.map(\.address)
            world.node.set { contents in
                contents.rounds[1] = RoundSummary(
                    height: 1, currentRound: 1, isSealed: false,
                    rounds: [
                        RoundReport(
                            round: 0, proposer: members[1], proposal: nil, preparesFrom: [], commitsFrom: [],
                            roundChangesFrom: [], verdict: "no proposal arrived"),
                        RoundReport(
                            round: 1, proposer: members[2], proposal: .zero, preparesFrom: [members[0]],
                            commitsFrom: [], roundChangesFrom: [members[0], members[3]],
                            verdict: "waiting for commits"),
                    ])
            }
            let summary = try await world.result("council_roundSummary")
            #expect(summary["sealed"] == .bool(false))
            let rounds = try #require(summary["rounds"]?.array)
            #expect(rounds.map { $0["verdict"]?.string } == ["no proposal arrived", "waiting for commits"])
            #expect(rounds[0]["proposal"] == .null)
            #expect(rounds[1]["roundChangesFrom"] == .array([members[0], members[3]].map { .string($0.hex) }))
            #expect(try await world.result("council_proposer").integer("round") == 1)
        }
    }

    @Test func `faults are listed without and shown with their proof`() async throws {
        try await TestServer.run { world in
            let records = (0..<5).map { index in
                let proof = Bytes(repeating: UInt8(index), count: 10)
                return ProvenRecord(
                    record: FaultRecord(
                        id: keccak256(proof), kind: "execution", rule: "stateRoot", height: 7,
                        round: index == 0 ? nil : 1,
                        block: .zero, guilty: [World.stranger], expected: "a\"b", found: "c",
                        firstSeenMilliseconds: 1_700_000_000_123,
                        proofByteCount: 10), proof: proof)
            }
            world.node.set { $0.faults = records }
            let listed = try #require(try await world.result("ranger_getFaults").array)
            #expect(try listed.map { try $0.hash("id") } == records.map(\.record.id))
            #expect(listed.allSatisfy { $0["proof"] == nil && $0["expected"] == .string("a\"b") })
            #expect(listed[0]["round"] == .null)
            #expect(try await world.result("ranger_getFaults", "[\"0x3\"]").array?.count == 2)
            #expect(try await world.result("ranger_getFaults", "[\"0x1\",\"0x2\"]").array?.count == 2)
            #expect(
                try await world.result("ranger_getFaults", "[\"0xffffffffffffffff\",\"0xffffffffffffffff\"]")
                    == .array([]))
            let shown = try await world.result("ranger_getFault", "[\"\(records[2].record.id)\"]")
            #expect(try shown.data("proof") == records[2].proof)
            #expect(try shown.integer("firstSeen") == 1_700_000_000_123)
            #expect(shown["guilty"] == .array([.string(World.stranger.hex)]))
        }
    }

    @Test func `the verdict of a block is told, above the head too`() async throws {
        try await TestServer.run { world in
            world.node.set { contents in
                contents.verdicts[0] = VerdictReport(height: 0, outcome: .valid, explanation: "")
                contents.verdicts[9] = VerdictReport(
                    height: 9, outcome: .invalid, explanation: "state root: …", fault: .zero)
            }
            #expect(try await world.result("ranger_verdict", "[\"latest\"]")["verdict"] == .string("valid"))
            let invalid = try await world.result("ranger_verdict", "[\"0x9\"]")
            #expect(invalid["verdict"] == .string("invalid"))
            #expect(try invalid.hash("fault") == .zero)
            #expect(try await world.result("ranger_verdict", "[\"0x8\"]")["verdict"] == .string("unknown"))
            let status = try await world.result("ranger_status")
            #expect(
                status.names == [
                    "validatedHeight", "followedHeight", "faults", "rejectedReports", "penalisedPeers", "stopped",
                    "archivedVotes", "archivedHeights", "keyClashes", "scores",
                ])
        }
    }

    @Test func `a node that has stopped says where, why, who signed it and what to do`() async throws {
        try await TestServer.run { world in
            #expect(try await world.result("council_status")["stopped"] == .null)
            let members = world.chain.council.members.map(\.address)
            world.node.set { contents in
                contents.stopped = StandstillReport(
                    lastGoodHeight: 41, height: 42, cause: "invalidBlock", rule: "stateRoot", block: keccak256([1]),
                    fault: nil, signers: [members[0]], reason: "sealed block 42 breaks stateRoot", advice: "look")
                contents.keyClashes = [KeyClashReport(node: members[1], first: "a:1", second: "b:2", count: 3)]
            }
            for method in ["council_status", "ranger_status"] {
                let status = try await world.result(method)
                let stopped = try status.member("stopped")
                #expect(try stopped.integer("lastGoodHeight") == 41 && stopped.integer("height") == 42)
                #expect(stopped["reason"] == .string("sealed block 42 breaks stateRoot"))
                #expect(stopped["signers"] == .array([.string(members[0].hex)]) && stopped["fault"] == .null)
                #expect(stopped["advice"] == .string("look"))
                #expect(try status.integer("archivedVotes") == 12 && status.integer("archivedHeights") == 3)
                #expect(status["keyClashes"]?.array?.first?["second"] == .string("b:2"))
            }
        }
    }

    @Test func `validators have scores`() async throws {
        try await TestServer.run { world in
            let members = world.chain.council.members.map(\.address)
            world.node.set { contents in
                contents.scores = [
                    ScoreReport(
                        validator: members[0], heights: 9, sealsMissed: 4, unheard: 2, heightsHeard: 8, lastUnheard: 7,
                        proposalsMissed: 1, lastProposalMissed: nil, equivocations: 1)
                ]
            }
            let scores = try await world.result("council_scores")
            let score = try #require(scores.array?.first)
            #expect(try score.address("validator") == members[0] && score.integer("sealsMissed") == 4)
            #expect(try score.integer("unheard") == 2 && score.integer("lastUnheard") == 7)
            #expect(score["lastProposalMissed"] == .null)
            #expect(try await world.result("ranger_status")["scores"] == scores)
        }
    }

    @Test func `a fault is explained in words and in parts`() async throws {
        try await TestServer.run { world in
            #expect(try await world.result("ranger_explainFault", "[\"\(keccak256([1]))\"]") == .null)
            let key = try World.validators()[0]
            let genesis = try Genesis(
                rules: World.rules, council: World.council(), timestampMilliseconds: 1_000, accounts: [])
            let votes = ([1, 2] as [UInt8]).map { number in
                let vote = Vote.commit(height: 5, round: 0, block: keccak256([number]))
                return SignedVote(
                    vote: vote, validator: key.publicKey.address,
                    signature: key.sign(vote.digest(chain: genesis.identity)))
            }
            let proof = try #require(proveContradiction(votes[0], votes[1]))
            let explanation = try explain(proof, genesis: genesis, scheme: P256())
            world.node.set { $0.explanations[proof.id] = explanation }
            let answer = try await world.result("ranger_explainFault", "[\"\(proof.id)\"]")
            #expect(answer["headline"] == .string(explanation.headline) && answer["rule"] == .string("E1"))
            #expect(answer["signers"] == .array([.string(key.publicKey.address.hex)]))
            #expect(answer["text"]?.array?.count == explanation.lines.count)
            #expect(answer["transaction"] == .null && answer["divergence"] == .null)
            #expect(try await world.error("ranger_explainFault", "[\"0x12\"]").code == -32602)
        }
    }

    @Test func `faults are injected where the manifest allows it`() async throws {
        try await TestServer.run(testnet: true) { world in
            try world.growChain()
            let catalogue = try await world.result("testnet_listFaults")
            #expect(catalogue.array?.first?["levels"] == .array([.string("P"), .string("S")]))
            #expect(catalogue.array?.first?["id"] == .string("B1"))
            #expect(catalogue.array?.first?["rounds"]?.array?.count == 5)
            #expect(try await world.result("testnet_injections") == .array([]))
            let armed = try await world.result(
                "testnet_inject", #"[{"fault":"wrong-state-root","level":"S","height":"+2","seed":"0x7"}]"#)
            #expect(armed["level"] == .string("S"))
            #expect(try armed.integer("height") == 5)
            #expect(try armed.integer("seed") == 7)
            #expect(armed["round"] == .null)
            let plain = try await world.result("testnet_inject", #"[{"fault":"wrong-state-root"}]"#)
            #expect(try plain.integer("height") == 4)
            world.node.set { contents in #expect(contents.armed.count == 2) }
            let checked = try await world.result(
                "testnet_inject", #"[{"fault":"wrong-state-root","round":"0x1","check":true}]"#)
            #expect(try checked.integer("round") == 1)
            world.node.set { contents in #expect(contents.armed.count == 2) }
            for _ in 0..<2 { _ = try await world.result("testnet_inject", #"[{"fault":"wrong-state-root"}]"#) }
            let statuses = try #require(try await world.result("testnet_injections").array)
            #expect(statuses.map { $0["status"]?.string } == ["waiting", "bystander", "applied", "missed"])
            #expect(try statuses[2].integer("appliedHeight") == 9 && statuses[2].integer("appliedRound") == 1)
            #expect(statuses[3]["reason"] == .string("too late"))
            #expect(try statuses[0].integer("height") == 5 && statuses[0]["fault"] == .string("wrong-state-root"))
            #expect(
                try await world.error("testnet_inject", #"[{"fault":"none"}]"#) == (-32000, "there is no fault none"))
            for params in [
                "[]", "[1]", "[{}]", #"[{"fault":"wrong-state-root","level":"X"}]"#,
                #"[{"fault":"wrong-state-root","check":1}]"#,
                #"[{"fault":"wrong-state-root","height":"+x"}]"#, #"[{"fault":"wrong-state-root","heigth":"0x1"}]"#,
                #"[{"fault":"wrong-state-root","height":"+99999999999999999999"}]"#,
            ] {
                #expect(try await world.error("testnet_inject", params).code == -32602, "\(params)")
            }
            let page = try await world.connect()
            try await page.send("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            #expect(try await page.reply().text.contains("testnet_inject"))
            try await page.close()
        }
    }

    @Test func `links are disturbed where the manifest allows it, and only in ways that a link can be`() async throws {
        try await TestServer.run(testnet: true) { world in
            let node = "\"0x" + String(repeating: "11", count: 20) + "\""
            let count = try await world.result(
                "testnet_setLinks", "[[{\"node\":\(node),\"cut\":true,\"delay\":\"0x64\",\"loss\":\"0x5\"}],\"0x7\"]")
            #expect(count == .string("0x1"))
            world.node.set { contents in
                #expect(contents.links.map(\.isCut) == [true] && contents.links.map(\.lossPercent) == [5])
                #expect(contents.links.map(\.delayMilliseconds) == [100])
            }
            for params in [
                "[]", "[1]", "[[{}]]", "[[{\"node\":\(node),\"speed\":1}]]", "[[{\"node\":\(node),\"cut\":1}]]",
                "[[{\"node\":\(node),\"loss\":\"0x65\"}]]", "[[{\"node\":\(node)},{\"node\":\(node)}]]",
                "[[{\"node\":\(node),\"delay\":\"0xea60\",\"jitter\":\"0x1\"}]]",
            ] {
                #expect(try await world.error("testnet_setLinks", params).code == -32602, "\(params)")
            }
            let many = Array(repeating: "{\"node\":\(node)}", count: LinkOrder.ordersMax + 1).joined(separator: ",")
            #expect(try await world.error("testnet_setLinks", "[[\(many)]]").code == -32602)
            #expect(try await world.result("testnet_setLinks", "[[]]") == .string("0x0"))
        }
    }
}

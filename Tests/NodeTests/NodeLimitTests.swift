import Chain
import Consensus
import Crypto
import Primitives
import Testing

@testable import Node

/// What strangers can make a node hold, and what it does about them.
@Suite struct NodeLimitTests {
    struct AnySignature: SignatureScheme {
        func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool { true }
    }

    let council: Council
    let stranger: NodePublicKey

    init() throws {
        council = try Council(
            (0..<4).map {
                CouncilMember(publicKey: try NodeKey(keccak256([UInt8($0)])).publicKey, rewardAddress: .zero)
            })
        stranger = try NodeKey(keccak256([99])).publicKey
    }

    func node(injection: Bool = false) throws -> Node<AnySignature> {
        let genesis = try Genesis(
            rules: ChainRules(chainID: 7, pocFund: .zero, kirFund: .zero), council: council,
            timestampMilliseconds: 1_000, accounts: [])
        let settings = NodeSettings(
            name: "cn1", genesis: genesis, publicKey: council.members[0].publicKey, listen: "a:1", bootstrap: [],
            blockTime: .seconds(1), wallClockStart: 2_000, allowsInjection: injection)
        let tail = ChainTail(block: genesis.block(), certificate: nil)
        return Node(settings: settings, scheme: AnySignature(), memory: NodeMemory(tail: tail))
    }

    private func hello(_ name: String) -> Bytes {
        Message.hello(Hello(name: name, isRanger: true, head: 0, headHash: .zero, listen: "b:2")).encoded
    }

    private func reason(_ actions: [Action]) -> String? {
        for case .disconnect(_, let reason) in actions { return reason }
        return nil
    }

    @Test func `a frame that is no message costs its sender the connection`() throws {
        var node = try node()
        _ = node.handle(.peerUp(1, key: stranger, isInbound: true), at: .zero)
        #expect(reason(node.handle(.received([1, 2, 3], from: 1), at: .zero)) != nil)
        #expect(node.peers.isEmpty)
    }

    @Test func `nobody speaks before its hello`() throws {
        var node = try node()
        _ = node.handle(.peerUp(1, key: stranger, isInbound: true), at: .zero)
        let actions = node.handle(.received(Message.getPeers.encoded, from: 1), at: .zero)
        #expect(reason(actions)?.contains("hello") == true)
    }

    @Test func `votes come over council links only`() throws {
        var node = try node()
        _ = node.handle(.peerUp(1, key: stranger, isInbound: true), at: .zero)
        _ = node.handle(.received(hello("rn1"), from: 1), at: .zero)
        let actions = node.handle(.received(Message.vote(MessageTests.vote).encoded, from: 1), at: .zero)
        #expect(reason(actions)?.contains("outside the council") == true)
    }

    @Test func `a penalised key stays out for a while and may come back`() throws {
        var node = try node()
        _ = node.handle(.peerUp(1, key: stranger, isInbound: true), at: .zero)
        _ = node.handle(.received([1], from: 1), at: .zero)
        #expect(reason(node.handle(.peerUp(2, key: stranger, isInbound: true), at: .seconds(59))) != nil)
        #expect(reason(node.handle(.peerUp(3, key: stranger, isInbound: true), at: .seconds(61))) == nil)
    }

    @Test func `messages of the next height wait, a few for each validator`() throws {
        var node = try node()
        _ = node.handle(.started, at: .zero)
        let member = council.members[1]
        _ = node.handle(.peerUp(1, key: member.publicKey, isInbound: true), at: .zero)
        _ = node.handle(.received(hello("cn2"), from: 1), at: .zero)
        for round in 0..<UInt64(100) {
            let vote = SignedVote(
                vote: .prepare(height: 2, round: round, block: keccak256([1])), validator: member.address,
                signature: MessageTests.signature)
            _ = node.handle(.received(Message.vote(vote).encoded, from: 1), at: .zero)
        }
        #expect(node.waiting.count == Node<AnySignature>.waitingPerValidatorMax)
    }

    @Test func `endpoints that peers tell of are remembered up to a limit`() throws {
        var node = try node()
        _ = node.handle(.peerUp(1, key: stranger, isInbound: true), at: .zero)
        _ = node.handle(.received(hello("rn1"), from: 1), at: .zero)
        for batch in 0..<20 {
            let endpoints = (0..<Message.peersMax).map { "h\(batch):\($0 + 1)" }
            _ = node.handle(.received(Message.peers(endpoints).encoded, from: 1), at: .zero)
        }
        #expect(node.table.known.count == PeerTable.endpointsMax)
        // And only so many are dialled.
        let dialled = node.handle(.timer(.maintenance), at: .seconds(1)).filter {
            if case .connect = $0 { true } else { false }
        }
        #expect(dialled.count <= PeerTable.outboundTarget)
    }

    @Test func `more blocks than one answer may hold are not asked for unpunished`() throws {
        var node = try node()
        _ = node.handle(.peerUp(1, key: stranger, isInbound: true), at: .zero)
        _ = node.handle(.received(hello("rn1"), from: 1), at: .zero)
        let ask = Message.getBlocks(from: 1, count: UInt64(Message.blocksMax) + 1)
        #expect(reason(node.handle(.received(ask.encoded, from: 1), at: .zero)) != nil)
    }

    @Test func `injections are refused where the manifest does not allow them, and beyond a limit`() throws {
        var closed = try node()
        _ = closed.handle(.inject(Injection(fault: .doubleCommit, level: .conduct, height: 5)), at: .zero)
        #expect(closed.injections.isEmpty)
        var open = try node(injection: true)
        for height in 0..<Height(200) {
            _ = open.handle(.inject(Injection(fault: .doubleCommit, level: .conduct, height: 5 + height)), at: .zero)
        }
        #expect(open.injections.count == Node<AnySignature>.injectionsMax)
    }

    @Test func `a node that was told "not yet" asks again, also where another peer has nothing`() throws {
        var node = try node()
        _ = node.handle(.started, at: .zero)
        _ = node.handle(.peerUp(1, key: council.members[1].publicKey, isInbound: true), at: .zero)
        _ = node.handle(.received(hello("cn2"), from: 1), at: .zero)
        _ = node.handle(.peerUp(2, key: stranger, isInbound: true), at: .zero)
        _ = node.handle(.received(hello("rn1"), from: 2), at: .zero)
        let certificate = CommitCertificate(height: 1, round: 0, block: keccak256([1]), seals: [])
        let question = Message.getBlocks(from: 1, count: 1)
        func asks(_ actions: [Action]) -> Bool {
            actions.contains { if case .send(question, to: [1]) = $0 { true } else { false } }
        }
        #expect(asks(node.handle(.received(Message.sealed(certificate).encoded, from: 1), at: .zero)))
        #expect(!asks(node.handle(.received(Message.blocks([]).encoded, from: 1), at: .zero)))
        #expect(asks(node.handle(.timer(.maintenance), at: .seconds(1))))
    }

    @Test func `a failing disk stops the vote, not the process`() throws {
        var node = try node()
        _ = node.handle(.started, at: .zero)
        _ = node.handle(.storageFailed("disk full"), at: .zero)
        #expect(node.halted == "disk full")
        let actions = node.handle(.timer(.round), at: .seconds(5))
        #expect(!actions.contains { if case .persist = $0 { true } else { false } })
    }
}

extension NodeLimitTests {
    @Test(arguments: [UInt64.max, UInt64.max - 1, 1 << 63])
    func `no height or round that a peer makes up is too large to survive`(number: UInt64) throws {
        var node = try node()
        _ = node.handle(.started, at: .zero)
        let member = council.members[1]
        let block = keccak256([1])
        let votes: [Vote] = [
            .prepare(height: number, round: number, block: block), .prepare(height: 1, round: number, block: block),
            .commit(height: number, round: 0, block: block), .roundChange(height: 1, to: number),
            .roundChange(height: number, to: number),
        ]
        let signed = votes.map {
            SignedVote(vote: $0, validator: member.address, signature: MessageTests.signature)
        }
        let certificate = CommitCertificate(height: number, round: number, block: block, seals: [])
        var messages: [Message] = signed.map { .vote($0) }
        messages += signed.map { .roundChange(RoundChange(vote: $0, prepared: nil)) }
        messages += [.sealed(certificate), .getBlocks(from: number, count: 64)]
        let far = Hello(name: "cn2", isRanger: false, head: number, headHash: .zero, listen: "")
        for (index, message) in messages.enumerated() {
            // Each on a connection of its own: one may have been the last of the one before.
            let peer = PeerNumber(index + 1)
            _ = node.handle(.peerUp(peer, key: member.publicKey, isInbound: true), at: .zero)
            _ = node.handle(.received(Message.hello(far).encoded, from: peer), at: .zero)
            _ = node.handle(.received(message.encoded, from: peer), at: .zero)
            _ = node.handle(.timer(.maintenance), at: .seconds(1))
        }
        #expect(node.tail.height == 0 && node.halted == nil)
    }
}

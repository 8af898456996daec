import Chain
import Consensus
import Crypto
import Node
import Primitives
import Synchronization
import Testing

@testable import Simulator

/// Doubled messages change nothing, cost no signature check, and are nobody's fault (QBFT.md 18, FAULTS.md N6).
@Suite struct DuplicateTests {
    final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        func increment() { count.wrappingAdd(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }

    struct CountingScheme: SignatureScheme {
        let counter = Counter()

        func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool {
            counter.increment()
            return SimulatedScheme().verify(signature, of: digest, by: key)
        }
    }

    let scheme = CountingScheme()
    var node: Node<CountingScheme>

    init() {
        let settings = NodeSettings(
            name: "cn", genesis: Loner.genesis, publicKey: SimulatedNetwork.nodeKey(Self.own), listen: "",
            bootstrap: [], blockTime: .seconds(1), wallClockStart: World.epoch)
        node = Node(
            settings: settings, scheme: scheme,
            memory: NodeMemory(tail: ChainTail(block: Loner.genesis.block(), certificate: nil)))
        _ = node.handle(.started, at: .zero)
        for other in 0..<Loner.council where other != Self.own {
            _ = node.handle(
                .peerUp(PeerNumber(other), key: SimulatedNetwork.nodeKey(other), isInbound: true), at: .zero)
            let hello = Hello(name: "cn\(other)", isRanger: false, head: 0, headHash: .zero, listen: "")
            for _ in 0..<2 {
                _ = node.handle(.received(Message.hello(hello).encoded, from: PeerNumber(other)), at: .zero)
            }
        }
    }

    static var own: Int { (Loner.proposer(0) + 1) % Loner.council }
    static var other: Int { (Loner.proposer(0) + 2) % Loner.council }

    static func messages() throws -> [Message] {
        let proposal = try Loner.proposal()
        let block = proposal.block
        let prepares = [0, 1, 2].map {
            Loner.sign(.prepare(height: 1, round: 0, block: block.hash), by: (Loner.proposer(0) + $0) % Loner.council)
        }
        let claim = Loner.sign(.roundChange(height: 1, to: 1, prepared: (round: 0, block: block.hash)), by: other)
        let change = RoundChange(
            vote: claim, prepared: PreparedCertificate(round: 0, block: block, prepares: prepares))
        return [
            .proposal(proposal), .vote(prepares[2]),
            .vote(Loner.sign(.commit(height: 1, round: 0, block: block.hash), by: other)),
            .roundChange(change), .sealed(Loner.certificate(block, by: [0])), .getPeers, .peers(["a:1"]),
            .blocks([]), .getBlocks(from: 1, count: 1), .transactions([]),
        ]
    }

    @Test(arguments: 0..<10)
    mutating func `the second of two equal messages costs no signature check and no penalty`(number: Int) throws {
        let message = try Self.messages()[number]
        let from: PeerNumber
        if case .proposal = message { from = PeerNumber(Loner.proposer(0)) } else { from = PeerNumber(Self.other) }
        _ = node.handle(.received(message.encoded, from: from), at: .zero)
        let checks = scheme.counter.value
        for _ in 0..<3 {
            let actions = node.handle(.received(message.encoded, from: from), at: .zero)
            for case .disconnect(_, let reason) in actions { Issue.record("penalised: \(reason)") }
        }
        #expect(scheme.counter.value == checks)
    }

    /// A forwarded round change comes without what it claims. It must not stand in the way of the whole one.
    @Test mutating func `the bare vote of a round change does not count as the round change`() throws {
        guard case .roundChange(let change) = try Self.messages()[3] else { return }
        _ = node.handle(
            .received(Message.vote(change.vote).encoded, from: PeerNumber(Loner.proposer(0))), at: .zero)
        _ = node.handle(.received(Message.roundChange(change).encoded, from: PeerNumber(Self.other)), at: .zero)
        #expect(node.consensus.summary.roundChanges.contains(Loner.address(Self.other)))
    }
}

import Chain
import Crypto
import Primitives
import Testing

@testable import FaultProofs
@testable import Node

/// Whoever connects after a proof went round hears it too.
@Suite struct RetoldProofTests {
    let keys: [NodeKey]
    let genesis: Genesis

    init() throws {
        keys = try (0..<5).map { try NodeKey(keccak256([UInt8($0)])) }
        let council = try Council(
            keys.prefix(4).map { CouncilMember(publicKey: $0.publicKey, rewardAddress: .zero) })
        genesis = try Genesis(
            rules: ChainRules(chainID: 7, pocFund: .zero, kirFund: .zero), council: council,
            timestampMilliseconds: 1_000, accounts: [])
    }

    private func node(_ memory: [(proof: FaultProof, fault: ProvenFault)] = []) -> Node<NodeLimitTests.AnySignature> {
        let settings = NodeSettings(
            name: "rn1", genesis: genesis, publicKey: keys[4].publicKey, listen: "a:1", bootstrap: [],
            blockTime: .seconds(1), wallClockStart: 2_000)
        var tail = NodeMemory(tail: ChainTail(block: genesis.block(), certificate: nil))
        tail.proofs = memory
        var node = Node(settings: settings, scheme: NodeLimitTests.AnySignature(), memory: tail)
        _ = node.handle(.started, at: .zero)
        return node
    }

    /// A double commit at a height, and what it shows.
    private func doubleCommit(_ height: Height) throws -> (proof: FaultProof, fault: ProvenFault) {
        let votes = [UInt8(1), 2].map {
            SignedVote(.commit(height: height, round: 0, block: keccak256([$0])), by: keys[0], chain: genesis.identity)
        }
        let proof = try #require(proveContradiction(votes[0], votes[1]))
        return (proof, try verify(proof, genesis: genesis, scheme: P256()))
    }

    private func told(_ node: inout Node<NodeLimitTests.AnySignature>, to number: PeerNumber) -> [Hash32] {
        _ = node.handle(.peerUp(number, key: keys[1].publicKey, isInbound: true), at: .zero)
        let hello = Hello(name: "cn2", isRanger: false, head: 0, headHash: .zero, listen: "b:2")
        return node.handle(.received(Message.hello(hello).encoded, from: number), at: .zero).compactMap { action in
            guard case .send(.fault(let proof), let recipients) = action, recipients == [number] else { return nil }
            return proof.id
        }
    }

    @Test func `a new peer is told what was proven before, also before a restart`() throws {
        var fresh = node()
        #expect(told(&fresh, to: 1).isEmpty)
        let (proof, fault) = try doubleCommit(3)
        let spread = fresh.handle(.judged(proof, from: nil, .proven(fault)), at: .zero)
        #expect(spread.contains { if case .send(.fault, let to) = $0 { to == [1] } else { false } })
        #expect(told(&fresh, to: 2) == [proof.id])
        var restarted = node([(proof, fault)])
        #expect(told(&restarted, to: 1) == [proof.id])
    }

    @Test func `forks and wrong blocks come first and stay, of the rest the latest, all within bounds`() throws {
        var retold = RetoldProofs()
        let (fork, pair) = try doubleCommit(900)
        var latest = fork
        for height in Height(1)...40 {
            let (proof, fault) = try doubleCommit(height)
            latest = proof
            retold.keep(proof, showing: fault)
            // Only what a proof shows decides where it goes.
            let shown = ProvenFault(
                kind: .fork, rule: "fork", height: 100 - height, round: nil, block: keccak256([9]), guilty: pair.guilty,
                expected: "", found: "", isSealed: true, transactionIndex: nil)
            retold.keep(fork, showing: shown)
        }
        let proofs = retold.proofs
        #expect(proofs.count == RetoldProofs.sealedMax + RetoldProofs.othersMax)
        #expect(proofs.prefix(RetoldProofs.sealedMax).allSatisfy { $0 == fork })
        #expect(proofs.last == latest)
        #expect(proofs.dropFirst(RetoldProofs.sealedMax).reduce(0) { $0 + $1.rlp.count } <= RetoldProofs.othersBytesMax)
    }
}

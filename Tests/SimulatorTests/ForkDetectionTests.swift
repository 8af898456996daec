import Chain
import Consensus
import Crypto
import FaultProofs
import Node
import Primitives
import Ranger
import Testing
import Validation

@testable import Simulator

/// Two sealed blocks at one height, wherever they turn up (FAULTS.md B26).
@Suite struct ForkDetectionTests {
    let block: Block
    /// As valid as the first: a millisecond apart.
    let twin: Block

    init() throws {
        block = try Loner.proposal().block
        var milliseconds = block.extension.timestampMilliseconds
        if milliseconds % 1_000 == 999 { milliseconds -= 1 } else { milliseconds += 1 }
        let moved = BlockExtension(
            version: block.extension.version, nextCouncilHash: block.extension.nextCouncilHash,
            accessListRoot: block.extension.accessListRoot, timestampMilliseconds: milliseconds)
        var header = block.header
        header.extraData = moved.hash.bytes
        twin = Block(header: header, transactions: block.transactions, extension: moved)
    }

    private func certified(_ block: Block, by members: [Int], round: UInt64 = 0) -> CertifiedBlock {
        CertifiedBlock(block: block, certificate: Loner.certificate(block, by: members, round: round))
    }

    /// A node that has the first block, sealed by 0, 1 and 2.
    private func witness(_ index: Int) -> Loner {
        var node = Loner(index)
        for other in 0..<Loner.council where other != index { node.meet(other) }
        node.hear(.blocks([certified(block, by: [0, 1, 2])]), from: index == 1 ? 2 : 1)
        return node
    }

    private func asked(_ node: Loner) -> [PeerNumber] {
        node.sent.flatMap { entry -> [PeerNumber] in
            if case .getBlocks(1, 1) = entry.message { entry.to } else { [] }
        }
    }

    private func expectStop(_ node: Loner, guilty: [Int]) {
        #expect(node.node.standstill?.1.cause == .fork && node.node.standstill?.lastGood == 0)
        #expect(node.chain.map(\.hash) == [block.hash], "nothing is deleted")
        #expect(node.recorded.last { $0.fault.kind == .fork }?.fault.guilty == guilty.map(Loner.address).sorted())
        #expect(node.notes.contains { if case .stopped(0, _) = $0 { true } else { false } })
        guard case .forked(let fault) = node.node.verdict(of: 1) else {
            Issue.record("the height is still called final")
            return
        }
        #expect(node.recorded.contains { $0.proof.id == fault })
    }

    @Test(arguments: [Loner.council, 0])
    func `an announcement of another sealed block is looked into, and convicts whoever sealed both`(index: Int) {
        var node = witness(index)
        node.hear(.sealed(certified(twin, by: [1, 2, 3]).certificate), from: 3)
        #expect(asked(node) == [3])
        node.hear(.blocks([certified(twin, by: [1, 2, 3])]), from: 3)
        expectStop(node, guilty: [1, 2])
        // It is told, and what comes after changes nothing.
        let told = node.sent.contains { if case .fault(let proof) = $0.message { proof.kind == .fork } else { false } }
        #expect(told)
        node.hear(.sealed(certified(twin, by: [1, 2, 3]).certificate), from: 3)
        node.hear(.blocks([certified(twin, by: [1, 2, 3])]), from: 3)
        node.wait(.seconds(10), for: .round)
        node.wait(.seconds(10), for: .maintenance)
        #expect(node.recorded.count { $0.fault.kind == .fork } == 1)
        #expect(node.said(.prepare).isEmpty && node.said(.roundChange).isEmpty)
    }

    /// Those who sealed in round 0 and then asked for a later round as if they had not.
    @Test func `across rounds it takes the archive, and what comes later convicts more`() {
        var node = witness(Loner.council)
        node.hear(.vote(Loner.sign(.roundChange(height: 1, to: 1), by: 1)), from: 1)
        node.hear(.blocks([certified(twin, by: [1, 2, 3], round: 1)]), from: 3)
        expectStop(node, guilty: [1])
        node.hear(.vote(Loner.sign(.roundChange(height: 1, to: 1), by: 2)), from: 1)
        expectStop(node, guilty: [1, 2])
        let accused = Set(node.recorded.flatMap(\.fault.guilty))
        #expect(accused == [Loner.address(1), Loner.address(2)], "nobody else is accused")
        #expect(node.node.standstill?.1.guilty.count == 2)
    }

    @Test func `a fork by whose votes nobody is convicted stops the node at once, and is shown a little later`() {
        var node = witness(Loner.council)
        node.hear(.blocks([certified(twin, by: [1, 2, 3], round: 1)]), from: 3)
        #expect(node.node.standstill?.1.cause == .fork && node.recorded.isEmpty)
        node.wait(.seconds(3), for: .maintenance)
        #expect(node.recorded.map(\.fault.kind) == [.fork])
    }

    @Test func `a proof by somebody else stops a node that has seen one side only`() throws {
        var first = witness(Loner.council)
        first.hear(.blocks([certified(twin, by: [1, 2, 3])]), from: 3)
        let proof = try #require(first.recorded.last { $0.fault.kind == .fork })
        for index in [0, Loner.council] {
            var node = witness(index)
            node.hear(.fault(proof.proof), from: 3)
            expectStop(node, guilty: [1, 2])
            // And whoever reads it back from disk has stopped too.
            let memory = NodeMemory(
                tail: ChainTail(block: block, certificate: Loner.certificate(block, by: [0, 1, 2])),
                faults: [(proof.proof.id, proof.fault)])
            let again = Loner(index, memory: memory)
            #expect(again.node.standstill?.1.cause == .fork && again.node.standstill?.1.fault == proof.proof.id)
            #expect(again.notes.contains { if case .stopped(0, _) = $0 { true } else { false } })
        }
    }

    @Test func `another block without a quorum of seals is no fork, and costs its sender the connection`() {
        var node = witness(Loner.council)
        node.hear(.sealed(certified(twin, by: [2, 3]).certificate), from: 3)
        #expect(node.node.standstill == nil && !node.node.peers.contains { $0.number == 3 })
        node.hear(.blocks([certified(twin, by: [1, 2])]), from: 2)
        #expect(node.node.standstill == nil && !node.node.peers.contains { $0.number == 2 })
        #expect(node.recorded.isEmpty)
    }

    @Test func `the same block with other seals is no fork`() {
        var node = witness(Loner.council)
        node.hear(.sealed(certified(block, by: [1, 2, 3]).certificate), from: 3)
        node.hear(.blocks([certified(block, by: [0, 2, 3])]), from: 2)
        #expect(node.node.standstill == nil && node.recorded.isEmpty && node.node.peers.count == Loner.council)
    }
}

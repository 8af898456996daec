import Chain
import Consensus
import Node
import Primitives
import Testing
import Validation

@testable import Simulator

/// A proposal is judged whole before it is prepared, its time against the parent's and against our clock (QBFT.md 23).
@Suite struct TimestampTests {
    private var proposer: Int { Loner.proposer(0) }
    private var other: Int { (proposer + 1) % Loner.council }

    private func answers(to milliseconds: UInt64) throws -> Loner {
        let moved = try Self.moved(Loner.proposal().block, to: milliseconds)
        var node = Loner(other)
        for peer in 0..<Loner.council where peer != other { node.meet(peer) }
        let vote = Loner.sign(.proposal(of: moved, round: 0), by: proposer)
        node.hear(.proposal(Proposal(vote: vote, block: moved)), from: proposer)
        return node
    }

    /// The block that would have been built at another time. The state knows the time, so its root is another one.
    private static func moved(_ block: Block, to milliseconds: UInt64) throws -> Block {
        var header = block.header
        header.timestamp = milliseconds / 1_000
        let late = Block(header: header, transactions: block.transactions, extension: block.extension)
        let outcome = try execute(late, reading: MemoryLedger(Loner.genesis), under: Loner.genesis.rules)
        let blockExtension = BlockExtension(
            nextCouncilHash: block.extension.nextCouncilHash, accessListRoot: outcome.accessList.root,
            timestampMilliseconds: milliseconds)
        header.stateRoot = outcome.stateRoot
        header.extraData = blockExtension.hash.bytes
        return Block(header: header, transactions: block.transactions, extension: blockExtension)
    }

    private var parentTime: UInt64 { Loner.genesis.timestampMilliseconds }
    private var drift: UInt64 { UInt64(Loner.genesis.rules.timestampDriftMilliseconds) }

    @Test func `a time right above the parent's, and one at the end of the drift, are prepared`() throws {
        for milliseconds in [parentTime + 1, World.epoch + drift] {
            let node = try answers(to: milliseconds)
            #expect(node.said(.prepare).count == 1 && node.said(.roundChange).isEmpty)
        }
    }

    @Test func `a time not above the parent's, or beyond the drift, is refused before it is prepared`() throws {
        for milliseconds in [parentTime - 1, parentTime, World.epoch + drift + 1, World.epoch * 2] {
            let node = try answers(to: milliseconds)
            #expect(node.said(.prepare).isEmpty && node.said(.roundChange).count == 1)
            let isRefused = node.notes.contains {
                if case .proposalRefused(1, 0, Loner.address(proposer), _) = $0 { true } else { false }
            }
            #expect(isRefused)
        }
    }

    /// Our own clock must not stop us from following what a quorum has agreed on.
    @Test func `a sealed block is taken though its time lies ahead of our clock`() throws {
        let block = try Loner.proposal().block
        var node = Loner(other, clockBehind: .seconds(3_600))
        for peer in 0..<Loner.council where peer != other { node.meet(peer) }
        let certificate = Loner.certificate(block, by: (0..<Loner.council).filter { $0 != other })
        node.hear(.blocks([CertifiedBlock(block: block, certificate: certificate)]), from: proposer)
        #expect(node.chain.map(\.hash) == [block.hash])
    }
}

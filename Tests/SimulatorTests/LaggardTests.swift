import Chain
import Consensus
import Crypto
import Node
import Primitives
import Synchronization
import Testing

@testable import Simulator

/// A node that is behind fetches what is sealed instead of voting on it (QBFT.md 19).
@Suite struct LaggardTests {
    @Test(arguments: [
        Accident.Kind.powerCut(machine: 2, lasting: .seconds(4)), .partition(side: [2], lasting: .seconds(4)),
    ])
    func `a validator that comes back syncs, casts no vote on the past, and then seals again`(
        accident: Accident.Kind
    ) throws {
        var scenario = Scenario(seed: Seed(3))
        scenario.accidents = [Accident(accident, at: .milliseconds(500))]
        var world = World(scenario)
        _ = world.run(until: .milliseconds(4_450))
        let missed = try #require(world.machines[0].node).tail.height
        let stoodAt = world.machines[2].chain.count
        #expect(missed >= Height(stoodAt) + 10)
        _ = world.run(until: .milliseconds(7_000))
        let laggard = world.machines[2]
        #expect(world.oracle.violation == nil)
        #expect(try #require(laggard.node).tail.height + 1 >= #require(world.machines[0].node).tail.height)
        // It may have voted at the height where it stood, and at none of those that it only fetched.
        let voted = Set(laggard.disk.votes.map(\.height))
        #expect(!voted.contains { $0 > Height(stoodAt) + 1 && $0 <= missed })
        let later = world.machines.flatMap { $0.chain.dropFirst(Int(missed)) }
        #expect(later.contains { $0.certificate.signers.contains(laggard.address) })
    }

    @Test(arguments: [VoteKind.prepare, .commit, .roundChange])
    func `a vote of a later height is enough to ask for blocks`(kind: VoteKind) {
        var node = Loner(0)
        node.meet(1)
        let vote =
            kind == .roundChange
            ? Vote.roundChange(height: 9, to: 1) : Vote(kind: kind, height: 9, round: 0, block: keccak256([1]))
        let signed = Loner.sign(vote, by: 1)
        node.hear(
            kind == .roundChange ? .roundChange(RoundChange(vote: signed, prepared: nil)) : .vote(signed), from: 1)
        let asked = node.sent.contains { entry in
            if case .getBlocks(from: 1, count: 8) = entry.message { entry.to == [1] } else { false }
        }
        #expect(asked)
    }

    @Test func `who speaks of an old height is told what is sealed, once a height`() throws {
        let proposal = try Loner.proposal()
        let others = (0..<Loner.council).filter { $0 != Loner.proposer(0) }
        var node = Loner(others[0])
        for other in 0..<Loner.council where other != node.index { node.meet(other) }
        node.hear(.proposal(proposal), from: Loner.proposer(0))
        let certificate = Loner.certificate(proposal.block, by: [Loner.proposer(0), others[1], others[2]])
        node.hear(.sealed(certificate), from: others[1])
        node.sent = []
        for round: UInt64 in 1...5 {
            let vote = Loner.sign(.roundChange(height: 1, to: round), by: others[2])
            node.hear(.roundChange(RoundChange(vote: vote, prepared: nil)), from: others[2])
        }
        let told = node.sent.filter { $0.to == [PeerNumber(others[2])] && $0.message == .sealed(certificate) }
        #expect(told.count == 1)
    }
}

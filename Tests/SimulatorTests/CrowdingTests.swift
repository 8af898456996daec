import Chain
import Consensus
import Crypto
import Node
import Primitives
import Testing
import Validation

@testable import Simulator

/// What a liar sends must not push out what the honest send (QBFT.md 17).
@Suite struct CrowdingTests {
    @Test func `nobody takes the place of another's messages`() throws {
        let proposal = try Loner.proposal()
        let block = proposal.block
        let proposer = Loner.proposer(0)
        let others = (0..<Loner.council).filter { $0 != proposer }
        var node = Loner(others[0])
        for other in 0..<Loner.council where other != node.index { node.meet(other) }
        // Forged prepares of height 2 in the name of everybody else.
        let liar = others[1]
        for victim in [proposer, others[2]] {
            for round in 0..<UInt64(100) {
                var forged = Loner.sign(.prepare(height: 2, round: round, block: keccak256([1])), by: liar)
                forged = SignedVote(vote: forged.vote, validator: Loner.address(victim), signature: forged.signature)
                node.hear(.vote(forged), from: liar)
            }
        }
        let genuine = Loner.sign(.prepare(height: 2, round: 0, block: keccak256([2])), by: others[2])
        node.hear(.vote(genuine), from: others[2])
        node.hear(.proposal(proposal), from: proposer)
        node.hear(.sealed(Loner.certificate(block, by: [proposer, others[1], others[2]])), from: others[2])
        #expect(node.chain.count == 1)
        #expect(node.node.consensus.summary(of: 0).prepares == [Loner.address(others[2])])
    }
}

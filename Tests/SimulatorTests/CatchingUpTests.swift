import Chain
import Consensus
import Crypto
import Node
import Primitives
import Testing
import Validation

@testable import Simulator

/// Ways to get to a sealed block when messages were lost or power was cut: each was a standstill once.
@Suite struct CatchingUpTests {
    let proposal: Proposal
    let block: Block
    let proposer = Loner.proposer(0)
    var others: [Int] { (0..<Loner.council).filter { $0 != proposer } }

    init() throws {
        proposal = try Loner.proposal()
        block = proposal.block
    }

    private func vote(_ kind: VoteKind, by index: Int, round: UInt64 = 0) -> SignedVote {
        Loner.sign(Vote(kind: kind, height: 1, round: round, block: block.hash), by: index)
    }

    /// A validator that has seen all commits of the others, and nothing before.
    private func decidedWithoutBody() -> Loner {
        var late = Loner(others[0])
        for other in 0..<Loner.council where other != late.index { late.meet(other) }
        for other in 0..<Loner.council where other != late.index {
            late.hear(.vote(vote(.commit, by: other)), from: other)
        }
        return late
    }

    @Test func `whoever decides without the block takes it from a round change`() throws {
        var late = decidedWithoutBody()
        #expect(late.chain.isEmpty)
        let committer = others[1]
        let claim = Loner.sign(.roundChange(height: 1, to: 1, prepared: (round: 0, block: block.hash)), by: committer)
        let certificate = PreparedCertificate(
            round: 0, block: block, prepares: [proposer, others[1], others[2]].map { vote(.prepare, by: $0) })
        late.hear(.roundChange(RoundChange(vote: claim, prepared: certificate)), from: committer)
        #expect(late.chain.map(\.hash) == [block.hash])
        // And it tells who is still at it.
        let told = late.sent.contains { entry in
            if case .sealed = entry.message { entry.to.contains(PeerNumber(committer)) } else { false }
        }
        #expect(told)
    }

    @Test func `whoever decides without the block takes it from a proposal that comes late`() {
        var late = decidedWithoutBody()
        late.hear(.proposal(proposal), from: proposer)
        #expect(late.chain.map(\.hash) == [block.hash])
    }

    /// A prepare inside a round change is known to the archive only.
    @Test func `a vote that was seen inside another message still counts when it comes itself`() {
        var validator = Loner(others[0])
        for other in 0..<Loner.council where other != validator.index { validator.meet(other) }
        validator.hear(.proposal(proposal), from: proposer)
        let prepares = [proposer, others[1], others[2]].map { vote(.prepare, by: $0) }
        let claim = Loner.sign(.roundChange(height: 1, to: 1, prepared: (round: 0, block: block.hash)), by: others[1])
        validator.hear(
            .roundChange(
                RoundChange(vote: claim, prepared: PreparedCertificate(round: 0, block: block, prepares: prepares))),
            from: others[1])
        #expect(validator.said(.commit).isEmpty)
        for prepare in prepares.prefix(2) { validator.hear(.vote(prepare), from: others[1]) }
        #expect(validator.said(.commit).count == 1)
    }

    @Test func `whoever has executed the block needs only the seals`() {
        var validator = Loner(others[0])
        for other in 0..<Loner.council where other != validator.index { validator.meet(other) }
        validator.hear(.proposal(proposal), from: proposer)
        let seals = Loner.certificate(block, by: [proposer, others[1], others[2]])
        validator.hear(.sealed(seals), from: others[1])
        #expect(validator.chain.map(\.hash) == [block.hash])
    }

    @Test func `seals that do not hold are not believed, and cost the connection`() {
        var validator = Loner(others[0])
        for other in 0..<Loner.council where other != validator.index { validator.meet(other) }
        validator.hear(.proposal(proposal), from: proposer)
        validator.hear(.sealed(Loner.certificate(block, by: [proposer, others[1]])), from: others[1])
        #expect(validator.chain.isEmpty)
        #expect(!validator.node.peers.contains { $0.number == PeerNumber(others[1]) })
    }

    /// All had committed, none had stored the block, then the power failed everywhere.
    @Test func `a block that was lost after the commits is sealed from the vote logs`() {
        var validator = Loner(others[0])
        for other in 0..<Loner.council where other != validator.index { validator.meet(other) }
        validator.hear(.proposal(proposal), from: proposer)
        for other in [proposer, others[1]] { validator.hear(.vote(vote(.prepare, by: other)), from: other) }
        #expect(validator.said(.commit).count == 1 && validator.chain.isEmpty)
        var again = Loner(
            others[0],
            memory: NodeMemory(
                tail: ChainTail(block: Loner.genesis.block(), certificate: nil), votes: validator.votes))
        for other in 0..<Loner.council where other != again.index { again.meet(other) }
        // Said again to everybody who connects, and nothing else.
        #expect(again.said(.commit).count == 3)
        #expect(Set(again.said(.commit).map(\.signedVote)) == Set(validator.said(.commit).map(\.signedVote)))
        for other in [proposer, others[1]] { again.hear(.vote(vote(.commit, by: other)), from: other) }
        #expect(again.chain.map(\.hash) == [block.hash])
    }

    /// It had restarted between somebody else's proof and its own look at the block.
    @Test func `a ranger that starts frozen follows from its own head on`() {
        let tail = ChainTail(block: Loner.genesis.block(), certificate: nil)
        var ranger = Loner(
            Loner.council, memory: NodeMemory(tail: tail, frozen: (height: 1, fault: keccak256([1]))))
        ranger.meet(0, head: 1)
        let sealed = CertifiedBlock(block: block, certificate: Loner.certificate(block, by: [0, 1, 2]))
        ranger.hear(.blocks([sealed]), from: 0)
        #expect(ranger.followed == [sealed] && ranger.chain.isEmpty)
        #expect(ranger.node.followedHead == 1 && ranger.node.tail.height == 0)
    }

    /// In a fork a ranger that follows one branch was told the other, asked for the rest, and was told the same again.
    @Test func `a peer whose blocks do not continue what a frozen ranger follows is not asked again at once`() {
        let tail = ChainTail(block: Loner.genesis.block(), certificate: nil)
        var ranger = Loner(
            Loner.council, memory: NodeMemory(tail: tail, frozen: (height: 1, fault: keccak256([1]))))
        ranger.meet(0, head: 1)
        func asked() -> Int {
            ranger.sent.count { entry in
                if case .getBlocks(1, _) = entry.message { entry.to == [0] } else { false }
            }
        }
        #expect(asked() == 1)
        var header = block.header
        header.parentHash = keccak256([2])
        let stray = Block(header: header, transactions: block.transactions, extension: block.extension)
        let certified = CertifiedBlock(block: stray, certificate: Loner.certificate(stray, by: [0, 1, 2]))
        ranger.hear(.blocks([certified]), from: 0)
        #expect(asked() == 1 && ranger.followed.isEmpty)
        ranger.wait(.milliseconds(500), for: .maintenance)
        #expect(asked() == 2)
    }

    /// A lax council goes on above what it sealed wrongly, also where a power cut took that block from one of them.
    @Test func `a proof freezes no validator`() {
        let tail = ChainTail(block: Loner.genesis.block(), certificate: nil)
        var validator = Loner(
            others[0], memory: NodeMemory(tail: tail, frozen: (height: 1, fault: keccak256([1]))))
        validator.meet(proposer, head: 1)
        let sealed = CertifiedBlock(block: block, certificate: Loner.certificate(block, by: [0, 1, 2]))
        validator.hear(.blocks([sealed]), from: proposer)
        #expect(validator.chain.map(\.hash) == [block.hash])
    }

    @Test func `a peer that did not answer is asked again when nobody else has the block`() throws {
        let ranger = Loner.council
        var late = Loner(ranger)
        late.meet(0, head: 3)
        // This one has nothing, so it is no alternative.
        late.meet(1, head: 0)
        func asked() -> Int {
            late.sent.count { entry in
                if case .getBlocks(1, _) = entry.message { entry.to == [0] } else { false }
            }
        }
        #expect(asked() == 1)
        late.wait(SyncPatience.limit, for: .maintenance)
        #expect(asked() == 2)
    }

    /// Longer than a node waits for an answer.
    private enum SyncPatience {
        static let limit = Duration.seconds(6)
    }

    /// Seeds of the first thousand simulations in which everybody stood still.
    @Test(arguments: 0..<5)
    func `a lone validator seals again what a power cut took`(seed: UInt64) {
        var scenario = Scenario(seed: Seed(seed))
        (scenario.council, scenario.blockTime, scenario.losesLatestBlocks) = (1, .milliseconds(100), true)
        scenario.accidents = (1...8).map {
            Accident(.powerCut(machine: 0, lasting: .milliseconds(100)), at: .milliseconds($0 * 570))
        }
        #expect(Simulation.run(scenario).violation == nil)
    }

    @Test(arguments: 0..<5)
    func `a council that loses power at once goes on where it was`(seed: UInt64) {
        var scenario = Scenario(seed: Seed(seed))
        scenario.losesLatestBlocks = seed % 2 == 1
        scenario.accidents = (1...4).map {
            Accident(.blackout(lasting: .milliseconds(400)), at: .milliseconds($0 * 999))
        }
        #expect(Simulation.run(scenario).violation == nil)
    }
}

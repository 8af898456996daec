import Chain
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct AgreementTests {
    @Test(arguments: [1, 2, 3, 4, 5, 7, 10, 22])
    func `a council of any size decides on the proposed block in round 0`(count: Int) throws {
        var assembly = try Assembly(count: count)
        let block = Assembly.block("a")
        assembly.begin()
        assembly.propose(block)
        try assembly.talk()
        for certificate in assembly.certificates {
            let certificate = try #require(certificate)
            #expect(certificate.block == block.hash && certificate.round == 0)
            try certificate.verify(
                committee: assembly.committee, chain: Assembly.chain, scheme: Assembly.scheme)
        }
    }

    @Test func `a commit is its own seal, so the certificate is made of the votes that were sent`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        assembly.propose(Assembly.block("a"))
        try assembly.talk()
        let sent = assembly.said.flatMap { $0 }.filter { $0.is(.commit) }.map(\.signedVote.signature)
        let certificate = try #require(assembly.certificates[0])
        #expect(certificate.seals.allSatisfy { sent.contains($0.signature) })
    }

    @Test func `prepares and commits are counted apart`() throws {
        var assembly = try Assembly(count: 4)
        let block = Assembly.block("a")
        assembly.begin()
        assembly.propose(block)
        let me = assembly.proposer(0)
        let others = (0..<4).filter { $0 != me }
        // One prepare and two commits beside our own prepare: neither is a quorum of three.
        let prepare = try assembly.verified(.prepare(height: 1, round: 0, block: block.hash), by: others[0])
        assembly.carryOut(assembly.validators[me].receive(prepare), of: me)
        for other in others.prefix(2) {
            let commit = try assembly.verified(.commit(height: 1, round: 0, block: block.hash), by: other)
            assembly.carryOut(assembly.validators[me].receive(commit), of: me)
        }
        #expect(!assembly.said[me].contains { $0.is(.commit) })
        #expect(assembly.certificates[me] == nil)
    }

    @Test func `a proposal alone is no vote`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        assembly.propose(Assembly.block("a"))
        let summary = assembly.validators[assembly.proposer(0)].summary
        #expect(summary.prepares.count == 1 && summary.commits.isEmpty)
    }

    @Test func `a quorum of commits decides even in a round that was left`() throws {
        var assembly = try Assembly(count: 4)
        let block = Assembly.block("a")
        assembly.begin()
        assembly.propose(block)
        let late = (assembly.proposer(0) + 1) % 4
        assembly.timeout(late)
        for other in 0..<4 where other != late {
            let commit = try assembly.verified(.commit(height: 1, round: 0, block: block.hash), by: other)
            assembly.carryOut(assembly.validators[late].receive(commit), of: late)
        }
        #expect(assembly.certificates[late]?.block == block.hash)
    }

    @Test func `an invalid proposal is not prepared and ends its round at once`() throws {
        var assembly = try Assembly(count: 4)
        let bad = Assembly.block("bad")
        assembly.begin()
        assembly.propose(bad)
        assembly.wrong = [bad.hash]
        let proposer = assembly.proposer(0)
        let others = (0..<4).filter { $0 != proposer }
        try assembly.pass(from: proposer, to: others)
        for other in others {
            #expect(!assembly.said[other].contains { $0.is(.prepare) })
            #expect(assembly.said[other].contains { $0.is(.roundChange, round: 1) })
        }
        let next = assembly.proposer(1)
        let good = Assembly.block("good")
        try assembly.talk(among: others)
        #expect(assembly.builds[next].contains(1))
        assembly.built(good, by: next, round: 1)
        try assembly.talk(among: others)
        for other in others { #expect(assembly.certificates[other]?.block == good.hash) }
    }

    @Test func `nothing makes a proposer propose twice in a round`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        let proposer = assembly.proposer(0)
        assembly.propose(Assembly.block("a"))
        assembly.carryOut(assembly.validators[proposer].blockIsDue(restartTimer: true), of: proposer)
        assembly.built(Assembly.block("b"), by: proposer, round: 0)
        #expect(assembly.builds[proposer] == [0])
        #expect(assembly.said[proposer].filter { $0.is(.proposal) }.count == 1)
        // Nor a restart: what it signed is lost, its record is not.
        var again = QBFT(
            identity: assembly.committee.members[proposer].address, committee: assembly.committee,
            chain: Assembly.chain, timeouts: Assembly.timeouts, restored: assembly.logs[proposer])
        _ = again.begin(1, committee: assembly.committee, patience: .zero)
        #expect(again.blockIsDue(restartTimer: false).isEmpty)
        #expect(again.built(Assembly.block("b"), round: 0).isEmpty)
    }

    @Test func `a second proposal of one round is evidence and is not accepted`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        let liar = assembly.proposer(0)
        let victim = (liar + 1) % 4
        let (first, second) = (Assembly.block("a"), Assembly.block("b"))
        for block in [first, second] {
            let vote = assembly.sign(.proposal(of: block, round: 0), by: liar)
            try assembly.deliver(.proposal(Proposal(vote: vote, block: block)), to: victim)
        }
        let conflict = try #require(assembly.conflicts[victim].first)
        #expect(conflict.first.vote.block == first.hash && conflict.second.vote.block == second.hash)
        let prepares = assembly.said[victim].filter { $0.is(.prepare) }
        #expect(prepares.map(\.signedVote.vote.block) == [first.hash])
    }

    @Test(arguments: [VoteKind.prepare, .commit])
    func `two votes of one kind in one round are evidence, and the second is not counted`(kind: VoteKind) throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        for label in ["a", "b", "c"] {
            let vote = Vote(kind: kind, height: 1, round: 0, block: Assembly.block(label).hash)
            assembly.carryOut(assembly.validators[0].receive(try assembly.verified(vote, by: 1)), of: 0)
        }
        // The third adds nothing: one proof is enough.
        #expect(assembly.conflicts[0].count == 1)
        let summary = assembly.validators[0].summary
        #expect((kind == .prepare ? summary.prepares : summary.commits).count == 1)
    }
}

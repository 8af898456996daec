import Chain
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct RoundChangeTests {
    @Test func `a silent proposer costs one round`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        let silent = assembly.proposer(0)
        let others = (0..<4).filter { $0 != silent }
        for other in others { assembly.timeout(other) }
        try assembly.talk(among: others)
        let next = assembly.proposer(1)
        #expect(assembly.builds[next] == [1])
        let block = Assembly.block("later")
        assembly.built(block, by: next, round: 1)
        try assembly.talk(among: others)
        for other in others {
            #expect(assembly.certificates[other]?.round == 1)
            #expect(assembly.certificates[other]?.block == block.hash)
        }
    }

    @Test func `a prepared block is proposed again with the same hash`() throws {
        var assembly = try Assembly(count: 4)
        let block = Assembly.block("a")
        try prepareEverywhere(block, in: &assembly)
        for index in 0..<4 { assembly.timeout(index) }
        // The commits of round 0 are lost.
        try assembly.talk { $0.signedVote.vote.round > 0 }
        // Nobody built anything: the block of round 0 came back and was sealed in round 1.
        #expect(assembly.builds[assembly.proposer(1)].isEmpty)
        for certificate in assembly.certificates {
            #expect(certificate?.round == 1 && certificate?.block == block.hash)
        }
    }

    /// The block of round 0 is prepared by all but the proposer of round 1, who hears of it by their round changes.
    private func hearOfPrepared(_ block: Block, isWrong: Bool) throws -> [ConsensusMessage] {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        assembly.propose(block)
        let next = assembly.proposer(1)
        let others = (0..<4).filter { $0 != next }
        try assembly.pass(from: assembly.proposer(0), to: others) { $0.is(.proposal) }
        for from in others { try assembly.pass(from: from, to: others) { $0.is(.prepare) } }
        for index in others { assembly.timeout(index) }
        if isWrong { assembly.wrong = [block.hash] }
        for from in others { try assembly.pass(from: from, to: [next]) { $0.is(.roundChange) } }
        return assembly.said[next]
    }

    @Test func `a block is executed before it is proposed again, for its proposer answers for it`() throws {
        let block = Assembly.block("a")
        let said = try hearOfPrepared(block, isWrong: false)
        #expect(said.contains { $0.is(.proposal, round: 1) && $0.signedVote.vote.block == block.hash })
        #expect(said.contains { $0.is(.prepare, round: 1) })
        // It could only be a quorum of liars that prepared a wrong one. Nobody is to be accused of their doing.
        let silent = try hearOfPrepared(block, isWrong: true)
        #expect(!silent.contains { $0.is(.proposal) || $0.is(.prepare) })
        #expect(silent.contains { $0.is(.roundChange, round: 2) })
    }

    @Test func `the proposer of the next round need not have seen the prepared block`() throws {
        var assembly = try Assembly(count: 4)
        let block = Assembly.block("a")
        assembly.begin()
        assembly.propose(block)
        let next = assembly.proposer(1)
        let others = (0..<4).filter { $0 != next }
        try assembly.talk(among: others.filter { $0 != others.last })
        // Two of four have not prepared yet: give the third its proposal, and no commits to anybody.
        try assembly.pass(from: assembly.proposer(0), to: others) { $0.is(.proposal) }
        for from in others { try assembly.pass(from: from, to: others) { $0.is(.prepare) } }
        for index in 0..<4 { assembly.timeout(index) }
        for from in 0..<4 { try assembly.pass(from: from, to: Array(0..<4)) { $0.is(.roundChange) } }
        let proposal = try #require(assembly.said[next].first { $0.is(.proposal, round: 1) })
        #expect(proposal.signedVote.vote.block == block.hash)
    }

    @Test func `a proposal keeps its grounds, though their authors go on while its block is built`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        let proposer = assembly.proposer(1)
        let others = (0..<4).filter { $0 != proposer }
        for index in [proposer, others[0], others[1]] { assembly.timeout(index) }
        for index in [others[0], others[1]] { try assembly.pass(from: index, to: [proposer]) }
        #expect(assembly.builds[proposer] == [1])
        // One author asks for round 2 already, and its earlier round change is superseded.
        assembly.timeout(others[0])
        try assembly.pass(from: others[0], to: [proposer]) { $0.is(.roundChange, round: 2) }
        assembly.built(Assembly.block("later"), by: proposer, round: 1)
        let said = try #require(assembly.said[proposer].first { $0.is(.proposal, round: 1) })
        // Whoever gets it, accepts it.
        try assembly.deliver(said, to: others[2])
        #expect(assembly.said[others[2]].contains { $0.is(.prepare, round: 1) })
    }

    @Test func `f+1 round changes pull a validator along, to the highest round that many want`() throws {
        var assembly = try Assembly(count: 7)
        assembly.begin()
        for (other, round) in [(1, UInt64(3)), (2, 5), (3, 9)] {
            try assembly.deliver(
                .roundChange(
                    RoundChange(
                        vote: assembly.sign(.roundChange(height: 1, to: round), by: other), prepared: nil)), to: 0)
        }
        // f = 2: three validators want at least round 3.
        #expect(assembly.validators[0].round == 3)
        #expect(assembly.said[0].contains { $0.is(.roundChange, round: 3) })
    }

    @Test func `f round changes pull nobody`() throws {
        var assembly = try Assembly(count: 7)
        assembly.begin()
        for other in [1, 2] {
            try assembly.deliver(
                .roundChange(
                    RoundChange(
                        vote: assembly.sign(.roundChange(height: 1, to: 4), by: other), prepared: nil)), to: 0)
        }
        #expect(assembly.validators[0].round == 0)
    }

    @Test func `a justified proposal of a later round is accepted at once`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        let round: UInt64 = 3
        let author = assembly.proposer(round)
        let victim = (author + 1) % 4
        let block = Assembly.block("later")
        let changes = (0..<4).filter { $0 != victim }.map {
            assembly.sign(.roundChange(height: 1, to: round), by: $0)
        }
        let justification = Justification(roundChanges: changes)
        let vote = assembly.sign(.proposal(of: block, round: round, because: justification), by: author)
        try assembly.deliver(
            .proposal(Proposal(vote: vote, block: block, roundChanges: changes)), to: victim)
        #expect(assembly.validators[victim].round == round)
        #expect(assembly.said[victim].contains { $0.is(.prepare, round: round) })
    }

    /// QBFT.md row 1: the lock must survive a jump that others' round changes or a future proposal force.
    @Test func `a validator that jumps a round keeps the certificate of what it has prepared`() throws {
        var assembly = try Assembly(count: 4)
        let block = Assembly.block("v")
        try prepareEverywhere(block, in: &assembly)
        let jumper = 0
        for other in [1, 2] {
            try assembly.deliver(
                .roundChange(
                    RoundChange(
                        vote: assembly.sign(.roundChange(height: 1, to: 1), by: other), prepared: nil)), to: jumper)
        }
        let change = try #require(assembly.said[jumper].last { $0.is(.roundChange, round: 1) })
        #expect(change.signedVote.vote.block == block.hash && change.signedVote.vote.preparedRound == 0)
        // Jumping on by a proposal of round 2 does not lose it either.
        assembly.timeout(jumper)
        let later = try #require(assembly.said[jumper].last { $0.is(.roundChange, round: 2) })
        #expect(later.signedVote.vote.block == block.hash)
    }

    /// The whole trace of row 1: A, B and D commit v in round 0, D withholds; with the lock lost a second block would
    /// be sealed in round 2.
    @Test func `the trace that forks other implementations does not fork this one`() throws {
        var assembly = try Assembly(count: 4)
        let (a, b, c, d) = (0, 1, 2, 3)
        let block = Assembly.block("v")
        assembly.begin()
        assembly.propose(block)
        let proposer = assembly.proposer(0)
        try assembly.pass(from: proposer, to: [a, b, d]) { $0.is(.proposal) }
        for from in [a, b, d] { try assembly.pass(from: from, to: [a, b, d]) { $0.is(.prepare) } }
        // A alone sees all commits and decides; D's goes to nobody else.
        for from in [b, d] { try assembly.pass(from: from, to: [a]) { $0.is(.commit) } }
        #expect(assembly.certificates[a]?.block == block.hash)
        // A has left; C knows nothing; D lies that it has prepared nothing.
        for round: UInt64 in 1...3 {
            if assembly.validators[c].round < round { assembly.timeout(c) }
            let lie = RoundChange(vote: assembly.sign(.roundChange(height: 1, to: round), by: d), prepared: nil)
            for victim in [b, c] { try assembly.deliver(.roundChange(lie), to: victim) }
            for (from, to) in [(b, c), (c, b)] {
                try assembly.pass(from: from, to: [to]) { $0.is(.roundChange, round: round) }
            }
        }
        for index in [b, c] {
            let proposals = assembly.said[index].filter { $0.is(.proposal) && $0.signedVote.vote.round > 0 }
            for proposal in proposals { #expect(proposal.signedVote.vote.block == block.hash) }
            #expect(assembly.builds[index].filter { $0 > 0 }.isEmpty)
        }
    }

    private func prepareEverywhere(_ block: Block, in assembly: inout Assembly) throws {
        assembly.begin()
        assembly.propose(block)
        try assembly.pass(from: assembly.proposer(0), to: Array(0..<4)) { $0.is(.proposal) }
        for from in 0..<4 { try assembly.pass(from: from, to: Array(0..<4)) { $0.is(.prepare) } }
        for index in 0..<4 { #expect(assembly.said[index].contains { $0.is(.commit) }) }
    }
}

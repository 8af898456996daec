import Chain
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct BoundTests {
    @Test func `votes far above the current round are not kept`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        let block = Assembly.block("a")
        for round: UInt64 in [0, 16, 17, 1_000_000] {
            let vote = try assembly.verified(.prepare(height: 1, round: round, block: block.hash), by: 1)
            assembly.carryOut(assembly.validators[0].receive(vote), of: 0)
        }
        let kept = [0, 16, 17, 1_000_000].map { assembly.validators[0].summary(of: $0).prepares.count }
        #expect(kept == [1, 1, 0, 0])
    }

    @Test func `one validator's round changes take one place, the highest`() throws {
        var assembly = try Assembly(count: 7)
        assembly.begin()
        for round: UInt64 in [5, 900, 7] {
            try assembly.deliver(
                .roundChange(
                    RoundChange(
                        vote: assembly.sign(.roundChange(height: 1, to: round), by: 1), prepared: nil)), to: 0)
        }
        #expect(assembly.validators[0].summary.roundChanges.count == 1)
        // The low one is superseded: it no longer helps anybody to get to round 5.
        #expect(assembly.validators[0].summary(of: 899).roundChanges.count == 1)
    }

    @Test func `the same vote twice changes nothing`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        let vote = try assembly.verified(.prepare(height: 1, round: 0, block: Assembly.block("a").hash), by: 1)
        for _ in 0..<3 { assembly.carryOut(assembly.validators[0].receive(vote), of: 0) }
        #expect(assembly.validators[0].summary.prepares.count == 1)
        #expect(assembly.conflicts[0].isEmpty)
    }

    @Test func `a node outside the committee counts votes and casts none`() throws {
        var assembly = try Assembly(count: 4)
        let block = Assembly.block("a")
        var observer = QBFT(
            identity: nil, committee: assembly.committee, chain: Assembly.chain, timeouts: Assembly.timeouts)
        _ = observer.begin(1, committee: assembly.committee, patience: .zero)
        assembly.begin()
        assembly.propose(block)
        try assembly.talk()
        var decided: CommitCertificate?
        for message in assembly.said.flatMap({ $0 }) where message.is(.commit) {
            let vote = try assembly.context.verified(message.signedVote, as: .commit, scheme: Assembly.scheme)
            for action in observer.receive(vote) { if case .decide(let certificate) = action { decided = certificate } }
        }
        #expect(decided?.block == block.hash)
    }
}

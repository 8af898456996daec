import Chain
import Consensus
import Primitives
import Testing

@Suite struct TimeoutTests {
    @Test func `timeouts double and stop at the cap`() {
        let policy = TimeoutPolicy(base: .milliseconds(500), cap: .seconds(10))
        let expected: [Duration] = [
            .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10),
        ]
        for (round, timeout) in expected.enumerated() { #expect(policy.timeout(of: UInt64(round)) == timeout) }
        #expect(policy.timeout(of: .max) == .seconds(10))
    }

    @Test func `a dead proposer costs at most two block periods`() {
        for blockTime in [Duration.seconds(1), .seconds(2), .seconds(5)] {
            let policy = TimeoutPolicy(blockTime: blockTime)
            // The period itself, then the timer of round 0; round 1 proposes at once.
            #expect(blockTime + policy.timeout(of: 0) < blockTime * 2)
        }
    }

    @Test func `the timer of round 0 starts after the block period`() throws {
        var assembly = try Assembly(count: 4)
        let actions = assembly.validators[0].begin(1, committee: assembly.committee, patience: .seconds(1))
        guard case .startTimer(0, let after) = actions.first else {
            Issue.record("expected a timer, found \(actions)")
            return
        }
        #expect(after == .milliseconds(1_500))
    }

    @Test func `what ends an idle wait starts the timer of round 0 anew`() throws {
        var assembly = try Assembly(count: 4)
        _ = assembly.validators[0].begin(1, committee: assembly.committee, patience: .seconds(60))
        let first = assembly.validators[0].blockIsDue(restartTimer: true)
        guard case .startTimer(0, let after) = first.first else {
            Issue.record("expected a timer, found \(first)")
            return
        }
        #expect(after == .milliseconds(500))
        // Once: a stream of transactions must not put the timer off for ever.
        #expect(assembly.validators[0].blockIsDue(restartTimer: true).isEmpty)
    }

    @Test func `a new height starts with a short timer again`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        for _ in 0..<6 { assembly.timeout(0) }
        #expect(assembly.timers[0]?.after == .seconds(10))
        assembly.begin(height: 2)
        #expect(assembly.timers[0]?.after == .milliseconds(500))
    }

    @Test func `a timer of a round that is over changes nothing`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        assembly.timeout(0)
        let stale = assembly.validators[0].timeout(round: 0, height: 1)
        #expect(stale.isEmpty && assembly.validators[0].round == 1)
    }
}

import Chain
import Consensus
import Crypto
import Node
import Primitives
import Testing

@testable import Simulator

/// More liars than the council withstands, fewer than a quorum: forks come about, and convict (QBFT.md, "Accountability").
@Suite struct ForkTests {
    static let seeds: ClosedRange<UInt64> = 1...60

    @Test func `every fork convicts 2q-n validators at least, and nobody honest`() {
        var tally = SimulationTally()
        for seed in Self.seeds {
            let scenario = Scenario.drawnConspiracy(from: Seed(seed))
            let report = Simulation.run(scenario)
            tally.add(report)
            guard let violation = report.violation else { continue }
            Issue.record(
                """
                seed \(seed): \(violation)
                replay with: node simulate --conspiracy --seed \(seed) --trace
                \(scenario)
                """)
        }
        // An oracle that had nothing to judge has judged nothing.
        #expect(tally.sameRoundForks >= 10 && tally.crossRoundForks >= 10)
        #expect(tally.provableForks >= 20 && tally.provenForks == tally.provableForks)
        #expect((tally.leastSurplus ?? -1) >= 0 && (tally.leastRangerSurplus ?? -1) >= 0)
        #expect(tally.checkedBlocks > 500)
    }

    /// In some, whoever could prove the fork was alone with the liars until the rest had gone on; in others the fork
    /// came about only after the liars had been found out.
    @Test(arguments: [5338, 8284, 10672, 10675, 14261] as [UInt64])
    func `a fork is proven by rangers also where its witnesses come late`(seed: UInt64) throws {
        let report = Simulation.run(Scenario.drawnConspiracy(from: Seed(seed)))
        #expect(report.violation == nil)
        #expect(report.world.finding?.leastProven.map { $0 >= report.world.finding?.wanted ?? 0 } == true)
    }

    @Test func `conspiracies of every sort are drawn, never with a quorum of liars`() {
        let scenarios = (UInt64(1)...400).map { Scenario.drawnConspiracy(from: Seed($0)) }
        let plots = scenarios.compactMap(\.conspiracy)
        #expect(plots.count == scenarios.count)
        for council in [4, 5, 6, 7, 10] { #expect(scenarios.contains { $0.council == council }) }
        for scenario in scenarios {
            let liars = scenario.conspiracy?.liars.count ?? 0
            #expect(liars > (scenario.council - 1) / 3 && liars < scenario.quorum)
        }
        for style in Conspiracy.Style.allCases { #expect(plots.contains { $0.style == style }) }
        #expect(plots.contains { $0.forgets } && plots.contains { $0.stays })
        #expect(plots.contains { $0.hidesFromRangers })
        #expect(plots.contains { $0.leak > 0 } && plots.contains { $0.lag > 0 })
        for kind in [VoteKind.proposal, .prepare, .commit] {
            #expect(plots.contains { $0.gags.contains { $0.kind == kind } })
        }
        #expect(scenarios.contains { $0.withstandsLiars } && scenarios.contains { !$0.withstandsLiars })
    }

    /// n = 5 needs three liars for a fork, though it withstands only one.
    @Test(arguments: UInt64(1)...8)
    func `fewer than 2q-n liars make no fork, however they lie`(seed: UInt64) {
        var scenario = Scenario.drawnConspiracy(from: Seed(seed))
        scenario.council = 5
        scenario.rangers = 1
        scenario.accidents = []
        scenario.conspiracy?.liars = [1, 3]
        scenario.conspiracy?.secondAudience = [4]
        scenario.conspiracy?.bridges = [5]
        #expect(scenario.withstandsLiars)
        let report = Simulation.run(scenario)
        #expect(report.violation == nil && report.world.finding == nil)
    }
}

/// The vote book knows the rules of contradiction by itself.
@Suite struct VoteBookTests {
    static let (a, b) = (keccak256([1]), keccak256([2]))

    static let pairs: [(String?, Vote, Vote)] = [
        ("E1", .commit(height: 3, round: 1, block: a), .commit(height: 3, round: 1, block: b)),
        (nil, .commit(height: 3, round: 1, block: a), .commit(height: 3, round: 2, block: b)),
        ("E2", .prepare(height: 3, round: 1, block: a), .prepare(height: 3, round: 1, block: b)),
        (nil, .prepare(height: 3, round: 1, block: a), .prepare(height: 4, round: 1, block: b)),
        ("E3", .prepare(height: 3, round: 1, block: a), .commit(height: 3, round: 1, block: b)),
        (nil, .prepare(height: 3, round: 1, block: a), .commit(height: 3, round: 1, block: a)),
        (nil, .prepare(height: 3, round: 2, block: a), .commit(height: 3, round: 1, block: b)),
        ("E4", .commit(height: 3, round: 1, block: a), .roundChange(height: 3, to: 2)),
        ("E4", .commit(height: 3, round: 1, block: a), .roundChange(height: 3, to: 3, prepared: (round: 0, block: a))),
        ("E4", .commit(height: 3, round: 1, block: a), .roundChange(height: 3, to: 2, prepared: (round: 1, block: b))),
        (nil, .commit(height: 3, round: 1, block: a), .roundChange(height: 3, to: 2, prepared: (round: 1, block: a))),
        (nil, .commit(height: 3, round: 1, block: a), .roundChange(height: 3, to: 3, prepared: (round: 2, block: b))),
        (nil, .commit(height: 3, round: 1, block: a), .roundChange(height: 3, to: 1)),
        (
            "E5", .roundChange(height: 3, to: 2),
            .roundChange(height: 3, to: 2, prepared: (round: 1, block: a))
        ),
        (nil, .roundChange(height: 3, to: 2), .roundChange(height: 3, to: 3)),
        ("E6", .proposal(height: 3, round: 1, block: a), .proposal(height: 3, round: 1, block: b)),
        (nil, .proposal(height: 3, round: 1, block: a), .prepare(height: 3, round: 1, block: b)),
    ]

    @Test(arguments: pairs)
    func `two votes contradict each other by the rule or not at all`(rule: String?, one: Vote, other: Vote) {
        #expect(VoteBook.contradiction(one, other) == rule)
        #expect(VoteBook.contradiction(other, one) == rule)
    }

    @Test func `a vote whose signature does not hold convicts nobody`() {
        var book = VoteBook(Loner.genesis)
        let (one, other) = (Self.pairs[0].1, Self.pairs[0].2)
        book.note(.vote(Loner.sign(one, by: 0)))
        let genuine = Loner.sign(other, by: 1)
        book.note(.vote(SignedVote(vote: other, validator: Loner.address(0), signature: genuine.signature)))
        #expect(book.convicted(at: 3).isEmpty)
        book.note(.vote(Loner.sign(other, by: 0)))
        #expect(book.convicted(at: 3).map(\.validator) == [Loner.address(0)])
        #expect(book.convicted(at: 3).map(\.rule) == ["E1"] && book.heights == [3])
    }
}

/// What makes runs faster must not make them other runs.
@Suite struct SpeedTests {
    @Test(arguments: UInt64(1)...6)
    func `a seed tells the same story whether frames are encoded or not`(seed: UInt64) {
        for drawn in [Scenario.drawn(from: Seed(seed)), .drawnConspiracy(from: Seed(seed))] {
            var (bytes, values) = (drawn, drawn)
            bytes.frames = .bytes
            values.frames = .values
            #expect(Simulation.run(bytes).digest == Simulation.run(values).digest)
        }
    }

    @Test func `honest runs seal as many blocks as they are told, and no machine records a fault`() {
        for seed: UInt64 in 1...3 {
            let report = Simulation.run(.drawnHonest(from: Seed(seed), blocks: 40))
            #expect(report.violation == nil && report.height >= 40 && report.faultsRecorded == 0)
            #expect(report.world.rangerBlocks >= 40)
        }
    }
}

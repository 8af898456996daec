import Lab
import Testing

@testable import Simulator

/// Not the one of `Testing`.
private typealias Expectation = Lab.Expectation

/// Scenarios of the lab mean the same here as on processes: one judge, one set of deeds.
@Suite struct LabRunTests {
    private static func scenario(
        _ fault: String, _ level: Lab.Level, _ steps: [Lab.Scenario.Step], council: Int = 4
    ) -> Lab.Scenario {
        Lab.Scenario(
            name: fault, summary: "", fault: fault, level: level, council: council, blockTime: .milliseconds(500),
            steps: steps)
    }

    private static func inject(_ fault: String, _ level: Lab.Level, by culprit: Deed.Culprit) -> Deed {
        .inject(fault: fault, level: level, by: culprit)
    }

    private static func flagged(_ kind: String, _ rule: String, _ guilty: Expectation.Guilty) -> Expectation {
        Expectation(.flagged(.init(kinds: [kind], rules: [rule], guilty: guilty)), within: .seconds(2))
    }

    private static func expectGreen(_ scenario: Lab.Scenario, sourceLocation: SourceLocation = #_sourceLocation) throws
    {
        let verdict = try Simulation.run(scenario)
        #expect(verdict.reasons == [], sourceLocation: sourceLocation)
    }

    static let faults: [Lab.Scenario] = [
        scenario(
            "double-commit", .conduct,
            [
                .init(
                    .height(4), inject("double-commit", .conduct, by: .nextProposer),
                    expecting: [flagged("PAIR", "E1", .culprits)])
            ]),
        scenario(
            "equivocating-proposer", .conduct,
            [
                .init(
                    .height(4), inject("equivocating-proposer", .conduct, by: .proposer),
                    expecting: [flagged("PAIR", "E6", .culprits)])
            ]),
        scenario(
            "silent-proposer", .conduct,
            [
                .init(
                    .height(4), inject("silent-proposer", .conduct, by: .proposer),
                    expecting: [
                        Expectation(.roundChange, within: .seconds(6)),
                        Expectation(.score(.missedProposals, of: .culprits, atLeast: 1), within: .seconds(6)),
                    ])
            ]),
        scenario(
            "wrong-transactions-root", .proposal,
            [
                .init(
                    .height(4), inject("wrong-transactions-root", .proposal, by: .proposer),
                    expecting: [
                        flagged("BODY", "transactionsRoot", .proposer),
                        Expectation(.progress(blocks: 2, by: .everyNode), within: .seconds(8)),
                    ])
            ]),
        scenario(
            "partition-halves", .network,
            [
                .init(
                    .height(2), .partition([["cn1", "cn2"], ["cn3", "cn4"]]),
                    expecting: [Expectation(.standstill(by: .everyNode), within: .seconds(3))]),
                .init(
                    .afterwards(), .heal,
                    expecting: [
                        Expectation(.progress(blocks: 2, by: .everyNode), within: .seconds(15)),
                        Expectation(.nothingFlagged, within: .seconds(1)),
                    ]),
            ]),
        scenario(
            "pause", .process,
            [
                .init(
                    .height(2), .pause(["cn3"]),
                    expecting: [
                        Expectation(.score(.missingSeals, of: .node("cn3"), atLeast: 1), within: .seconds(6))
                    ]),
                .init(
                    .afterwards(), .resume(["cn3"]),
                    expecting: [
                        Expectation(.progress(blocks: 2, by: .everyNode), within: .seconds(10)),
                        Expectation(.nothingFlagged, within: .seconds(1)),
                    ]),
            ]),
        scenario(
            "torn-vote-log", .process,
            [
                .init(.height(3), .kill(["cn4"]), expecting: []),
                .init(.afterwards(), .tearVoteLog("cn4"), expecting: []),
                .init(
                    .afterwards(), .start(["cn4"]),
                    expecting: [
                        Expectation(
                            .notice(.voteLogRepaired, by: .nodes(["cn4"]), about: .anybody), within: .seconds(5)),
                        Expectation(.progress(blocks: 2, by: .everyNode), within: .seconds(10)),
                        Expectation(.nothingFlagged, within: .seconds(1)),
                    ]),
            ]),
    ]

    @Test(arguments: faults)
    func `what a scenario expects is seen`(scenario: Lab.Scenario) throws {
        try Self.expectGreen(scenario)
    }

    @Test func `a scenario that expects what does not happen is red`() throws {
        var scenario = Self.faults[0]
        scenario.steps[0].expectations = [Self.flagged("PAIR", "E2", .culprits)]
        let verdict = try Simulation.run(scenario)
        #expect(!verdict.isGreen)
    }

    @Test func `a deed that takes sockets is refused before anything starts`() {
        var scenario = Self.faults[0]
        scenario.steps[0].deed = .flood("rn1", connections: 1, lasting: .seconds(1))
        #expect(throws: LabRefusal.deed(.flood)) { try Simulation.run(scenario) }
        scenario.steps[0].deed = Self.inject("no-such-fault", .conduct, by: .proposer)
        #expect(throws: LabRefusal.unknownFault("no-such-fault")) { try Simulation.run(scenario) }
        scenario.steps = [.init(.afterwards(), .nothing, expecting: [])]
        #expect(throws: LabRefusal.problem(.noExpectation)) { try Simulation.run(scenario) }
    }
}

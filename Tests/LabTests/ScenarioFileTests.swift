import Configuration
import Foundation
import Lab
import Primitives
import Testing

struct ScenarioFileTests {
    private static let directory = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "configs/scenarios").path

    @Test
    func `the scenario files show every fault of the catalogue at each of its levels, once`() throws {
        let scenarios = try Scenario.all(in: Self.directory)
        let shown = scenarios.map { "\($0.fault) \($0.level.rawValue)" }
        let wanted = Catalogue.faults.flatMap { fault in fault.levels.map { "\(fault.name) \($0.rawValue)" } }
        #expect(shown.sorted() == wanted.sorted())
        #expect(Set(scenarios.map(\.name)).count == scenarios.count)
    }

    private func parse(_ change: (inout [String: JSONValue]) -> Void) throws(ConfigurationError) -> Scenario {
        var members: [String: JSONValue] = [
            "name": "sample", "summary": "A sample.", "fault": "kill", "level": "D",
            "steps": [
                ["height": 2, "do": "kill", "nodes": ["cn4"], "expect": [["see": "nothing-flagged", "for": "1s"]]]
            ],
        ]
        change(&members)
        return try Scenario(document: .object(members), file: "sample.json")
    }

    private func complaint(_ change: (inout [String: JSONValue]) -> Void) -> String {
        do throws(ConfigurationError) {
            return "accepted: \(try parse(change))"
        } catch {
            return error.description
        }
    }

    @Test
    func `what is left out of a scenario file is as usual`() throws {
        let scenario = try parse { _ in }
        #expect(scenario.council == 4 && scenario.rangers == 2 && scenario.blockTime == .seconds(1))
        #expect(scenario.seed == 1 && scenario.traffic == .none && scenario.patience == Scenario.usualPatience)
        #expect(scenario.steps[0].deed == .kill(["cn4"]) && scenario.steps[0].moment == .height(2))
    }

    @Test
    func `a mistake in a scenario file is told with its place, what was expected and what was found`() {
        #expect(complaint { $0["speed"] = 1 }.hasPrefix("sample.json: unknown key speed"))
        #expect(complaint { $0["level"] = "Q" }.hasPrefix("sample.json: level: expected one of P, S"))
        #expect(complaint { $0["steps"] = nil }.hasPrefix("sample.json: steps is missing"))
        #expect(complaint { $0["fault"] = "flood of frogs" }.contains("unknown fault flood of frogs"))
        func step(_ step: JSONValue) -> String { complaint { $0["steps"] = [step] } }
        #expect(step(["do": "explode"]).hasPrefix("sample.json: steps[0].do: expected one of nothing, inject"))
        #expect(step(["do": "kill", "nodes": []]).contains("steps[0].nodes: expected at least one node's name"))
        #expect(step(["do": "kill", "nodes": ["cn4"], "node": "cn4"]).contains("unknown key steps[0].node"))
        #expect(step(["do": "heal", "round": 1]).contains("steps[0].height is missing"))
        #expect(step(["do": "heal", "height": 1, "after": "1s"]).contains("either a height or after"))
        #expect(step(["do": "partition", "sides": [["cn1"]]]).contains("at least two sides"))
        #expect(step(["do": "heal"]).contains("nothing is expected"))
        #expect(step(["do": "kill", "nodes": ["cn7"], "expect": []]).contains("nothing is expected"))
    }

    @Test
    func `a mistake in an expectation is told with its place`() {
        func expect(_ expectation: JSONValue) -> String {
            complaint { $0["steps"] = [["do": "heal", "expect": [expectation]]] }
        }
        #expect(expect(["see": "ghosts"]).contains("steps[0].expect[0].see: expected one of flagged"))
        #expect(expect(["see": "fork"]).contains("steps[0].expect[0].within is missing"))
        #expect(expect(["see": "standstill", "within": "1s"]).contains("unknown key steps[0].expect[0].within"))
        #expect(
            expect(["see": "flagged", "kinds": ["PAIR"], "guilty": "somebody", "within": "1s"])
                .contains("steps[0].expect[0].guilty: expected"))
        #expect(
            expect(["see": "progress", "blocks": 1, "by": ["cn9"], "within": "1s"]).contains("unknown node cn9"))
        #expect(expect(["see": "refused", "codes": ["x"], "within": "1s"]).contains("codes[0]: expected a code"))
    }
}

import Configuration
import Lab
import Primitives
import Testing

@testable import Testnet

// Testing has one too.
private typealias Expectation = Lab.Expectation

struct LabReportTests {
    private static func hash(_ byte: UInt8) -> Hash32 { Hash32(Bytes(repeating: byte, count: 32)) }
    private static func address(_ byte: UInt8) -> Address { Address(Bytes(repeating: byte, count: 20)) }

    /// A run in which both rangers flag cn1, so long after the fault.
    private static func row(_ name: String = "equivocating-proposer", after milliseconds: [Int]) -> LabReport.Row {
        let flagged = Expectation(
            .flagged(Expectation.Flagging(kinds: ["PAIR"], guilty: .culprits)), within: .seconds(1))
        let deed = Deed.inject(fault: name, level: .conduct, by: .proposer)
        let scenario = Scenario(
            name: name, summary: "A sample.", fault: name, level: .conduct,
            steps: [Scenario.Step(.height(2), deed, expecting: [flagged])])
        var seen = Observations(nodes: [
            Observations.Node(name: "cn1", isRanger: false, address: address(1)),
            Observations.Node(name: "rn1", isRanger: true, address: address(2)),
            Observations.Node(name: "rn2", isRanger: true, address: address(3)),
        ])
        seen.tell(Observations.Act(step: 0, at: .zero, culprits: ["cn1"], effect: .zero))
        for (ranger, time) in zip(["rn1", "rn2"], milliseconds) {
            seen.now = .milliseconds(time)
            seen.tell(
                Observations.Flag(
                    node: ranger, at: seen.now, id: hash(7), kind: "PAIR", rule: "E6", height: 2, block: hash(8),
                    guilty: [address(1)]))
            seen.tellReading(of: .flags, at: ranger)
        }
        seen.tell(Observations.Proof(id: hash(7), byteCount: 327, verifying: .microseconds(450), refusal: nil))
        return LabReport.Row(scenario, verdict: judge(scenario, seen), failure: nil, took: .seconds(5))
    }

    @Test func `a row tells who noticed, when, by which proof, and who is convicted`() {
        var report = LabReport()
        report.add(Self.row(after: [12, 40]))
        #expect(report.isGreen, "\(report.rows[0].reasons)")
        let words = report.lines[1].split(separator: " ").joined(separator: " ")
        #expect(
            words == "equivocating-proposer C1 C every ranger 12 ms 40 ms PAIR E6 327 0.5 ms cn1 green"
                || words == "equivocating-proposer C1 C every ranger 12 ms 40 ms PAIR E6 327 0.4 ms cn1 green")
        #expect(report.markdown[2].hasPrefix("| equivocating-proposer | C1 | C | every ranger | 12 ms |"))
        #expect(report.summary[0] == "1 of 1 faults detected (1 of 1 scenarios), 0 honest accused")
        #expect(report.summary[1].hasSuffix("p99 40 ms, block time 1s"))
        #expect(report.json["green"] == .bool(true) && report.json["p99ToAllRangers"] == .integer(40))
    }

    @Test func `one red scenario of a fault makes the fault and the report red, and its reasons are kept`() throws {
        var report = LabReport()
        report.add(Self.row(after: [12, 40]))
        report.add(Self.row(after: [12]))
        report.add(Self.row("double-commit", after: [1, 2]))
        let scenario = report.rows[0].scenario
        report.add(LabReport.Row(scenario, verdict: nil, failure: "no ports", took: .seconds(1)))
        #expect(!report.isGreen)
        #expect(report.summary[0] == "1 of 2 faults detected (2 of 4 scenarios), 0 honest accused")
        #expect(report.rows[1].reasons.contains { $0.contains("rn2 flagged no PAIR") })
        #expect(report.lines[4].hasSuffix("RED"))
        let last = try #require(report.json["scenarios"]?.items?.last)
        #expect(last["reasons"]?.items == ["no ports"] && last["first"] == .null)
    }

    @Test func `nothing that was run is not green`() {
        #expect(!LabReport().isGreen)
    }
}

import Lab
import Primitives
import Testing

// Testing has one too.
private typealias Expectation = Lab.Expectation

/// A scenario of one step, and what a runner that saw everything go well would have told of it.
private struct Run {
    var scenario: Scenario
    var seen: Observations

    static let names = ["cn1", "cn2", "cn3", "cn4", "rn1", "rn2"]

    static func address(_ name: String) -> Address {
        Address(Bytes(repeating: UInt8(1 + (names.firstIndex(of: name) ?? 9)), count: 20))
    }

    static func hash(_ seed: UInt8) -> Hash32 { Hash32(Bytes(repeating: seed, count: 32)) }

    init(_ deed: Deed, _ expectations: [Expectation], culprits: [String] = [], height: Height? = nil) {
        scenario = Scenario(
            name: "sample", summary: "A sample.", fault: "wrong-state-root", level: .sealed,
            steps: [Scenario.Step(.height(3), deed, expecting: expectations)])
        seen = Observations(
            nodes: Self.names.map {
                Observations.Node(name: $0, isRanger: $0.hasPrefix("rn"), address: Self.address($0))
            })
        seen.now = .seconds(3)
        seen.tell(
            Observations.Act(step: 0, at: .seconds(3), height: height, culprits: culprits, effect: .seconds(3)))
    }

    /// A deed that makes nobody lie.
    init(_ expectations: [Expectation]) {
        self.init(.nothing, expectations)
    }

    mutating func flag(
        _ node: String, after: Int, kind: String = "EXEC", rule: String = "stateRoot", guilty: [String],
        id: UInt8 = 7, bytes: Int? = 900, height: Height = 3
    ) {
        seen.now = .seconds(3) + .milliseconds(after)
        seen.tell(
            Observations.Flag(
                node: node, at: seen.now, id: Self.hash(id), kind: kind, rule: rule, height: height,
                block: Self.hash(3), guilty: guilty.map(Self.address)))
        if let bytes {
            seen.tell(
                Observations.Proof(id: Self.hash(id), byteCount: bytes, verifying: .milliseconds(2), refusal: nil))
        }
    }

    mutating func block(_ node: String, _ height: Height, at milliseconds: Int, fork: UInt8 = 0, round: UInt64 = 0) {
        seen.now = .milliseconds(milliseconds)
        seen.tell(
            Observations.Block(
                node: node, at: seen.now, height: height, hash: Self.hash(UInt8(height) + fork), round: round,
                sealers: ["cn1", "cn2", "cn3"].map(Self.address)))
    }

    /// Reads everything at all nodes, so late after the deed.
    mutating func readAll(after milliseconds: Int = 5_000, except: [String] = []) {
        seen.now = .seconds(3) + .milliseconds(milliseconds)
        for name in Self.names where !except.contains(name) {
            for oracle in Observations.Oracle.allCases { seen.tellReading(of: oracle, at: name) }
        }
    }

    var verdict: Verdict { judge(scenario, seen) }
}

private let injection = Deed.inject(fault: "wrong-state-root", level: .sealed, by: .proposer)
private let liars = ["cn1", "cn2", "cn3"]

private func flagged(_ guilty: Expectation.Guilty = .sealers, bytesMax: Int? = nil) -> Expectation {
    Expectation(
        .flagged(Expectation.Flagging(kinds: ["EXEC"], rules: ["stateRoot"], guilty: guilty, bytesMax: bytesMax)),
        within: .seconds(1))
}

/// A sealed bad block that both rangers flag.
private func goodRun(_ expectation: Expectation = flagged()) -> Run {
    var run = Run(injection, [expectation], culprits: liars, height: 3)
    run.block("cn1", 3, at: 3_000)
    run.flag("rn1", after: 120, guilty: liars)
    run.flag("rn2", after: 300, guilty: liars)
    run.readAll()
    return run
}

struct JudgeTests {
    @Test
    func `a fault that every ranger flags in time is green, with the times of the first and of all`() {
        let verdict = goodRun().verdict
        #expect(verdict.reasons == [])
        #expect(verdict.first == .milliseconds(120) && verdict.all == .milliseconds(300))
        #expect(verdict.detectors == ["rn1", "rn2"] && verdict.convicted == liars)
        #expect(verdict.proofs.map(\.byteCount) == [900])
    }

    @Test
    func `a ranger that flags nothing, flags late, or names somebody else is red`() {
        var silent = Run(injection, [flagged()], culprits: liars, height: 3)
        silent.block("cn1", 3, at: 3_000)
        silent.flag("rn1", after: 120, guilty: liars)
        silent.readAll()
        #expect(silent.verdict.reasons.contains { $0.contains("rn2 flagged no EXEC") })

        var late = Run(injection, [flagged()], culprits: liars, height: 3)
        late.block("cn1", 3, at: 3_000)
        late.flag("rn1", after: 120, guilty: liars)
        late.flag("rn2", after: 1_001, guilty: liars)
        late.readAll()
        #expect(late.verdict.reasons.contains { $0.contains("rn2 only after 1 s") })

        var other = Run(injection, [flagged()], culprits: liars, height: 3)
        other.block("cn1", 3, at: 3_000)
        other.flag("rn1", after: 120, guilty: liars)
        other.flag("rn2", after: 130, guilty: ["cn1"], id: 8)
        other.readAll()
        #expect(other.verdict.reasons.contains { $0.contains("rn2 names cn1") })
    }

    @Test
    func `whoever is honest and accused makes every scenario red`() {
        var run = Run([Expectation(.progress(blocks: 1, by: .everyNode), within: .seconds(2))])
        for name in Run.names { run.block(name, 4, at: 3_500) }
        run.flag("rn1", after: 800, guilty: ["cn4"])
        run.readAll()
        #expect(run.verdict.reasons == ["rn1 accuses cn4, which is honest: EXEC stateRoot"])
    }

    @Test
    func `a proof that nobody checked, that shows nothing, or that is too large is red`() {
        var unchecked = Run(injection, [flagged()], culprits: liars, height: 3)
        unchecked.block("cn1", 3, at: 3_000)
        for ranger in ["rn1", "rn2"] { unchecked.flag(ranger, after: 100, guilty: liars, bytes: nil) }
        unchecked.readAll()
        #expect(unchecked.verdict.reasons == ["the proof of EXEC stateRoot was not checked"])

        unchecked.seen.tell(
            Observations.Proof(id: Run.hash(7), byteCount: 9, verifying: nil, refusal: "the root is right"))
        #expect(unchecked.verdict.reasons == ["the proof of EXEC stateRoot shows nothing: the root is right"])

        #expect(!goodRun(flagged(bytesMax: 899)).verdict.isGreen)
        #expect(goodRun(flagged(bytesMax: 900)).verdict.isGreen)
    }

    @Test
    func `a deed that was not done, was refused or took no effect is red`() {
        let scenario = goodRun().scenario
        var seen = Observations(nodes: goodRun().seen.nodes)
        #expect(judge(scenario, seen).reasons.contains { $0.hasPrefix("the deed was never done") })
        seen.tell(Observations.Act(step: 0, at: .zero, refusal: "unknown fault", effect: nil))
        #expect(judge(scenario, seen).reasons.contains { $0.hasSuffix("unknown fault") })
        seen.tell(Observations.Act(step: 0, at: .zero, effect: nil))
        #expect(judge(scenario, seen).reasons.contains { $0.hasPrefix("the deed took no effect") })
        var run = goodRun()
        var act = run.seen.acts[0]
        (act.isConfirmed, act.missed) = (false, "there is no transaction to spoil")
        run.seen.tell(act)
        #expect(run.verdict.reasons.count == 1 && run.verdict.reasons[0].hasSuffix("there is no transaction to spoil"))
    }

    @Test
    func `a ranger whose faults were not read after the deed is red, whatever else was seen`() {
        var run = Run([Expectation(.progress(blocks: 1, by: .everyNode), within: .seconds(2))])
        for name in Run.names { run.block(name, 4, at: 3_500) }
        run.readAll(except: ["rn2"])
        #expect(run.verdict.reasons == ["the faults of rn2 were not read after the deed"])
    }

    @Test
    func `a fork is red unless it is expected, and an expected one that does not come is red`() {
        let progress = Expectation(.progress(blocks: 1, by: .everyNode), within: .seconds(2))
        let fork = Expectation(.fork, within: .seconds(2))
        for (expectations, forks, isGreen) in [
            ([progress], true, false), ([progress], false, true), ([progress, fork], true, true),
            ([progress, fork], false, false),
        ] {
            var run = Run(expectations)
            for name in Run.names { run.block(name, 4, at: 3_500, fork: forks && name == "cn4" ? 100 : 0) }
            run.readAll()
            #expect(run.verdict.isGreen == isGreen, "\(run.verdict.reasons)")
        }
    }

    @Test
    func `a standstill is broken by a block within it, and unknown to whoever did not watch to its end`() {
        let standstill = Expectation(.standstill(by: .everyNode), within: .seconds(3))
        var still = Run([standstill])
        still.block("cn1", 4, at: 3_900)
        still.readAll(after: 4_000)
        #expect(still.verdict.reasons == [])

        var moving = Run([standstill])
        moving.block("cn1", 4, at: 4_001)
        moving.readAll(after: 4_000)
        #expect(moving.verdict.reasons.contains { $0.contains("cn1 got block 4") })

        var unwatched = Run([standstill])
        unwatched.readAll(after: 3_999)
        #expect(unwatched.verdict.reasons.contains { $0.contains("not watched") })
    }

    @Test
    func `a count grows from what it was before the deed`() {
        let score = Expectation(.score(.missingSeals, of: .node("cn4"), atLeast: 2), within: .seconds(4))
        var run = Run([score])
        for (time, count) in [(Duration.seconds(1), 5 as UInt64), (.seconds(4), 6), (.seconds(5), 7)] {
            for ranger in ["rn1", "rn2"] where ranger == "rn1" || count < 7 {
                run.seen.tell(
                    Observations.Score(
                        node: ranger, at: time, score: .missingSeals, about: Run.address("cn4"), count: count))
            }
        }
        run.readAll()
        #expect(run.verdict.reasons.contains { $0.contains("rn2 counts 1 missing-seals, expected 2") })
        run.seen.tell(
            Observations.Score(
                node: "rn2", at: .seconds(6), score: .missingSeals, about: Run.address("cn4"), count: 7))
        #expect(run.verdict.reasons == [] && run.verdict.all == .seconds(3))
    }

    @Test
    func `memory that grows too much, and a node that does not answer at the end, are red`() {
        let alive = Expectation(.alive("cn1", growthMax: 10 << 20), within: .seconds(4))
        for (bytes, except, isGreen) in [
            (110 << 20, [], true), (110 << 20 + 1, [], false), (100 << 20, ["cn1"], false),
        ] as [(UInt64, [String], Bool)] {
            var run = Run(.oversizeFrame(to: "cn1", bytes: .max, connections: 1), [alive])
            run.seen.tell(Observations.Memory(node: "cn1", at: .seconds(2), bytes: 100 << 20))
            run.seen.tell(Observations.Memory(node: "cn1", at: .seconds(5), bytes: bytes))
            run.readAll(after: 9_500, except: except)
            #expect(run.verdict.isGreen == isGreen, "\(run.verdict.reasons)")
        }
    }

    @Test
    func `clients that stay connected, or are not refused as expected, are red`() {
        let deed = Deed.flood("cn1", connections: 2, lasting: .seconds(1))
        for (ended, refusals, isGreen) in [(2, [429], true), (1, [429], false), (2, [503], false)]
            as [(Int, [Int64], Bool)]
        {
            var run = Run(
                deed,
                [
                    Expectation(.dropped, within: .seconds(2)),
                    Expectation(.refused(codes: [429]), within: .seconds(2)),
                ])
            run.seen.tell(
                Observations.Clients(step: 0, at: .seconds(4), connections: 2, ended: ended, refusals: refusals))
            run.readAll()
            #expect(run.verdict.isGreen == isGreen, "\(run.verdict.reasons)")
        }
    }

    @Test
    func `what may still come is open until its time is over`() {
        var run = Run([Expectation(.progress(blocks: 2, by: .nodes(["cn1"])), within: .seconds(2))])
        run.block("cn1", 3, at: 2_900)
        run.seen.now = .milliseconds(4_999)
        #expect(findings(ofStep: 0, of: run.scenario, run.seen).allSatisfy { $0.isOpen })
        run.seen.now = .seconds(5)
        #expect(findings(ofStep: 0, of: run.scenario, run.seen).allSatisfy { !$0.isOpen && $0.outcome != .met })
        run.block("cn1", 5, at: 4_999)
        #expect(findings(ofStep: 0, of: run.scenario, run.seen).allSatisfy { $0.outcome == .met })
    }

    @Test
    func `a false report counts only where its sender is penalised too`() {
        let rejected = Expectation(.reportRejected(by: .nodes(["cn1"])), within: .seconds(2))
        for (reports, peers, isGreen) in [(1, 1, true), (1, 0, false), (0, 1, false)] as [(UInt64, UInt64, Bool)] {
            var run = Run([rejected])
            run.seen.tell(Observations.Rejections(node: "cn1", at: .seconds(1), reports: 0, peers: 0))
            run.seen.tell(Observations.Rejections(node: "cn1", at: .seconds(4), reports: reports, peers: peers))
            run.readAll()
            #expect(run.verdict.isGreen == isGreen, "\(run.verdict.reasons)")
        }
    }

    @Test
    func `convictions add up over a ranger's proofs where several are expected together`() {
        let together = Expectation(
            .flagged(Expectation.Flagging(kinds: ["PAIR"], guilty: .together(2))), within: .seconds(1))
        var run = Run(injection, [together], culprits: ["cn1", "cn2"], height: 3)
        for ranger in ["rn1", "rn2"] {
            run.flag(ranger, after: 10, kind: "PAIR", rule: "E1", guilty: ["cn1"], id: 1)
            if ranger == "rn1" { run.flag(ranger, after: 20, kind: "PAIR", rule: "E1", guilty: ["cn2"], id: 2) }
        }
        run.readAll()
        #expect(run.verdict.reasons.contains { $0.contains("rn2 convicts 1, expected 2") })
        run.flag("rn2", after: 30, kind: "PAIR", rule: "E1", guilty: ["cn2"], id: 2)
        run.readAll()
        #expect(run.verdict.reasons == [] && run.verdict.convicted == ["cn1", "cn2"])
    }
}

struct ScenarioTests {
    private static func spoiled(_ spoil: (inout Scenario) -> Void) -> Scenario {
        var scenario = goodRun().scenario
        spoil(&scenario)
        return scenario
    }

    @Test
    func `a scenario that makes no sense is told so`() throws {
        #expect(goodRun().scenario.problem == nil)
        for (words, scenario) in [
            ("unknown fault", Self.spoiled { $0.fault = "earthquake" }),
            ("has level S, P, not G", Self.spoiled { $0.level = .ranger }),
            ("unknown node cn9", Self.spoiled { $0.steps[0].deed = .kill(["cn9"]) }),
            ("council: expected 1 to 100", Self.spoiled { $0.council = 101 }),
            ("nothing is expected", Self.spoiled { $0.steps[0].expectations = [] }),
            (
                "steps: expected 1 to 32, found 33",
                Self.spoiled { $0.steps = Array(repeating: $0.steps[0], count: 33) }
            ),
        ] {
            let problem = try #require(scenario.problem)
            #expect("\(problem)".contains(words))
        }
    }

    @Test
    func `the catalogue has thirty faults, each with a name, an id and a level of its own`() {
        #expect(Catalogue.faults.count == 30)
        #expect(Set(Catalogue.faults.map(\.name)).count == 30 && Set(Catalogue.faults.map(\.id)).count == 30)
        #expect(Catalogue.faults.allSatisfy { !$0.levels.isEmpty })
    }
}

struct ObservationsTests {
    @Test
    func `what is told twice is kept once, and what overflows makes the run red`() {
        var seen = Observations(nodes: [])
        let block = { (height: Height) in
            Observations.Block(node: "cn1", at: .zero, height: height, hash: .zero, round: 0, sealers: [])
        }
        seen.tell(block(1))
        seen.tell(block(1))
        #expect(seen.blocks.count == 1)
        for count in 0..<Observations.entriesMax + 1 {
            seen.tell(Observations.Rejections(node: "cn1", at: .zero, reports: UInt64(count), peers: 0))
        }
        #expect(seen.rejections.count == Observations.entriesMax && seen.troubles.count == 1)
    }
}

import Primitives

/// What came of `scenario`, from all that was seen of it.
///
/// Fails closed: a deed that was not done, an expectation without an observation and an oracle that was not asked are
/// red. Whatever a scenario expects, nobody who did not misbehave is accused, every proof holds, and the chain forks
/// only where a fork is expected.
public func judge(_ scenario: Scenario, _ observations: Observations) -> Verdict {
    let court = Court(scenario, observations)
    let findings = scenario.steps.indices.flatMap(court.findings)
    var reasons = observations.troubles
    if let problem = scenario.problem { reasons.append(problem.description) }
    for (step, deed) in scenario.steps.map(\.deed).enumerated() {
        guard let act = observations.act(of: step) else {
            reasons.append("the deed was never done: \(deed)")
            continue
        }
        if let refusal = act.refusal { reasons.append("the deed could not be done: \(deed): \(refusal)") }
        if act.refusal == nil, !act.isConfirmed {
            reasons.append("nobody says that it was done: \(deed)" + (act.missed.map { ": \($0)" } ?? ""))
        }
        if act.refusal == nil, act.effect == nil { reasons.append("the deed took no effect: \(deed)") }
    }
    for finding in findings {
        switch finding.outcome {
        case .met: break
        case .open(let why), .failed(let why): reasons.append("\(finding.expectation): \(why)")
        }
    }
    reasons += court.accusationsOfTheHonest + court.unprovenFlags + court.unexpectedForks + court.silentOracles
    let shown = court.proofs(of: findings)
    return Verdict(
        scenario: scenario, reasons: reasons, findings: findings, proofs: shown.proofs, convicted: shown.convicted)
}

/// What came of the expectations of one step so far: a runner goes on to the next step once none is open.
public func findings(ofStep step: Int, of scenario: Scenario, _ observations: Observations) -> [Finding] {
    Court(scenario, observations).findings(ofStep: step)
}

/// The scenario and the observations while they are compared.
struct Court {
    let scenario: Scenario
    let seen: Observations
    /// By name, all who misbehave in any step.
    let culprits: [String]

    init(_ scenario: Scenario, _ observations: Observations) {
        (self.scenario, seen) = (scenario, observations)
        culprits = observations.acts.flatMap(\.culprits)
    }

    // MARK: Whatever is expected

    var accusationsOfTheHonest: [String] {
        var reasons: [String] = []
        for flag in seen.flags {
            for guilty in flag.guilty where !isCulprit(guilty) {
                let name = seen.name(of: guilty) ?? "\(guilty)"
                reasons.append("\(flag.node) accuses \(name), which is honest: \(flag.kind) \(flag.rule)")
            }
            if flag.guilty.isEmpty { reasons.append("\(flag.node) holds a fault of nobody: \(flag.kind) \(flag.rule)") }
        }
        return unique(reasons)
    }

    private func isCulprit(_ address: Address) -> Bool {
        seen.name(of: address).map(culprits.contains) ?? false
    }

    /// Flags whose proof the runner could not check, or which shows nothing.
    var unprovenFlags: [String] {
        unique(
            seen.flags.compactMap { flag in
                guard let proof = seen.proofs.first(where: { $0.id == flag.id }) else {
                    return "the proof of \(flag.kind) \(flag.rule) was not checked"
                }
                return proof.refusal.map { "the proof of \(flag.kind) \(flag.rule) shows nothing: \($0)" }
            })
    }

    var unexpectedForks: [String] {
        let isExpected = scenario.steps.contains { $0.expectations.contains { $0.what == .fork } }
        guard !isExpected, let fork = firstFork else { return [] }
        return ["fork at \(fork.height): two blocks are sealed"]
    }

    /// The first sight of a second block at some height.
    var firstFork: (height: Height, at: Duration)? {
        var known: [Height: Hash32] = [:]
        for block in seen.blocks {
            if let other = known[block.height] {
                if other != block.hash { return (block.height, block.at) }
            } else {
                known[block.height] = block.hash
            }
        }
        return nil
    }

    /// Honest rangers whose faults nobody has asked for since the last deed: then "nothing was flagged wrongly" is
    /// not known.
    var silentOracles: [String] {
        let last = seen.acts.map { $0.effect ?? $0.at }.max() ?? .zero
        let stopped = stoppedAtTheEnd
        return seen.nodes.filter { $0.isRanger && !stopped.contains($0.name) }.compactMap { node in
            isRead(.flags, at: node.name, since: last) ? nil : "the faults of \(node.name) were not read after the deed"
        } + (seen.nodes.isEmpty ? ["nobody was watched"] : [])
    }

    /// Nodes that a deed ended or froze and no later one woke.
    private var stoppedAtTheEnd: [String] {
        var stopped: [String] = []
        for step in scenario.steps {
            switch step.deed {
            case .kill(let names), .pause(let names): stopped += names
            case .start(let names), .resume(let names), .restart(let names):
                stopped.removeAll(where: names.contains)
            default: break
            }
        }
        return stopped
    }

    func isRead(_ oracle: Observations.Oracle, at node: String, since time: Duration) -> Bool {
        seen.readings.contains { $0.node == node && $0.oracle == oracle && $0.last >= time }
    }

    // MARK: What was shown

    func proofs(of findings: [Finding]) -> (proofs: [Verdict.ShownProof], convicted: [String]) {
        let ids = unique(findings.filter { $0.outcome == .met }.flatMap(\.flags))
        var (proofs, convicted) = ([Verdict.ShownProof](), [String]())
        for id in ids {
            guard let flag = seen.flags.first(where: { $0.id == id }),
                let proof = seen.proofs.first(where: { $0.id == id })
            else { continue }
            proofs.append(
                Verdict.ShownProof(
                    kind: flag.kind, rule: flag.rule, byteCount: proof.byteCount, verifying: proof.verifying))
            convicted += flag.guilty.map { seen.name(of: $0) ?? "\($0)" }
        }
        return (proofs.sorted { $0.byteCount < $1.byteCount }, unique(convicted).sorted())
    }

    func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
        var known: Set<Value> = []
        return values.filter { known.insert($0).inserted }
    }
}

import Primitives

// One expectation after the other.
extension Court {
    func findings(ofStep step: Int) -> [Finding] {
        scenario.steps[step].expectations.map { finding($0, ofStep: step) }
    }

    private func finding(_ expectation: Expectation, ofStep step: Int) -> Finding {
        let answer: Answer
        if let act = seen.act(of: step) {
            if let refusal = act.refusal {
                answer = Answer(.failed(refusal))
            } else if let effect = act.effect {
                answer = self.answer(expectation, act, from: effect)
            } else {
                answer = Answer(.open("the deed took no effect"))
            }
        } else {
            answer = Answer(.open("the deed was not done"))
        }
        return Finding(
            step: step, expectation: expectation, outcome: answer.outcome, detections: answer.detections,
            flags: answer.flags)
    }

    struct Answer {
        var outcome: Finding.Outcome
        var detections: [Finding.Detection] = []
        var flags: [Hash32] = []

        init(_ outcome: Finding.Outcome, _ detections: [Finding.Detection] = [], flags: [Hash32] = []) {
            (self.outcome, self.detections, self.flags) = (outcome, detections, flags)
        }
    }

    /// What one node shows of what is awaited.
    enum Sight {
        case at(Duration)
        /// Nothing yet, for this reason.
        case notYet(String)
        case wrong(String)
    }

    private func answer(_ expectation: Expectation, _ act: Observations.Act, from effect: Duration) -> Answer {
        let span = expectation.span
        switch expectation.what {
        case .flagged(let flagging): return flagged(flagging, act, from: effect, within: span)
        case .nothingFlagged: return nothingFlagged(from: effect, for: span)
        case .progress(let blocks, let scope):
            let goal = (act.height ?? highest(until: act.at)) + blocks
            return awaited(by: scope, from: effect, within: span) { name in
                let reached = seen.blocks.first { $0.node == name && $0.height >= goal && $0.at >= act.at }
                return reached.map { .at($0.at) } ?? .notYet("\(name) is at \(head(of: name)), expected \(goal)")
            }
        case .standstill(let scope): return standstill(by: scope, from: effect, for: span)
        case .fork:
            guard let fork = firstFork else { return late("no fork was seen", from: effect, within: span) }
            return Answer(.met, [Finding.Detection(by: "lab", after: max(.zero, fork.at - effect))])
        case .reportRejected(let scope): return rejected(by: scope, act, from: effect, within: span)
        case .score(let score, let subject, let least):
            return scored(score, subject, least, act, from: effect, within: span)
        case .roundChange:
            return awaited(by: .everyRanger, from: effect, within: span) { name in
                let height = act.height ?? highest(until: act.at) + 1
                let changed = seen.blocks.first { $0.node == name && $0.height >= height && $0.round > 0 }
                return changed.map { .at($0.at) } ?? .notYet("\(name) saw no block of a later round")
            }
        case .dropped, .refused: return turnedAway(expectation.what, act.step, from: effect, within: span)
        case .alive(let node, let growthMax): return alive(node, growthMax, from: effect, for: span)
        case .notice(let notice, let scope, let subject):
            let subjects = addresses(of: subject, act)
            return awaited(by: scope, from: effect, within: span) { name in
                let said = seen.notices.first {
                    $0.node == name && $0.notice == notice && $0.at >= act.at
                        && (subject == .anybody || $0.about.map(subjects.contains) ?? false)
                }
                return said.map { .at($0.at) } ?? .notYet("\(name) did not report \(notice.rawValue)")
            }
        }
    }

    // MARK: Whom

    func names(in scope: Expectation.Scope) -> [String] {
        switch scope {
        case .everyNode, .someone: seen.nodes.map(\.name)
        case .everyHonestNode: seen.nodes.map(\.name).filter { !culprits.contains($0) }
        case .everyRanger: seen.nodes.filter { $0.isRanger && !culprits.contains($0.name) }.map(\.name)
        case .everyCouncilNode: seen.nodes.filter { !$0.isRanger }.map(\.name)
        case .nodes(let names): names
        }
    }

    func addresses(of subject: Expectation.Subject, _ act: Observations.Act) -> [Address] {
        switch subject {
        case .anybody: seen.nodes.map(\.address)
        case .culprits: act.culprits.compactMap(seen.address)
        case .node(let name): [seen.address(of: name)].compactMap(\.self)
        }
    }

    // MARK: What comes about

    /// Not seen so far: it may still be, until the span is over.
    func late(_ why: String, from effect: Duration, within span: Duration) -> Answer {
        Answer(seen.now < effect + span ? .open(why) : .failed(why))
    }

    /// Each of `scope` (or one, for `.someone`) must show it within `span` of `effect`.
    func awaited(
        by scope: Expectation.Scope, from effect: Duration, within span: Duration, _ look: (String) -> Sight
    ) -> Answer {
        let names = names(in: scope)
        guard !names.isEmpty else { return Answer(.failed("there is nobody to see it")) }
        var (detections, missing) = ([Finding.Detection](), [String]())
        for name in names {
            switch look(name) {
            case .at(let time) where time > effect + span:
                missing.append("\(name) only after \((time - effect).lab)")
                if scope != .someone { return Answer(.failed(missing[missing.count - 1])) }
            case .at(let time): detections.append(Finding.Detection(by: name, after: max(.zero, time - effect)))
            case .notYet(let why): missing.append(why)
            case .wrong(let why): return Answer(.failed(why))
            }
        }
        let isMet = scope == .someone ? !detections.isEmpty : missing.isEmpty
        return isMet ? Answer(.met, detections) : late(missing[0], from: effect, within: span)
    }

    func head(of name: String) -> Height {
        seen.blocks.filter { $0.node == name }.map(\.height).max() ?? 0
    }

    /// The highest block that anybody had at `time`.
    func highest(until time: Duration) -> Height {
        seen.blocks.filter { $0.at <= time }.map(\.height).max() ?? 0
    }

    private func rejected(
        by scope: Expectation.Scope, _ act: Observations.Act, from effect: Duration, within span: Duration
    ) -> Answer {
        awaited(by: scope, from: effect, within: span) { name in
            let before = seen.rejections.last { $0.node == name && $0.at < act.at }
            let after = seen.rejections.first {
                $0.node == name && $0.at >= act.at && $0.reports > before?.reports ?? 0
                    && $0.peers > before?.peers ?? 0
            }
            return after.map { .at($0.at) } ?? .notYet("\(name) rejected no report and penalised nobody for it")
        }
    }

    private func scored(
        _ score: Expectation.Score, _ subject: Expectation.Subject, _ least: UInt64, _ act: Observations.Act,
        from effect: Duration, within span: Duration
    ) -> Answer {
        let subjects = addresses(of: subject, act)
        guard !subjects.isEmpty, subject != .anybody else { return Answer(.failed("there is nobody to count for")) }
        return awaited(by: .everyRanger, from: effect, within: span) { name in
            var latest = Duration.zero
            for address in subjects {
                let all = seen.scores.filter { $0.node == name && $0.score == score && $0.about == address }
                let before = all.last { $0.at < act.at }?.count ?? 0
                guard let hit = all.first(where: { $0.at >= act.at && $0.count >= before + least }) else {
                    let count = (all.last?.count ?? 0) - before
                    return .notYet("\(name) counts \(count) \(score.rawValue), expected \(least)")
                }
                latest = max(latest, hit.at)
            }
            return .at(latest)
        }
    }

    private func turnedAway(
        _ what: Expectation.What, _ step: Int, from effect: Duration, within span: Duration
    ) -> Answer {
        guard let clients = seen.clients.first(where: { $0.step == step }) else {
            return late("no client has reported", from: effect, within: span)
        }
        let problem: String?
        if case .refused(let codes) = what {
            let missing = codes.filter { !clients.refusals.contains($0) }.map { "\($0)" }.joined(separator: ", ")
            problem = missing.isEmpty ? nil : "no refusal with \(missing)"
        } else if clients.connections == 0 {
            problem = "no client got a connection"
        } else {
            problem =
                clients.ended < clients.connections
                ? "\(clients.ended) of \(clients.connections) connections were ended" : nil
        }
        if let problem { return late(problem, from: effect, within: span) }
        let node = scenario.steps[step].deed.names.first ?? "node"
        return Answer(.met, [Finding.Detection(by: node, after: max(.zero, clients.at - effect))])
    }
}

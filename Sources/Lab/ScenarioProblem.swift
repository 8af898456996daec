/// Why a scenario makes no sense, found before anything is started.
public enum ScenarioProblem: Error, Sendable, Hashable, CustomStringConvertible {
    case unknownFault(String)
    case levelNotOfFault(level: Level, fault: String, known: [Level])
    case unknownNode(String, known: [String])
    case outOfRange(what: String, expected: ClosedRange<Int>, found: Int)
    /// Nothing would be shown.
    case noExpectation

    public var description: String {
        switch self {
        case .unknownFault(let name):
            "unknown fault \(name): expected one of \(Catalogue.faults.map(\.name).joined(separator: ", "))"
        case .levelNotOfFault(let level, let fault, let known):
            "\(fault) has level \(known.map(\.rawValue).joined(separator: ", ")), not \(level.rawValue)"
        case .unknownNode(let name, let known):
            "unknown node \(name): expected one of \(known.joined(separator: ", "))"
        case .outOfRange(let what, let expected, let found):
            "\(what): expected \(expected.lowerBound) to \(expected.upperBound), found \(found)"
        case .noExpectation: "nothing is expected: such a run shows nothing"
        }
    }
}

extension Scenario {
    /// What is wrong with it, or nil.
    public var problem: ScenarioProblem? {
        guard let known = Catalogue.fault(named: fault) else { return .unknownFault(fault) }
        guard known.levels.contains(level) else {
            return .levelNotOfFault(level: level, fault: fault, known: known.levels)
        }
        for (what, range, found) in [
            ("council", 1...Self.councilMax, council), ("rangers", 1...Self.rangersMax, rangers),
            ("steps", 1...Self.stepsMax, steps.count),
            ("expectations", 0...Self.expectationsMax, steps.map(\.expectations.count).max() ?? 0),
        ] where !range.contains(found) {
            return .outOfRange(what: what, expected: range, found: found)
        }
        guard steps.contains(where: { !$0.expectations.isEmpty }) else { return .noExpectation }
        let names = nodeNames
        for step in steps {
            let named = step.deed.names + step.expectations.flatMap(\.names)
            if let stranger = named.first(where: { !names.contains($0) }) {
                return .unknownNode(stranger, known: names)
            }
        }
        return nil
    }
}

extension Expectation {
    /// Every node that the expectation names.
    var names: [String] {
        func names(_ scope: Scope) -> [String] {
            if case .nodes(let names) = scope { names } else { [] }
        }
        func names(_ subject: Subject) -> [String] {
            if case .node(let name) = subject { [name] } else { [] }
        }
        return switch what {
        case .progress(_, let scope), .standstill(let scope), .reportRejected(let scope): names(scope)
        case .score(_, let subject, _): names(subject)
        case .alive(let name, _): [name]
        case .notice(_, let scope, let subject): names(scope) + names(subject)
        case .flagged, .nothingFlagged, .fork, .roundChange, .dropped, .refused: []
        }
    }
}

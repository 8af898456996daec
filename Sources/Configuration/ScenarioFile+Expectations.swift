internal import Lab

/// What can be seen, by its name in scenario files.
private enum Sort: String, CaseIterable {
    case flagged
    case nothingFlagged = "nothing-flagged"
    case progress
    case standstill
    case fork
    case reportRejected = "report-rejected"
    case score
    case roundChange = "round-change"
    case dropped
    case alive
    case refused
    case notice

    var keys: [String] {
        switch self {
        case .flagged: ["kinds", "rules", "guilty", "bytesMax", "since"]
        case .nothingFlagged, .fork, .roundChange, .dropped: []
        case .progress: ["blocks", "by"]
        case .standstill, .reportRejected: ["by"]
        case .score: ["score", "of", "atLeast"]
        case .alive: ["node", "growthMax"]
        case .refused: ["codes"]
        case .notice: ["notice", "by", "about"]
        }
    }
}

extension JSONField {
    func expectation() throws(ConfigurationError) -> Expectation {
        let sort = try self["see"].choice(Sort.self)
        let what = try what(sort)
        // What must hold has a length, what must come about has a deadline.
        let key = Expectation(what, within: .zero).isHolding ? "for" : "within"
        try object(["see", key] + sort.keys)
        return Expectation(what, within: try self[key].duration())
    }

    private func what(_ sort: Sort) throws(ConfigurationError) -> Expectation.What {
        switch sort {
        case .flagged: return .flagged(try flagging())
        case .nothingFlagged: return .nothingFlagged
        case .progress:
            return .progress(blocks: try self["blocks"].unsigned(1...1_000), by: try self["by"].scope(.everyNode))
        case .standstill: return .standstill(by: try self["by"].scope(.everyNode))
        case .fork: return .fork
        case .reportRejected: return .reportRejected(by: try self["by"].scope(.everyHonestNode))
        case .score:
            return .score(
                try self["score"].choice(Expectation.Score.self), of: try self["of"].subject(.culprits),
                atLeast: try self["atLeast"].present?.unsigned(1...1_000) ?? 1)
        case .roundChange: return .roundChange
        case .dropped: return .dropped
        case .alive:
            return .alive(try self["node"].string(), growthMax: try self["growthMax"].unsigned(0...(1 << 40)))
        case .refused:
            var codes: [Int64] = []
            for field in try self["codes"].array(max: 16) {
                guard case .integer(let code) = field.value else { throw field.fault("a code: an integer") }
                codes.append(code)
            }
            guard !codes.isEmpty else { throw self["codes"].fault("at least one code") }
            return .refused(codes: codes)
        case .notice:
            return .notice(
                try self["notice"].choice(Expectation.Notice.self), by: try self["by"].scope(.everyRanger),
                about: try self["about"].subject(.anybody))
        }
    }

    private func flagging() throws(ConfigurationError) -> Expectation.Flagging {
        if let since = self["since"].present, try since.string() != "fork" {
            throw since.fault("\"fork\", or nothing")
        }
        return Expectation.Flagging(
            kinds: try self["kinds"].names(), rules: try self["rules"].present?.names() ?? [],
            guilty: try self["guilty"].guilty(), bytesMax: try self["bytesMax"].present?.integer(1...(1 << 30)),
            isSinceFork: self["since"].value != nil)
    }

    /// "culprits", "proposer", "sealers", {"atLeast": 2} or {"together": 2}.
    private func guilty() throws(ConfigurationError) -> Expectation.Guilty {
        if case .object = value {
            try object(["atLeast", "together"])
            let members = try members()
            guard members.count == 1 else { throw fault("either atLeast or together") }
            let count = try members[0].field.integer(1...Scenario.councilMax)
            return members[0].key == "atLeast" ? .atLeast(count) : .together(count)
        }
        switch try string() {
        case "culprits": return .culprits
        case "proposer": return .proposer
        case "sealers": return .sealers
        default: throw fault("\"culprits\", \"proposer\", \"sealers\", {\"atLeast\": N} or {\"together\": N}")
        }
    }

    /// A list of names, or one of the words below; `usual` where the key is absent.
    private func scope(_ usual: Expectation.Scope) throws(ConfigurationError) -> Expectation.Scope {
        guard let present else { return usual }
        if case .array = present.value { return .nodes(try names()) }
        switch try string() {
        case "every-node": return .everyNode
        case "every-honest-node": return .everyHonestNode
        case "every-ranger": return .everyRanger
        case "every-council-node": return .everyCouncilNode
        case "someone": return .someone
        default:
            throw fault(
                "a list of names, or every-node, every-honest-node, every-ranger, every-council-node, someone")
        }
    }

    /// "anybody", "culprits" or a node's name; `usual` where the key is absent.
    private func subject(_ usual: Expectation.Subject) throws(ConfigurationError) -> Expectation.Subject {
        guard value != nil else { return usual }
        switch try string() {
        case "anybody": return .anybody
        case "culprits": return .culprits
        case let name: return .node(name)
        }
    }
}

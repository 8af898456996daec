public import Lab
internal import Primitives

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

// Scenarios of the lab as files: `configs/scenarios/*.json`.
extension Scenario {
    private static let keys = [
        "name", "summary", "fault", "level", "council", "rangers", "blockTime", "seed", "traffic", "patience", "steps",
    ]

    /// Reads `file`, whose name must be the scenario's.
    public init(file: String) throws(ConfigurationError) {
        try self.init(document: try JSONValue(parsing: try SettingsFile.read(file), file: file), file: file)
        let base = file.split(separator: "/").last.map { String($0) } ?? file
        guard base == "\(name).json" else {
            throw .wrong(file: file, keyPath: "name", expected: "the file's name without .json", found: "\"\(name)\"")
        }
    }

    /// Reads a parsed document; `file` names it in errors.
    ///
    /// Optional keys: council (4), rangers (2), blockTime ("1s"), seed (1), traffic ("none"), patience ("60s").
    public init(document: JSONValue, file: String) throws(ConfigurationError) {
        let root = JSONField(document, file: file)
        try root.object(Self.keys)
        let (fault, level) = (try root["fault"].string(), try root["level"].choice(Level.self))
        var steps: [Step] = []
        for field in try root["steps"].array(max: Self.stepsMax) {
            steps.append(try field.step(fault: fault, level: level))
        }
        self.init(
            name: try root["name"].string(), summary: try root["summary"].string(), fault: fault, level: level,
            council: try root["council"].present?.integer(1...Self.councilMax) ?? 4,
            rangers: try root["rangers"].present?.integer(1...Self.rangersMax) ?? 2,
            blockTime: try root["blockTime"].present?.duration() ?? .seconds(1),
            seed: try root["seed"].present?.unsigned() ?? 1,
            traffic: try root["traffic"].present?.choice(Traffic.self) ?? .none, steps: steps,
            patience: try root["patience"].present?.duration() ?? Self.usualPatience)
        if let problem { throw .senseless(file: file, reason: problem.description) }
    }

    /// Every scenario in a folder's files, in the order of the catalogue.
    public static func all(in directory: String) throws(ConfigurationError) -> [Scenario] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw .inaccessible(file: directory, reason: "cannot be listed: \(error)")
        }
        var scenarios: [Scenario] = []
        for name in names.sorted() where name.hasSuffix(".json") {
            scenarios.append(try Scenario(file: "\(directory)/\(name)"))
        }
        let order = Catalogue.faults.map(\.name)
        return scenarios.enumerated().sorted { one, other in
            let ranks = [one, other].map { order.firstIndex(of: $0.element.fault) ?? order.count }
            return ranks[0] == ranks[1] ? one.offset < other.offset : ranks[0] < ranks[1]
        }.map(\.element)
    }
}

extension JSONField {
    private static let momentKeys = ["height", "round", "after", "do", "expect"]

    fileprivate func step(fault: String, level: Level) throws(ConfigurationError) -> Scenario.Step {
        let kind = try self["do"].choice(Deed.Kind.self)
        try object(Self.momentKeys + kind.keys)
        let moment: Scenario.Moment
        if self["height"].value != nil {
            guard self["after"].value == nil else { throw self["after"].fault("either a height or after, not both") }
            moment = .height(
                try self["height"].unsigned(1...(1 << 32)), round: try self["round"].present?.unsigned(0...1_000))
        } else {
            guard self["round"].value == nil else { throw self["height"].fault("the height that the round belongs to") }
            moment = .afterwards(try self["after"].present?.duration() ?? .zero)
        }
        var expectations: [Expectation] = []
        for field in try self["expect"].present?.array(max: Scenario.expectationsMax) ?? [] {
            expectations.append(try field.expectation())
        }
        return Scenario.Step(moment, try deed(kind, fault: fault, level: level), expecting: expectations)
    }

    private func deed(_ kind: Deed.Kind, fault: String, level: Level) throws(ConfigurationError) -> Deed {
        switch kind {
        case .nothing: return .nothing
        case .inject:
            return .inject(
                fault: try self["fault"].present?.string() ?? fault,
                level: try self["level"].present?.choice(Level.self) ?? level,
                by: try self["by"].present?.culprit() ?? .proposer)
        case .kill: return .kill(try self["nodes"].names())
        case .start: return .start(try self["nodes"].names())
        case .pause: return .pause(try self["nodes"].names())
        case .resume: return .resume(try self["nodes"].names())
        case .restart: return .restart(try self["nodes"].names())
        case .partition:
            var sides: [[String]] = []
            for side in try self["sides"].array(max: Scenario.councilMax) { sides.append(try side.names()) }
            guard sides.count >= 2 else { throw self["sides"].fault("at least two sides") }
            return .partition(sides)
        case .delay:
            return .delay(
                try self["links"].links(), by: try self["by"].duration(),
                jitter: try self["jitter"].present?.duration() ?? .zero)
        case .lose: return .lose(try self["links"].links(), percent: try self["percent"].unsigned(1...100))
        case .heal: return .heal
        case .tearVoteLog: return .tearVoteLog(try self["node"].string())
        case .twin: return .twin(of: try self["node"].string())
        case .garbageFrames: return .garbageFrames(to: try self["node"].string(), connections: try connections())
        case .oversizeFrame:
            return .oversizeFrame(
                to: try self["node"].string(), bytes: UInt32(try self["bytes"].unsigned(1...UInt64(UInt32.max))),
                connections: try connections())
        case .flood:
            return .flood(
                try self["node"].string(), connections: try connections(), lasting: try self["lasting"].duration())
        case .hugeRequest:
            return .hugeRequest(
                to: try self["node"].string(), bytes: try self["bytes"].integer(1...Deed.requestBytesMax),
                calls: try self["calls"].integer(1...1_000_000), depth: try self["depth"].integer(1...1_000_000))
        }
    }

    private func connections() throws(ConfigurationError) -> Int {
        try self["connections"].present?.integer(1...Deed.connectionsMax) ?? 1
    }

    func names() throws(ConfigurationError) -> [String] {
        var names: [String] = []
        for field in try array(max: Scenario.councilMax + Scenario.rangersMax) { names.append(try field.string()) }
        guard !names.isEmpty else { throw fault("at least one node's name") }
        return names
    }

    /// "all", "cn1-cn2", or "cn1" for all links of one node.
    private func links() throws(ConfigurationError) -> Deed.Links {
        let ends = try string().split(separator: "-").map { String($0) }
        switch ends.count {
        case 1: return ends[0] == "all" ? .all : .of(ends[0])
        case 2: return .between(ends[0], ends[1])
        default: throw fault("\"all\", a node's name, or two names with - between them")
        }
    }

    /// "proposer", "next-proposer", a node's name, or {"first": 2}.
    private func culprit() throws(ConfigurationError) -> Deed.Culprit {
        if case .object = value {
            try object(["first"])
            return .first(try self["first"].integer(1...Scenario.councilMax))
        }
        switch try string() {
        case "proposer": return .proposer
        case "next-proposer": return .nextProposer
        case let name: return .node(name)
        }
    }
}

extension Deed.Kind {
    /// The keys of a step that describe such a deed.
    fileprivate var keys: [String] {
        switch self {
        case .nothing, .heal: []
        case .inject: ["fault", "level", "by"]
        case .kill, .start, .pause, .resume, .restart: ["nodes"]
        case .partition: ["sides"]
        case .delay: ["links", "by", "jitter"]
        case .lose: ["links", "percent"]
        case .tearVoteLog, .twin: ["node"]
        case .garbageFrames: ["node", "connections"]
        case .oversizeFrame: ["node", "bytes", "connections"]
        case .flood: ["node", "connections", "lasting"]
        case .hugeRequest: ["node", "bytes", "calls", "depth"]
        }
    }
}

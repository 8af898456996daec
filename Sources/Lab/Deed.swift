/// Something done to a network on purpose.
public enum Deed: Sendable, Hashable {
    /// Nothing: for watching the network as it is.
    case nothing
    /// A fault inside nodes, by its name for `testnet_inject`.
    case inject(fault: String, level: Level, by: Culprit)

    /// Ends processes at once, as a crash would.
    case kill([String])
    case start([String])
    /// Freezes processes: alive, connected and silent.
    case pause([String])
    case resume([String])
    /// Asks processes to stop, and starts them again.
    case restart([String])

    /// Cuts all links between two of these sides. A node in none of them keeps its links to all.
    case partition([[String]])
    /// Every frame over these links comes this much later, in both directions together with as much as `jitter` more.
    case delay(Links, by: Duration, jitter: Duration)
    /// Every frame over these links is lost with this probability, in percent.
    case lose(Links, percent: UInt64)
    /// All links as they were.
    case heal

    /// Cuts the last record of a stopped node's vote log in its middle, as a torn write would.
    case tearVoteLog(String)
    /// Starts a second process with the node's key.
    case twin(of: String)
    /// So many clients with throwaway keys connect to the node and send bytes that are no message.
    case garbageFrames(to: String, connections: Int)
    /// So many clients connect to the node and announce a frame of so many bytes.
    case oversizeFrame(to: String, bytes: UInt32, connections: Int)
    /// So many connections ask as fast as they can for so long.
    case flood(String, connections: Int, lasting: Duration)
    /// One request body of so many bytes, one batch of so many calls, one document nested so deep.
    case hugeRequest(to: String, bytes: Int, calls: Int, depth: Int)

    /// Links between nodes, by name.
    public enum Links: Sendable, Hashable {
        case all
        case between(String, String)
        /// All links of one node.
        case of(String)
    }

    /// Who commits a fault.
    public enum Culprit: Sendable, Hashable {
        /// Whoever proposes in the fault's round. At level S a quorum looks away with it: the committee's first
        /// members from the proposer on.
        case proposer
        /// Whoever proposes in the round after the fault's.
        case nextProposer
        /// So many together: the committee's first members in the order of proposers from the fault's round on.
        case first(Int)
        case node(String)
    }

    /// Its name in scenario files.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case nothing
        case inject
        case kill
        case start
        case pause
        case resume
        case restart
        case partition
        case delay
        case lose
        case heal
        case tearVoteLog = "tear-vote-log"
        case twin
        case garbageFrames = "garbage-frames"
        case oversizeFrame = "oversize-frame"
        case flood
        case hugeRequest = "huge-request"
    }

    public var kind: Kind {
        switch self {
        case .nothing: .nothing
        case .inject: .inject
        case .kill: .kill
        case .start: .start
        case .pause: .pause
        case .resume: .resume
        case .restart: .restart
        case .partition: .partition
        case .delay: .delay
        case .lose: .lose
        case .heal: .heal
        case .tearVoteLog: .tearVoteLog
        case .twin: .twin
        case .garbageFrames: .garbageFrames
        case .oversizeFrame: .oversizeFrame
        case .flood: .flood
        case .hugeRequest: .hugeRequest
        }
    }

    /// Every node that the deed names.
    public var names: [String] {
        switch self {
        case .nothing, .heal, .inject(_, _, by: .proposer), .inject(_, _, by: .nextProposer),
            .inject(_, _, by: .first), .delay(.all, _, _), .lose(.all, _):
            []
        case .inject(_, _, by: .node(let name)), .tearVoteLog(let name), .twin(of: let name),
            .garbageFrames(to: let name, _), .oversizeFrame(to: let name, _, _), .flood(let name, _, _),
            .hugeRequest(to: let name, _, _, _), .delay(.of(let name), _, _), .lose(.of(let name), _):
            [name]
        case .kill(let names), .start(let names), .pause(let names), .resume(let names), .restart(let names): names
        case .partition(let sides): sides.flatMap(\.self)
        case .delay(.between(let one, let other), _, _), .lose(.between(let one, let other), _): [one, other]
        }
    }

    /// Connections that one deed may open.
    public static let connectionsMax = 512
    /// A request that a client of the lab may make, in bytes.
    public static let requestBytesMax = 256 << 20
}

extension Deed: CustomStringConvertible {
    /// In a few words, for progress lines.
    public var description: String {
        switch self {
        case .nothing: "watch"
        case .inject(let fault, let level, _): "\(fault) (\(level.rawValue))"
        case .kill(let names): "kill \(names.joined(separator: ", "))"
        case .start(let names): "start \(names.joined(separator: ", "))"
        case .pause(let names): "pause \(names.joined(separator: ", "))"
        case .resume(let names): "resume \(names.joined(separator: ", "))"
        case .restart(let names): "restart \(names.joined(separator: ", "))"
        case .partition(let sides):
            "partition " + sides.map { $0.joined(separator: ",") }.joined(separator: " / ")
        case .delay(let links, let delay, let jitter):
            "delay \(links) by \(delay.lab)" + (jitter > .zero ? " and up to \(jitter.lab) more" : "")
        case .lose(let links, let percent): "lose \(percent) % on \(links)"
        case .heal: "heal"
        case .tearVoteLog(let node): "tear the vote log of \(node)"
        case .twin(let node): "start a twin of \(node)"
        case .garbageFrames(let node, let connections): "send garbage to \(node) over \(connections) connections"
        case .oversizeFrame(let node, let bytes, _): "announce a frame of \(bytes) bytes to \(node)"
        case .flood(let node, let connections, let lasting):
            "flood \(node) over \(connections) connections for \(lasting.lab)"
        case .hugeRequest(let node, let bytes, _, _): "send \(node) a request of \(bytes) bytes"
        }
    }
}

extension Deed.Links: CustomStringConvertible {
    public var description: String {
        switch self {
        case .all: "all links"
        case .between(let one, let other): "\(one)-\(other)"
        case .of(let node): "the links of \(node)"
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    public var labMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// "840 ms", "2.5 s".
    var lab: String {
        let count = labMilliseconds
        guard count >= 1_000 else { return "\(count) ms" }
        let tenths = count % 1_000 / 100
        return tenths == 0 ? "\(count / 1_000) s" : "\(count / 1_000).\(tenths) s"
    }
}

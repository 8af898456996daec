public import Configuration

/// Why a command on a local network failed. The text names the node and shows its last log lines.
public enum TestnetError: Error, Sendable, CustomStringConvertible {
    case configuration(ConfigurationError)
    /// The folder holds no network.
    case noNetwork(directory: String)
    /// The folder exists and was not made by this launcher; it is left alone.
    case notOurs(directory: String)
    /// `up` was asked for another shape than the network in the folder has.
    case otherShape(directory: String, difference: String)
    case unknownNode(name: String, known: [String])
    case portTaken(node: String, endpoint: Endpoint, reason: String)
    /// Another launcher works on the same folder.
    case busy(directory: String)
    /// A node's process ended while it was awaited.
    case died(node: String, log: LogTail)
    /// A node did not reach what was awaited in time.
    case late(node: String, awaited: String, after: Duration, log: LogTail)
    /// A node's process outlived even the kill signal, as a process in uninterruptible sleep does.
    case immortal(node: String, process: Int32)
    case notRunning(node: String)
    case stillRunning(nodes: [String])
    case unanswered(node: String, RPCClientError)
    case wrongAnswer(node: String, method: String, expected: String, found: String)
    case operation(String, reason: String)

    public var description: String {
        switch self {
        case .configuration(let error): error.description
        case .noNetwork(let directory): "no network in \(directory): run `scripts/testnet up` first, or pass --dir"
        case .notOurs(let directory):
            "\(directory) is not a network's folder (no network.json of ours in it); it is left alone"
        case .otherShape(let directory, let difference):
            "the network in \(directory) has \(difference): `reset` it first, or use another --dir"
        case .unknownNode(let name, let known): "no node \(name): this network has \(known.joined(separator: ", "))"
        case .portTaken(let node, let endpoint, let reason):
            "\(node) cannot listen at \(endpoint): \(reason). Use another --base-port, or stop what listens there"
        case .busy(let directory): "another launcher is at work in \(directory)"
        case .died(let node, let log): "\(node) stopped by itself\n\(log)"
        case .late(let node, let awaited, let after, let log):
            "\(node) did not reach \(awaited) within \(after.text)\n\(log)"
        case .immortal(let node, let process): "\(node): process \(process) did not end even after SIGKILL"
        case .notRunning(let node): "\(node) is not running"
        case .stillRunning(let nodes): "\(nodes.joined(separator: ", ")) still running"
        case .unanswered(let node, let error): "\(node): \(error)"
        case .wrongAnswer(let node, let method, let expected, let found):
            "\(node): \(method): expected \(expected), found \(found)"
        case .operation(let what, let reason): "\(what): \(reason)"
        }
    }
}

/// Runs `body` and says what went wrong with a file as a launcher's error.
func configured<Value>(
    _ body: () throws(ConfigurationError) -> Value
) throws(TestnetError) -> Value {
    do throws(ConfigurationError) { return try body() } catch { throw .configuration(error) }
}

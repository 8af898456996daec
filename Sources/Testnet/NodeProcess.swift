internal import Configuration

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The process of one node, found again by its pid file.
///
/// The file names the process and when it started, so that a number that the system gave to somebody else in the
/// meantime is never signalled.
public struct NodeProcess: Sendable {
    public let name: String
    let folder: NetworkFolder

    public init(_ name: String, in folder: NetworkFolder) {
        self.name = name
        self.folder = folder
    }

    /// The process last started, running or not; nil if none was.
    public var identity: ProcessIdentity? {
        guard let bytes = try? SettingsFile.read(folder.processPath(of: name)) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count == 2, let id = Int32(lines[0]) else { return nil }
        return ProcessIdentity(id: id, started: String(lines[1]))
    }

    public var state: ProcessState { identity?.state ?? .stopped }

    public var log: LogTail { LogTail(path: folder.logPath(of: name)) }

    /// Starts `node run` unless it runs already.
    func start(executable: String) throws(TestnetError) -> ProcessIdentity {
        if let identity, identity.state != .stopped { return identity }
        let config = System.absolute(folder.configPath(of: name))
        let id = try Spawn.detached(
            executable: executable, arguments: ["run", "--config", config], log: folder.logPath(of: name))
        guard let identity = ProcessIdentity(running: id) else { throw .died(node: name, log: log) }
        try configured { () throws(ConfigurationError) in
            try SettingsFile.write(
                Array("\(identity.id)\n\(identity.started)\n".utf8), to: folder.processPath(of: name))
        }
        return identity
    }

    /// How a node came to its end.
    public enum End: String, Sendable {
        case wasNotRunning
        /// Within the deadline, after SIGTERM.
        case stopped
        /// By SIGKILL.
        case killed
    }

    /// A node has this long to stop by itself after SIGTERM.
    public static let stopDeadline = Duration.seconds(10)
    /// After SIGKILL a process is gone as soon as the kernel gets to it.
    static let killDeadline = Duration.seconds(5)

    /// Asks the node to stop, and kills it if it has not within `deadline`.
    func stop(within deadline: Duration = Self.stopDeadline) async throws(TestnetError) -> End {
        guard let identity, identity.state != .stopped else {
            forget()
            return .wasNotRunning
        }
        identity.send(SIGTERM)
        // A paused process acts on the signal only once it may run again.
        identity.send(SIGCONT)
        if await Self.ended(identity, within: deadline) {
            forget()
            return .stopped
        }
        return try await kill()
    }

    /// Ends the node at once, as a crash would.
    func kill() async throws(TestnetError) -> End {
        guard let identity, identity.state != .stopped else {
            forget()
            return .wasNotRunning
        }
        identity.send(SIGKILL)
        guard await Self.ended(identity, within: Self.killDeadline) else {
            throw .immortal(node: name, process: identity.id)
        }
        forget()
        return .killed
    }

    /// Freezes the node (SIGSTOP), or lets it go on (SIGCONT).
    func setPaused(_ paused: Bool) throws(TestnetError) {
        guard let identity, identity.send(paused ? SIGSTOP : SIGCONT) else { throw .notRunning(node: name) }
    }

    private static func ended(_ identity: ProcessIdentity, within deadline: Duration) async -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + deadline
        while identity.state != .stopped {
            guard clock.now < end else { return false }
            await Testnet.pause(.milliseconds(20))
        }
        return true
    }

    private func forget() {
        System.removeFile(folder.processPath(of: name))
    }
}

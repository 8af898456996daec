import ArgumentParser
import Configuration
import Testnet

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "One line a node: process, height, head, peers, flags.")

    @Flag(help: "An array with one object a node.")
    var json = false
    @OptionGroup var options: FolderOptions

    func run() async throws {
        let reader = StatusReader(try options.network())
        let statuses = await reader.read()
        reader.close()
        if json {
            let document = JSONValue.array(statuses.map(\.json))
            say(String(decoding: document.json(pretty: true).dropLast(), as: UTF8.self))
        } else {
            for line in Reports.status(statuses) { say(line) }
        }
    }
}

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "A live view of height, round, proposer, seals, peers and flags; Ctrl-C ends it.")

    @OptionGroup var options: FolderOptions

    func run() async throws {
        await Watch(try options.network()).run()
    }
}

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "The last lines of a node's log, or of all nodes'.")

    @Argument(help: "A node's name; all nodes without.")
    var node: String?
    @Flag(name: .shortAndLong, help: "Go on printing what is appended, until Ctrl-C.")
    var follow = false
    @Option(name: [.customShort("n"), .long], help: "How many lines of each log.")
    var lines = 40
    @OptionGroup var options: FolderOptions

    func validate() throws {
        guard (0...10_000).contains(lines) else {
            throw ValidationError("--lines: expected 0 to 10000, found \(lines)")
        }
    }

    func run() async throws {
        let logs = try LogFollow(try options.network(), names: node.map { [$0] } ?? [])
        await logs.run(lines: lines, follow: follow)
    }
}

struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "stop", abstract: "Stops one node.")

    @OptionGroup var target: NodeOptions

    func run() async throws {
        let (network, node) = try target.resolve()
        let end = try await network.stop(node)
        guard end != .wasNotRunning else { throw TestnetError.notRunning(node: node.name) }
        say(describe(node, end))
    }
}

struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Starts one node and waits until it answers.")

    @OptionGroup var program: ExecutableOptions
    @OptionGroup var target: NodeOptions

    func run() async throws {
        let (network, node) = try target.resolve()
        let started = try await network.start(node, executable: try program.path())
        say(started ? "\(node.name) answers at \(node.url)" : "\(node.name) is running already")
    }
}

struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Stops one node, starts it again and waits until it answers.")

    @OptionGroup var program: ExecutableOptions
    @OptionGroup var target: NodeOptions

    func run() async throws {
        let (network, node) = try target.resolve()
        say(describe(node, try await network.stop(node)))
        _ = try await network.start(node, executable: try program.path())
        say("\(node.name) answers at \(node.url)")
    }
}

struct KillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill", abstract: "Ends one node at once (SIGKILL), as a crash would.")

    @OptionGroup var target: NodeOptions

    func run() async throws {
        let (network, node) = try target.resolve()
        guard try await network.kill(node) != .wasNotRunning else { throw TestnetError.notRunning(node: node.name) }
        say("\(node.name) killed")
    }
}

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Freezes one node (SIGSTOP): alive, connected and silent.")

    @OptionGroup var target: NodeOptions

    func run() async throws {
        let (network, node) = try target.resolve()
        try network.setPaused(true, node)
        say("\(node.name) paused")
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Lets a paused node go on (SIGCONT).")

    @OptionGroup var target: NodeOptions

    func run() async throws {
        let (network, node) = try target.resolve()
        try network.setPaused(false, node)
        say("\(node.name) resumed")
    }
}

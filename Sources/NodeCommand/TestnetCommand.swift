import ArgumentParser
import Configuration
import Testnet

/// `node testnet …`: what `scripts/testnet` runs.
struct TestnetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "testnet", abstract: "Starts, watches, breaks and stops a local network of processes.",
        subcommands: [
            UpCommand.self, PrepareCommand.self, DownCommand.self, ResetCommand.self, StatusCommand.self,
            WatchCommand.self,
            LogsCommand.self, StopCommand.self, StartCommand.self, RestartCommand.self, KillCommand.self,
            PauseCommand.self, ResumeCommand.self, InjectCommand.self, FaultsCommand.self,
            PartitionCommand.self, DelayCommand.self, HealCommand.self, RunScenarioCommand.self, LabCommand.self,
            LoadCommand.self,
        ])
}

/// Where the network is.
struct FolderOptions: ParsableArguments {
    @Option(name: .customLong("dir"), help: "The network's folder.")
    var directory = ".testnet"

    var folder: NetworkFolder { NetworkFolder(directory) }

    func network() throws -> LocalNetwork { try LocalNetwork(folder) }
}

/// Which program the nodes run.
struct ExecutableOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The program that nodes run: another build of node.", valueName: "path"))
    var executable: String?

    func path() throws -> String { try executable ?? ThisProgram.path() }
}

/// A single node, by name.
struct NodeOptions: ParsableArguments {
    @Argument(help: "A node's name: cn1, rn2.")
    var node: String

    @OptionGroup var options: FolderOptions

    func resolve() throws -> (network: LocalNetwork, node: NodeRecord) {
        let network = try options.network()
        return (network, try network.record.node(node))
    }
}

/// A duration on the command line: "1s", "250ms", "0".
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Duration(text: argument) else { return nil }
        self.duration = duration
    }

    init(_ duration: Duration) {
        self.duration = duration
    }

    var defaultValueDescription: String { duration.text }
}

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Starts a network and waits until every node has block 1; resumes a stopped one.",
        discussion: NodeLimit.help)

    @Option(help: "Consensus nodes, cn1… (default: 4).")
    var council: Int?
    @Option(help: "Rangers, rn1… (default: 2).")
    var rangers: Int?
    @Option(help: "The least time between two blocks; 0 is as fast as it goes (default: 1s).")
    var blockTime: DurationArgument?
    @Option(help: "The port of the first node's JSON-RPC (default: 8545).")
    var basePort: Int?
    @Flag(name: .customLong("locked"), help: "A new network's nodes sign for nobody: eth_accounts is empty.")
    var isLocked = false
    @Option(help: ArgumentHelp("Settings of the network; the options above override them.", valueName: "file"))
    var manifest: String?
    @Option(help: "How long to wait for block 1.")
    var timeout = DurationArgument(.seconds(60))
    @OptionGroup var program: ExecutableOptions
    @OptionGroup var options: FolderOptions

    func validate() throws {
        func check(_ value: Int?, _ range: ClosedRange<Int>, _ name: String) throws {
            guard let value, !range.contains(value) else { return }
            throw ValidationError("--\(name): expected \(range.lowerBound) to \(range.upperBound), found \(value)")
        }
        try check(council, 1...TestnetManifest.councilMax, "council")
        try check(rangers, 0...TestnetManifest.rangersMax, "rangers")
        try check(basePort, 1024...TestnetManifest.basePortMax, "base-port")
    }

    func run() async throws {
        var wishes = Up.Wishes()
        wishes.manifest = try manifest.map { try TestnetManifest(file: $0) }
        wishes.council = council
        wishes.rangers = rangers
        wishes.blockTime = blockTime?.duration
        wishes.basePort = basePort
        wishes.locksAccounts = isLocked
        let up = Up(options.folder, executable: try program.path(), deadline: timeout.duration)
        let (network, outcome) = try await up.run(wishes) { say($0) }
        say("")
        for line in Reports.nodes(network) { say(line) }
        say("")
        for line in Reports.accounts(network) { say(line) }
        say("")
        switch outcome {
        case .alreadyRunning:
            say("already running: every node's process exists; see `status`")
        case .started(let resumed, let height, let startToBlock):
            say(
                "\(resumed ? "resumed" : "up"): block \(height) on every node "
                    + "\(startToBlock.seconds(digits: 2)) s after the first process started")
        }
        say("for scripts: \(network.folder.recordPath), \(network.folder.environmentPath)")
    }
}

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stops every node; `up` goes on with the same chain.")

    @OptionGroup var options: FolderOptions

    func run() async throws {
        for (node, end) in try await options.network().down() { say(describe(node, end)) }
    }
}

struct ResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Stops every node and removes the network's folder.")

    @OptionGroup var options: FolderOptions

    func run() async throws {
        try await LocalNetwork.reset(options.folder)
        say("removed \(options.directory)")
    }
}

/// "cn1 stopped", "cn1 did not stop within 10s: killed".
func describe(_ node: NodeRecord, _ end: NodeProcess.End) -> String {
    switch end {
    case .wasNotRunning: "\(node.name) was not running"
    case .stopped: "\(node.name) stopped"
    case .killed: "\(node.name) killed: it did not stop within \(NodeProcess.stopDeadline.text)"
    }
}

/// Prints a line at once, also into a pipe.
func say(_ line: String) {
    Console.print(line)
}

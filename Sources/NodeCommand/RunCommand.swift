import ArgumentParser
import Configuration
import Logging

/// `node run --config FILE`: one validator or ranger, in the foreground until it is told to stop.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs one node until SIGINT or SIGTERM.",
        discussion: """
            The configuration file names key, genesis, data folder and endpoints; see `node testnet up`.

            \(NodeLimit.help)
            """)

    @Option(help: ArgumentHelp("The node's configuration, JSON.", valueName: "file"))
    var config: String

    func run() async throws {
        let settings = try NodeConfiguration(file: config)
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var log = Logger(label: settings.name)
        log.logLevel = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
        // From here on a signal ends the node in order, also while it is still starting.
        let signals = StopSignals()
        let process: RunningNode
        do {
            process = try await RunningNode.start(settings, log: log)
        } catch {
            log.critical("cannot start: \(error)")
            throw ExitCode.failure
        }
        let signal = await signals.first()
        log.info("stopping: \(signal)")
        await process.stop()
        log.info("stopped")
    }
}

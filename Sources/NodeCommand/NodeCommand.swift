import ArgumentParser

/// `node`: one binary for every process of a network and for every tool around it.
@main
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Firetower: a council that seals blocks, rangers that check them.",
        version: RunningNode.version,
        subcommands: [
            RunCommand.self, TestnetCommand.self, VerifyFaultCommand.self, SimulateCommand.self, BenchCommand.self,
            ImportCommand.self,
        ])
}

import ArgumentParser

/// `node testnet …`: what `scripts/testnet` runs.
struct TestnetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "testnet", abstract: "Starts, watches, breaks and stops a local network of processes.",
        subcommands: [])
}

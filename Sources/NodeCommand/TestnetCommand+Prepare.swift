import ArgumentParser
import Configuration
import Testnet

struct PrepareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Makes a network's folder and starts nothing: for containers and supervisors.",
        discussion: "Each node is then started with `node run --config DIR/NAME/config.json`.")

    @Option(help: ArgumentHelp("Settings of the network.", valueName: "file"))
    var manifest: String?
    @OptionGroup var options: FolderOptions

    func run() throws {
        var wishes = Up.Wishes()
        wishes.manifest = try manifest.map { try TestnetManifest(file: $0) }
        let up = Up(options.folder, executable: try ThisProgram.path(), deadline: .zero)
        let network = try up.prepare(wishes) { say($0) }
        for line in Reports.nodes(network) { say(line) }
    }
}

import ArgumentParser
import Testnet

struct PartitionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partition", abstract: "Cuts all links between two sides: partition cn1,cn2 / cn3,cn4.",
        discussion: """
            Sides are separated by / and may be more than two. A node on no side keeps its links to all, so name the \
            rangers too where no block shall pass. Replaces a partition before it; `heal` ends it. A node that is \
            started anew has all its links until the next command.
            """)

    @Argument(parsing: .remaining, help: "Names with commas between them, sides with / between them.")
    var sides: [String]
    @OptionGroup var options: FolderOptions

    private var parsed: [[String]] {
        sides.joined(separator: " ").split(separator: "/").map { side in
            side.split { $0 == "," || $0 == " " }.map(String.init)
        }
    }

    func validate() throws {
        guard parsed.count >= 2, parsed.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("expected at least two sides, such as: cn1,cn2 / cn3,cn4")
        }
    }

    func run() async throws {
        let cut = try await Links(try options.network()).partition(parsed)
        say("cut: \(cut.map(\.description).joined(separator: " "))")
    }
}

struct DelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delay", abstract: "Makes every message over some links later: delay cn1-cn2 200ms.",
        discussion: "Adds to a partition or to other delays; 0 ends the delay of these links, `heal` everything.")

    @Argument(help: "cn1-cn2, cn1 for all links of one node, or all.")
    var links: LinksArgument
    @Argument(help: "In each direction: 200ms, 1s; at most 60s.")
    var delay: DurationArgument
    @Option(help: "Up to so much more, drawn for each message.")
    var jitter = DurationArgument(.zero)
    @Option(help: "Decides the draws.")
    var seed: UInt64 = 0
    @OptionGroup var options: FolderOptions

    func validate() throws {
        guard delay.duration + jitter.duration <= .seconds(60) else {
            throw ValidationError("expected at most 60s, jitter included")
        }
    }

    func run() async throws {
        let edges = try await Links(try options.network()).delay(
            links.choice, by: delay.duration, jitter: jitter.duration, seed: seed)
        say("\(delay.defaultValueDescription) on \(edges.map(\.description).joined(separator: " "))")
    }
}

struct HealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heal", abstract: "Ends every partition and delay.")

    @OptionGroup var options: FolderOptions

    func run() async throws {
        try await Links(try options.network()).heal()
        say("all links are as they were")
    }
}

/// "cn1-cn2", "cn1" or "all".
struct LinksArgument: ExpressibleByArgument {
    let choice: Links.Choice

    init?(argument: String) {
        guard let choice = Links.Choice(text: argument) else { return nil }
        self.choice = choice
    }
}

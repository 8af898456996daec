import ArgumentParser
import Chain
import Configuration
import FaultProofs
import Primitives
import Testnet

struct InjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inject", abstract: "Makes a node misbehave at a height that is yet to come.",
        discussion: """
            Levels: P a bad proposal, which honest peers refuse; S sealed by a council that looks away; \
            F two sealed blocks at one height; G pushed to rangers without valid seals; C not in a block.
            A round above 0 is brought about by the silence of the proposers before it.
            """)

    @Argument(help: "The fault's name; see --list.")
    var fault: String?
    @Option(help: "Who misbehaves (default: the proposer of the height).")
    var node: String?
    @Option(help: "A block's number, or +N: the N-th block from now.")
    var height = HeightArgument(.ahead(2))
    @Option(help: "P, S, F, G or C (default: the fault's usual one).")
    var level: String?
    @Option(help: "The round of the height, up to 4 (default: the fault's usual one).")
    var round: UInt64?
    @Option(help: "Chooses among the forms of a fault; the same seed gives the same one.")
    var seed: UInt64 = 0
    @Flag(help: "Print the faults that nodes can commit.")
    var list = false
    @OptionGroup var options: FolderOptions

    func validate() throws {
        guard list != (fault != nil) else { throw ValidationError("give a fault's name, or --list") }
    }

    func run() async throws {
        let network = try options.network()
        let lab = FaultLab(network)
        guard let fault else {
            for line in Reports.faultKinds(try await lab.list()) { say(line) }
            return
        }
        let order = FaultOrder(
            fault: fault, level: level?.uppercased(), node: node, height: height.wish, round: round, seed: seed)
        let scheduled = try await lab.inject(order)
        say(
            "\(fault) at block \(scheduled.height), round \(scheduled.round), ordered from \(scheduled.nodes.joined(separator: ", "))"
        )
    }
}

/// "+2" or "120".
struct HeightArgument: ExpressibleByArgument {
    let wish: HeightWish

    init?(argument: String) {
        guard let wish = HeightWish(text: argument) else { return nil }
        self.wish = wish
    }

    init(_ wish: HeightWish) {
        self.wish = wish
    }

    var defaultValueDescription: String {
        switch wish {
        case .absolute(let height): "\(height)"
        case .ahead(let count): "+\(count)"
        }
    }
}

struct FaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults", abstract: "What the rangers have flagged.",
        subcommands: [FaultListCommand.self, FaultShowCommand.self, FaultSaveCommand.self],
        defaultSubcommand: FaultListCommand.self)
}

struct FaultListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the flags of every ranger.")

    @Flag(help: "An array with one object a flag; \"ranger\" names who has it.")
    var json = false
    @OptionGroup var options: FolderOptions

    func run() async throws {
        let network = try options.network()
        let flags = try await FaultLab(network).flags()
        if json {
            let document = JSONValue.array(flags.map { $0.json(network.record.name(of:)) })
            say(String(decoding: document.json(pretty: true).dropLast(), as: UTF8.self))
        } else {
            for line in Reports.flags(flags, network) { say(line) }
        }
    }
}

struct FaultShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Explains a fault: what broke, where, who signed it, and what to do.")

    @Argument(help: "The fault's id, or how it begins.")
    var id: String
    @Flag(help: "The ranger's answer as it is.")
    var json = false
    @OptionGroup var options: FolderOptions

    func run() async throws {
        let network = try options.network()
        let (id, answer) = try await FaultLab(network).explanation(id)
        guard !json else { return say(String(decoding: answer.json(pretty: true).dropLast(), as: UTF8.self)) }
        say("fault \(id)")
        let text = (answer["text"]?.items ?? []).compactMap(\.text)
        for line in Reports.explanation(text, network) { say(line) }
    }
}

struct FaultSaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "save", abstract: "Writes a proof's bytes to a file, for `node verify-fault`.")

    @Argument(help: "The fault's id, or how it begins.")
    var id: String
    @Argument(help: "The file to write.")
    var file: String
    @Flag(help: "Put the genesis into the file as well, so that it can be checked with nothing else.")
    var bundle = false
    @OptionGroup var options: FolderOptions

    func run() async throws {
        let network = try options.network()
        let (id, proof) = try await FaultLab(network).proof(id)
        guard bundle else {
            try SettingsFile.write(proof, to: file)
            say("wrote \(proof.count) bytes of proof \(id) to \(file)")
            return say("check it offline: node verify-fault \(file) --genesis \(network.folder.genesisPath)")
        }
        let genesis = try GenesisFile(file: network.folder.genesisPath).genesis
        // Until there is a Council contract no council changes, so the history of every chain is empty.
        let bytes = FaultBundle(proof: try FaultProof(checking: proof), genesis: genesis, history: .empty).rlp
        // A genesis may be too large for a bundle: better to say so here than on the empty machine.
        _ = try FaultBundle(checking: bytes)
        try SettingsFile.write(bytes, to: file)
        say("wrote \(bytes.count) bytes, with \(proof.count) of proof \(id) and the genesis, to \(file)")
        say("check it anywhere: node verify-fault \(file) --genesis-hash \(genesis.hash)")
    }
}

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Sends transfers and measures what becomes of them.")

    @Option(help: "Transfers a second over all nodes; 0 is as many as blocks take.")
    var tps = 500.0
    @Option(help: "How long to send.")
    var duration = DurationArgument(.seconds(30))
    @Option(help: "transfer, or erc20.")
    var kind = "transfer"
    @Option(help: "Accounts that send; they are funded first.")
    var senders = 200
    @OptionGroup var options: FolderOptions

    func validate() throws {
        guard tps >= 0, tps <= 1_000_000 else { throw ValidationError("--tps: expected 0 to 1000000, found \(tps)") }
        guard duration.duration > .zero else { throw ValidationError("--duration: expected more than 0") }
        guard (1...LoadOptions.sendersMax).contains(senders) else {
            throw ValidationError("--senders: expected 1 to \(LoadOptions.sendersMax), found \(senders)")
        }
        guard LoadOptions.Kind(rawValue: kind) != nil else {
            let known = LoadOptions.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--kind: expected one of \(known), found \(kind)")
        }
    }

    func run() async throws {
        let load = LoadOptions(
            transfersPerSecond: tps > 0 ? tps : nil, duration: duration.duration,
            kind: LoadOptions.Kind(rawValue: kind) ?? .transfer, senders: senders)
        let report = try await Load(try options.network(), load).run { say($0) }
        for line in report.lines { say(line) }
        // A transfer that was taken and never came is the network's failure, and the command's.
        guard report.included == report.sent, report.failedCount == 0, report.sent > 0 else { throw ExitCode.failure }
    }
}

import ArgumentParser
import Configuration
import Crypto
import FaultProofs
import FoundationEssentials
import Lab
import Primitives
import Testnet

struct RunScenarioCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-scenario", abstract: "Runs one scenario of the lab on processes and says what came of it.",
        discussion: """
            Starts a fresh network in a folder and at ports of its own, does what the file says, watches every node \
            and judges. Exits with 1 unless the verdict is green: also where a fault could not be committed, or \
            nobody looked. Ends all it started, on Ctrl-C too.
            """)

    @Argument(help: "A scenario file: configs/scenarios/NAME.json.")
    var file: String
    @Flag(help: "Print an object with the verdict, its reasons, times and proofs, and no progress.")
    var json = false
    @Flag(help: "Keep the network's folder for a look at logs and databases.")
    var keep = false
    @OptionGroup var program: ExecutableOptions

    func run() async throws {
        let scenario = try Scenario(file: file)
        if !json { say("\(scenario.name): \(scenario.summary)") }
        let session = LabSession(
            [scenario], executable: try program.path(), keeps: keep, check: LabProofs.check)
        let isQuiet = json
        let report = await session.run { if !isQuiet { say($0) } }
        if json {
            for row in report.rows { sayJSON(LabReport.json(row)) }
        } else {
            for line in report.lines { say(line) }
        }
        guard report.isGreen else { throw ExitCode.failure }
    }
}

struct LabCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab", abstract: "Provokes every fault of the catalogue on processes and shows who noticed.",
        discussion: """
            Runs the scenarios of a folder one after the other, each on a fresh network. FIRST and ALL are the times \
            from the fault's effect to the first and the last who noticed, as a watch that looks every 10 ms sees \
            them; VERIFY is the longest check of a proof in this process. Exits with 1 unless every scenario is green.
            """)

    @Flag(help: "Print one object with every scenario, and no progress.")
    var json = false
    @Flag(help: "Print the table as Markdown.")
    var markdown = false
    @Option(parsing: .upToNextOption, help: "Only these: names of scenarios or faults, or ids such as B1.")
    var only: [String] = []
    @Option(help: ArgumentHelp("The scenarios' folder (default: configs/scenarios).", valueName: "folder"))
    var scenarios: String?
    @Flag(help: "Keep the networks' folders.")
    var keep = false
    @OptionGroup var program: ExecutableOptions

    func run() async throws {
        let all = try Scenario.all(in: try scenarios ?? LabFiles.folder())
        let chosen = try choose(from: all)
        let session = LabSession(chosen, executable: try program.path(), keeps: keep, check: LabProofs.check)
        let isQuiet = json
        let report = await session.run { if !isQuiet { say($0) } }
        if json {
            sayJSON(report.json)
        } else {
            say("")
            for line in markdown ? report.markdown : report.lines { say(line) }
            say("")
            for line in report.summary { say(line) }
        }
        // An interrupted lab has shown nothing about the rest.
        guard report.isGreen, report.rows.count == chosen.count else { throw ExitCode.failure }
    }

    private func choose(from all: [Scenario]) throws -> [Scenario] {
        guard !only.isEmpty else { return all }
        func matches(_ scenario: Scenario, _ name: String) -> Bool {
            scenario.name == name || scenario.fault == name
                || Catalogue.fault(named: scenario.fault)?.id == name.uppercased()
        }
        if let stranger = only.first(where: { name in !all.contains { matches($0, name) } }) {
            let known = all.map(\.name).joined(separator: ", ")
            throw ValidationError("--only: no scenario \(stranger); there are \(known)")
        }
        return all.filter { scenario in only.contains { matches(scenario, $0) } }
    }
}

private func sayJSON(_ document: JSONValue) {
    say(String(decoding: document.json(pretty: true).dropLast(), as: UTF8.self))
}

enum LabFiles {
    /// configs/scenarios here, or beside the sources from which this program was built.
    static func folder() throws -> String {
        let name = "configs/scenarios"
        if FileManager.default.fileExists(atPath: name) { return name }
        var parts = try ThisProgram.path().split(separator: "/")
        while parts.popLast() != nil {
            let candidate = "/" + parts.joined(separator: "/") + "/" + name
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
        }
        throw ValidationError("there is no \(name) here: name the folder with --scenarios")
    }
}

enum LabProofs {
    /// Checks a proof as `node verify-fault` does, in this process.
    static let check: ProofCheck = { proof, genesisPath in
        let begin = ContinuousClock.now
        do {
            let genesis = try GenesisFile(file: genesisPath).genesis
            let start = ContinuousClock.now
            _ = try verify(try FaultProof(checking: proof), genesis: genesis, scheme: P256())
            return (ContinuousClock.now - start, nil)
        } catch {
            return (ContinuousClock.now - begin, "\(error)")
        }
    }
}

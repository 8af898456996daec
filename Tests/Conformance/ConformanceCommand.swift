import ArgumentParser
import Foundation

/// Runs other people's tests: state tests, blocks, precompiled contracts, transactions.
@main
struct ConformanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance", abstract: "Runs third-party vectors against the EVM and Ethereum's block rules.",
        discussion: """
            Takes every .json and .json.gz below the folder whose contents have the shape of a state test, a \
            blockchain test, a transaction test or a list of precompile vectors, whatever folders they lie in. \
            Cancun, Prague and Osaka are run; cases of other forks are counted as not applicable, by name. \
            Ends with a line for each suite, and with exit code 1 if a case failed.

            Without --fixtures the folder is $FIRETOWER_FIXTURES, else ../shared/fixtures beside the checkout. Where \
            it is absent nothing runs and it says so; under CI=true that is a failure.
            """)

    @Option(help: ArgumentHelp("The folder with the tests.", valueName: "dir"))
    var fixtures: String?

    @Option(
        help: ArgumentHelp(
            "Only files whose path below the folder starts so: state/eest-osaka, or blockchain. May be repeated.",
            valueName: "name"))
    var suite: [String] = []

    @Option(help: ArgumentHelp("How many processes run cases, 1 to \(Workers.countMax).", valueName: "n"))
    var workers = Workers.countDefault

    @Option(help: ArgumentHelp("How long a case may take; then it has failed.", valueName: "seconds"))
    var timeLimit = Workers.caseSecondsMax

    @Option(help: ArgumentHelp("How many failures are printed in full.", valueName: "n"))
    var failures = Tally.failuresPrintedMax

    @Flag(
        help: ArgumentHelp(
            "Takes files from standard input, one a line: how the command runs itself.", visibility: .private))
    var worker = false

    func validate() throws {
        guard (1...Workers.countMax).contains(workers) else {
            throw ValidationError("--workers must be from 1 to \(Workers.countMax)")
        }
        guard (1...Workers.caseSecondsLimit).contains(timeLimit) else {
            throw ValidationError("--time-limit must be from 1 to \(Workers.caseSecondsLimit) seconds")
        }
        guard failures >= 0 else { throw ValidationError("--failures must not be negative") }
    }

    func run() throws {
        guard let folder = FixtureFolder(named: fixtures) else {
            if let fixtures { throw ValidationError("there is no folder \(fixtures)") }
            note("*** FIXTURES ABSENT: conformance did NOT run. Set FIRETOWER_FIXTURES to their folder. ***")
            throw ExitCode(ProcessInfo.processInfo.environment["CI"] == "true" ? 1 : 0)
        }
        guard !worker else { return serveFiles(of: folder) }
        let files = try selected(from: folder.files())
        let start = ContinuousClock.now
        let tally = Workers(folder: folder, count: workers, caseSeconds: timeLimit).run(files)
        print(tally.text(failuresPrinted: failures))
        note("took \((ContinuousClock.now - start).formatted(.units(allowed: [.minutes, .seconds])))")
        guard tally.failed == 0, tally.cases > 0 else { throw ExitCode(1) }
    }

    private func selected(from files: [FixtureFile]) throws -> [FixtureFile] {
        guard !files.isEmpty else { throw ValidationError("there is no .json or .json.gz file in the folder") }
        guard !suite.isEmpty else { return files }
        for prefix in suite where !files.contains(where: { $0.name.hasPrefix(prefix) }) {
            let suites = Set(files.map(\.suite)).sorted().joined(separator: "\n  ")
            throw ValidationError(
                "no file's path starts with \(prefix). These suites are there, and longer prefixes name a part of "
                    + "one:\n  \(suites)")
        }
        return files.filter { file in suite.contains { file.name.hasPrefix($0) } }
    }
}

/// Says something that is no result.
func note(_ text: String) {
    FileHandle.standardError.write(Data("conformance: \(text)\n".utf8))
}

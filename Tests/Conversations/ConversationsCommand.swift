import ArgumentParser
import Foundation
import RPC

/// Plays recorded JSON-RPC conversations against `node import`.
@main
struct ConversationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conversations", abstract: "Asks a served chain what others have asked geth, and compares.",
        discussion: """
            Takes every folder below rpc in the fixtures that holds a chain, its genesis and conversations (the .io \
            files of execution-apis), serves the chain by `node import --trust-seals`, and asks everything over HTTP. \
            Answers must be equal member by member but for the words of an error; where a file says `speconly`, they \
            must have the form that the OpenRPC document gives them. Every difference is listed, with its reason \
            where one is known. Exit code 1 if less than \(Self.shareMin) % of a chain's files are identical, or \
            if a difference has no known reason.

            Without --fixtures the folder is $FIRETOWER_FIXTURES, else ../shared/fixtures beside the checkout. Where \
            it is absent nothing runs and it says so; under CI=true that is a failure.
            """)

    @Option(help: ArgumentHelp("The folder with the tests.", valueName: "dir"))
    var fixtures: String?

    @Option(help: ArgumentHelp("The program that serves.", valueName: "file"))
    var node = ".build/debug/node"

    @Option(
        help: ArgumentHelp("Only conversations whose name starts so: eth_call, or eth_call/call-c.", valueName: "name"))
    var only: String?

    @Option(help: ArgumentHelp("How many differences of one file are printed.", valueName: "n"))
    var differences = 3

    /// The least share of identical files, in hundredths.
    static let shareMin = 95

    func run() async throws {
        guard let folder = fixturesFolder() else {
            if let fixtures { throw ValidationError("there is no folder \(fixtures)/rpc") }
            note("*** FIXTURES ABSENT: conversations did NOT run. Set FIRETOWER_FIXTURES to their folder. ***")
            throw ExitCode(ProcessInfo.processInfo.environment["CI"] == "true" ? 1 : 0)
        }
        let schema = try Schema(document: folder.appending(path: "openrpc.json.gz"))
        var isGood = true
        let chains = try RecordedChain.all(in: folder)
        guard !chains.isEmpty else { throw ValidationError("no folder below \(folder.path) holds a chain") }
        for chain in chains {
            let tally = try await play(chain, schema)
            print(tally.text(of: chain, differencesPrinted: differences))
            isGood = isGood && tally.isGood
        }
        guard isGood else { throw ExitCode(1) }
    }

    private func fixturesFolder() -> URL? {
        let named = fixtures ?? ProcessInfo.processInfo.environment["FIRETOWER_FIXTURES"] ?? "../shared/fixtures"
        let folder = URL(filePath: named).appending(path: "rpc")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }

    private func play(_ chain: RecordedChain, _ schema: Schema) async throws -> ConversationTally {
        let conversations = try Conversation.all(in: chain.folder.appending(path: "io"))
            .filter { conversation in only.map { conversation.name.hasPrefix($0) } ?? true }
        let served = try ServedChain(chain, program: URL(filePath: node))
        defer { served.stop() }
        var tally = ConversationTally()
        for conversation in conversations {
            tally.add(conversation.name, try await play(conversation, on: served, chain, schema))
        }
        return tally
    }

    /// What is different in a conversation, with the reason where one is known.
    private func play(
        _ conversation: Conversation, on served: ServedChain, _ chain: RecordedChain, _ schema: Schema
    ) async throws -> [ConversationTally.Finding] {
        var findings: [ConversationTally.Finding] = []
        for exchange in conversation.exchanges {
            let answer = try await served.ask(exchange.request)
            if conversation.isForm {
                if let problem = try form(of: answer, to: exchange, schema) {
                    findings.append(ConversationTally.Finding(text: problem, reason: nil))
                }
                continue
            }
            for difference in Difference.all(expected: exchange.answer, found: answer) {
                findings.append(
                    ConversationTally.Finding(
                        text: difference.text, reason: KnownReason.of(difference, chain, conversation.name)))
            }
        }
        return findings
    }

    private func form(
        of answer: JSONValue, to exchange: Conversation.Exchange, _ schema: Schema
    ) throws -> String? {
        let request = try JSONParser.parse(exchange.request)
        guard let result = answer["result"] else {
            guard exchange.answer["error"] == nil else { return nil }
            return "expected a result, found the error \(answer["error"]?["message"]?.string ?? "without words")"
        }
        return schema.problem(of: result, method: request["method"]?.string ?? "")
    }
}

/// Says something that is no result.
func note(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}

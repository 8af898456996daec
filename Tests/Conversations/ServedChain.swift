import Configuration
import Foundation
import Primitives
import RPC
import Testnet

/// `node import` as a child process that serves one chain.
final class ServedChain {
    private let process: Process
    private let client: RPCClient

    /// The longest that a chain may take until it is served.
    private static let startMax = Duration.seconds(300)
    /// The longest that one answer may take.
    private static let answerMax = Duration.seconds(60)

    /// Starts the program and waits until it serves.
    init(_ chain: RecordedChain, program: URL) throws {
        let process = Process()
        process.executableURL = program
        process.arguments = [
            "import", "--trust-seals", chain.blocks.path, "--genesis", chain.genesis.path, "--rpc", "127.0.0.1:0",
        ]
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        self.process = process
        do {
            let port = try ServedChain.port(from: errors.fileHandleForReading)
            client = RPCClient(Endpoint(host: "127.0.0.1", port: port), timeout: Self.answerMax)
        } catch {
            process.terminate()
            throw error
        }
        // What it says later must not fill the pipe.
        errors.fileHandleForReading.readabilityHandler = { handle in
            if handle.availableData.isEmpty { handle.readabilityHandler = nil }
        }
    }

    private static func port(from output: FileHandle) throws -> Int {
        var said = ""
        let deadline = ContinuousClock.now + startMax
        while ContinuousClock.now < deadline {
            let data = output.availableData
            guard !data.isEmpty else { throw ConversationError("node import ended:\n\(said)") }
            said += String(decoding: data, as: UTF8.self)
            if let match = said.firstMatch(of: /serving JSON-RPC on port ([0-9]+)\n/), let port = Int(match.1) {
                return port
            }
        }
        throw ConversationError("node import does not serve after \(startMax):\n\(said)")
    }

    func ask(_ request: Bytes) async throws -> RPC.JSONValue {
        try JSONParser.parse(try await client.post(request))
    }

    func stop() {
        client.close()
        process.terminate()
        process.waitUntilExit()
    }
}

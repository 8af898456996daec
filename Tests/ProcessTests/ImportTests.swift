import Configuration
import Fixtures
import Foundation
import Primitives
import Testing
import Testnet

/// `node import`, on chains that others have made. What it answers is compared in `scripts/test conversations`.
@Suite(.enabled(if: Fixtures.arePresent))
struct ImportTests {
    private static let chain = "rpc/all-forks-2026-07/chain.rlp"
    private static let genesis = "rpc/all-forks-2026-07/genesis.json"

    private static func path(_ name: String) throws -> String {
        try #require(Fixtures.folder).appending(path: name).path(percentEncoded: false)
    }

    @Test func `seals are taken on trust only by whoever says so`() async throws {
        let run = try await NodeProgram.run(
            "import", try Self.path(Self.chain), "--genesis", try Self.path(Self.genesis))
        #expect(!run.succeeded && run.errors.contains("--trust-seals"), "\(run)")
    }

    /// Bytes of the file that are changed, and what is found.
    enum Change: String, CaseIterable {
        case theEndIsCut = "no block at byte"
        case theParentHash = "names the parent"
        case theDataOfATransaction = "transactionsRoot"

        func apply(to bytes: inout Data) {
            switch self {
            case .theEndIsCut: bytes.removeLast()
            // Two list headers of three bytes stand before the hash.
            case .theParentHash: bytes[30] ^= 1
            case .theDataOfATransaction: bytes[6 + Int(bytes[4]) * 256 + Int(bytes[5]) + 100] ^= 1
            }
        }
    }

    @Test(arguments: Change.allCases)
    func `a chain that was changed is refused with what is wrong`(change: Change) async throws {
        var bytes = try Fixtures.data(Self.chain)
        change.apply(to: &bytes)
        let folder = try TemporaryFolder()
        // It goes with its last use, and a program must read what is in it.
        defer { withExtendedLifetime(folder) {} }
        let file = try folder.file("chain.rlp")
        try bytes.write(to: file)
        let run = try await NodeProgram.run(
            "import", "--trust-seals", file.path(percentEncoded: false), "--genesis", try Self.path(Self.genesis))
        #expect(!run.succeeded && run.errors.contains("cannot import"), "\(run)")
        #expect(run.errors.contains(change.rawValue), "\(run)")
    }

    @Test func `what lies before a state that was taken on trust is not served, and said to be so`() async throws {
        let state = try Self.path("rpc/all-forks-2026-07/state_after_block_41.json.gz")
        let port = 20_000 + Int.random(in: 0..<10_000)
        let job = try NodeProgram.Job([
            "import", "--trust-seals", try Self.path(Self.chain), "--genesis", try Self.path(Self.genesis), "--state",
            state, "--rpc", "127.0.0.1:\(port)",
        ])
        let client = RPCClient(Endpoint(host: "127.0.0.1", port: port))
        try await until("the chain is served", within: NodeProgram.runDeadline) {
            (try? await client.call("eth_blockNumber"))?.text == "0x36"
        }
        let address: JSONValue = "0x7dcd17433742f4c0ca53122ab541d0ba67fc27df"
        _ = try await client.call("eth_getBalance", address, "0x29")
        #expect(try await client.call("eth_getBlockReceipts", "0x2a").items?.isEmpty == false)
        #expect(try await client.call("debug_executionWitness", "0x2b")["state"]?.items?.isEmpty == false)
        for (method, parameters) in [
            ("eth_getBalance", [address, "0x28"]), ("eth_getBlockReceipts", ["0x1"]),
            ("eth_getProof", [address, [], "0x1"]),
        ] as [(String, [JSONValue])] {
            let answers = try await client.batch([RPCCall(method, parameters: parameters)])
            guard case .failure(let refusal) = answers[0] else {
                Issue.record("\(method) answers of what is not there")
                continue
            }
            #expect(refusal.code == -32_000 && refusal.message.contains("execution began after block 41"))
        }
        client.close()
        job.process.terminate()
        #expect(try await job.end(within: NodeProgram.runDeadline).succeeded)
    }

    @Test func `a genesis with a fork from the future is refused by its name`() async throws {
        let folder = try TemporaryFolder()
        // It goes with its last use, and a program must read what is in it.
        defer { withExtendedLifetime(folder) {} }
        let file = try folder.file("genesis.json")
        let text = String(decoding: try Fixtures.data(Self.genesis), as: UTF8.self)
        try Data(text.replacing("\"bpo2Time\"", with: "\"amsterdamTime\"").utf8).write(to: file)
        let run = try await NodeProgram.run(
            "import", "--trust-seals", try Self.path(Self.chain), "--genesis", file.path(percentEncoded: false))
        #expect(!run.succeeded && run.errors.contains("amsterdamTime"), "\(run)")
    }
}

import Chain
import Fixtures
import Foundation
import Primitives
import RPC
import Testing
import Trie

/// The answers in execution-apis' recorded conversations (`rpc/*/io`) are the shape of ours.
///
/// Those about the head's state are held with it. The others need their own chain, which nothing imports yet; what
/// stands in their answers is complete enough to be served by ours.
@Suite(.enabled(if: Fixtures.arePresent), .timeLimit(.minutes(5))) struct ConversationTests {
    /// Where a transaction stands, and what it pays there, is another matter on another chain.
    private static let ofTheChain: Set<String> = [
        "blockHash", "blockNumber", "blockTimestamp", "transactionIndex", "gasPrice",
    ]

    /// Simulated blocks have members more and signatures that nobody made; raw and traced ones have another form.
    private static let ofAnotherForm = ["eth_simulateV1", "debug_", "testing_"]

    /// Every object in the recorded answers that has all of `names`.
    private static func recorded(_ names: Set<String>) throws -> [JSONValue] {
        let folder = try #require(Fixtures.folder).appending(path: "rpc")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var found: [JSONValue] = []
        for case let file as URL in files where file.pathExtension == "io" {
            let method = file.deletingLastPathComponent().lastPathComponent
            guard !ofAnotherForm.contains(where: method.hasPrefix) else { continue }
            for line in try Data(contentsOf: file).split(separator: 10) where line.starts(with: Data("<< ".utf8)) {
                collect(try JSONParser.parse(Bytes(line.dropFirst(3))), names, into: &found)
            }
        }
        return found
    }

    private static func collect(_ value: JSONValue, _ names: Set<String>, into found: inout [JSONValue]) {
        if value.names.isSuperset(of: names) { found.append(value) }
        for element in value.array ?? value.object?.members.map(\.value) ?? [] { collect(element, names, into: &found) }
    }

    @Test func `recorded transactions are hashed and shown as they stand there`() async throws {
        var seen: [Hash32: JSONValue] = [:]
        for json in try Self.recorded(["hash", "input", "r", "s", "v"]) { seen[try json.hash("hash")] = json }
        let recorded = seen.sorted { $0.key < $1.key }.map(\.value)
        #expect(Set(recorded.compactMap { $0["type"]?.string }) == ["0x0", "0x1", "0x2", "0x3", "0x4"])
        try await TestServer.run { world in
            let transactions = try recorded.map { try $0.transaction() }
            #expect(try transactions.map(\.hash) == recorded.map { try $0.hash("hash") })
            try world.chain.append(transactions)
            let block = try await world.result("eth_getBlockByNumber", "[\"0x1\",true]")
            for (ours, theirs) in zip(try #require(try block.member("transactions").array), recorded) {
                // The older recording has no blockTimestamp yet.
                #expect(ours.names == theirs.names.union(["blockTimestamp"]))
                for name in theirs.names.subtracting(Self.ofTheChain) { #expect(ours[name] == theirs[name], "\(name)") }
            }
        }
    }

    @Test func `blocks, receipts and logs have the members of the recorded ones`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let block = try await world.result("eth_getBlockByNumber", "[\"0x1\"]")
            // Blocks since Prague have a requestsHash; all older ones lack members of ours.
            let blocks = try Self.recorded(["hash", "stateRoot", "requestsHash", "uncles"])
            #expect(!blocks.isEmpty)
            for recorded in blocks { #expect(recorded.names == block.names) }

            let receipts = try #require(try await world.result("eth_getBlockReceipts", "[\"0x1\"]").array)
            let recorded = try Self.recorded(["cumulativeGasUsed", "status"])
            #expect(!recorded.isEmpty)
            for theirs in recorded {
                // Two members more where there are blobs.
                #expect(theirs.names.subtracting(["blobGasUsed", "blobGasPrice"]) == receipts[0].names)
            }
            let log = try #require(try receipts[2].member("logs").array?.first)
            let logs = try Self.recorded(["topics", "logIndex", "blockTimestamp"])
            #expect(!logs.isEmpty)
            for theirs in logs { #expect(theirs.names == log.names) }
        }
    }

    /// Methods that are answered from the head's header and the state after it.
    private static let ofTheHead: Set<String> = [
        "eth_blockNumber", "eth_chainId", "eth_getBalance", "eth_getCode", "eth_getProof", "eth_getStorageAt",
        "eth_getTransactionCount",
    ]
    /// Recorded when geth gave another code; the newer recording has ours.
    private static let outdated: Set<String> = ["prague-genesis-2025-02/get-storage-invalid-key-too-large.io"]
    /// Methods that run code.
    private static let calls: Set<String> = ["eth_call", "eth_estimateGas"]

    @Test(arguments: RecordedChain.Source.all)
    func `what is asked of the head's state is answered as it was recorded`(source: RecordedChain.Source) async throws {
        let chain = try RecordedChain(source)
        if source.isOfHead { #expect(chain.state.accountTrie().root == chain.head.stateRoot) }
        var rules = World.rules
        rules.chainID = RecordedChain.chainID
        let configuration = RPCConfiguration(port: 0, clientVersion: "Firetower/test", rules: rules)
        let server = try await RPCServer.start(
            configuration, chain: chain, node: TestNode(council: try World.council()), testnet: nil)
        var held = 0
        for method in Self.calls.union(source.isOfHead ? Self.ofTheHead : []).sorted() {
            for conversation in try Conversation.all(in: source, of: method)
            where !Self.outdated.contains("\(source.folder)/\(conversation.file)") {
                for (request, theirs) in conversation.exchanges {
                    let ours = try await server.post(request).json()
                    // Clients compare the code and the data of an error, and let the words be.
                    let isSame =
                        theirs["error"] == nil
                        ? ours.says(theirs)
                        : ours["error"]?["code"] == theirs["error"]?["code"]
                            && ours["error"]?["data"] == theirs["error"]?["data"]
                    #expect(isSame, "\(conversation.file): \(ours), recorded \(theirs)")
                    held += 1
                }
            }
        }
        await server.stop()
        #expect(held >= (source.isOfHead ? 15 : 7))
    }
}

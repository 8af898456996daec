import Chain
import Crypto
import EVM
import EthereumChain
import Fixtures
import Foundation
import Primitives
import RPC
import Testing

/// The head of the chain that recorded conversations are about: its header, and the state after it.
struct RecordedChain: ChainReader {
    /// The folder below `rpc`, and the state's file in it.
    struct Source: Sendable, CustomTestStringConvertible {
        let folder, state: String
        /// Whether the state is that of the head. Else it is older, and good for calls of what has not changed since.
        let isOfHead: Bool
        var testDescription: String { folder }

        static let all = [
            Source(folder: "prague-genesis-2025-02", state: "state_at_head.json.gz", isOfHead: true),
            Source(folder: "all-forks-2026-07", state: "state_after_block_47.json.gz", isOfHead: false),
        ]
    }

    let head: Header
    let state: TestState

    /// The chain id of hive's chains.
    static let chainID: UInt64 = 3_503_995_874_084_926

    init(_ source: Source) throws {
        let block = try #require(
            try Conversation.all(in: source, of: "eth_getBlockByNumber").first {
                ["get-latest.io", "get-finalized.io"].contains($0.file)
            })
        head = try #require(block.exchanges.first?.answer["result"]).header()
        try #require(try head.hash == block.exchanges[0].answer.member("result").hash("hash"))
        state = try TestState(snapshot: Fixtures.data("rpc/\(source.folder)/\(source.state)"))
    }

    var headHeight: Height { head.number }

    func header(at height: Height) -> EthereumHeader? {
        height == head.number ? EthereumHeader(head) : nil
    }
    func hash(ofBlockAt height: Height) -> Hash32? { height == head.number ? head.hash : nil }
    func height(ofBlock hash: Hash32) -> Height? { hash == head.hash ? head.number : nil }
    func account(_ address: Address, at height: Height) -> Account? { state.accounts[address] }
    func storage(_ address: Address, _ slot: UInt256, at height: Height) -> UInt256 { state.slots[address]?[slot] ?? 0 }
    func hasStorage(_ address: Address, at height: Height) -> Bool { state.slots[address] != nil }
    func code(_ hash: Hash32) -> Bytes { state.codes[hash] ?? [] }

    func proof(of address: Address, slots: [UInt256], at height: Height) throws(ChainReadError) -> AccountProof {
        do { return try state.proof(of: address, slots: slots) } catch { throw .unreadable("\(error)") }
    }

    // Bodies are of older forms; no conversation that is held here asks for one.
    func block(at height: Height) throws(ChainReadError) -> EthereumBlock? { throw .notRetained("no blocks") }
    func certificate(at height: Height) throws(ChainReadError) -> CommitCertificate? { throw .notRetained("no seals") }
    func receipts(at height: Height) throws(ChainReadError) -> [Receipt]? { throw .notRetained("no receipts") }
    func location(ofTransaction hash: Hash32) throws(ChainReadError) -> TransactionLocation? {
        throw .notRetained("no transactions")
    }
}

/// One recorded file: requests, each with its answer.
struct Conversation {
    let file: String
    let exchanges: [(request: Bytes, answer: JSONValue)]

    static func all(in source: RecordedChain.Source, of method: String) throws -> [Conversation] {
        let folder = try #require(Fixtures.folder).appending(path: "rpc/\(source.folder)/io/\(method)")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { file in
            let lines = try Data(contentsOf: folder.appending(path: file)).split(separator: 10)
            let requests = lines.filter { $0.starts(with: Data(">> ".utf8)) }
            let answers = lines.filter { $0.starts(with: Data("<< ".utf8)) }
            #expect(requests.count == answers.count && !requests.isEmpty)
            return Conversation(
                file: file,
                exchanges: try zip(requests, answers).map {
                    (Bytes($0.dropFirst(3)), try JSONParser.parse(Bytes($1.dropFirst(3))))
                })
        }
    }
}

extension JSONValue {
    /// Equal as JSON: the order of an object's members is nobody's business.
    func says(_ other: JSONValue) -> Bool {
        if let ours = array, let theirs = other.array {
            return ours.count == theirs.count && zip(ours, theirs).allSatisfy { $0.says($1) }
        }
        guard object != nil, other.object != nil else { return self == other }
        return names == other.names && names.allSatisfy { name in self[name]?.says(other[name] ?? .null) ?? false }
    }
}

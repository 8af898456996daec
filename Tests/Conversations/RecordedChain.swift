import Foundation

/// A folder with a chain and the conversations that somebody had with a node that served it.
struct RecordedChain {
    let folder: URL

    var name: String { folder.lastPathComponent }
    var genesis: URL { folder.appending(path: "genesis.json") }
    var blocks: URL { folder.appending(path: "chain.rlp") }

    /// Recorded before `blockTimestamp` stood in logs and mined transactions, which was in 2025.
    var isOlderForm: Bool { name.contains("2025-") }

    /// The chains below the folder `rpc` of the fixtures, in the order of their names.
    static func all(in folder: URL) throws -> [RecordedChain] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .map { RecordedChain(folder: folder.appending(path: $0)) }
            .filter { FileManager.default.fileExists(atPath: $0.blocks.path) }
    }
}

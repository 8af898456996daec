import Fixtures
import Foundation
import Primitives

/// A file of the fixtures folder that may hold cases.
struct FixtureFile: Codable, Hashable, Sendable {
    /// Below the fixtures folder.
    let path: String
    /// As it lies on the disk, so that the largest files start first.
    let bytes: Int

    /// The path without what tells the format of the file: what `--suite` selects by.
    var name: String {
        var name = Substring(path)
        for suffix in [".gz", ".json"] where name.hasSuffix(suffix) { name = name.dropLast(suffix.count) }
        return String(name)
    }

    /// The first two folders: one line of the summary.
    var suite: String {
        let folders = path.split(separator: "/").dropLast()
        return folders.isEmpty ? "." : folders.prefix(2).joined(separator: "/")
    }
}

/// The folder with other people's tests.
struct FixtureFolder {
    let url: URL

    /// Folders at the top that other suites of this repository read, or that hold no cases of these formats.
    static let foldersOfOtherSuites: Set<String> = [
        "LICENSES", "basic", "crypto", "evm-bench", "generated", "klaytn", "rlp", "rpc", "trie", "wasm",
    ]
    /// More than this is no fixtures folder.
    static let filesMax = 100_000

    /// The folder that is named, that the environment names, or that lies beside this checkout; nil if it is not there.
    init?(named name: String?) {
        let checkout = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path =
            name ?? ProcessInfo.processInfo.environment["FIRETOWER_FIXTURES"]
            ?? checkout.deletingLastPathComponent().appending(path: "shared/fixtures").path(percentEncoded: false)
        let resolved = URL(filePath: path, directoryHint: .isDirectory).resolvingSymlinksInPath()
        let attributes = try? FileManager.default.attributesOfItem(atPath: resolved.path(percentEncoded: false))
        guard attributes?[.type] as? FileAttributeType == .typeDirectory else { return nil }
        url = resolved
    }

    /// All JSON files that may hold cases, by path.
    func files() throws -> [FixtureFile] {
        guard let walk = FileManager.default.enumerator(atPath: url.path(percentEncoded: false)) else {
            throw FixtureError("\(url.path(percentEncoded: false)) cannot be read")
        }
        var files: [FixtureFile] = []
        for case let path as String in walk {
            guard path.hasSuffix(".json") || path.hasSuffix(".json.gz"), !isOfOtherSuite(path) else { continue }
            guard files.count < FixtureFolder.filesMax else {
                throw FixtureError("more than \(FixtureFolder.filesMax) files in \(url.path(percentEncoded: false))")
            }
            let size = (walk.fileAttributes?[.size] as? NSNumber)?.intValue ?? 0
            files.append(FixtureFile(path: path, bytes: size))
        }
        return files.sorted { $0.path < $1.path }
    }

    private func isOfOtherSuite(_ path: String) -> Bool {
        let folders = path.split(separator: "/")
        // `.meta/index.json` comes with upstream releases: a list of the files, without cases.
        if folders.contains(".meta") { return true }
        return folders.count > 1 && FixtureFolder.foldersOfOtherSuites.contains(String(folders[0]))
    }

    /// The JSON document in `file`; a name that ends in `.gz` is unpacked.
    func document(_ file: FixtureFile) throws -> Any {
        var data = try Data(contentsOf: url.appending(path: file.path))
        if file.path.hasSuffix(".gz") { data = try Data(Fixtures.unpacked(data)) }
        return try JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed])
    }

}

import Compression
public import Foundation
public import Primitives
import Testing

/// Third-party test data, read in place: `$FIRETOWER_FIXTURES`, else `../shared/fixtures` beside this checkout.
///
/// Nothing of it is copied into the repository. Where the folder is absent the suites that need it
/// say so in one line and do not run; under `CI=true` its absence is a failure.
public enum Fixtures {
    /// The folder, or nil where this checkout stands alone.
    public static let folder: URL? = {
        let checkout = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path =
            ProcessInfo.processInfo.environment["FIRETOWER_FIXTURES"]
            ?? checkout.deletingLastPathComponent().appending(path: "shared/fixtures").path(percentEncoded: false)
        return FileManager.default.fileExists(atPath: path + "/MANIFEST.md") ? URL(filePath: path) : nil
    }()

    /// The condition of every suite that reads fixtures: false, with a loud line, where they are absent.
    public static let arePresent: Bool = {
        if folder != nil { return true }
        if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
        FileHandle.standardError.write(
            Data(
                """
                *** FIXTURES ABSENT: third-party vectors did NOT run. Set FIRETOWER_FIXTURES to their folder. ***

                """.utf8))
        return false
    }()

    /// The JSON document at `path` below the folder; a name that ends in `.gz` is unpacked.
    public static func json(_ path: String) throws -> Any {
        try JSONSerialization.jsonObject(with: data(path), options: [.fragmentsAllowed])
    }

    /// The same document as an object with string keys.
    public static func object(_ path: String) throws -> [String: Any] {
        try #require(json(path) as? [String: Any], "\(path) is not a JSON object")
    }

    /// The bytes at `path` below the folder, unpacked if its name ends in `.gz`.
    public static func data(_ path: String) throws -> Data {
        let folder = try #require(folder, "fixtures are absent and CI=true: set FIRETOWER_FIXTURES")
        let file = folder.appending(path: path)
        let content = try Data(contentsOf: file)
        return try path.hasSuffix(".gz") ? Data(unpacked(content)) : content
    }

    /// Bytes of the largest file when it is unpacked.
    private static let unpackedBytesMax = 1 << 30

    /// What gzip has packed.
    public static func unpacked(_ content: Data) throws -> Bytes {
        try gunzipped(Bytes(content), limit: unpackedBytesMax)
    }
}

/// One place that breaks a rule of the house.
struct Violation: Hashable, CustomStringConvertible {
    let path: String
    let line: Int
    let reason: String

    var description: String { "\(path):\(line): \(reason)" }
}

/// A Swift file of the repository, or a sample.
struct SourceFile {
    /// Below the repository's root, as in `Sources/Trie/TriePath.swift`.
    let path: String
    let source: String
    let text: SwiftText

    init(path: String, source: String) {
        (self.path, self.source, text) = (path, source, SwiftText(source))
    }

    /// `Trie` for `Sources/Trie/TriePath.swift`.
    var module: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }

    func violation(_ line: Int, _ reason: String) -> Violation {
        Violation(path: path, line: line, reason: reason)
    }
}

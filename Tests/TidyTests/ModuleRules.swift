// What a module must obey: its imports and its numbered rules.

enum ModuleRules {
    /// Imports of pure modules beyond those that Package.swift grants.
    static let alwaysAllowed: Set<String> = [
        "Swift",
        // A lock around a cache of keys; it starts no thread and waits for nothing outside.
        "Synchronization",
    ]

    /// Modules that know the world, however Package.swift may come to grant them.
    static func isWorldly(_ module: String) -> Bool {
        [
            "Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch", "Glibc", "Musl", "Darwin",
            "Logging",
        ]
        .contains(module) || module.hasPrefix("NIO")
    }

    /// What can tell two runs of the same events apart.
    static let worldlyWords: Set<String> = [
        "Task", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "Double", "Float", "print",
    ]

    /// Modules a file imports, each with its line.
    static func imports(of file: SourceFile) -> [(module: String, line: Int)] {
        file.text.lines.enumerated().compactMap { number, line in
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "@" || $0 == ".") }
            guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
                words[..<keyword].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains(String($0)) })
            else { return nil }
            let kinds = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
            let name =
                kinds.contains(String(words[keyword + 1])) ? words.dropFirst(keyword + 2).first : words[keyword + 1]
            return name.map { (String($0.prefix { $0 != "." }), number + 1) }
        }
    }

    private static let accessLevels: Set<String> = ["public", "package", "internal", "fileprivate", "private"]

    /// A file of a pure module imports only what the package grants the module, and nothing of the world.
    static func purity(_ file: SourceFile, in package: PackageLayout) -> [Violation] {
        guard let module = package.modules.first(where: { $0.name == file.module }), module.isPure else { return [] }
        var found: [Violation] = []
        for (name, line) in imports(of: file) {
            if isWorldly(name) {
                found.append(file.violation(line, "the pure module \(module.name) imports \(name)"))
            } else if !alwaysAllowed.contains(name), !module.uses.contains(name) {
                found.append(file.violation(line, "\(module.name) imports \(name), which Package.swift does not grant"))
            }
        }
        for word in file.text.words where worldlyWords.contains(word.text) {
            found.append(
                file.violation(word.line, "\(word.text) in a pure module"))
        }
        return found
    }

    /// Every `(R7)` in a comment of a module has its `R7:` in a comment of that module.
    static func citations(_ files: [SourceFile]) -> [Violation] {
        var declared: Set<String> = []
        for file in files {
            for comment in file.text.comments.values {
                if let rule = declaration(in: comment) { declared.insert(file.module + " " + rule) }
            }
        }
        return files.flatMap { file in
            file.text.comments.sorted { $0.key < $1.key }.flatMap { line, comment in
                citations(in: comment).filter { !declared.contains(file.module + " " + $0) }.map {
                    file.violation(line, "(\($0)) is cited but \(file.module) declares no rule \($0):")
                }
            }
        }
    }

    /// `R7` if the comment reads `R7: …`.
    static func declaration(in comment: String) -> String? {
        let text = comment.drop { $0 == " " || $0 == "-" || $0 == "*" }
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let name = text[..<colon]
        return isRule(name) ? String(name) : nil
    }

    /// The rules named in `(R7)` or `(R7, R8)`.
    static func citations(in comment: String) -> [String] {
        comment.split(separator: "(").dropFirst(comment.hasPrefix("(") ? 0 : 1).flatMap { rest -> [String] in
            guard let end = rest.firstIndex(of: ")") else { return [] }
            let names = rest[..<end].split(separator: ",").map { $0.drop { $0 == " " } }
            return names.allSatisfy(isRule) ? names.map(String.init) : []
        }
    }

    private static func isRule(_ name: some StringProtocol) -> Bool {
        name.first == "R" && name.count > 1 && name.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }
}

// What one file must obey.

enum FileRules {
    static let fileLinesMax = 500
    static let functionLinesMax = 70

    /// Functions that may be longer, each with its reason.
    static let longFunctions: [String: String] = [
        // One switch over all opcodes: apart, its parts could not keep the machine's registers in the processor's.
        "Sources/EVM/Machine/Interpreter.swift": "execute"
    ]

    /// Names that say nothing about what a thing is.
    static let emptyWords: Set<String> = [
        "Util", "Utils", "Utility", "Utilities", "Manager", "Managers", "Helper", "Helpers", "Common", "Misc",
    ]

    static func length(_ file: SourceFile) -> [Violation] {
        let count = file.source.split(separator: "\n", omittingEmptySubsequences: false).count
        return count > fileLinesMax + 1
            ? [file.violation(count, "expected at most \(fileLinesMax) lines, found \(count)")] : []
    }

    /// Refuses `Utils`, `PeerManager`, `Base2` as the name of a module, a folder or a file.
    static func name(_ file: SourceFile) -> [Violation] {
        file.path.split(separator: "/").compactMap { part in
            let name = part.hasSuffix(".swift") ? part.dropLast(6) : part
            if let word = camelWords(name).first(where: emptyWords.contains) {
                return file.violation(1, "the name \(name) says \(word)")
            }
            // Not the 1 of Secp256k1: a word of letters must stand before the digit.
            if name.last?.isNumber == true, name.count > 2, name.dropLast().suffix(2).allSatisfy(\.isLetter) {
                return file.violation(1, "the name \(name) is told from another only by a digit")
            }
            return nil
        }
    }

    private static func camelWords(_ name: some StringProtocol) -> [String] {
        var words: [String] = []
        for character in name {
            if character.isUppercase || words.isEmpty { words.append("") }
            words[words.count - 1].append(character)
        }
        return words
    }

    /// Refuses what ends the process on bad input, and work put off without an issue.
    static func bannedWords(_ file: SourceFile) -> [Violation] {
        var found: [Violation] = []
        for (number, line) in file.text.lines.enumerated() {
            for banned in ["fatalError(", "try!"] where line.contains(banned) {
                found.append(file.violation(number + 1, "\(banned) is not allowed"))
            }
        }
        for (number, line) in file.source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            // Spelled apart, so that this line is no finding.
            for banned in ["TO" + "DO", "FIX" + "ME"] where line.contains(banned) {
                found.append(file.violation(number + 1, "\(banned): do it, or open an issue"))
            }
        }
        return found
    }

    static func functionLength(_ file: SourceFile) -> [Violation] {
        functions(in: file.text).compactMap { function in
            let count = function.lines.count
            guard count > functionLinesMax, longFunctions[file.path] != function.name else { return nil }
            return file.violation(
                function.lines.lowerBound,
                "\(function.name): expected at most \(functionLinesMax) lines, found \(count)")
        }
    }

    /// Functions, initializers, subscripts and computed variables with a body, with the lines they fill.
    static func functions(in text: SwiftText) -> [(name: String, lines: ClosedRange<Int>)] {
        var functions: [(String, ClosedRange<Int>)] = []
        for (position, word) in text.words.enumerated() {
            guard ["func", "init", "deinit", "subscript", "var"].contains(word.text) else { continue }
            // `self.init(…)` and `.init(…)` are calls.
            if word.range.lowerBound > 0, text.code[word.range.lowerBound - 1] == UInt8(ascii: ".") { continue }
            guard let end = endOfBody(after: word, in: text) else { continue }
            let isNamed = ["func", "var"].contains(word.text) && position + 1 < text.words.count
            functions.append((isNamed ? text.words[position + 1].text : word.text, word.line...text.line(of: end)))
        }
        return functions
    }

    /// The position of the brace that closes the body of the declaration at `keyword`; nil without a body.
    private static func endOfBody(after keyword: SwiftText.Word, in text: SwiftText) -> Int? {
        var nesting = 0
        for index in keyword.range.upperBound..<text.code.count {
            switch text.code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): nesting += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): nesting -= 1
            case UInt8(ascii: "{") where nesting == 0: return closingBrace(from: index, in: text)
            case UInt8(ascii: "}") where nesting == 0: return nil
            case UInt8(ascii: "=") where nesting == 0 && keyword.text == "var": return nil
            case UInt8(ascii: "\n") where nesting == 0 && !goesOn(after: index, in: text): return nil
            default: break
            }
            if nesting < 0 { return nil }
        }
        return nil
    }

    /// Whether the line after the line break at `index` belongs to the declaration before it.
    private static func goesOn(after index: Int, in text: SwiftText) -> Bool {
        let next = text.code[(index + 1)...].drop { $0 == UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: "\n") }
        let line = String(decoding: next, as: UTF8.self)
        return ["{", ")", "->", "throws", "rethrows", "async", "where"].contains { line.hasPrefix($0) }
    }

    private static func closingBrace(from start: Int, in text: SwiftText) -> Int? {
        var depth = 0
        for index in start..<text.code.count {
            if text.code[index] == UInt8(ascii: "{") { depth += 1 }
            if text.code[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}

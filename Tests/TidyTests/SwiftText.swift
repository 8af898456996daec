/// Swift source taken apart just far enough to be judged: code with comments and literals blanked out, and the
/// comments by themselves. Lines keep their numbers.
struct SwiftText {
    /// The source with every character of a comment or literal replaced by a space.
    let code: [Character]
    /// The text of each line's comment, without slashes, by line number from 1.
    let comments: [Int: String]

    init(_ source: String) {
        var scanner = Scanner(Array(source))
        scanner.run()
        (code, comments) = (scanner.code, scanner.comments)
    }

    var lines: [Substring] { String(code).split(separator: "\n", omittingEmptySubsequences: false) }

    /// Words of the code with their positions: letters, digits and underscores.
    var words: [(text: String, range: Range<Int>)] {
        var words: [(String, Range<Int>)] = []
        var index = 0
        while index < code.count {
            let start = index
            while index < code.count, code[index].isLetter || code[index].isNumber || code[index] == "_" { index += 1 }
            if index > start { words.append((String(code[start..<index]), start..<index)) } else { index += 1 }
        }
        return words
    }

    /// The line number, from 1, of position `index` in the code.
    func line(of index: Int) -> Int {
        code[..<index].count { $0 == "\n" } + 1
    }
}

extension SwiftText {
    private struct Scanner {
        let source: [Character]
        var code: [Character]
        var comments: [Int: String] = [:]
        private var index = 0
        private var line = 1

        init(_ source: [Character]) {
            (self.source, code) = (source, source)
        }

        mutating func run() {
            while index < source.count { step() }
        }

        /// Passes one character of code, or one comment or literal.
        private mutating func step() {
            if starts(with: "//") {
                skipLineComment()
            } else if starts(with: "/*") {
                skipBlockComment()
            } else if let hashes = literalHashes {
                skipString(hashes: hashes)
            } else {
                pass(blank: false)
            }
        }

        private func starts(with text: String, at offset: Int = 0) -> Bool {
            let start = index + offset
            return start + text.count <= source.count && source[start..<start + text.count].elementsEqual(text)
        }

        private mutating func pass(blank: Bool) {
            if source[index] == "\n" {
                line += 1
            } else if blank {
                code[index] = " "
            }
            index += 1
        }

        private mutating func pass(_ count: Int) {
            for _ in 0..<count where index < source.count { pass(blank: true) }
        }

        private mutating func skipLineComment() {
            let start = index
            while index < source.count, source[index] != "\n" { pass(blank: true) }
            comments[line] = String(source[start..<index].drop { $0 == "/" })
        }

        private mutating func skipBlockComment() {
            var depth = 0
            repeat {
                let start = index
                if starts(with: "/*") { depth += 1 }
                if starts(with: "*/") { depth -= 1 }
                if source[start] != "\n" { comments[line, default: ""].append(source[start]) }
                pass(starts(with: "/*") || starts(with: "*/") ? 2 : 1)
            } while depth > 0 && index < source.count
        }

        /// How many # stand before the quote if a string starts here; nil if none does.
        private var literalHashes: Int? {
            var hashes = 0
            while index + hashes < source.count, source[index + hashes] == "#" { hashes += 1 }
            return starts(with: "\"", at: hashes) ? hashes : nil
        }

        private mutating func skipString(hashes: Int) {
            pass(hashes)
            let quote = starts(with: "\"\"\"") ? "\"\"\"" : "\""
            let fence = String(repeating: "#", count: hashes)
            pass(quote.count)
            while index < source.count, !starts(with: quote + fence) {
                // A literal of one line ends with its line, closed or not.
                if quote.count == 1, source[index] == "\n" { return }
                if starts(with: "\\" + fence + "(") {
                    pass(2 + hashes)
                    skipInterpolation()
                } else {
                    pass(starts(with: "\\" + fence) ? 2 + hashes : 1)
                }
            }
            pass(quote.count + hashes)
        }

        /// Passes the code of an interpolation, with the strings inside it, and blanks it.
        private mutating func skipInterpolation() {
            var depth = 1
            while index < source.count, depth > 0 {
                if let hashes = literalHashes {
                    skipString(hashes: hashes)
                    continue
                }
                if source[index] == "(" { depth += 1 }
                if source[index] == ")" { depth -= 1 }
                pass(blank: true)
            }
        }
    }
}

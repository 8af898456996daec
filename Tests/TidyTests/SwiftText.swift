/// Swift source taken apart just far enough to be judged: code with comments and literals blanked out, and the
/// comments by themselves. Lines keep their numbers.
struct SwiftText {
    /// A run of letters, digits and underscores in the code.
    struct Word {
        let text: String
        let range: Range<Int>
        /// From 1.
        let line: Int
    }

    /// The source in UTF-8 with every byte of a comment or literal replaced by a space.
    let code: [UInt8]
    let words: [Word]
    /// The text of each line's comment, without slashes, by line number from 1.
    let comments: [Int: String]

    init(_ source: String) {
        var scanner = Scanner(Array(source.utf8))
        scanner.run()
        (code, comments) = (scanner.code, scanner.comments)
        words = Self.words(of: code)
    }

    var lines: [String] {
        code.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The line number, from 1, of position `index` in the code.
    func line(of index: Int) -> Int {
        code[..<index].reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    }

    private static func words(of code: [UInt8]) -> [Word] {
        var words: [Word] = []
        var (index, line) = (0, 1)
        while index < code.count {
            let start = index
            while index < code.count, isWordByte(code[index]) { index += 1 }
            if index > start {
                words.append(
                    Word(text: String(decoding: code[start..<index], as: UTF8.self), range: start..<index, line: line))
            } else {
                if code[index] == UInt8(ascii: "\n") { line += 1 }
                index += 1
            }
        }
        return words
    }

    /// Bytes above 127 belong to letters of other scripts.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 128...: true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

extension SwiftText {
    private struct Scanner {
        let source: [UInt8]
        var code: [UInt8]
        var comments: [Int: String] = [:]
        private var index = 0
        private var line = 1

        init(_ source: [UInt8]) {
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
            return start + text.utf8.count <= source.count
                && source[start..<start + text.utf8.count].elementsEqual(text.utf8)
        }

        private mutating func pass(blank: Bool) {
            if source[index] == UInt8(ascii: "\n") {
                line += 1
            } else if blank {
                code[index] = UInt8(ascii: " ")
            }
            index += 1
        }

        private mutating func pass(_ count: Int) {
            for _ in 0..<count where index < source.count { pass(blank: true) }
        }

        private mutating func skipLineComment() {
            let start = index
            while index < source.count, source[index] != UInt8(ascii: "\n") { pass(blank: true) }
            let text = source[start..<index].drop { $0 == UInt8(ascii: "/") }
            comments[line] = String(decoding: text, as: UTF8.self)
        }

        private mutating func skipBlockComment() {
            var depth = 0
            repeat {
                let start = index
                if starts(with: "/*") { depth += 1 }
                if starts(with: "*/") { depth -= 1 }
                if source[start] != UInt8(ascii: "\n") {
                    comments[line, default: ""].unicodeScalars.append(Unicode.Scalar(source[start]))
                }
                pass(starts(with: "/*") || starts(with: "*/") ? 2 : 1)
            } while depth > 0 && index < source.count
        }

        /// How many # stand before the quote if a string starts here; nil if none does.
        private var literalHashes: Int? {
            var hashes = 0
            while index + hashes < source.count, source[index + hashes] == UInt8(ascii: "#") { hashes += 1 }
            return starts(with: "\"", at: hashes) ? hashes : nil
        }

        private mutating func skipString(hashes: Int) {
            pass(hashes)
            let quote = starts(with: "\"\"\"") ? "\"\"\"" : "\""
            let fence = String(repeating: "#", count: hashes)
            pass(quote.count)
            while index < source.count, !starts(with: quote + fence) {
                // A literal of one line ends with its line, closed or not.
                if quote.count == 1, source[index] == UInt8(ascii: "\n") { return }
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
                if source[index] == UInt8(ascii: "(") { depth += 1 }
                if source[index] == UInt8(ascii: ")") { depth -= 1 }
                pass(blank: true)
            }
        }
    }
}

/// The modules of Package.swift in their order, which is the order of the architecture.
struct PackageLayout {
    struct Module {
        let name: String
        let isPure: Bool
        let isTest: Bool
        /// Names of the modules and products it may import.
        let uses: [String]
        let line: Int
    }

    /// The ways in which Package.swift declares a module.
    private static let declarations = [
        "pure(", "shell(", "tests(", ".executableTarget(", ".target(", ".systemLibrary(",
    ]

    let modules: [Module]

    /// - Parameter source: The text of Package.swift, of which only calls like `pure("Trie", uses: [...])` count.
    init(_ source: String) {
        let text = SwiftText(source)
        let (original, code) = (Array(source.utf8), text.code)
        var modules: [Module] = []
        let (spaces, openers) = (Array(" \n".utf8), Array("[,".utf8))
        let products = Self.products(in: original, text)
        for index in code.indices {
            guard let kind = Self.declarations.first(where: { code[index...].starts(with: $0.utf8) }) else { continue }
            let arguments = Self.arguments(from: index + kind.count, in: code)
            let strings = Self.strings(in: arguments, original, code)
            // Only a call stands at the start of an argument; the functions of these names are declared above.
            let before = code[..<index].last { !spaces.contains($0) }
            guard let name = strings.first, before.map(openers.contains) ?? true else { continue }
            modules.append(
                Module(
                    name: name,
                    isPure: kind == "pure(",
                    isTest: kind == "tests(" || ["Fixtures", "SampleChain", "FuzzCases"].contains(name),
                    uses: strings.dropFirst()
                        + products.filter { product in
                            text.words.contains { arguments.contains($0.range.lowerBound) && $0.text == product.key }
                        }.map(\.value).sorted(),
                    line: text.line(of: index)))
        }
        self.modules = modules
    }

    /// Each module uses only modules listed above it, and a pure one nothing of the shell.
    var violations: [Violation] {
        var above: [String: Module] = [:]
        let names = Set(modules.map(\.name))
        var found: [Violation] = []
        for module in modules {
            for use in module.uses where names.contains(use) {
                guard let used = above[use] else {
                    found.append(violation(module, "uses \(use), which is not listed above it"))
                    continue
                }
                if module.isPure, !used.isPure, !Self.computingLibraries.contains(use) {
                    found.append(violation(module, "is pure and uses \(use), which is not"))
                }
            }
            if module.isPure, let use = module.uses.first(where: { !names.contains($0) }) {
                found.append(violation(module, "is pure and uses \(use), which is not of this package"))
            }
            above[module.name] = module
        }
        return found
    }

    /// Libraries of the system that only compute.
    private static let computingLibraries: Set<String> = ["COpenSSL", "CSecp256k1"]

    private func violation(_ module: Module, _ reason: String) -> Violation {
        Violation(path: "Package.swift", line: module.line, reason: "\(module.name) \(reason)")
    }

    /// `let nio: Target.Dependency = .product(name: "NIOCore", …)`: the name of the constant and of the product.
    private static func products(in original: [UInt8], _ text: SwiftText) -> [String: String] {
        var products: [String: String] = [:]
        let words = text.words
        for (position, word) in words.enumerated() where word.text == "product" && position >= 4 {
            guard words[position - 4].text == "let" || words[position - 3].text == "Target" else { continue }
            let arguments = arguments(from: word.range.upperBound + 1, in: text.code)
            guard let name = strings(in: arguments, original, text.code).first else { continue }
            let constant = words[..<position].last { $0.text != "Target" && $0.text != "Dependency" }
            if let constant { products[constant.text] = name }
        }
        return products
    }

    /// The positions up to the parenthesis that closes the one before `start`.
    private static func arguments(from start: Int, in code: [UInt8]) -> Range<Int> {
        var depth = 1
        var index = start
        while index < code.count {
            if code[index] == UInt8(ascii: "(") { depth += 1 }
            if code[index] == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0 { break }
            index += 1
        }
        return min(start, index)..<index
    }

    /// The string literals of `range`, which are blank in the code.
    private static func strings(in range: Range<Int>, _ original: [UInt8], _ code: [UInt8]) -> [String] {
        var strings: [String] = []
        var index = range.lowerBound
        while index < range.upperBound {
            if original[index] == UInt8(ascii: "\""), code[index] == UInt8(ascii: " ") {
                let content = original[(index + 1)...].prefix { $0 != UInt8(ascii: "\"") }
                strings.append(String(decoding: content, as: UTF8.self))
                index += content.count + 1
            }
            index += 1
        }
        return strings
    }
}

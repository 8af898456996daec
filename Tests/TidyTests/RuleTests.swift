import Testing

/// Each rule refuses a sample that breaks it: a checker that cannot fail checks nothing.
struct `The rules` {
    private func file(_ source: String, path: String = "Sources/Trie/Sample.swift") -> SourceFile {
        SourceFile(path: path, source: source)
    }

    private static let package = PackageLayout(
        """
        func pure(_ name: String, uses dependencies: [Target.Dependency] = []) -> Target { .target(name: name) }
        let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
        let package = Package(
            name: "sample",
            targets: [
                .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3"),
                pure("Primitives"),
                pure("Trie", uses: ["Primitives"]),  // "Comment"
                shell("Network", uses: ["Primitives", nio]),
            ])
        """)

    @Test
    func `a package's modules are read in order with what they use`() {
        #expect(Self.package.modules.map(\.name) == ["CSQLite", "Primitives", "Trie", "Network"])
        #expect(Self.package.modules.map(\.isPure) == [false, true, true, false])
        #expect(Self.package.modules[2].uses == ["Primitives"])
        #expect(Self.package.modules[3].uses == ["Primitives", "NIOCore"])
        #expect(Self.package.violations == [])
    }

    @Test(arguments: [
        #"pure("Trie", uses: ["Crypto"]), pure("Crypto")"#,
        #"shell("Network", uses: []), pure("Trie", uses: ["Network"])"#,
        #"pure("Trie", uses: ["Logging"])"#,
        #".executableTarget(name: "NodeCommand", dependencies: ["Node"]), pure("Node")"#,
    ])
    func `an arrow that points down is refused`(sample: String) {
        #expect(PackageLayout(sample).violations.count == 1)
    }

    @Test(arguments: [
        "import Foundation", "public import FoundationEssentials", "import Dispatch", "@preconcurrency import NIOCore",
        "import Logging", "import Glibc", "import struct Darwin.time_t", "import Network", "internal import Crypto",
        "let now = ContinuousClock().now", "func f() { Task { } }", "var ratio: Double = 0",
    ])
    func `a pure module that reaches for the world is refused`(sample: String) {
        #expect(ModuleRules.purity(file(sample), in: Self.package).count == 1)
    }

    @Test(arguments: [
        "public import Primitives", "import Synchronization", "// import Foundation", "let text = \"Task Double\"",
        "let multiTask = 1",
    ])
    func `a pure module may use what it is granted`(sample: String) {
        #expect(ModuleRules.purity(file(sample), in: Self.package) == [])
        #expect(ModuleRules.purity(file("import Foundation", path: "Sources/Network/A.swift"), in: Self.package) == [])
    }

    @Test(arguments: [
        "Sources/Utils/Hex.swift", "Sources/Node/PeerManager.swift", "Sources/Node/Helpers/Hex.swift",
        "Sources/Common/Hex.swift", "Sources/Node/MiscThings.swift", "Sources/Node/Base2.swift",
        "Sources/Trie2/Trie.swift",
    ])
    func `a name that says nothing is refused`(path: String) {
        #expect(FileRules.name(file("", path: path)).count == 1)
    }

    @Test(arguments: [
        "Sources/Primitives/UInt256.swift", "Sources/Primitives/Hash32.swift", "Sources/Crypto/P256Curve.swift",
        "Sources/NodeCommand/Commons.swift", "Sources/Crypto/Keccak256.swift", "Sources/Crypto/Secp256k1.swift",
    ])
    func `a number that belongs to the name is none of that`(path: String) {
        #expect(FileRules.name(file("", path: path)) == [])
    }

    @Test(arguments: ["fatalError(\"no\")", "let x = try! f()", "// TO" + "DO later", "let x = 1  // FIX" + "ME"])
    func `an ending without a reason is refused`(sample: String) {
        #expect(FileRules.bannedWords(file(sample)).count == 1)
    }

    @Test(arguments: ["// fatalError( is for others", "let text = \"try!\"", "try? f()"])
    func `talking about it is allowed`(sample: String) {
        #expect(FileRules.bannedWords(file(sample)) == [])
    }

    @Test
    func `a file of 501 lines is refused`() {
        let line = "let a = 1\n"
        #expect(FileRules.length(file(String(repeating: line, count: 500))) == [])
        #expect(FileRules.length(file(String(repeating: line, count: 501))).count == 1)
    }

    @Test(arguments: [
        ("func long() {", "}"), ("init(_ a: [Int] = [1], b: (Int) -> Int) throws {", "}"),
        ("static func == (left: A, right: A) -> Bool {", "}"), ("var value: Int {", "}"),
        ("subscript(index: Int) -> Int {", "}"), ("func long<T>(_ t: T) -> T\nwhere T: Any {", "}"),
        ("struct A {\n    func long() { if true {", "} } }"),
    ])
    func `a function of 71 lines is refused`(opening: String, closing: String) {
        func sample(_ count: Int) -> SourceFile {
            let filler = String(
                repeating: "    f(\"}\")  // }\n", count: count - opening.split(separator: "\n").count - 1)
            return file(opening + "\n" + filler + closing + "\n")
        }
        let extra = opening.hasPrefix("struct") ? 1 : 0
        #expect(FileRules.functionLength(sample(70 + extra)) == [])
        #expect(FileRules.functionLength(sample(71 + extra)).count == 1)
    }

    @Test
    func `requirements without a body and stored values are no functions`() {
        let filler = String(repeating: "    1,\n", count: 80)
        let sample = "protocol P {\n    func f() -> Int\n    init()\n    var a: Int { get }\n}\nlet x = [\n\(filler)]\n"
        #expect(FileRules.functionLength(file(sample + "var y = [\n\(filler)]\n")) == [])
        #expect(FileRules.functions(in: SwiftText(sample)).map(\.name) == ["a"])
    }

    @Test
    func `a rule that is cited but not declared is refused`() {
        let cited = file("// Locks are never released (R7).", path: "Sources/Node/A.swift")
        #expect(ModuleRules.citations([cited]).count == 1)
        let elsewhere = file("/// R7: a quorum seals.", path: "Sources/Trie/B.swift")
        #expect(ModuleRules.citations([cited, elsewhere]).count == 1)
        let declared = file("/// R7: a quorum seals.\nlet a = \"(R9)\"", path: "Sources/Node/B.swift")
        #expect(ModuleRules.citations([cited, declared]) == [])
        let several = file("/// Both (R7, R8).", path: "Sources/Node/C.swift")
        #expect(ModuleRules.citations([several, declared]).count == 1)
    }

    @Test
    func `the scanner sees through comments, strings and interpolations`() {
        let quotes = "\"\"\""
        let sample = """
            a /* b /* c */ d */ e // f
            "g \\(h("i")) j" k #"l " m"# n
            \(quotes)
            o "p" q
            \(quotes) r
            """
        let words = SwiftText(sample).words.map(\.text)
        #expect(words == ["a", "e", "k", "n", "r"])
        #expect(SwiftText(sample).comments[1]?.hasSuffix("f") == true)
    }
}

import Fixtures
import Foundation
import Testing

/// The rules of the house, enforced on every file.
struct `The repository` {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func files(in folder: String) throws -> [SourceFile] {
        let base = root.appending(path: folder).path(percentEncoded: false)
        let paths = try #require(FileManager.default.enumerator(atPath: base)).compactMap { $0 as? String }
        return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let file = root.appending(path: folder).appending(path: path)
            return SourceFile(path: folder + "/" + path, source: try String(contentsOf: file, encoding: .utf8))
        }
    }

    private static func package() throws -> PackageLayout {
        PackageLayout(try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8))
    }

    private func expectNone(_ violations: [Violation]) {
        for violation in violations { Issue.record("\(violation)") }
    }

    @Test
    func `no source file is longer than 500 lines`() throws {
        expectNone(try Self.files(in: "Sources").flatMap(FileRules.length))
    }

    @Test(arguments: ["Sources", "Tests"])
    func `no function is longer than 70 lines`(folder: String) throws {
        expectNone(try Self.files(in: folder).flatMap(FileRules.functionLength))
    }

    @Test
    func `a function that may be longer is there, and is longer`() throws {
        let files = try Self.files(in: "Sources")
        for (path, name) in FileRules.longFunctions.sorted(by: { $0.key < $1.key }) {
            let file = try #require(files.first { $0.path == path }, "\(path) has gone")
            let function = try #require(FileRules.functions(in: file.text).first { $0.name == name })
            #expect(function.lines.count > FileRules.functionLinesMax, "\(name) needs no exception any more")
        }
    }

    @Test(arguments: ["Sources", "Tests"])
    func `names say what a thing is`(folder: String) throws {
        expectNone(try Self.files(in: folder).flatMap(FileRules.name))
    }

    @Test
    func `nothing dies on bad input and nothing is put off`() throws {
        expectNone(try Self.files(in: "Sources").flatMap(FileRules.bannedWords))
    }

    @Test
    func `pure modules import only what they may and never the world`() throws {
        let package = try Self.package()
        expectNone(try Self.files(in: "Sources").flatMap { ModuleRules.purity($0, in: package) })
    }

    @Test
    func `every rule that a comment cites is declared in its module`() throws {
        expectNone(ModuleRules.citations(try Self.files(in: "Sources")))
    }

    @Test
    func `modules use only modules above them`() throws {
        expectNone(try Self.package().violations)
    }

    @Test
    func `the pure modules are the ones the design names`() throws {
        let pure = Set(try Self.package().modules.filter(\.isPure).map(\.name))
        let expected: Set = [
            "Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation", "FaultProofs", "Consensus", "Ranger", "Node",
            "Simulator",
        ]
        #expect(pure.isSuperset(of: expected))
    }

    @Test
    func `every folder of sources is a module of the package`() throws {
        let names = Set(try Self.package().modules.map(\.name))
        #expect(Set(try Self.files(in: "Sources").map(\.module)).subtracting(names) == [])
    }
}

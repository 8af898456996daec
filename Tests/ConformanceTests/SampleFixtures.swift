import Foundation
import Testing
import Testnet

@testable import conformance

/// A fixtures folder of one test's own, removed with the test.
final class SampleFixtures {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "firetower-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        // A folder that cannot be removed is the system's to clean: it lies among temporary files.
        try? FileManager.default.removeItem(at: folder)
    }

    func write(_ text: String, to path: String) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func write(_ object: FixtureObject, to path: String) throws {
        let data = try JSONSerialization.data(withJSONObject: object)
        try write(String(decoding: data, as: UTF8.self), to: path)
    }

    /// How a run of the program ended.
    struct Run: CustomTestStringConvertible {
        let status: Int32
        let output: String
        let errors: String

        var lines: [Substring] { output.split(separator: "\n") }
        var testDescription: String { "status \(status)\n\(output)\(errors)" }
    }

    /// Runs the program `conformance`, which was built together with these tests, on this folder.
    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Run {
        try SampleFixtures.run(["--fixtures", folder.path(percentEncoded: false)] + arguments, environment)
    }

    static func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Run {
        let tests = URL(filePath: try ThisProgram.path())
        let program = Process()
        program.executableURL = tests.deletingLastPathComponent().appending(path: "conformance")
        program.arguments = arguments
        program.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        program.standardOutput = output
        program.standardError = errors
        try program.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let notes = try errors.fileHandleForReading.readToEnd() ?? Data()
        program.waitUntilExit()
        return Run(
            status: program.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: notes, as: UTF8.self))
    }
}

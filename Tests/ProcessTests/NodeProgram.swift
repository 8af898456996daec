import Configuration
import Foundation
import Primitives
import Testing
import Testnet

/// The program `node` as users run it: the one that was built together with these tests.
enum NodeProgram {
    /// Where it lies: beside the test bundle, in the folder of the package's products.
    static func path() throws -> String {
        let file = try products().appending(path: "node").path(percentEncoded: false)
        try #require(FileManager.default.isExecutableFile(atPath: file), "the program node was not built: \(file)")
        return file
    }

    private static func products() throws -> URL {
        #if canImport(Darwin)
            let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
            return try #require(bundle, "the test bundle is not loaded").bundleURL.deletingLastPathComponent()
        #else
            return URL(filePath: try ThisProgram.path()).deletingLastPathComponent()
        #endif
    }

    /// How a run of the program ended.
    struct Run: CustomTestStringConvertible {
        let arguments: [String]
        let status: Int32
        let output: String
        let errors: String

        var succeeded: Bool { status == 0 }
        /// The lines of both outputs.
        var text: String { output + errors }
        var testDescription: String { "node \(arguments.joined(separator: " ")): status \(status)\n\(text)" }

        func json() throws -> JSONValue {
            try JSONValue(parsing: Bytes(output.utf8), file: "the output of node \(arguments.joined(separator: " "))")
        }
    }

    /// A run that takes longer is killed, and fails.
    static let runDeadline = Duration.seconds(60)

    /// Runs `node` with `arguments` until it ends.
    static func run(_ arguments: String...) async throws -> Run {
        let job = try Job(arguments)
        return try await job.end(within: runDeadline)
    }

    /// A run that goes on.
    final class Job {
        let process = Process()
        private let arguments: [String]
        private let folder: TemporaryFolder

        /// - Parameters:
        ///   - directory: Where it runs; where this process does if nil.
        ///   - environment: Its variables; those of this process if nil.
        init(_ arguments: [String], in directory: String? = nil, environment: [String: String]? = nil) throws {
            self.arguments = arguments
            folder = try TemporaryFolder()
            process.executableURL = URL(filePath: try NodeProgram.path())
            process.arguments = arguments
            if let directory { process.currentDirectoryURL = URL(filePath: directory) }
            if let environment { process.environment = environment }
            // Into files: a pipe that nobody reads would hold the program up.
            process.standardOutput = try FileHandle(forWritingTo: folder.file("out"))
            process.standardError = try FileHandle(forWritingTo: folder.file("err"))
            process.standardInput = FileHandle.nullDevice
            try process.run()
        }

        deinit {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }

        /// Waits for the end by itself.
        func end(within deadline: Duration) async throws -> Run {
            try await until("node \(arguments.joined(separator: " ")) ends", within: deadline) { !process.isRunning }
            #expect(process.terminationReason == .exit, "node \(arguments) was ended by a signal")
            return Run(
                arguments: arguments, status: process.terminationStatus, output: try folder.text("out"),
                errors: try folder.text("err"))
        }
    }
}

/// A folder of its own for one test, removed with everything in it.
final class TemporaryFolder {
    let path: String

    /// The number of this process is in the name, so that a later run can tell what a dead one left behind.
    init() throws {
        let name = "\(Self.prefix)\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString.prefix(8))"
        let url = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
    }

    deinit {
        // A folder that cannot be removed is the system's to clean: it lies among temporary files.
        try? FileManager.default.removeItem(atPath: path)
    }

    private static let prefix = "firetower-process-"

    /// An empty file.
    func file(_ name: String) throws -> URL {
        let url = URL(filePath: "\(path)/\(name)")
        try Data().write(to: url)
        return url
    }

    func text(_ name: String) throws -> String {
        try String(contentsOf: URL(filePath: "\(path)/\(name)"), encoding: .utf8)
    }

    /// Folders of test runs whose process is no more.
    static func abandoned() -> [String] {
        let parent = FileManager.default.temporaryDirectory
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path(percentEncoded: false))) ?? []
        return names.filter { name in
            guard name.hasPrefix(prefix), let id = Int32(name.dropFirst(prefix.count).prefix { $0 != "-" }) else {
                return false
            }
            return ProcessIdentity(running: id) == nil
        }
        .map { parent.appending(path: $0).path(percentEncoded: false) }
    }
}

/// Waits until `condition` holds, and fails the test where it does not in time.
func until(
    _ what: @autoclosure () -> String, within deadline: Duration = .seconds(20),
    isolation: isolated (any Actor)? = #isolation, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    while try await !condition() {
        try #require(clock.now < end, "not within \(deadline): \(what())", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(20))
    }
}

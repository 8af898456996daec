import Configuration
import Foundation
import Primitives
import Testing

@testable import Testnet

extension Processes {
    /// `testnet run-scenario`: the verdict, the exit code, and that nothing is left behind.
    @Suite
    struct LabTests {
        private static let scenarios = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "configs/scenarios")

        private static func folder(of job: NodeProgram.Job, _ scenario: String) -> String {
            let place = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
            return "\(place)/firetower-lab-\(job.process.processIdentifier)-\(scenario)"
        }

        /// Level P, and a fault of the network.
        @Test(arguments: ["wrong-transactions-root", "partition-halves"])
        func `a scenario of the catalogue is green, and leaves nothing behind`(name: String) async throws {
            let file = Self.scenarios.appending(path: "\(name).json").path
            let job = try NodeProgram.Job(["testnet", "run-scenario", file, "--json"])
            let folder = Self.folder(of: job, name)
            let run = try await job.end(within: .seconds(120))
            let answer = try run.json()
            #expect(run.status == 0 && answer["green"] == .bool(true), "\(run.testDescription)")
            #expect(answer["name"] == .string(name) && answer["reasons"]?.items == [])
            let detectors = try #require(answer["detectedBy"]?.items)
            #expect(detectors.contains("rn1") && detectors.contains("rn2"))
            #expect(!FileManager.default.fileExists(atPath: folder))
        }

        /// Level S.
        @Test
        func `a scenario of one's own is judged as those of the catalogue are`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.file("own.json")
            try Data(
                """
                {"name": "own", "summary": "A bad block is sealed soon.", "fault": "wrong-state-root", "level": "S",
                 "rangers": 1, "blockTime": "500ms", "traffic": "transfers",
                 "steps": [{"height": 5, "do": "inject", "expect": [
                    {"see": "flagged", "kinds": ["EXEC"], "guilty": "sealers", "within": "5s"}]}]}
                """.utf8
            ).write(to: file)
            let run = try await NodeProgram.run("testnet", "run-scenario", file.path, "--json")
            let answer = try run.json()
            #expect(run.status == 0 && answer["green"] == .bool(true), "\(run.testDescription)")
            #expect(answer["convicted"]?.items?.count == 3)
            let proof = try #require(answer["proofs"]?.items?.first)
            #expect(proof["kind"] == "EXEC" && proof["verifyMicroseconds"]?.unsigned ?? 0 > 0)
        }

        @Test
        func `a scenario whose fault nobody can commit is red, and says why`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.file("impossible.json")
            try Data(
                """
                {"name": "impossible", "summary": "Nobody can do this.", "fault": "fork", "level": "F", "council": 1,
                 "rangers": 1, "blockTime": "250ms",
                 "steps": [{"height": 3, "do": "inject", "expect": [{"see": "nothing-flagged", "for": "100ms"}]}]}
                """.utf8
            ).write(to: file)
            let run = try await NodeProgram.run("testnet", "run-scenario", file.path, "--json")
            let answer = try run.json()
            #expect(run.status == 1 && answer["green"] == .bool(false))
            let reasons = try #require(answer["reasons"]?.items).compactMap(\.text)
            #expect(reasons.contains { $0.hasPrefix("the deed could not be done: fork (F)") }, "\(reasons)")
        }

        @Test
        func `a mistake in a scenario file is told before anything is started`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.file("wrong.json")
            try Data(#"{"name": "wrong", "summary": "", "fault": "kill", "level": "D", "steps": 5}"#.utf8).write(
                to: file)
            let run = try await NodeProgram.run("testnet", "run-scenario", file.path)
            #expect(run.status == 1 && run.text.contains("steps: expected an array, found 5"), "\(run.testDescription)")
        }

        @Test
        func `an interrupted run ends its nodes and removes its folder`() async throws {
            let file = Self.scenarios.appending(path: "partition-halves.json").path
            let job = try NodeProgram.Job(["testnet", "run-scenario", file])
            let folder = NetworkFolder(Self.folder(of: job, "partition-halves"))
            var identities: [ProcessIdentity] = []
            try await until("six nodes run") {
                guard let record = try? folder.record() else { return false }
                identities = record.nodes.compactMap { NodeProcess($0.name, in: folder).identity }
                return identities.count == 6
            }
            kill(job.process.processIdentifier, SIGINT)
            let run = try await job.end(within: .seconds(60))
            #expect(run.status == 1)
            #expect(identities.allSatisfy { $0.state == .stopped })
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
    }
}

import Configuration
import Foundation
import Primitives
import Testing

@testable import Testnet

extension Processes {
    /// Errors that users will make. Each says what is wrong, and the exit code is honest.
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct `The program node` {
        @Test
        func `names the configuration file that is missing`() async throws {
            let run = try await NodeProgram.run("run", "--config", "missing.json")
            #expect(!run.succeeded)
            #expect(run.text.contains("missing.json"), "\(run.testDescription)")
        }

        @Test(arguments: [
            (["--council", "0"], "--council: expected 1 to 100, found 0"),
            (["--block-time", "soon"], "soon"),
            (["--base-port", "80"], "--base-port: expected"),
            (["--sharks", "3"], "--sharks"),
        ])
        func `refuses a bad option by its name`(options: [String], words: String) async throws {
            let folder = try TemporaryFolder()
            let job = try NodeProgram.Job(["testnet", "up", "--dir", "\(folder.path)/net"] + options)
            let run = try await job.end(within: NodeProgram.runDeadline)
            #expect(!run.succeeded)
            #expect(run.errors.contains(words), "\(run.testDescription)")
            #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/net"))
        }

        @Test
        func `says which option of a manifest is wrong`() async throws {
            let folder = try TemporaryFolder()
            let manifest = "\(folder.path)/manifest.json"
            try SettingsFile.write(Bytes(#"{"council": "four"}"#.utf8), to: manifest)
            let run = try await NodeProgram.run(
                "testnet", "prepare", "--dir", "\(folder.path)/net", "--manifest", manifest)
            #expect(!run.succeeded)
            #expect(run.errors.contains("manifest.json") && run.errors.contains("council"), "\(run.testDescription)")
        }

        @Test
        func `lists the nodes there are when asked for another`() async throws {
            let folder = try TemporaryFolder()
            let directory = "\(folder.path)/net"
            let prepared = try await NodeProgram.run("testnet", "prepare", "--dir", directory)
            #expect(prepared.succeeded, "\(prepared.testDescription)")
            for command in ["stop", "start", "kill", "pause", "resume", "restart", "logs"] {
                let run = try await NodeProgram.run("testnet", command, "cn9", "--dir", directory)
                #expect(!run.succeeded)
                let words = "no node cn9: this network has cn1, cn2, cn3, cn4, rn1, rn2"
                #expect(run.errors.contains(words), "\(run.testDescription)")
            }
        }

        @Test
        func `does not open the chain file of another genesis`() async throws {
            try await TestNetwork.run(council: 1, rangers: 0) { network in
                _ = try await network.network.down()
                let other = NetworkFolder(network.folder.path + "-other")
                let prepared = try await NodeProgram.run("testnet", "prepare", "--dir", other.path)
                try #require(prepared.succeeded, "\(prepared.testDescription)")
                try FileManager.default.copyItem(
                    atPath: network.folder.directory(of: "cn1") + "/data", toPath: other.directory(of: "cn1") + "/data")
                let run = try await NodeProgram.run("run", "--config", other.configPath(of: "cn1"))
                #expect(!run.succeeded)
                let theirs = try LocalNetwork(other).record.genesisHash
                for words in ["chain.sqlite", network.record.genesisHash.hex, theirs.hex] {
                    #expect(run.errors.contains(words), "no \(words) in \(run.testDescription)")
                }
            }
        }

        @Test
        func `simulates a seed the same way in two processes`() async throws {
            let first = try await NodeProgram.run("simulate", "--seed", "7")
            let second = try await NodeProgram.run("simulate", "--seed", "7")
            #expect(first.succeeded, "\(first.testDescription)")
            #expect(first.output == second.output && first.status == second.status)
            #expect(first.output.contains("digest"))
            let another = try await NodeProgram.run("simulate", "--seed", "8")
            #expect(another.output.split(separator: "digest").last != first.output.split(separator: "digest").last)
        }
    }
}

import Configuration
import Foundation
import Testing

@testable import Testnet

/// The launcher's care with processes. The nodes here are shell scripts.
///
/// One at a time: a script cannot be started while another test's fork still holds it open for writing.
@Suite(.serialized)
struct `A node's process` {
    private let folder: TemporaryFolder
    private let place: NetworkFolder

    init() throws {
        folder = try TemporaryFolder()
        place = NetworkFolder(folder.path)
        try System.makeDirectory(place.directory(of: "cn1"))
    }

    private func script(_ body: String) throws -> String {
        try folder.write("#!/bin/sh\n\(body)\n", to: "program", mode: 0o755)
    }

    @Test
    func `is started once, found again, paused, resumed and stopped`() async throws {
        let process = NodeProcess("cn1", in: place)
        #expect(process.state == .stopped)
        let identity = try process.start(executable: script("exec sleep 60"))
        #expect(try process.start(executable: "/bin/false") == identity)
        #expect(NodeProcess("cn1", in: place).identity == identity)
        #expect(process.state == .running)
        try process.setPaused(true)
        try await until { process.state == .paused }
        try process.setPaused(false)
        try await until { process.state == .running }
        #expect(try await process.stop() == .stopped)
        #expect(process.state == .stopped)
        #expect(try await process.stop() == .wasNotRunning)
        #expect(throws: TestnetError.self) { try process.setPaused(true) }
    }

    @Test
    func `is stopped even while it is paused`() async throws {
        let process = NodeProcess("cn1", in: place)
        _ = try process.start(executable: script("exec sleep 60"))
        try process.setPaused(true)
        #expect(try await process.stop() == .stopped)
    }

    @Test
    func `is killed if it does not stop in time`() async throws {
        let process = NodeProcess("cn1", in: place)
        _ = try process.start(executable: script("trap '' TERM; echo deaf; while :; do sleep 0.1; done"))
        try await until { process.log.lines == ["deaf"] }
        #expect(try await process.stop(within: .milliseconds(300)) == .killed)
        #expect(process.state == .stopped)
    }

    @Test
    func `is never mistaken for a stranger with its number`() async throws {
        try System.makeDirectory(place.directory(of: "cn2"))
        let stranger = NodeProcess("cn2", in: place)
        let number = try stranger.start(executable: script("exec sleep 60")).id
        try folder.write("\(number)\nanother time\n", to: "cn1/pid")
        let process = NodeProcess("cn1", in: place)
        #expect(process.state == .stopped)
        #expect(throws: TestnetError.self) { try process.setPaused(true) }
        #expect(try await process.kill() == .wasNotRunning)
        #expect(stranger.state == .running)
        #expect(try await stranger.stop() == .stopped)
    }

    @Test(arguments: ["", "1", "0\nx\n", "-1\nx\n", "many\nlines\nhere\n"])
    func `is nobody where the pid file is damaged`(text: String) throws {
        try folder.write(text, to: "cn1/pid")
        #expect(NodeProcess("cn1", in: place).state == .stopped)
    }

    @Test
    func `appends both outputs to its log and inherits nothing else`() async throws {
        let process = NodeProcess("cn1", in: place)
        try folder.write("before\n", to: "cn1/log")
        let inherited = try folder.write("", to: "inherited")
        let handle = try #require(FileHandle(forWritingAtPath: inherited))
        defer { handle.closeFile() }
        let program = try script("echo out; echo err >&2; ls -l /dev/fd/ | grep -c inherited; exec sleep 60")
        _ = try process.start(executable: program)
        try await until { process.log.lines.count == 4 }
        #expect(process.log.lines == ["before", "out", "err", "0"])
        _ = try await process.kill()
    }

    @Test
    func `shows its last lines when it ends by itself`() async throws {
        let place = NetworkFolder("\(folder.path)/net")
        var wishes = Up.Wishes()
        wishes.council = 1
        wishes.rangers = 0
        wishes.basePort = 21_000
        let up = Up(place, executable: try script("echo disk on fire; exit 3"))
        let error = try await #require(throws: TestnetError.self) { try await up.run(wishes) { _ in } }
        #expect(error.description.contains("cn1 stopped by itself"))
        // Whether the line is there depends on how far the process got before it was looked for.
        try await until { LogTail(path: place.logPath(of: "cn1")).lines == ["disk on fire"] }
    }

    @Test
    func `is reported at once when it dies while others are still awaited`() async throws {
        let place = NetworkFolder("\(folder.path)/net")
        var wishes = Up.Wishes()
        wishes.council = 2
        wishes.rangers = 0
        wishes.basePort = 21_200
        let body = "case $3 in */cn2/*) echo no space left; sleep 0.2; exit 1;; esac; exec sleep 60"
        let start = ContinuousClock.now
        let up = Up(place, executable: try script(body))
        let error = try await #require(throws: TestnetError.self) { try await up.run(wishes) { _ in } }
        #expect(error.description.hasPrefix("cn2 stopped by itself"))
        #expect(error.description.contains("| no space left"))
        #expect(ContinuousClock.now - start < Readiness.deadline / 2)
        #expect(try LocalNetwork(place).runningNodes.isEmpty)
        try await LocalNetwork.reset(place)
        #expect(!System.exists(place.path))
    }

    @Test
    func `has no folder any more after a reset, also when its network was never finished`() async throws {
        let place = NetworkFolder("\(folder.path)/net")
        await #expect(throws: TestnetError.self) { try await LocalNetwork.reset(place) }
        try System.makeDirectory(place.path)
        _ = try FolderLock(place)
        try System.makeDirectory(place.directory(of: "cn1"))
        try await LocalNetwork.reset(place)
        #expect(!System.exists(place.path))
    }

    @Test
    func `is awaited no longer than the deadline, and not left behind`() async throws {
        let place = NetworkFolder("\(folder.path)/net")
        var wishes = Up.Wishes()
        wishes.council = 1
        wishes.rangers = 0
        wishes.basePort = 21_100
        let up = Up(place, executable: try script("echo waiting; exec sleep 60"), deadline: .seconds(2))
        let error = try await #require(throws: TestnetError.self) { try await up.run(wishes) { _ in } }
        #expect(error.description.hasPrefix("cn1 did not reach an answer at http://127.0.0.1:21100 (cannot reach"))
        #expect(error.description.contains(" within 2s"))
        #expect(error.description.contains("| waiting"))
        #expect(try LocalNetwork(place).runningNodes.isEmpty)
    }

    @Test
    func `is not started on a port that is taken`() async throws {
        let server = try await StubServer.start { _ in .ok("") }
        let place = NetworkFolder("\(folder.path)/net")
        var wishes = Up.Wishes()
        wishes.council = 1
        wishes.rangers = 0
        wishes.basePort = server.endpoint.port
        let up = Up(place, executable: "/bin/false")
        let error = try await #require(throws: TestnetError.self) { try await up.run(wishes) { _ in } }
        #expect(error.description.contains("cn1 cannot listen at \(server.endpoint)"))
        try await server.stop()
    }

    @Test
    func `is changed by one launcher at a time`() async throws {
        let lock = try FolderLock(place)
        #expect(throws: TestnetError.self) { _ = try FolderLock(place) }
        _ = consume lock
        _ = try FolderLock(place)
    }

    /// Waits until `condition` holds, for at most ten seconds.
    private func until(_ condition: () -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(10)
        while !condition() {
            try #require(clock.now < end, "waited for ten seconds")
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

import Foundation
import Network
import Primitives
import Testing

/// What another TLS implementation's user sees: OpenSSL's command line as the client.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
struct ForeignClientTests {
    /// Runs openssl with `arguments` and no input until it ends, off the threads that run tests.
    private func openssl(_ arguments: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try Self.run(arguments) })
            }
        }
    }

    /// Not by Foundation's `Process`: where a process has more than a thousand open files, as tests of sockets beside
    /// each other have, that reads past the end of its list of them and crashes (Swift 6.3.1, Linux).
    private static func run(_ arguments: [String]) throws -> String {
        let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
        // s_client ends when its input does.
        guard let pipe = unsafe popen("/usr/bin/openssl \(quoted) </dev/null 2>&1", "r") else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        defer { unsafe pclose(pipe) }
        var output = Data()
        while case let byte = unsafe getc(pipe), byte != EOF { output.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: output, as: UTF8.self)
    }

    private let ours = ["-alpn", "firetower/1/" + genesis.hex.dropFirst(2)]

    private func refusal(_ arguments: [String]) async throws -> DisconnectReason {
        let node = try await TestNode(1)
        var reason: DisconnectReason?
        try await with(node) {
            _ = try await openssl(["s_client", "-connect", "\(node.endpoint)"] + arguments)
            try await wait("it was refused") { node.log.now.refused.count == 1 }
            reason = node.log.now.refused[0].reason
            #expect(node.log.now.connected.isEmpty)
            #expect(try await node.connectionSockets() == 0)
        }
        return try #require(reason)
    }

    /// A self-signed certificate made by openssl itself.
    private func certificate(_ algorithm: [String]) async throws -> (arguments: [String], folder: URL) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "firetower-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (key, certificate) = (folder.appending(path: "key").path, folder.appending(path: "certificate").path)
        let made = try await openssl(
            ["req", "-x509", "-nodes", "-subj", "/CN=x", "-keyout", key, "-out", certificate] + algorithm)
        try #require(FileManager.default.fileExists(atPath: certificate), "\(made)")
        return (["-cert", certificate, "-key", key], folder)
    }

    @Test func `a client without a certificate is refused`() async throws {
        let reason = try await refusal(["-tls1_3"] + ours)
        #expect(reason == .handshakeFailed("peer did not return a certificate"))
    }

    @Test func `TLS 1.2 is refused`() async throws {
        guard case .handshakeFailed(let why) = try await refusal(["-tls1_2"] + ours) else {
            Issue.record("another reason")
            return
        }
        #expect(why.contains("version") || why.contains("protocol"))
    }

    @Test func `a client that offers no chain is refused`() async throws {
        let (arguments, folder) = try await certificate(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try await refusal(["-tls1_3"] + arguments) == .wrongChain(expected: genesis, found: nil))
    }

    @Test(arguments: [
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"], ["-newkey", "rsa:2048"],
        [
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit",
        ],
    ])
    func `a key that is no P-256 key is refused`(algorithm: [String]) async throws {
        let (arguments, folder) = try await certificate(algorithm)
        defer { try? FileManager.default.removeItem(at: folder) }
        guard case .handshakeFailed = try await refusal(["-tls1_3"] + ours + arguments) else {
            Issue.record("another reason")
            return
        }
    }

    @Test func `any self-signed P-256 certificate proves its key`() async throws {
        let (arguments, folder) = try await certificate(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        defer { try? FileManager.default.removeItem(at: folder) }
        let node = try await TestNode(1)
        try await with(node) {
            let output = try await openssl(
                ["s_client", "-connect", "\(node.endpoint)", "-tls1_3", "-showcerts"] + ours + arguments)
            try await wait("it came and went") { node.log.now.disconnected.count == 1 }
            #expect(node.log.now.refused.isEmpty)
            #expect(output.contains("TLS_AES_128_GCM_SHA256"))
            #expect(output.contains("CN = firetower") || output.contains("CN=firetower"))
            #expect(!output.contains("New Session Ticket"))
        }
    }
}

import Configuration
import Testing

@testable import Testnet

struct `The RPC client` {
    @Test
    func `makes many calls over one connection`() async throws {
        let server = try await StubServer.start { _ in .ok(#"{"jsonrpc":"2.0","id":1,"result":"0x2a"}"#) }
        let client = RPCClient(server.endpoint)
        for _ in 0..<10 { #expect(try await client.height() == 42) }
        #expect(server.connections == 1)
        client.close()
        #expect(try await client.height() == 42)
        #expect(server.connections == 2)
        client.close()
        try await server.stop()
    }

    @Test
    func `gives calls made at the same time their own answers`() async throws {
        let server = try await StubServer.start { request in
            let parameter = request.split(separator: "[")[1].prefix { $0 != "]" }
            return .ok(#"{"jsonrpc":"2.0","id":1,"result":\#(parameter)}"#)
        }
        let client = RPCClient(server.endpoint)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask { try await client.call("echo", .integer(Int64(number))) == .integer(Int64(number)) }
            }
            for try await isOwn in group { #expect(isOwn) }
        }
        client.close()
        try await server.stop()
    }

    @Test
    func `puts a batch's answers in the order of its calls`() async throws {
        let server = try await StubServer.start { _ in
            .ok(
                #"[{"id":1,"error":{"code":-32601,"message":"the method b does not exist"}},{"id":0,"result":null}]"#)
        }
        let client = RPCClient(server.endpoint)
        let answers = try await client.batch([RPCCall("a"), RPCCall("b")])
        #expect(try answers[0].get() == .null)
        #expect(throws: RPCRefusal(code: RPCRefusal.unknownMethod, message: "the method b does not exist")) {
            try answers[1].get()
        }
        client.close()
        try await server.stop()
    }

    @Test(arguments: [
        ("", "something else than JSON-RPC"), ("<html>", "something else than JSON-RPC"),
        ("{}", "neither result nor error"),
        (#"{"id":1,"error":{"code":-32000,"message":"no"}}"#, "no (code -32000)"),
    ])
    func `says what is wrong with an answer`(body: String, message: String) async throws {
        let server = try await StubServer.start { _ in .ok(body) }
        let client = RPCClient(server.endpoint)
        let error = try await #require(throws: RPCClientError.self) { try await client.call("x") }
        #expect(error.description.contains(message), "\(error)")
        client.close()
        try await server.stop()
    }

    @Test
    func `reports statuses, lost connections, silence and closed ports`() async throws {
        let server = try await StubServer.start { request in
            if request.contains("status") { return .status(429) }
            return request.contains("silence") ? .silence : .hangUp
        }
        let client = RPCClient(server.endpoint)
        let status = try await #require(throws: RPCClientError.self) { try await client.call("status") }
        #expect(status.description.contains("HTTP status 429"))
        let lost = try await #require(throws: RPCClientError.self) { try await client.call("bye") }
        #expect(lost.description.contains("closed the connection"))
        let impatient = RPCClient(server.endpoint, timeout: .milliseconds(200))
        let silence = try await #require(throws: RPCClientError.self) { try await impatient.call("silence") }
        #expect(silence.description.contains("within 200ms"))
        try await server.stop()
        for client in [client, impatient] { client.close() }
        let gone = try await #require(throws: RPCClientError.self) { try await client.call("bye") }
        #expect(gone.description.contains("cannot reach"))
    }
}

import RPC
import Testing

/// Who may talk to a server on somebody's own machine.
@Suite(.timeLimit(.minutes(5))) struct HTTPAccessTests {
    private let chainID = #"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#

    @Test func `a host name that can be rebound to us is refused`() async throws {
        try await TestServer.run { configuration in
            configuration.hostNames = ["Node.Example"]
        } _: { world in
            for host in [
                "localhost", "LOCALHOST:8545", "cn1.localhost:1", "127.0.0.1", "127.0.0.1:8545", "[::1]", "[::1]:8545",
                "10.0.0.7:80", "[fe80::1]:80", "node.example", "node.example:8545", "",
            ] {
                #expect(try await world.post(chainID, headers: ["host: \(host)"]).status == 200, "\(host)")
            }
            for host in [
                "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "1.2.3", "1.2.3.4.5", "256.1.1.1",
                "[::1", "[evil.example]", "localhost:evil", "evil.example:8545", "0x7f000001", "[]",
            ] {
                let reply = try await world.post(chainID, headers: ["host: \(host)"])
                #expect(reply.status == 403, "\(host)")
                #expect(reply.text == "invalid host specified\n")
            }
        }
    }

    @Test func `pages on loopback may read answers and others may not`() async throws {
        try await TestServer.run { configuration in
            configuration.origins = ["https://app.example"]
        } _: { world in
            for origin in [
                "http://localhost", "http://localhost:3000", "https://app.localhost", "http://127.0.0.1:5173",
                "http://[::1]:80", "https://app.example",
            ] {
                let reply = try await world.post(chainID, headers: ["origin: \(origin)"])
                #expect(reply.status == 200)
                #expect(reply.headers["access-control-allow-origin"] == origin)
                #expect(reply.headers["vary"] == "origin")
            }
            for origin in [
                "http://evil.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "null",
                "chrome-extension://abc", "http://10.0.0.7", "file://",
            ] {
                // JSON is sent only by what asked before, or by an extension that may: answered, not shared.
                let reply = try await world.post(chainID, headers: ["origin: \(origin)"])
                #expect(reply.status == 200, "\(origin)")
                #expect(reply.headers["access-control-allow-origin"] == nil)
                // What a page can send without asking is not taken from it.
                for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
                    let simple = try await world.post(chainID, headers: ["origin: \(origin)", "content-type: \(type)"])
                    #expect(simple.status == 415)
                }
            }
            let curl = try await world.post(chainID, headers: ["content-type: application/x-www-form-urlencoded"])
            #expect(curl.status == 200)
        }
    }

    @Test func `a preflight is passed for pages on loopback only`() async throws {
        try await TestServer.run { world in
            let client = try await world.connect()
            let ask = "access-control-request-method: POST\r\naccess-control-request-headers: content-type,baggage\r\n"
            try await client.send(
                "OPTIONS / HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost:3000\r\n\(ask)\r\n")
            let allowed = try await client.reply()
            #expect(allowed.status == 204)
            #expect(allowed.headers["access-control-allow-origin"] == "http://localhost:3000")
            #expect(allowed.headers["access-control-allow-headers"] == "content-type,baggage")
            #expect(allowed.headers["access-control-allow-methods"]?.contains("POST") == true)
            try await client.send("OPTIONS / HTTP/1.1\r\nhost: localhost\r\norigin: http://evil.example\r\n\(ask)\r\n")
            let refused = try await client.reply()
            #expect(refused.status == 403)
            #expect(refused.headers["access-control-allow-origin"] == nil)
            try await client.close()
        }
    }
}

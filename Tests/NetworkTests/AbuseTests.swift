import Crypto
import NIOCore
import NIOPosix
import Network
import Primitives
import Testing

/// Peers that follow no rules: silence, garbage, lengths that lie.
@Suite struct AbuseTests {
    @Test func `plain text is refused and its socket closed`() async throws {
        let node = try await TestNode(1, limits: patientLimits)
        try await with(node) {
            let client = try await RawClient(to: node.endpoint, key: nil)
            try await client.write(Bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            try await wait("it was closed") { client.now.isClosed && node.log.now.refused.count == 1 }
            guard case .handshakeFailed = node.log.now.refused[0].reason else {
                Issue.record("found \(node.log.now.refused[0].reason)")
                return
            }
            #expect(try await node.connectionSockets() == 0)
        }
    }

    @Test func `a client that says nothing is closed by the deadline`() async throws {
        var limits = patientLimits
        limits.handshakeTimeout = .milliseconds(300)
        let node = try await TestNode(1, limits: limits)
        try await with(node) {
            let client = try await RawClient(to: node.endpoint, key: nil)
            // It begins a ClientHello and drips.
            try? await client.write([0x16, 0x03, 0x01, 0x02])
            try await wait("it was closed") { client.now.isClosed && node.log.now.refused.count == 1 }
            #expect(node.log.now.refused[0].reason == .handshakeTimedOut)
            #expect(try await node.connectionSockets() == 0)
        }
    }

    @Test func `a listener that never answers is given up by the deadline`() async throws {
        var limits = patientLimits
        limits.handshakeTimeout = .milliseconds(300)
        let node = try await TestNode(1, limits: limits)
        let silent = try await SilentListener()
        try await with(node) {
            try await node.act { $0.connect(to: silent.endpoint) }
            try await wait("it gave up") { node.log.now.failed.count == 1 }
            #expect(node.log.now.failed[0].reason == .handshakeTimedOut)
            try await wait("the socket is closed") { try await node.connectionSockets() == 0 }
        }
        await silent.close()
    }

    @Test(arguments: [UInt32.max, (16 << 20) + 1] as [UInt32])
    func `a frame of gigabytes ends the connection by its header`(length: UInt32) async throws {
        let node = try await TestNode(1)
        try await with(node) {
            let client = try await RawClient(to: node.endpoint, key: nodeKey(2))
            try await wait("it was admitted") { client.now.received == [0] && node.log.now.peers.count == 1 }
            try await client.write(Bytes(ByteBuffer(integer: length).readableBytesView))
            try await wait("it was closed") { client.now.isClosed && node.log.now.disconnected.count == 1 }
            #expect(
                node.log.now.disconnected[0].reason == .frameTooLarge(limit: 16 << 20, found: Int(length)))
        }
    }

    @Test func `an empty frame ends the connection`() async throws {
        let node = try await TestNode(1)
        try await with(node) {
            let client = try await RawClient(to: node.endpoint, key: nodeKey(2))
            try await wait("it was admitted") { client.now.received == [0] }
            try await client.write([0, 0, 0, 1, 7, 0, 0, 0, 0])
            try await wait("it was closed") { client.now.isClosed && node.log.now.disconnected.count == 1 }
            #expect(node.log.now.disconnected[0].reason == .emptyFrame)
            #expect(node.log.now.frames.values.map { $0 } == [[[7]]])
        }
    }

    @Test func `a frame that is begun and not finished ends the connection`() async throws {
        var limits = patientLimits
        limits.frameTimeout = .milliseconds(300)
        let node = try await TestNode(1, limits: limits)
        try await with(node) {
            let client = try await RawClient(to: node.endpoint, key: nodeKey(2))
            try await wait("it was admitted") { client.now.received == [0] }
            try await client.write([0, 0, 0, 9, 1])
            // Dripping does not help: the time runs from the first byte.
            var drips = 0
            try await wait("it was closed") {
                drips += 1
                if drips < 4 { try? await client.write([1]) }
                return client.now.isClosed && node.log.now.disconnected.count == 1
            }
            #expect(node.log.now.disconnected[0].reason == .frameTimedOut)
        }
    }

    @Test func `a peer that says nothing is closed where an idle timeout is set`() async throws {
        var limits = patientLimits
        limits.idleTimeout = .milliseconds(300)
        let node = try await TestNode(1, limits: limits)
        try await with(node) {
            let client = try await RawClient(to: node.endpoint, key: nodeKey(2))
            try await wait("it was closed") { client.now.isClosed && node.log.now.disconnected.count == 1 }
            #expect(node.log.now.disconnected[0].reason == .idle)
        }
    }

    @Test func `a peer that does not read is disconnected at the bound, and nobody else is`() async throws {
        var limits = patientLimits
        limits.outboundBufferBytesMax = 1 << 20
        let (node, reader) = (try await TestNode(1, limits: limits), try await TestNode(3))
        try await with(node, reader) {
            let client = try await RawClient(to: node.endpoint, key: nodeKey(2))
            try await wait("it was admitted") { client.now.received == [0] && node.log.now.peers.count == 1 }
            let slow = node.log.now.peers[0].id
            let fast = try await link(reader, node)
            try await client.stopReading()
            let frame = Bytes(repeating: 1, count: 100_000)
            // The system's own buffers take some megabytes first.
            var sent = 0
            while node.log.now.disconnected.isEmpty, sent < 1000 {
                sent += 1
                try await node.act { $0.broadcast(frame, to: [slow, fast.atSecond]) }
                try await wait("the other one reads on") { reader.frames(from: fast.atFirst).count == sent }
            }
            #expect(node.log.now.disconnected.map(\.peer) == [slow])
            #expect(node.log.now.disconnected.map(\.reason) == [.slowReader(limit: 1 << 20)])
            #expect(node.peer(reader) == fast.atSecond)
            await client.close()
        }
    }

    @Test func `a frame too large for the outbound buffer as it stands disconnects even at once`() async throws {
        var limits = patientLimits
        limits.outboundBufferBytesMax = 1000
        let (first, second) = (try await TestNode(1, limits: limits), try await TestNode(2))
        try await with(first, second) {
            let link = try await link(first, second)
            try await first.send(Bytes(repeating: 0, count: 997), to: link.atFirst)
            try await wait("it ended") { first.log.now.disconnected.count == 1 }
            #expect(first.log.now.disconnected[0].reason == .slowReader(limit: 1000))
        }
    }
}

/// Accepts TCP and never says a word.
struct SilentListener {
    let endpoint: Endpoint
    private let channel: any Channel

    init() async throws {
        channel = try await ServerBootstrap(group: testLoops).bind(host: "127.0.0.1", port: 0).get()
        endpoint = Endpoint(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }

    func close() async { try? await channel.close().get() }
}

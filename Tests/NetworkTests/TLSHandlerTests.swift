import Crypto
import NIOCore
import NIOEmbedded
import Primitives
import Testing

@testable import Network

/// Two TLS handlers back to back, without sockets.
private struct Wire {
    let client = EmbeddedChannel()
    let server = EmbeddedChannel()
    let clientTop = Top()
    let serverTop = Top()

    final class Top: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var received = Bytes()
        var key: NodePublicKey?
        var reasons: [DisconnectReason] = []

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += unwrapInboundIn(data).readableBytesView
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if let proof = event as? TLSHandler.Authenticated { key = proof.key }
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if let reason = error as? DisconnectReason { reasons.append(reason) }
        }
    }

    init(
        clientKey: UInt64 = 1, serverKey: UInt64 = 2, clientGenesis: Hash32 = genesis, handshakeBytesMax: Int = 32768
    ) throws {
        let clientContext = try TLSContext(key: nodeKey(clientKey), genesisHash: clientGenesis)
        let serverContext = try TLSContext(key: nodeKey(serverKey), genesisHash: genesis)
        try server.pipeline.syncOperations.addHandlers(
            TLSHandler(serverContext, .server, handshakeBytesMax: handshakeBytesMax), serverTop)
        try client.pipeline.syncOperations.addHandlers(
            TLSHandler(clientContext, .client, handshakeBytesMax: handshakeBytesMax), clientTop)
        try server.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try client.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// Carries bytes over in pieces until both sides are silent.
    ///
    /// - Returns: How many bytes went from client to server, and back.
    @discardableResult
    func carry(pieceBytes: Int = .max) throws -> (up: Int, down: Int) {
        var counts = (up: 0, down: 0)
        while true {
            let (up, down) = (try move(client, server, pieceBytes), try move(server, client, pieceBytes))
            counts = (counts.up + up, counts.down + down)
            if up + down == 0 { return counts }
        }
    }

    private func move(_ from: EmbeddedChannel, _ to: EmbeddedChannel, _ pieceBytes: Int) throws -> Int {
        var count = 0
        while var bytes = try from.readOutbound(as: ByteBuffer.self) {
            count += bytes.readableBytes
            while let piece = bytes.readSlice(length: min(pieceBytes, bytes.readableBytes)), piece.readableBytes > 0 {
                try to.writeInbound(piece)
            }
        }
        return count
    }

    func finish() {
        _ = try? client.finish(acceptAlreadyClosed: true)
        _ = try? server.finish(acceptAlreadyClosed: true)
    }
}

@Suite struct TLSHandlerTests {
    @Test(arguments: [1, 2, 7, 1000, Int.max])
    func `two nodes prove their keys to each other however the bytes arrive`(pieceBytes: Int) throws {
        let wire = try Wire()
        defer { wire.finish() }
        let counts = try wire.carry(pieceBytes: pieceBytes)
        #expect(try wire.clientTop.key == nodeKey(2).publicKey)
        #expect(try wire.serverTop.key == nodeKey(1).publicKey)
        #expect(counts.up < 2048 && counts.down < 2048)

        try wire.client.writeOutbound(ByteBuffer(string: "up"))
        try wire.server.writeOutbound(ByteBuffer(string: "down"))
        try wire.carry(pieceBytes: pieceBytes)
        #expect(wire.serverTop.received == Bytes("up".utf8))
        #expect(wire.clientTop.received == Bytes("down".utf8))
    }

    @Test func `eight megabytes arrive whole`() throws {
        let wire = try Wire()
        defer { wire.finish() }
        try wire.carry()
        var block = Bytes(repeating: 0, count: 8 << 20)
        for index in block.indices { block[index] = UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 13) }
        try wire.client.writeOutbound(ByteBuffer(bytes: block))
        try wire.carry(pieceBytes: 60_000)
        #expect(wire.serverTop.received == block)
    }

    @Test func `traffic keys are renewed while frames flow`() throws {
        let wire = try Wire()
        defer { wire.finish() }
        try wire.carry()
        for channel in [wire.client, wire.server] {
            try channel.pipeline.syncOperations.handler(type: TLSHandler.self).session.recordsPerKey = 3
        }
        for number: UInt8 in 0..<20 {
            try wire.client.writeOutbound(ByteBuffer(bytes: [number]))
            try wire.server.writeOutbound(ByteBuffer(bytes: [number, number]))
            try wire.carry()
        }
        #expect(wire.serverTop.received == Bytes(0..<20))
        #expect(wire.clientTop.received.count == 40)
    }

    @Test func `a peer that makes us renew keys and does not read is disconnected`() throws {
        let wire = try Wire()
        defer { wire.finish() }
        try wire.carry()
        let attacker = try wire.client.pipeline.syncOperations.handler(type: TLSHandler.self).session
        wire.server.isWritable = false
        var requests = 0
        while wire.serverTop.reasons.isEmpty, requests < 10_000 {
            attacker.renewKey(askingPeer: true)
            try wire.client.writeOutbound(ByteBuffer(bytes: [1]))
            while let bytes = try wire.client.readOutbound(as: ByteBuffer.self) { try wire.server.writeInbound(bytes) }
            requests += 1
        }
        #expect(wire.serverTop.reasons == [.slowReader(limit: TLSHandler.unreadAnswerBytesMax)])
    }

    @Test func `another genesis is refused on both sides in words`() throws {
        let other = Hash32(9, 9, 9, 9)
        let wire = try Wire(clientGenesis: other)
        defer { wire.finish() }
        try wire.carry()
        let offered = "firetower/1/" + other.hex.dropFirst(2)
        #expect(wire.serverTop.reasons == [.wrongChain(expected: genesis, found: offered)])
        #expect(wire.clientTop.reasons == [.wrongChain(expected: other, found: nil)])
        #expect(wire.serverTop.key == nil && wire.clientTop.key == nil)
        #expect(wire.serverTop.reasons[0].description.contains(genesis.hex))
    }

    @Test func `garbage is refused, and nothing is read after it`() throws {
        let wire = try Wire()
        defer { wire.finish() }
        try wire.server.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        try wire.server.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\n"))
        #expect(wire.serverTop.reasons.count == 1)
        guard case .handshakeFailed = wire.serverTop.reasons.first else {
            Issue.record("found \(wire.serverTop.reasons)")
            return
        }
    }

    @Test func `a handshake of too many bytes is refused`() throws {
        let wire = try Wire(handshakeBytesMax: 200)
        defer { wire.finish() }
        try wire.carry()
        #expect(wire.serverTop.reasons == [.handshakeFailed("more than 200 bytes")])
    }

    @Test func `a changed byte on the wire ends the connection`() throws {
        let wire = try Wire()
        defer { wire.finish() }
        try wire.carry()
        try wire.client.writeOutbound(ByteBuffer(string: "vote"))
        guard var record = try wire.client.readOutbound(as: ByteBuffer.self) else {
            Issue.record("nothing was written")
            return
        }
        let last = record.writerIndex - 1
        record.setInteger((record.getInteger(at: last, as: UInt8.self) ?? 0) ^ 1, at: last)
        try wire.server.writeInbound(record)
        #expect(wire.serverTop.received.isEmpty)
        #expect(wire.serverTop.reasons.count == 1)
    }

    @Test func `a goodbye is heard`() throws {
        let wire = try Wire()
        defer { wire.finish() }
        try wire.carry()
        try wire.client.writeOutbound(ByteBuffer(string: "last"))
        wire.client.close(promise: nil)
        try wire.carry()
        #expect(wire.serverTop.received == Bytes("last".utf8))
        #expect(wire.serverTop.reasons == [.closedByPeer])
    }

    @Test func `a closed connection leaves nothing behind`() throws {
        let context = try TLSContext(key: nodeKey(1), genesisHash: genesis)
        weak var handler: TLSHandler?
        weak var session: TLSSession?
        do {
            let channel = EmbeddedChannel()
            let made = try TLSHandler(context, .client, handshakeBytesMax: 32768)
            handler = made
            session = made.session
            try channel.pipeline.syncOperations.addHandler(made)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            #expect(handler != nil && session != nil)
            _ = try channel.finish()
        }
        #expect(handler == nil && session == nil)
    }

    @Test(arguments: [
        Bytes(), [0], [5, 1, 2], [2, 104], Bytes(repeating: 255, count: 300), Bytes(repeating: 0, count: 300),
    ])
    func `a list of protocols without ours is read without harm`(list: Bytes) {
        #expect(ChainProtocol(genesisHash: genesis).position(in: list) == nil)
        #expect((ChainProtocol.firstName(in: list) ?? "").utf8.allSatisfy { (32...126).contains($0) })
    }

    @Test(arguments: [Bytes(), [2, 104, 50], [0]])
    func `our protocol is found wherever it stands in the list`(before: Bytes) {
        let chain = ChainProtocol(genesisHash: genesis)
        #expect(chain.position(in: before + chain.wire + [2, 104, 50]) == before.count + 1)
        #expect(chain.position(in: before + chain.wire.dropLast()) == nil)
        #expect(chain.name.count <= 255)
    }
}

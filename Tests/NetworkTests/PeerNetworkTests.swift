import Crypto
import NIOCore
import NIOPosix
import Network
import Primitives
import Testing

/// Two nodes and what they say to each other, over sockets.
@Suite struct PeerNetworkTests {
    @Test func `two nodes know each other's keys and exchange frames both ways in order`() async throws {
        let (first, second) = (try await TestNode(1), try await TestNode(2))
        try await with(first, second) {
            let link = try await link(first, second)
            #expect(first.log.now.peers[0].remote == second.endpoint)
            #expect(!first.log.now.peers[0].isInbound && second.log.now.peers[0].isInbound)
            let frames = (1...200).map { number in Bytes(repeating: UInt8(number), count: number * 7) }
            for frame in frames {
                try await first.send(frame, to: link.atFirst)
                try await second.send(frame.reversed() + [0], to: link.atSecond)
            }
            try await wait("all frames came") {
                second.frames(from: link.atSecond).count == 200 && first.frames(from: link.atFirst).count == 200
            }
            #expect(second.frames(from: link.atSecond) == frames)
            #expect(first.frames(from: link.atFirst) == frames.map { $0.reversed() + [0] })
            #expect(first.log.now.outOfOrder.isEmpty && second.log.now.outOfOrder.isEmpty)
            let statistics = try await first.act { $0.statistics }
            #expect(statistics.framesSent == 200 && statistics.framesReceived == 200)
            #expect(statistics.outbound == 1 && statistics.inbound == 0 && statistics.handshaking == 0)
        }
    }

    @Test(arguments: [8 << 20, 16 << 20])
    func `a large frame arrives whole, between small ones`(byteCount: Int) async throws {
        let (first, second) = (try await TestNode(1), try await TestNode(2))
        try await with(first, second) {
            let link = try await link(first, second)
            var block = Bytes(repeating: 0, count: byteCount)
            for index in block.indices { block[index] = UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 11) }
            for frame in [[1], block, [2]] { try await first.send(frame, to: link.atFirst) }
            try await wait("the frames came") { second.frames(from: link.atSecond).count == 3 }
            #expect(second.frames(from: link.atSecond) == [[1], block, [2]])
        }
    }

    @Test func `a node may act on a frame while it handles it`() async throws {
        let (first, second) = (try await TestNode(1), try await TestNode(2))
        try await with(first, second) {
            let network = second.network
            second.log.onFrame { frame, peer in
                if frame == [0] { return network.disconnect(peer, because: .penalised("it said 0")) }
                network.send(frame + [1], to: peer)
            }
            let link = try await link(first, second)
            try await first.send([9], to: link.atFirst)
            try await wait("the answer came") { first.frames(from: link.atFirst) == [[9, 1]] }
            let peer = link.atFirst
            try await first.act { network in
                for frame: Bytes in [[0], [5], [6]] { network.send(frame, to: peer) }
            }
            try await wait("it ended on both sides") {
                first.log.now.disconnected.count == 1 && second.log.now.disconnected.count == 1
            }
            #expect(second.log.now.disconnected.map(\.reason) == [.penalised("it said 0")])
            #expect(first.log.now.disconnected.map(\.reason) == [.closedByPeer])
            // The frames behind the one that was punished were not delivered.
            #expect(second.frames(from: link.atSecond) == [[9], [0]])
            #expect(first.log.now.outOfOrder.isEmpty && second.log.now.outOfOrder.isEmpty)
        }
    }

    @Test func `what was sent before a disconnect still arrives`() async throws {
        let (first, second) = (try await TestNode(1), try await TestNode(2))
        try await with(first, second) {
            let link = try await link(first, second)
            try await first.act { network in
                network.send([1, 2, 3], to: link.atFirst)
                network.disconnect(link.atFirst, because: .dismissed("done"))
                network.send([4], to: link.atFirst)
            }
            try await wait("it ended on both sides") {
                first.log.now.disconnected.count == 1 && second.log.now.disconnected.count == 1
            }
            #expect(second.frames(from: link.atSecond) == [[1, 2, 3]])
            #expect(first.log.now.disconnected.map(\.reason) == [.dismissed("done")])
        }
    }

    @Test func `a broadcast reaches those who are there`() async throws {
        let hub = try await TestNode(1)
        let leaves = [try await TestNode(2), try await TestNode(3), try await TestNode(4)]
        try await with([hub] + leaves) {
            var peers: [PeerID] = []
            for leaf in leaves { peers.append(try await link(leaf, hub).atSecond) }
            let everybody = peers + [PeerID(value: 999)]
            try await hub.act { $0.broadcast([42], to: everybody) }
            try await wait("everyone heard it") {
                leaves.allSatisfy { leaf in leaf.peer(hub).map { leaf.frames(from: $0) } == [[42]] }
            }
        }
    }

    @Test func `another genesis is refused on both sides in words`() async throws {
        let other = Hash32(6, 6, 6, 6)
        let (first, second) = (try await TestNode(1, genesis: other), try await TestNode(2))
        try await with(first, second) {
            try await first.connect(to: second)
            try await wait("both refused") {
                first.log.now.failed.count == 1 && second.log.now.refused.count == 1
            }
            #expect(first.log.now.failed[0].to == second.endpoint)
            #expect(first.log.now.failed[0].reason == .wrongChain(expected: other, found: nil))
            #expect(
                second.log.now.refused[0].reason
                    == .wrongChain(expected: genesis, found: "firetower/1/" + other.hex.dropFirst(2)))
            #expect(first.log.now.connected.isEmpty && second.log.now.connected.isEmpty)
            try await wait("the sockets are closed") {
                let sockets = (try await first.connectionSockets(), try await second.connectionSockets())
                return sockets == (0, 0)
            }
        }
    }

    @Test func `a node does not connect to itself`() async throws {
        let node = try await TestNode(1)
        try await with(node) {
            try await node.connect(to: node)
            try await wait("it noticed") { node.log.now.failed.count == 1 && node.log.now.refused.count == 1 }
            #expect(node.log.now.failed[0].reason == .selfConnection)
            #expect(node.log.now.connected.isEmpty)
            try await wait("the sockets are closed") { try await node.connectionSockets() == 0 }
        }
    }

    @Test func `a connect to nobody fails in words`() async throws {
        let (node, gone) = (try await TestNode(1), try await TestNode(2))
        await gone.network.shutdown()
        try await with(node) {
            try await node.connect(to: gone)
            try await node.act { $0.connect(to: Endpoint(host: "no-such-host.invalid", port: 1)) }
            try await wait("both failed") { node.log.now.failed.count == 2 }
            for failure in node.log.now.failed {
                guard case .io(let what) = failure.reason else {
                    Issue.record("found \(failure.reason)")
                    continue
                }
                #expect(!what.isEmpty)
            }
        }
    }

    @Test func `a port that is taken is named`() async throws {
        let node = try await TestNode(1)
        try await with(node) {
            let second = PeerNetwork(
                configuration: NetworkConfiguration(
                    key: try nodeKey(2), genesisHash: genesis, listen: node.endpoint),
                eventLoop: testLoops.next(), events: node.log)
            do throws(NetworkFailure) {
                _ = try await second.start()
                Issue.record("two nodes listen on one port")
            } catch {
                #expect(error.description.contains("\(node.endpoint)"))
            }
            await second.shutdown()
        }
    }

    @Test func `shutdown closes everything and reports every peer`() async throws {
        let hub = try await TestNode(1)
        let leaves = [try await TestNode(2), try await TestNode(3), try await TestNode(4)]
        try await with(leaves) {
            for leaf in leaves.dropLast() { _ = try await link(leaf, hub) }
            _ = try await link(hub, leaves[2])
            // One more that never gets beyond TCP.
            let silent = try await RawClient(to: hub.endpoint, key: nil)
            try await wait("four connections") { try await hub.connectionSockets() == 4 }
            await hub.network.shutdown()
            #expect(hub.log.now.peers.isEmpty)
            #expect(hub.log.now.disconnected.map(\.reason) == Array(repeating: .shuttingDown, count: 3))
            #expect(try await hub.act { $0.statistics.openSockets } == 0)
            try await wait("the others noticed") {
                leaves.allSatisfy { $0.log.now.disconnected.map(\.reason) == [.closedByPeer] } && silent.now.isClosed
            }
            try await hub.act { $0.connect(to: leaves[0].endpoint) }
            try await wait("nothing begins any more") { hub.log.now.failed.map(\.reason) == [.shuttingDown] }
        }
    }

    @Test func `after shutdown nothing of a network stays in memory`() async throws {
        weak var network: PeerNetwork?
        weak var log: EventLog?
        do {
            let (first, second) = (try await TestNode(1), try await TestNode(2))
            (network, log) = (first.network, first.log)
            try await with(first, second) { _ = try await link(first, second) }
        }
        try await wait("the last jobs of the loop are done") { network == nil && log == nil }
    }

    @Test func `a peer that vanishes is reported and may come back`() async throws {
        let (first, second) = (try await TestNode(1), try await TestNode(2))
        try await with(first, second) {
            let before = try await link(first, second)
            try await first.act { $0.disconnect(before.atFirst, because: .dismissed("test")) }
            try await wait("both know") {
                first.log.now.disconnected.count == 1 && second.log.now.disconnected.count == 1
            }
            let after = try await link(first, second)
            #expect(after.atFirst != before.atFirst && after.atSecond != before.atSecond)
        }
    }
}

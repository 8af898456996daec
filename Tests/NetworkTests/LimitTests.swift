import Crypto
import NIOCore
import Primitives
import Testing

@testable import Network

/// How many may come.
@Suite struct LimitTests {
    @Test func `one peer too many is told so`() async throws {
        var limits = patientLimits
        (limits.inboundMax, limits.reservedForCouncil) = (2, 0)
        let hub = try await TestNode(1, limits: limits)
        let leaves = [try await TestNode(2), try await TestNode(3), try await TestNode(4)]
        try await with([hub] + leaves) {
            for leaf in leaves.prefix(2) { _ = try await link(leaf, hub) }
            try await leaves[2].connect(to: hub)
            try await wait("it was refused") {
                leaves[2].log.now.failed.count == 1 && hub.log.now.refused.count == 1
            }
            #expect(leaves[2].log.now.failed[0].reason == .tooManyPeers)
            #expect(hub.log.now.refused[0].reason == .tooManyPeers)
            // A slot that is given back is free.
            await leaves[0].network.shutdown()
            try await wait("the slot is free") { hub.log.now.peers.count == 1 }
            _ = try await link(leaves[2], hub)
        }
    }

    @Test func `reserved slots are for council keys`() async throws {
        var limits = patientLimits
        (limits.inboundMax, limits.reservedForCouncil) = (3, 2)
        let hub = try await TestNode(1, limits: limits, council: [10, 11, 12])
        var nodes = [hub]
        for number: UInt64 in [2, 3, 10, 11, 12] { nodes.append(try await TestNode(number)) }
        try await with(nodes) {
            _ = try await link(nodes[1], hub)
            try await nodes[2].connect(to: hub)
            try await wait("the second ranger was refused") { nodes[2].log.now.failed.count == 1 }
            #expect(nodes[2].log.now.failed[0].reason == .tooManyPeers)
            for council in nodes[3...4] { _ = try await link(council, hub) }
            try await nodes[5].connect(to: hub)
            try await wait("the third of the council was refused") { nodes[5].log.now.failed.count == 1 }
            #expect(nodes[5].log.now.failed[0].reason == .tooManyPeers)
            #expect(hub.log.now.peers.count == 3)
        }
    }

    @Test func `one address may not hold more than its share of sockets`() async throws {
        var limits = patientLimits
        limits.perLoopbackMax = 3
        let node = try await TestNode(1, limits: limits)
        try await with(node) {
            var clients: [RawClient] = []
            for _ in 0..<5 { clients.append(try await RawClient(to: node.endpoint, key: nil)) }
            try await wait("two were refused") { node.log.now.refused.count == 2 }
            #expect(node.log.now.refused.map(\.reason) == Array(repeating: .tooManyFromAddress(limit: 3), count: 2))
            try await wait("their sockets are closed") {
                try await node.connectionSockets() == 3 && clients.count { $0.now.isClosed } == 2
            }
            for client in clients { await client.close() }
            try await wait("the address is free again") { try await node.connectionSockets() == 0 }
            _ = try await RawClient(to: node.endpoint, key: nodeKey(2))
            try await wait("it is admitted") { node.log.now.peers.count == 1 }
        }
    }

    @Test func `one address may not begin connections without end`() throws {
        var limits = patientLimits
        (limits.beginsPerAddressMax, limits.addressWindow) = (2, .seconds(10))
        var roster = Roster(limits: limits)
        let busy = try #require(try AddressGroup(SocketAddress(ipAddress: "10.0.0.1", port: 1)))
        let other = try #require(try AddressGroup(SocketAddress(ipAddress: "10.0.0.2", port: 1)))
        let start = NIODeadline.now() + .seconds(20)
        #expect((0..<4).map { roster.addressBegins(busy, at: start + .seconds($0)) } == [nil, nil, 2, 2])
        #expect(roster.addressBegins(other, at: start + .seconds(4)) == nil)
        // Once the window is over the address may come again.
        #expect(roster.addressBegins(busy, at: start + .seconds(10)) == nil)
    }

    @Test func `the oldest handshake goes when one more begins`() async throws {
        var limits = patientLimits
        limits.handshakingMax = 2
        let node = try await TestNode(1, limits: limits)
        let friend = try await TestNode(2)
        try await with(node, friend) {
            let first = try await RawClient(to: node.endpoint, key: nil)
            try await wait("it is there") { try await node.connectionSockets() == 1 }
            let second = try await RawClient(to: node.endpoint, key: nil)
            try await wait("both are there") { try await node.connectionSockets() == 2 }
            // A flood of half-open connections does not keep an honest node out.
            _ = try await link(friend, node)
            try await wait("the first was pushed out") { first.now.isClosed }
            #expect(!second.now.isClosed)
            #expect(node.log.now.refused.map(\.reason) == [.tooManyPeers])
        }
    }

    @Test func `a node does not open more connections than it may`() async throws {
        var limits = patientLimits
        limits.outboundMax = 1
        let (node, first, second) = (
            try await TestNode(1, limits: limits), try await TestNode(2), try await TestNode(3)
        )
        try await with(node, first, second) {
            _ = try await link(node, first)
            try await node.connect(to: second)
            try await wait("it failed") { node.log.now.failed.count == 1 }
            #expect(node.log.now.failed[0].reason == .tooManyPeers)
        }
    }

    @Test func `a whole testnet fits on loopback`() async throws {
        let hub = try await TestNode(0)
        var leaves: [TestNode] = []
        for number: UInt64 in 1...40 { leaves.append(try await TestNode(number)) }
        try await with([hub] + leaves) {
            for leaf in leaves { try await leaf.connect(to: hub) }
            try await wait("all are connected") { hub.log.now.peers.count == 40 }
            #expect(hub.log.now.refused.isEmpty)
        }
    }
}

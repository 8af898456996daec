import Crypto
import Network
import Primitives
import Testing

/// Two connections between the same two keys.
@Suite struct DuplicateTests {
    @Test(arguments: 0..<12)
    func `two nodes that connect to each other at once keep one connection, the same one`(attempt: UInt64) async throws
    {
        let (first, second) = (try await TestNode(2 * attempt), try await TestNode(2 * attempt + 1))
        try await with(first, second) {
            async let up: Void = first.connect(to: second)
            async let down: Void = second.connect(to: first)
            _ = try await (up, down)
            try await wait("one connection is left, and it is the same") {
                guard let atFirst = first.log.now.peers.first, let atSecond = second.log.now.peers.first else {
                    return false
                }
                let sockets = (try await first.connectionSockets(), try await second.connectionSockets())
                let answered = first.connectsAnswered == 1 && second.connectsAnswered == 1
                return sockets == (1, 1) && answered && atFirst.isInbound != atSecond.isInbound
            }
            for node in [first, second] {
                #expect(node.log.now.outOfOrder.isEmpty)
                for (_, reason) in node.log.now.failed {
                    guard case .duplicate = reason else {
                        Issue.record("found \(reason)")
                        continue
                    }
                }
            }
            // It carries frames.
            guard let peer = first.peer(second) else { return }
            try await first.send([7], to: peer)
            try await wait("the frame came") { second.log.now.frames.values.contains([[7]]) }
        }
    }

    @Test func `to connect twice to one endpoint is refused with the peer's name`() async throws {
        let (first, second) = (try await TestNode(1), try await TestNode(2))
        try await with(first, second) {
            let link = try await link(first, second)
            try await first.connect(to: second)
            try await wait("it failed") { first.log.now.failed.count == 1 }
            #expect(first.log.now.failed[0].reason == .duplicate(of: link.atFirst))
        }
    }

    @Test func `the way back to a connected peer is refused with the peer's name`() async throws {
        let (first, second) = (try await TestNode(1), try await TestNode(2))
        let (small, large) = first.key.publicKey < second.key.publicKey ? (first, second) : (second, first)
        try await with(small, large) {
            let link = try await link(small, large)
            try await large.connect(to: small)
            try await wait("it failed") { large.log.now.failed.count == 1 && small.log.now.refused.count == 1 }
            #expect(large.log.now.failed[0].reason == .duplicate(of: link.atSecond))
            #expect(small.log.now.refused[0].reason == .duplicate(of: link.atFirst))
            #expect(small.log.now.refused[0].key == large.key.publicKey)
            #expect(small.log.now.peers.count == 1 && large.log.now.peers.count == 1)
        }
    }

    @Test func `two processes with one key are noticed by the node they connect to`() async throws {
        let node = try await TestNode(1)
        let twins = [try await TestNode(2), try await TestNode(2)]
        try await with([node] + twins) {
            let link = try await link(twins[0], node)
            try await twins[1].connect(to: node)
            try await wait("the second was refused") {
                node.log.now.refused.count == 1 && twins[1].log.now.failed.count == 1
            }
            #expect(node.log.now.refused[0].key == twins[0].key.publicKey)
            #expect(node.log.now.refused[0].reason == .duplicate(of: link.atSecond))
            #expect(twins[1].log.now.failed[0].reason == .duplicate(of: nil))
            #expect(node.log.now.peers.map(\.id) == [link.atSecond])
        }
    }

    @Test func `two processes with one key are noticed by the node that connects to them`() async throws {
        let node = try await TestNode(1)
        let twins = [try await TestNode(2), try await TestNode(2)]
        try await with([node] + twins) {
            let link = try await link(node, twins[0])
            try await node.connect(to: twins[1])
            try await wait("the second was refused") { node.log.now.failed.count == 1 }
            #expect(node.log.now.failed[0].to == twins[1].endpoint)
            #expect(node.log.now.failed[0].reason == .duplicate(of: link.atFirst))
            #expect(node.log.now.peers.map(\.id) == [link.atFirst])
        }
    }

    @Test func `a new connection replaces one that has fallen silent`() async throws {
        var limits = patientLimits
        limits.quietAfter = .zero
        let node = try await TestNode(1, limits: limits)
        let twins = [try await TestNode(2), try await TestNode(2)]
        try await with([node] + twins) {
            let before = try await link(twins[0], node)
            try await twins[1].connect(to: node)
            try await wait("the new one took over") { twins[1].log.now.peers.count == 1 }
            try await wait("the old one ended") {
                twins[0].log.now.disconnected.count == 1 && node.log.now.disconnected.count == 1
                    && node.log.now.peers.count == 1
            }
            #expect(node.log.now.disconnected.map(\.peer) == [before.atSecond])
            #expect(node.log.now.disconnected[0].reason == .duplicate(of: node.log.now.peers[0].id))
            #expect(node.log.now.outOfOrder.isEmpty)
        }
    }
}

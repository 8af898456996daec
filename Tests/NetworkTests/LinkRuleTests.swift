import Crypto
import NIOCore
import NIOPosix
import Primitives
import Testing

@testable import Network

struct LinkFilterTests {
    private let peer = Address(Bytes(repeating: 7, count: 20))
    private let own = Address(Bytes(repeating: 9, count: 20))

    private func filter(_ rule: LinkRule, seed: UInt64 = 1) -> LinkFilter {
        var filter = LinkFilter()
        filter.set([peer: rule], seed: seed, own: own)
        return filter
    }

    @Test func `a link without a rule is as it was`() {
        var filter = filter(LinkRule(isCut: true, delay: .seconds(1), lossPercent: 100))
        #expect(filter.fate(ofFrameTo: own, isFirst: false) == .passes && !filter.isCut(own) && filter.isCut(peer))
        filter.set([:], seed: 1, own: own)
        #expect(filter.isEmpty && filter.fate(ofFrameTo: peer, isFirst: false) == .passes && !filter.isCut(peer))
    }

    @Test func `the same seed draws the same delays and losses, within their bounds`() {
        let rule = LinkRule(delay: .milliseconds(100), jitter: .milliseconds(50), lossPercent: 30)
        var (first, again, other) = (filter(rule), filter(rule), filter(rule, seed: 2))
        let fates = (0..<1_000).map { _ in first.fate(ofFrameTo: peer, isFirst: false) }
        #expect(fates == (0..<1_000).map { _ in again.fate(ofFrameTo: peer, isFirst: false) })
        #expect(fates != (0..<1_000).map { _ in other.fate(ofFrameTo: peer, isFirst: false) })
        var waits: [Duration] = []
        for case .waits(let wait) in fates { waits.append(wait) }
        #expect((600...800).contains(waits.count))
        #expect(waits.allSatisfy { (.milliseconds(100) ... .milliseconds(150)).contains($0) })
        #expect(Set(waits).count > 100)
    }

    @Test func `the first frame of a connection is never lost`() {
        var filter = filter(LinkRule(lossPercent: 100))
        #expect(filter.fate(ofFrameTo: peer, isFirst: true) == .passes)
        #expect(filter.fate(ofFrameTo: peer, isFirst: false) == .isLost)
    }

    @Test func `what no link can do is told apart`() {
        #expect(LinkRule(delay: .seconds(30), jitter: .seconds(30), lossPercent: 100).isPossible)
        #expect(!LinkRule(delay: .seconds(30), jitter: .milliseconds(30_001)).isPossible)
        #expect(!LinkRule(delay: .milliseconds(-1)).isPossible && !LinkRule(lossPercent: 101).isPossible)
    }

    @Test func `a held frame leaves no earlier than the one before it`() {
        var held = HeldFrames()
        let begin = NIODeadline.now()
        held.append([1], due: begin + .seconds(2))
        held.append([2, 2], due: begin + .seconds(1))
        #expect(held.byteCount == 3 && held.take(at: begin + .milliseconds(1_999)) == nil)
        #expect(held.take(at: begin + .seconds(2)) == [1] && held.take(at: begin + .seconds(2)) == [2, 2])
        #expect(held.isEmpty && held.byteCount == 0)
    }
}

/// Rules in force between nodes, over sockets.
@Suite struct LinkRuleTests {
    private func address(_ node: TestNode) -> Address { node.key.publicKey.address }

    @Test func `frames over a delayed link keep their order, and those that wait leave at once when it is healed`()
        async throws
    {
        let (first, second) = (try await TestNode(1), try await TestNode(2))
        try await with(first, second) {
            let link = try await link(first, second)
            let peer = address(second)
            let slow = LinkRule(delay: .milliseconds(20), jitter: .milliseconds(30))
            #expect(try await first.act { $0.setLinks([peer: slow], seed: 5) } == 1)
            let frames = (1...50).map { number in Bytes(repeating: UInt8(number), count: number) }
            let begin = ContinuousClock.now
            for frame in frames { try await first.send(frame, to: link.atFirst) }
            try await wait("the frames came") { second.frames(from: link.atSecond).count == 50 }
            #expect(ContinuousClock.now - begin >= .milliseconds(20))
            #expect(second.frames(from: link.atSecond) == frames)

            #expect(try await first.act { $0.setLinks([peer: LinkRule(delay: .seconds(60))], seed: 5) } == 1)
            try await first.send([1], to: link.atFirst)
            #expect(try await first.act { $0.setLinks([:], seed: 0) } == 0)
            try await first.send([2], to: link.atFirst)
            try await wait("what was held came") { second.frames(from: link.atSecond).count == 52 }
            #expect(second.frames(from: link.atSecond).suffix(2) == [[1], [2]])
        }
    }

    @Test func `a link that loses everything loses all but its first frame`() async throws {
        let (first, second) = (try await TestNode(1), try await TestNode(2))
        try await with(first, second) {
            let link = try await link(first, second)
            let peer = address(second)
            _ = try await first.act { $0.setLinks([peer: LinkRule(lossPercent: 100)], seed: 5) }
            for number: UInt8 in 1...10 { try await first.send([number], to: link.atFirst) }
            #expect(try await first.act { $0.statistics.framesLostOnPurpose } == 9)
            _ = try await first.act { $0.setLinks([:], seed: 0) }
            try await first.send([11], to: link.atFirst)
            try await wait("the last frame came") { second.frames(from: link.atSecond).count == 2 }
            #expect(second.frames(from: link.atSecond) == [[1], [11]])
        }
    }

    @Test func `a cut link ends and stays away, whoever connects, until it is healed`() async throws {
        let (first, second) = (try await TestNode(1), try await TestNode(2))
        try await with(first, second) {
            _ = try await link(first, second)
            let peer = address(second)
            #expect(try await first.act { $0.setLinks([peer: LinkRule(isCut: true)], seed: 0) } == 1)
            try await wait("both lost the other") { first.log.now.peers.isEmpty && second.log.now.peers.isEmpty }
            let (one, other) = (first.endpoint, second.endpoint)
            try await first.act { $0.connect(to: other) }
            try await second.act { $0.connect(to: one) }
            try await wait("both attempts failed") {
                first.log.now.failed.count == 1 && second.log.now.failed.count == 1
            }
            #expect(first.log.now.failed[0].reason == .cutOnPurpose)
            #expect(first.log.now.peers.isEmpty && second.log.now.peers.isEmpty)
            _ = try await first.act { $0.setLinks([:], seed: 0) }
            try await first.act { $0.connect(to: other) }
            try await wait("they are connected again") {
                first.log.now.peers.count == 1 && second.log.now.peers.count == 1
            }
        }
    }

    @Test func `more held frames than may wait for a peer end the connection`() async throws {
        var limits = patientLimits
        limits.outboundBufferBytesMax = 1_000
        limits.frameBytesMax = 600
        let (first, second) = (try await TestNode(1, limits: limits), try await TestNode(2))
        try await with(first, second) {
            let link = try await link(first, second)
            let peer = address(second)
            _ = try await first.act { $0.setLinks([peer: LinkRule(delay: .seconds(60))], seed: 5) }
            try await first.send(Bytes(repeating: 1, count: 600), to: link.atFirst)
            #expect(first.log.now.peers.count == 1)
            try await first.send(Bytes(repeating: 1, count: 401), to: link.atFirst)
            try await wait("the peer is gone") { first.log.now.peers.isEmpty }
        }
    }
}

/// What strangers do.
@Suite struct HostileLinkTests {
    @Test(arguments: [HostileLink.Manner.atOnce, .asFrames])
    func `a stranger that announces an oversize frame, or does not even shake hands, is cut off`(
        manner: HostileLink.Manner
    ) async throws {
        let node = try await TestNode(1)
        try await with(node) {
            let stranger = HostileLink(target: node.endpoint, genesisHash: genesis, key: try nodeKey(77))
            let outcome = await stranger.send(
                [0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3], manner, on: testLoops.next(), patience: .seconds(30))
            #expect(outcome == .ended)
            if case .asFrames = manner {
                try await wait("the node has said why") {
                    !node.log.now.refused.isEmpty || !node.log.now.disconnected.isEmpty
                }
                let refusals = node.log.now.refused.map(\.reason) + node.log.now.disconnected.map(\.reason)
                #expect(refusals == [.frameTooLarge(limit: patientLimits.frameBytesMax, found: 0xFFFF_FFFF)])
            }
        }
    }

    @Test func `a stranger that breaks no rule is still connected at the deadline`() async throws {
        let node = try await TestNode(1)
        try await with(node) {
            let stranger = HostileLink(target: node.endpoint, genesisHash: genesis, key: try nodeKey(77))
            let outcome = await stranger.send(
                [0, 0, 0, 1, 5], .asFrames, on: testLoops.next(), patience: .seconds(2))
            #expect(outcome == .stillOpen)
        }
    }
}

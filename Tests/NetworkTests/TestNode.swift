import Crypto
import NIOCore
import NIOPosix
import Network
import Primitives
import Synchronization
import Testing

/// One event loop for all tests: they run side by side, and each connection has its own switchboard.
let testLoops = MultiThreadedEventLoopGroup(numberOfThreads: 2)

func nodeKey(_ number: UInt64) throws -> NodeKey {
    try NodeKey(Hash32(0x5eed, 0, 0, number + 1))
}

let genesis = Hash32(1, 2, 3, 4)

/// Tests run side by side on few cores: no deadline that a test does not set may strike.
let patientLimits = {
    var limits = NetworkLimits()
    limits.handshakeTimeout = .seconds(60)
    limits.connectTimeout = .seconds(60)
    limits.quietAfter = .seconds(60)
    return limits
}()

/// Remembers what the network told.
final class EventLog: NetworkEvents {
    struct Peer: Equatable {
        let id: PeerID
        let key: NodePublicKey
        let remote: Endpoint
        let isInbound: Bool
    }

    struct Contents {
        /// Peers that are connected now.
        var peers: [Peer] = []
        var connected: [Peer] = []
        var frames: [PeerID: [Bytes]] = [:]
        var disconnected: [(peer: PeerID, reason: DisconnectReason)] = []
        var failed: [(to: Endpoint, reason: DisconnectReason)] = []
        var refused: [(key: NodePublicKey?, reason: DisconnectReason)] = []
        /// Calls that broke the promise of order: a frame of nobody, a second disconnect.
        var outOfOrder: [String] = []
        var onFrame: (@Sendable (Bytes, PeerID) -> Void)?
    }

    private let mutex = Mutex(Contents())

    var now: Contents { mutex.withLock { $0 } }

    func onFrame(_ act: @escaping @Sendable (Bytes, PeerID) -> Void) {
        mutex.withLock { $0.onFrame = act }
    }

    func peerConnected(_ peer: PeerID, key: NodePublicKey, remote: Endpoint, isInbound: Bool) {
        mutex.withLock { contents in
            if contents.peers.contains(where: { $0.id == peer || $0.key == key }) {
                contents.outOfOrder.append("\(peer) connected twice")
            }
            contents.peers.append(Peer(id: peer, key: key, remote: remote, isInbound: isInbound))
            contents.connected.append(Peer(id: peer, key: key, remote: remote, isInbound: isInbound))
        }
    }

    func received(_ frame: Bytes, from peer: PeerID) {
        let act = mutex.withLock { contents in
            if !contents.peers.contains(where: { $0.id == peer }) {
                contents.outOfOrder.append("a frame of \(peer), who is not connected")
            }
            contents.frames[peer, default: []].append(frame)
            return contents.onFrame
        }
        act?(frame, peer)
    }

    func peerDisconnected(_ peer: PeerID, reason: DisconnectReason) {
        mutex.withLock { contents in
            if !contents.peers.contains(where: { $0.id == peer }) {
                contents.outOfOrder.append("\(peer) disconnected, who is not connected")
            }
            contents.peers.removeAll { $0.id == peer }
            contents.disconnected.append((peer, reason))
        }
    }

    func connectFailed(to endpoint: Endpoint, reason: DisconnectReason) {
        mutex.withLock { $0.failed.append((endpoint, reason)) }
    }

    func inboundRefused(from remote: Endpoint, key: NodePublicKey?, reason: DisconnectReason) {
        mutex.withLock { $0.refused.append((key, reason)) }
    }
}

/// A network on a loopback port, and what it told.
final class TestNode: Sendable {
    let key: NodeKey
    let log = EventLog()
    let network: PeerNetwork
    let endpoint: Endpoint

    init(
        _ number: UInt64, genesis: Hash32 = genesis, limits: NetworkLimits = patientLimits,
        council: [UInt64] = []
    ) async throws {
        key = try nodeKey(number)
        let councilKeys = try Set(council.map { try nodeKey($0).publicKey })
        network = PeerNetwork(
            configuration: NetworkConfiguration(
                key: key, genesisHash: genesis, listen: Endpoint(host: "127.0.0.1", port: 0), limits: limits,
                isCouncilKey: { councilKeys.contains($0) }),
            eventLoop: testLoops.next(), events: log)
        endpoint = try await network.start()
    }

    /// Acts on the node's event loop.
    func act<T: Sendable>(_ body: @escaping @Sendable (PeerNetwork) -> T) async throws -> T {
        try await network.eventLoop.submit { [network] in body(network) }.get()
    }

    func connect(to other: TestNode) async throws {
        let endpoint = other.endpoint
        try await act { $0.connect(to: endpoint) }
    }

    func send(_ frame: Bytes, to peer: PeerID) async throws {
        try await act { $0.send(frame, to: peer) }
    }

    func peer(_ other: TestNode) -> PeerID? {
        log.now.peers.first { $0.key == other.key.publicKey }?.id
    }

    /// The sockets that are open besides the listening one.
    func connectionSockets() async throws -> Int {
        try await act { $0.statistics.openSockets } - 1
    }

    /// How many `connect(to:)` have ended, well or not.
    var connectsAnswered: Int {
        let log = log.now
        return log.failed.count + log.connected.count { !$0.isInbound }
    }

    func frames(from peer: PeerID) -> [Bytes] { log.now.frames[peer] ?? [] }
}

/// Runs `body` with `nodes`, and shuts them down whatever happens.
func with(_ nodes: TestNode..., body: () async throws -> Void) async throws {
    try await with(nodes, body: body)
}

func with(_ nodes: [TestNode], body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch {
        for node in nodes { await node.network.shutdown() }
        throw error
    }
    for node in nodes { await node.network.shutdown() }
}

/// Connects `first` to `second` and waits for both to know.
func link(_ first: TestNode, _ second: TestNode) async throws -> (atFirst: PeerID, atSecond: PeerID) {
    try await first.connect(to: second)
    try await wait("\(first.endpoint) and \(second.endpoint) are connected") {
        first.peer(second) != nil && second.peer(first) != nil
    }
    guard let atFirst = first.peer(second), let atSecond = second.peer(first) else {
        throw WaitedTooLong(what: "the link to stay")
    }
    return (atFirst, atSecond)
}

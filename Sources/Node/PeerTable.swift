public import Crypto
public import Primitives

/// What a node knows of one connection.
public struct Peer: Sendable {
    public let number: PeerNumber
    public let key: NodePublicKey
    public let address: Address
    public let isCouncil: Bool
    public let isInbound: Bool
    /// nil until its hello came.
    public var hello: Hello?
    /// The newest height it has spoken of.
    public var head: Height = 0
    /// Since when it is connected, in time since our start.
    var since: Duration = .zero
    /// Blocks whose access lists it was given, the latest.
    var accessListsServed: [Hash32] = []
    /// Blocks of this height were sent to it unasked, because it spoke of an old one.
    var helpedAt: Height?
    var name: String { hello?.name ?? address.short }
}

/// The connections of a node, in the order of their numbers, and the places where others listen.
struct PeerTable: Sendable {
    static let endpointsMax = 256
    /// Connections a node opens by itself beyond those to the council.
    static let outboundTarget = 8
    /// How long a penalised key is not spoken to.
    static let banDuration = Duration.seconds(60)
    static let bansMax = 256
    static let backoffMax = Duration.seconds(8)

    struct Known: Sendable {
        let endpoint: String
        /// Given by the operator: never forgotten.
        let isBootstrap: Bool
        var key: Address?
        var retryAt: Duration = .zero
        var failures = 0
    }

    private(set) var peers: [Peer] = []
    private(set) var known: [Known] = []
    private var bans: [(key: Address, until: Duration)] = []

    init(bootstrap: [String]) {
        known = bootstrap.prefix(Self.endpointsMax).map { Known(endpoint: $0, isBootstrap: true) }
    }

    subscript(number: PeerNumber) -> Peer? {
        peers.first { $0.number == number }
    }

    var councilNumbers: [PeerNumber] { peers.filter(\.isCouncil).map(\.number) }
    var rangerNumbers: [PeerNumber] { peers.filter { !$0.isCouncil }.map(\.number) }
    var numbers: [PeerNumber] { peers.map(\.number) }

    mutating func add(_ peer: Peer) {
        peers.append(peer)
        peers.sort { $0.number < $1.number }
    }

    mutating func remove(_ number: PeerNumber) -> Peer? {
        guard let index = peers.firstIndex(where: { $0.number == number }) else { return nil }
        return peers.remove(at: index)
    }

    mutating func update(_ number: PeerNumber, _ change: (inout Peer) -> Void) {
        guard let index = peers.firstIndex(where: { $0.number == number }) else { return }
        change(&peers[index])
    }

    // MARK: Endpoints

    mutating func learn(_ endpoint: String, key: Address? = nil) {
        if let index = known.firstIndex(where: { $0.endpoint == endpoint }) {
            if let key { known[index].key = key }
            known[index].failures = key == nil ? known[index].failures : 0
            return
        }
        guard known.count < Self.endpointsMax else { return }
        known.append(Known(endpoint: endpoint, isBootstrap: false, key: key))
    }

    mutating func failed(_ endpoint: String, at now: Duration) {
        guard let index = known.firstIndex(where: { $0.endpoint == endpoint }) else { return }
        known[index].failures += 1
        guard known[index].isBootstrap || known[index].failures < 8 else {
            known.remove(at: index)
            return
        }
        let backoff = Duration.milliseconds(250) * Int32(1 << min(known[index].failures, 5))
        known[index].retryAt = now + min(backoff, Self.backoffMax)
    }

    /// Endpoints worth connecting to now, each at most once a second.
    mutating func due(own: String, ownKey: Address, at now: Duration) -> [String] {
        var endpoints: [String] = []
        let open = peers.filter { !$0.isInbound && !$0.isCouncil }.count
        for index in known.indices {
            let entry = known[index]
            guard entry.endpoint != own, entry.key != ownKey, entry.retryAt <= now, !isConnected(entry) else {
                continue
            }
            guard entry.isBootstrap || open + endpoints.count < Self.outboundTarget else { continue }
            if let key = entry.key, isBanned(key, at: now) { continue }
            known[index].retryAt = now + .seconds(1)
            endpoints.append(entry.endpoint)
        }
        return endpoints
    }

    private func isConnected(_ entry: Known) -> Bool {
        peers.contains { peer in
            peer.hello?.listen == entry.endpoint || (entry.key != nil && peer.address == entry.key)
        }
    }

    // MARK: Penalties

    mutating func ban(_ key: Address, at now: Duration) {
        bans.removeAll { $0.until <= now }
        if bans.count >= Self.bansMax { bans.removeFirst() }
        bans.append((key, now + Self.banDuration))
    }

    func isBanned(_ key: Address, at now: Duration) -> Bool {
        bans.contains { $0.key == key && $0.until > now }
    }
}

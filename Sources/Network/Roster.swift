import Crypto
import NIOCore

/// Who is connected or connecting, found by id, key, endpoint and address, and counted against the limits.
struct Roster {
    private let limits: NetworkLimits
    private var connections: [PeerID: Connection] = [:]
    private var liveByKey: [NodePublicKey: Connection] = [:]
    private var outbound: [Endpoint: Connection] = [:]
    private var inboundByAddress: [AddressGroup: Int] = [:]
    /// How many connections each address has begun since `windowBeganAt`.
    private var begunInWindow: [AddressGroup: Int] = [:]
    private var windowBeganAt = NIODeadline.now()
    /// Inbound connections that are not live yet, oldest first: at most `handshakingMax`.
    private var handshakingInbound: [Connection] = []
    private(set) var liveInboundCount = 0
    /// Of those, how many took a slot that is not reserved for the council.
    private var openSlotsTaken = 0

    init(limits: NetworkLimits) { self.limits = limits }

    subscript(peer: PeerID) -> Connection? { connections[peer] }

    var all: [Connection] { connections.values.sorted { $0.id < $1.id } }
    var liveCount: Int { liveByKey.count }
    var count: Int { connections.count }

    func live(_ key: NodePublicKey) -> Connection? { liveByKey[key] }

    func outbound(to endpoint: Endpoint) -> Connection? { outbound[endpoint] }

    /// Our connections to `key` that wait for their verdict.
    func awaitingVerdict(of key: NodePublicKey) -> [Connection] {
        outbound.values.filter { $0.phase == .awaitingVerdict && $0.key == key }.sorted { $0.id < $1.id }
    }

    /// Counts a connection that `address` begins.
    ///
    /// - Returns: The limit, if this is one too many: too many at once, or too many in a short time.
    mutating func addressBegins(_ address: AddressGroup, at now: NIODeadline) -> Int? {
        if now - windowBeganAt >= TimeAmount(limits.addressWindow) {
            (windowBeganAt, begunInWindow) = (now, [:])
        }
        let openMax = address.isLoopback ? limits.perLoopbackMax : limits.perAddressMax
        let begunMax = address.isLoopback ? limits.beginsPerLoopbackMax : limits.beginsPerAddressMax
        if inboundByAddress[address, default: 0] >= openMax { return openMax }
        let begun = begunInWindow[address, default: 0]
        guard begun < begunMax else { return begunMax }
        begunInWindow[address] = begun + 1
        return nil
    }

    /// The connection that must go before one more inbound handshake may begin.
    var handshakeToEvict: Connection? {
        handshakingInbound.count >= limits.handshakingMax ? handshakingInbound.first : nil
    }

    var canDial: Bool { outbound.count < limits.outboundMax }

    /// Whether a slot is free for an inbound peer that replaces `replaced`.
    func hasInboundSlot(forCouncil isCouncil: Bool, replacing replaced: [Connection]) -> Bool {
        let freed = replaced.filter { $0.isInbound && $0.phase == .live }
        guard liveInboundCount - freed.count < limits.inboundMax else { return false }
        let freedOpenSlots = freed.count { $0.usesOpenSlot }
        return isCouncil || openSlotsTaken - freedOpenSlots < limits.inboundMax - limits.reservedForCouncil
    }

    mutating func add(_ connection: Connection) {
        connections[connection.id] = connection
        if connection.isInbound {
            handshakingInbound.append(connection)
            if let group = connection.addressGroup { inboundByAddress[group, default: 0] += 1 }
        } else {
            outbound[connection.remote] = connection
        }
    }

    /// `connection`, of the proved `key`, is now live.
    mutating func admit(_ connection: Connection, key: NodePublicKey) {
        precondition(liveByKey[key] == nil, "one live connection a key")
        liveByKey[key] = connection
        guard connection.isInbound else { return }
        handshakingInbound.removeAll { $0 === connection }
        liveInboundCount += 1
        if connection.usesOpenSlot { openSlotsTaken += 1 }
    }

    mutating func remove(_ connection: Connection) {
        connections[connection.id] = nil
        let wasLive = connection.key.map { liveByKey[$0] === connection } ?? false
        if wasLive, let key = connection.key { liveByKey[key] = nil }
        guard connection.isInbound else {
            outbound[connection.remote] = nil
            return
        }
        if let group = connection.addressGroup, let count = inboundByAddress[group] {
            inboundByAddress[group] = count > 1 ? count - 1 : nil
        }
        if wasLive {
            liveInboundCount -= 1
            if connection.usesOpenSlot { openSlotsTaken -= 1 }
        } else {
            handshakingInbound.removeAll { $0 === connection }
        }
    }
}

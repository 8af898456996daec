import Crypto
import NIOCore
import NIOPosix
import Primitives

/// All connections of one node, on the event loop: opens them, decides who stays, ends them.
final class Switchboard {
    let configuration: NetworkConfiguration
    let eventLoop: any EventLoop
    private let ownKey: NodePublicKey
    private let limits: NetworkLimits
    let events: EventQueue

    private enum Life { case new, running, over }
    private var life = Life.new
    private var tls: TLSContext?
    private var listener: (any Channel)?
    private var sweeping: Scheduled<Void>?

    private var nextID: UInt64 = 1
    private var roster: Roster
    private var toPump: [Connection] = []
    private var counters = NetworkStatistics()
    private var filter = LinkFilter()

    /// Connects that have not come back from the system.
    private var dialCount = 0
    private var whenDrained: EventLoopPromise<Void>?

    /// How many connections the system completes for us before we take them.
    static let listenBacklog: Int32 = 256

    init(configuration: NetworkConfiguration, eventLoop: any EventLoop, events: any NetworkEvents) {
        (self.configuration, self.eventLoop) = (configuration, eventLoop)
        self.events = EventQueue(events, on: eventLoop)
        limits = configuration.limits
        ownKey = configuration.key.publicKey
        roster = Roster(limits: configuration.limits)
    }

    var statistics: NetworkStatistics {
        var statistics = counters
        statistics.inbound = roster.liveInboundCount
        statistics.outbound = roster.liveCount - roster.liveInboundCount
        statistics.handshaking = roster.count - roster.liveCount
        return statistics
    }

    // MARK: Start and end

    func start() -> EventLoopFuture<Endpoint> {
        guard life == .new else { return eventLoop.makeFailedFuture(NetworkFailure.notStartable) }
        let tls: TLSContext
        do throws(NetworkFailure) {
            tls = try TLSContext(key: configuration.key, genesisHash: configuration.genesisHash)
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        (self.tls, life) = (tls, .running)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let wanted = configuration.listen
        let listening = ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: Self.listenBacklog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.accept(channel) }
            }
            .bind(host: wanted.host, port: wanted.port)
        let started = listening.assumeIsolated().map { channel in
            self.opened(channel)
            self.listener = channel
            if self.life == .over { channel.close(promise: nil) }
            self.scheduleSweep()
            return Endpoint(host: wanted.host, port: channel.localAddress?.port ?? wanted.port)
        }
        return started.nonisolated().flatMapErrorThrowing { error in
            throw NetworkFailure.cannotListen(wanted, describe(error))
        }
    }

    func shutdown() -> EventLoopFuture<Void> {
        if let whenDrained { return whenDrained.futureResult }
        let promise = eventLoop.makePromise(of: Void.self)
        (whenDrained, life) = (promise, .over)
        sweeping?.cancel()
        listener?.close(promise: nil)
        for connection in roster.all { end(connection, because: .shuttingDown) }
        finishIfDrained()
        return promise.futureResult
    }

    private func finishIfDrained() {
        guard let whenDrained, counters.openSockets == 0, dialCount == 0 else { return }
        events.deliver()
        (listener, tls) = (nil, nil)
        whenDrained.succeed()
    }

    /// Counts `channel` until its socket is closed.
    private func opened(_ channel: any Channel) {
        counters.openSockets += 1
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            self.counters.openSockets -= 1
            self.finishIfDrained()
        }
    }

    private func makeID() -> PeerID {
        defer { nextID += 1 }
        return PeerID(value: nextID)
    }

    // MARK: Opening

    /// Takes an inbound connection, or throws so that NIO closes it.
    private func accept(_ channel: any Channel) throws(DisconnectReason) {
        opened(channel)
        guard life == .running, let tls else { throw .shuttingDown }
        guard let address = channel.remoteAddress, let host = address.ipAddress, let port = address.port else {
            throw .closedByPeer
        }
        let remote = Endpoint(host: host, port: port)
        let group = AddressGroup(address)
        if let limit = group.flatMap({ roster.addressBegins($0, at: .now()) }) {
            counters.inboundRefused += 1
            events.append(.refused(remote, nil, .tooManyFromAddress(limit: limit)))
            throw .tooManyFromAddress(limit: limit)
        }
        if let oldest = roster.handshakeToEvict { end(oldest, because: .tooManyPeers) }
        let connection = Connection(
            id: makeID(), isInbound: true, remote: remote, addressGroup: group, limits: limits, switchboard: self)
        try install(connection, in: channel, tls, .server)
        roster.add(connection)
    }

    private func install(
        _ connection: Connection, in channel: any Channel, _ tls: TLSContext, _ role: TLSSession.Role
    ) throws(DisconnectReason) {
        let handler = try TLSHandler(tls, role, handshakeBytesMax: limits.handshakeBytesMax)
        do {
            try channel.pipeline.syncOperations.addHandlers(handler, connection)
        } catch {
            throw .io(describe(error))
        }
    }

    func connect(to endpoint: Endpoint) {
        guard life == .running else { return fail(endpoint, because: .shuttingDown) }
        if let there = roster.outbound(to: endpoint) {
            return fail(endpoint, because: .duplicate(of: there.phase == .live ? there.id : nil))
        }
        guard roster.canDial else { return fail(endpoint, because: .tooManyPeers) }
        let connection = Connection(
            id: makeID(), isInbound: false, remote: endpoint, addressGroup: nil, limits: limits, switchboard: self)
        roster.add(connection)
        dial(connection)
    }

    private func fail(_ endpoint: Endpoint, because reason: DisconnectReason) {
        counters.connectsFailed += 1
        events.append(.connectFailed(endpoint, reason))
    }

    private func dial(_ connection: Connection) {
        let bound = NIOLoopBound((self, connection), eventLoop: eventLoop)
        // Nothing is read before the handlers are in place.
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(limits.connectTimeout))
            .channelOption(.autoRead, value: false)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (switchboard, connection) = bound.value
                    switchboard.opened(channel)
                    connection.isDialling(channel)
                }
            }
        let remote = connection.remote
        let address = try? SocketAddress(ipAddress: remote.host, port: remote.port)
        let dialled =
            address.map { bootstrap.connect(to: $0) } ?? bootstrap.connect(host: remote.host, port: remote.port)
        dialCount += 1
        dialled.assumeIsolated().whenComplete { result in
            self.dialCount -= 1
            switch result {
            case .success(let channel): self.dialled(connection, channel)
            case .failure(let error): self.end(connection, because: .io(describe(error)))
            }
            self.finishIfDrained()
        }
    }

    private func dialled(_ connection: Connection, _ channel: any Channel) {
        guard connection.phase == .connecting, let tls else { return channel.close(promise: nil) }
        do throws(DisconnectReason) {
            try install(connection, in: channel, tls, .client)
        } catch {
            channel.close(promise: nil)
            return end(connection, because: error)
        }
        channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { error in
            self.end(connection, because: .io(describe(error)))
        }
    }

    // MARK: Deciding who stays

    /// The peer on `connection` proved to hold `key`.
    func authenticated(_ connection: Connection, as key: NodePublicKey) {
        guard connection.isInbound else {
            // The verdict is the peer's; only this one is plain to us.
            if key == ownKey { end(connection, because: .selfConnection) }
            if filter.isCut(key.address) { end(connection, because: .cutOnPurpose) }
            return
        }
        guard !filter.isCut(key.address) else { return end(connection, because: .cutOnPurpose) }
        guard key != ownKey else { return refuse(connection, .selfConnection, because: .selfConnection) }
        let live = roster.live(key)
        let rivals = (live.map { [$0] } ?? []) + roster.awaitingVerdict(of: key)
        let rivalry = rivalry(with: key)
        guard rivals.allSatisfy({ rivalry.inboundReplaces(holder($0)) }) else {
            return refuse(connection, .duplicate, because: .duplicate(of: live?.id))
        }
        let isCouncil = configuration.isCouncilKey(key)
        guard roster.hasInboundSlot(forCouncil: isCouncil, replacing: rivals) else {
            return refuse(connection, .tooManyPeers, because: .tooManyPeers)
        }
        for rival in rivals { end(rival, because: .duplicate(of: connection.id)) }
        connection.usesOpenSlot = !isCouncil
        connection.write(.accepted)
        admit(connection, key)
    }

    private func refuse(_ connection: Connection, _ verdict: Verdict, because reason: DisconnectReason) {
        connection.write(verdict)
        end(connection, because: reason)
    }

    /// The verdict of the peer we connected to came.
    func ruled(_ connection: Connection, _ byte: UInt8) {
        guard let key = connection.key else { preconditionFailure("a verdict comes after the proof of a key") }
        let live = roster.live(key)
        switch Verdict(rawValue: byte) {
        case .accepted:
            if let live {
                guard rivalry(with: key).acceptedOutboundReplaces(holder(live)) else {
                    return end(connection, because: .duplicate(of: live.id))
                }
                end(live, because: .duplicate(of: connection.id))
            }
            admit(connection, key)
        case .duplicate: end(connection, because: .duplicate(of: live?.id))
        case .selfConnection: end(connection, because: .selfConnection)
        case .tooManyPeers: end(connection, because: .tooManyPeers)
        case .shuttingDown: end(connection, because: .shuttingDown)
        case nil: end(connection, because: .handshakeFailed("the peer refused with the unknown code \(byte)"))
        }
    }

    private func admit(_ connection: Connection, _ key: NodePublicKey) {
        // Ending a rival may have touched the socket of this one.
        guard connection.phase == .awaitingVerdict else { return }
        connection.goLive()
        roster.admit(connection, key: key)
        events.append(.connected(connection.id, key, connection.remote, isInbound: connection.isInbound))
    }

    private func rivalry(with key: NodePublicKey) -> Rivalry {
        Rivalry(
            ownKeyIsSmaller: ownKey < key, quietAfter: TimeAmount(limits.quietAfter),
            simultaneous: TimeAmount(limits.handshakeTimeout))
    }

    private func holder(_ connection: Connection) -> Rivalry.Holder {
        let now = NIODeadline.now()
        return Rivalry.Holder(
            isInbound: connection.isInbound, isLive: connection.phase == .live, age: now - connection.startedAt,
            silence: now - connection.lastHeardAt)
    }

    // MARK: Frames

    func received(_ frame: Bytes, on connection: Connection) {
        counters.framesReceived += 1
        counters.bytesReceived += UInt64(frame.count)
        events.deliver()
        events.receiver?.received(frame, from: connection.id)
    }

    func send(_ frame: Bytes, to peer: PeerID) {
        precondition(
            (1...limits.frameBytesMax).contains(frame.count), "a frame has 1...frameBytesMax bytes: see NetworkLimits")
        guard let connection = roster[peer], connection.phase == .live else { return }
        guard !filter.isEmpty || connection.holdsFrames else { return pass(frame, to: connection) }
        guard let key = connection.key else { preconditionFailure("a live peer has proved its key") }
        switch filter.fate(ofFrameTo: key.address, isFirst: !connection.hasSent) {
        case .passes where !connection.holdsFrames: pass(frame, to: connection)
        case .passes: hold(frame, for: .zero, on: connection)
        case .isLost: counters.framesLostOnPurpose += 1
        case .waits(let delay): hold(frame, for: delay, on: connection)
        }
    }

    private func pass(_ frame: Bytes, to connection: Connection) {
        guard connection.enqueue(frame) else {
            return end(connection, because: .slowReader(limit: limits.outboundBufferBytesMax))
        }
        counters.framesSent += 1
        counters.bytesSent += UInt64(frame.count)
        schedulePump(connection)
    }

    /// Has `connection` write what waits at the end of this turn of the loop: all frames of a turn go out together.
    func schedulePump(_ connection: Connection) {
        guard !connection.isScheduledToPump else { return }
        connection.isScheduledToPump = true
        toPump.append(connection)
        guard toPump.count == 1 else { return }
        eventLoop.assumeIsolated().execute {
            let connections = self.toPump
            self.toPump.removeAll(keepingCapacity: true)
            for connection in connections {
                connection.isScheduledToPump = false
                connection.pump()
            }
        }
    }

    // MARK: Disturbing on purpose

    /// Puts `rules` into force instead of those before, by the address of each peer's key. Links that are now cut end
    /// at once; what was held back on links without a rule leaves at once.
    ///
    /// - Returns: How many live connections a rule is about.
    func setLinks(_ rules: [Address: LinkRule], seed: UInt64) -> Int {
        precondition(rules.count <= LinkFilter.rulesMax && rules.values.allSatisfy(\.isPossible))
        filter.set(rules, seed: seed, own: ownKey.address)
        var disturbed = 0
        for connection in roster.all {
            guard let address = connection.key?.address else { continue }
            if rules[address] != nil, connection.phase == .live { disturbed += 1 }
            if filter.isCut(address) {
                end(connection, because: .cutOnPurpose)
            } else if rules[address] == nil {
                release(connection, at: .distantFuture)
            }
        }
        return disturbed
    }

    private func hold(_ frame: Bytes, for delay: Duration, on connection: Connection) {
        let wasEmpty = !connection.holdsFrames
        guard connection.hold(frame, until: .now() + TimeAmount(delay)) else {
            return end(connection, because: .slowReader(limit: limits.outboundBufferBytesMax))
        }
        if wasEmpty { scheduleRelease(connection) }
    }

    private func scheduleRelease(_ connection: Connection) {
        guard let due = connection.nextDue else { return }
        eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.release(connection, at: .now()) }
    }

    private func release(_ connection: Connection, at now: NIODeadline) {
        guard connection.phase == .live else { return }
        while connection.phase == .live, let frame = connection.takeHeld(at: now) { pass(frame, to: connection) }
        scheduleRelease(connection)
    }

    // MARK: Ending

    func disconnect(_ peer: PeerID, because reason: DisconnectReason) {
        guard let connection = roster[peer], connection.phase == .live else { return }
        end(connection, because: reason)
    }

    /// Ends `connection`, whatever its phase, and reports it once.
    func end(_ connection: Connection, because reason: DisconnectReason) {
        let wasLive = connection.phase == .live
        guard connection.close(flushing: reason.leavesSocketUsable) else { return }
        roster.remove(connection)
        if wasLive {
            counters.disconnects += 1
            events.append(.disconnected(connection.id, reason))
        } else if connection.isInbound {
            counters.inboundRefused += 1
            events.append(.refused(connection.remote, connection.key, reason))
        } else {
            fail(connection.remote, because: reason)
        }
    }

    private func scheduleSweep() {
        guard life == .running else { return }
        let shortest = min(limits.frameTimeout, limits.idleTimeout ?? .seconds(4), .seconds(4))
        sweeping = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(shortest / 4)) {
            self.sweep(at: .now())
            self.scheduleSweep()
        }
    }

    /// Ends those who began a frame and never finish it, and those who say nothing at all.
    private func sweep(at now: NIODeadline) {
        for connection in roster.all where connection.phase == .live {
            if let began = connection.frameBeganAt, now - began > TimeAmount(limits.frameTimeout) {
                end(connection, because: .frameTimedOut)
            } else if let idle = limits.idleTimeout, now - connection.lastHeardAt > TimeAmount(idle) {
                end(connection, because: .idle)
            }
        }
    }
}

extension DisconnectReason {
    /// Whether the peer may still read what is on its way, and a goodbye.
    fileprivate var leavesSocketUsable: Bool {
        switch self {
        case .penalised, .dismissed, .shuttingDown, .idle, .duplicate: true
        default: false
        }
    }
}

import Crypto
import NIOCore
import Primitives

/// One TCP connection from its first packet to its last: frames, buffers and deadlines. Whether it may live is decided
/// by the `Switchboard`.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// TCP or TLS are under way.
        case connecting
        /// We know who the peer is, and wait for its verdict on us (outbound only).
        case awaitingVerdict
        case live
        case over
    }

    let id: PeerID
    let isInbound: Bool
    /// Where we connected to, or where the peer came from.
    let remote: Endpoint
    /// Set for inbound connections.
    let addressGroup: AddressGroup?
    let startedAt = NIODeadline.now()

    private(set) var phase = Phase.connecting
    /// Set once proved.
    private(set) var key: NodePublicKey?
    /// Whether this connection takes one of the slots that are not reserved for the council.
    var usesOpenSlot = false
    /// Whether `pump` will be called at the end of this turn of the loop.
    var isScheduledToPump = false
    private(set) var lastHeardAt = NIODeadline.now()
    /// When the frame that is arriving began.
    private(set) var frameBeganAt: NIODeadline?
    private var deadline: Scheduled<Void>?

    private let switchboard: Switchboard
    private let limits: NetworkLimits
    private var context: ChannelHandlerContext?
    /// Sockets that may become ours.
    private var dialling: [any Channel] = []
    private var decoder: FrameDecoder
    private var outbox = Outbox()
    private var held = HeldFrames()
    /// Whether a frame was ever sent here, or held.
    private(set) var hasSent = false
    private var chunk = ByteBuffer()

    /// Plaintext that is encrypted in one go: three full records, whose ciphertext fits the 64 KiB that NIO allocates.
    static let chunkBytes = 48 << 10
    /// Plaintext written in one turn of the loop, so that a big frame for one peer does not delay small ones for others.
    static let pumpBytesMax = 1 << 20

    init(
        id: PeerID, isInbound: Bool, remote: Endpoint, addressGroup: AddressGroup?, limits: NetworkLimits,
        switchboard: Switchboard
    ) {
        (self.id, self.isInbound, self.remote, self.addressGroup) = (id, isInbound, remote, addressGroup)
        (self.limits, self.switchboard) = (limits, switchboard)
        decoder = FrameDecoder(frameBytesMax: limits.frameBytesMax)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        dialling = []
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.handshakeTimeout)) {
            self.switchboard.end(self, because: .handshakeTimedOut)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let proof = event as? TLSHandler.Authenticated else {
            return context.fireUserInboundEventTriggered(event)
        }
        guard phase == .connecting else { return }
        key = proof.key
        phase = .awaitingVerdict
        switchboard.authenticated(self, as: proof.key)
    }

    /// From now on frames flow.
    func goLive() {
        precondition(phase == .awaitingVerdict, "only a peer that proved its key goes live")
        phase = .live
        deadline?.cancel()
        deadline = nil
    }

    /// Tells an inbound peer, as the one byte before all frames, whether it may stay.
    func write(_ verdict: Verdict) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [verdict.rawValue])), promise: nil)
    }

    /// Ends this connection. Called by the switchboard only.
    ///
    /// - Parameter flushing: Whether what waits may still be offered to the socket, once.
    /// - Returns: false if it was over already.
    func close(flushing: Bool) -> Bool {
        if flushing { pump() }
        // To write may show that the socket is broken, and so end it.
        guard phase != .over else { return false }
        phase = .over
        deadline?.cancel()
        deadline = nil
        outbox.removeAll()
        held = HeldFrames()
        context?.close(promise: nil)
        for channel in dialling { channel.close(promise: nil) }
        dialling = []
        return true
    }

    /// A socket was made for this outbound connection; it may be one of several when a name has several addresses.
    func isDialling(_ channel: any Channel) {
        dialling.append(channel)
    }

    func channelInactive(context: ChannelHandlerContext) {
        switchboard.end(
            self, because: phase == .live ? .closedByPeer : .handshakeFailed("the peer closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        var reason = (error as? DisconnectReason) ?? .io(describe(error))
        if phase != .live {
            switch reason {
            case .io(let what): reason = .handshakeFailed(what)
            case .closedByPeer: reason = .handshakeFailed("the peer closed the connection")
            default: break
            }
        }
        switchboard.end(self, because: reason)
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var plain = unwrapInboundIn(data)
        lastHeardAt = .now()
        if phase == .awaitingVerdict, let byte = plain.readInteger(as: UInt8.self) {
            switchboard.ruled(self, byte)
        }
        var hasFinishedFrame = false
        do throws(DisconnectReason) {
            while phase == .live, let frame = try decoder.next(&plain) {
                hasFinishedFrame = true
                switchboard.received(frame, on: self)
            }
        } catch {
            return switchboard.end(self, because: error)
        }
        if !decoder.isMidFrame {
            frameBeganAt = nil
        } else if hasFinishedFrame || frameBeganAt == nil {
            frameBeganAt = lastHeardAt
        }
    }

    // MARK: Sending

    /// Queues `frame`; `pump` sends it.
    ///
    /// - Returns: false if the peer is too far behind: the frame is not queued, and the peer must go.
    func enqueue(_ frame: Bytes) -> Bool {
        guard outbox.byteCount + FrameDecoder.headerBytes + frame.count <= limits.outboundBufferBytesMax else {
            return false
        }
        hasSent = true
        outbox.append(frame)
        return true
    }

    /// Whether frames are held back here on purpose.
    var holdsFrames: Bool { !held.isEmpty }
    var nextDue: NIODeadline? { held.nextDue }

    /// Holds `frame` back until `due`, and behind what is held already.
    ///
    /// - Returns: false if more would be held than may wait for a peer: the frame is not held, and the peer must go.
    func hold(_ frame: Bytes, until due: NIODeadline) -> Bool {
        guard held.byteCount + frame.count <= limits.outboundBufferBytesMax else { return false }
        hasSent = true
        held.append(frame, due: due)
        return true
    }

    func takeHeld(at now: NIODeadline) -> Bytes? { held.take(at: now) }

    /// Encrypts and writes what waits, as long as the socket takes it.
    func pump() {
        guard phase == .live, let context else { return }
        var budget = Self.pumpBytesMax
        while !outbox.isEmpty, budget > 0, context.channel.isWritable {
            chunk.clear()
            outbox.take(Self.chunkBytes, into: &chunk)
            budget -= chunk.readableBytes
            context.write(wrapOutboundOut(chunk), promise: nil)
        }
        context.flush()
        if !outbox.isEmpty, context.channel.isWritable { switchboard.schedulePump(self) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, !outbox.isEmpty { switchboard.schedulePump(self) }
        context.fireChannelWritabilityChanged()
    }
}

/// The first byte a listening node sends after TLS: whether it keeps the connection.
enum Verdict: UInt8 {
    case accepted = 0
    case duplicate = 1
    case selfConnection = 2
    case tooManyPeers = 3
    case shuttingDown = 4
}

import Crypto
import NIOCore

/// TLS between a socket and the handler above: ciphertext below, plaintext above.
///
/// Sends `Authenticated` up once, before any plaintext. Whatever goes wrong goes up as an error that is a
/// `DisconnectReason`; the handler above must then close.
final class TLSHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The peer holds the secret of `key` and means our chain.
    struct Authenticated: Sendable {
        let key: NodePublicKey
    }

    private enum Phase { case idle, handshaking, open, over }

    let session: TLSSession
    private let role: TLSSession.Role
    private let handshakeBytesMax: Int
    private var phase = Phase.idle
    private var handshakeBytes = 0
    /// What TLS itself answered (key updates) while the peer did not read.
    private var unreadAnswerBytes = 0
    private var hasUnflushedAnswer = false
    private var plain = ByteBuffer()

    /// How many bytes of TLS's own answers may wait for a peer that does not read.
    static let unreadAnswerBytesMax = 64 << 10

    init(_ context: TLSContext, _ role: TLSSession.Role, handshakeBytesMax: Int) throws(DisconnectReason) {
        session = try TLSSession(context, role)
        self.role = role
        self.handshakeBytesMax = handshakeBytesMax
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard phase == .idle else { return }
        phase = .handshaking
        if role == .client {
            handshake(context)
            context.flush()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let cipher = unwrapInboundIn(data)
        guard phase == .handshaking || phase == .open else { return }
        session.feed(cipher)
        if phase == .handshaking {
            handshakeBytes += cipher.readableBytes
            guard handshakeBytes <= handshakeBytesMax else {
                return fail(context, .handshakeFailed("more than \(handshakeBytesMax) bytes"))
            }
            handshake(context)
        }
        read(context)
    }

    private func handshake(_ context: ChannelHandlerContext) {
        do throws(DisconnectReason) {
            let progress = try session.handshake()
            answer(context)
            guard progress == .done else { return }
            let key = try session.peerKey()
            phase = .open
            context.fireUserInboundEventTriggered(Authenticated(key: key))
        } catch {
            fail(context, error)
        }
    }

    /// Decrypts what was fed. A read brings at most what the socket gave (some 64 KiB), so this ends.
    private func read(_ context: ChannelHandlerContext) {
        guard phase == .open else { return }
        plain.clear()
        var progress = TLSSession.Progress.done
        do throws(DisconnectReason) {
            while session.hasInput, progress == .done { progress = try session.read(into: &plain) }
            answer(context)
        } catch {
            return fail(context, error)
        }
        if plain.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(plain)) }
        if progress == .closed, phase == .open { fail(context, .closedByPeer) }
    }

    /// Writes what TLS has to say by itself: handshake, key updates, alerts.
    private func answer(_ context: ChannelHandlerContext) {
        guard session.hasOutput else { return }
        var cipher = context.channel.allocator.buffer(capacity: 0)
        session.drain(into: &cipher)
        unreadAnswerBytes = context.channel.isWritable ? 0 : unreadAnswerBytes + cipher.readableBytes
        guard unreadAnswerBytes <= Self.unreadAnswerBytesMax else {
            return fail(context, .slowReader(limit: Self.unreadAnswerBytesMax))
        }
        hasUnflushedAnswer = true
        context.write(wrapOutboundOut(cipher), promise: nil)
    }

    private func fail(_ context: ChannelHandlerContext, _ reason: DisconnectReason) {
        guard phase != .over else { return }
        // The alert that tells the peer why; a failure while failing changes nothing.
        answer(context)
        guard phase != .over else { return }
        phase = .over
        context.flush()
        context.fireErrorCaught(reason)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasUnflushedAnswer {
            hasUnflushedAnswer = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard phase == .open else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let plain = unwrapOutboundIn(data)
        do throws(DisconnectReason) {
            try session.write(plain)
        } catch {
            promise?.fail(error)
            return fail(context, error)
        }
        var cipher = context.channel.allocator.buffer(capacity: 0)
        session.drain(into: &cipher)
        context.write(wrapOutboundOut(cipher), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if phase == .open {
            session.sayGoodbye()
            answer(context)
            context.flush()
        }
        phase = .over
        context.close(mode: mode, promise: promise)
    }
}

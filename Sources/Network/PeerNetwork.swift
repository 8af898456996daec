public import NIOCore
public import Primitives

/// The links of one node: frames of bytes to and from peers that proved to hold their node key and to follow our
/// genesis.
///
/// TCP with TLS 1.3, a certificate with a P-256 node key on both sides; a frame is four bytes of length (big-endian)
/// and 1...`frameBytesMax` bytes. Two keys share one connection. Everything happens on one event loop: `start` and
/// `shutdown` may be called from anywhere, all else on the loop. Whom to connect to, and when to try again, is the
/// caller's.
///
/// A network that was started must be shut down.
public final class PeerNetwork: Sendable {
    public let eventLoop: any EventLoop
    private let listen: Endpoint
    let switchboard: NIOLoopBoundBox<Switchboard>

    /// - Parameters:
    ///   - eventLoop: One loop of a `MultiThreadedEventLoopGroup`. All connections live on it.
    ///   - events: Held weakly; called on `eventLoop`.
    public init(configuration: NetworkConfiguration, eventLoop: any EventLoop, events: any NetworkEvents) {
        (self.eventLoop, listen) = (eventLoop, configuration.listen)
        switchboard = .makeBoxSendingValue(
            Switchboard(configuration: configuration, eventLoop: eventLoop, events: events), eventLoop: eventLoop)
    }

    /// Begins to listen. Call it once, before anything else.
    ///
    /// - Returns: The configured endpoint with the port that the system gave.
    public func start() async throws(NetworkFailure) -> Endpoint {
        do {
            return try await eventLoop.flatSubmit { self.switchboard.value.start() }.get()
        } catch let failure as NetworkFailure {
            throw failure
        } catch {
            throw .cannotListen(listen, describe(error))
        }
    }

    /// Closes every connection and the listening socket. Every peer is reported as disconnected before this returns;
    /// after that there are no events.
    public func shutdown() async {
        // The future never fails.
        try? await eventLoop.flatSubmit { self.switchboard.value.shutdown() }.get()
    }

    /// Connects to `endpoint`. Ends in one `peerConnected` with this endpoint, or one `connectFailed`.
    public func connect(to endpoint: Endpoint) {
        switchboard.value.connect(to: endpoint)
    }

    /// Sends `frame` after all that was sent to `peer` before. Nothing happens if the peer is gone. If more than
    /// `outboundBufferBytesMax` would wait for the peer, it is disconnected as `.slowReader`.
    ///
    /// - Precondition: `frame` has 1...`frameBytesMax` bytes.
    public func send(_ frame: Bytes, to peer: PeerID) {
        switchboard.value.send(frame, to: peer)
    }

    /// Sends `frame` to each of `peers`. The bytes are shared, not copied, until they are encrypted.
    public func broadcast(_ frame: Bytes, to peers: [PeerID]) {
        let switchboard = switchboard.value
        for peer in peers { switchboard.send(frame, to: peer) }
    }

    /// Closes the connection to `peer`, after one attempt to write what waits for it. No frame of the peer is
    /// delivered after this; `peerDisconnected` follows.
    public func disconnect(_ peer: PeerID, because reason: DisconnectReason) {
        switchboard.value.disconnect(peer, because: reason)
    }

    /// Disturbs the links to some peers on purpose, by the addresses of their keys, instead of those disturbed before;
    /// no rules heal every link. On the loop.
    ///
    /// - Parameter seed: Together with both addresses it decides what is lost and how long each frame waits.
    /// - Returns: How many live connections a rule is about.
    /// - Precondition: Each rule `isPossible`, and there are at most `linkRulesMax`.
    public func setLinks(_ rules: [Address: LinkRule], seed: UInt64) -> Int {
        switchboard.value.setLinks(rules, seed: seed)
    }

    /// At most so many rules may be in force at once.
    public static var linkRulesMax: Int { LinkFilter.rulesMax }

    /// Counters since the start, and what is open now. On the loop.
    public var statistics: NetworkStatistics { switchboard.value.statistics }
}

import Crypto
import NIOCore

/// Events on their way to the node above.
///
/// The node acts while it handles an event, and its acts cause events (a disconnect, a failed connect). Those wait here
/// for the end of the act, so that the node is never called from inside its own call.
final class EventQueue {
    enum Event {
        case connected(PeerID, NodePublicKey, Endpoint, isInbound: Bool)
        case disconnected(PeerID, DisconnectReason)
        case connectFailed(Endpoint, DisconnectReason)
        case refused(Endpoint, NodePublicKey?, DisconnectReason)
    }

    private let eventLoop: any EventLoop
    private(set) weak var receiver: (any NetworkEvents)?
    private var waiting = CircularBuffer<Event>()

    init(_ receiver: any NetworkEvents, on eventLoop: any EventLoop) {
        (self.receiver, self.eventLoop) = (receiver, eventLoop)
    }

    func append(_ event: Event) {
        waiting.append(event)
        guard waiting.count == 1 else { return }
        eventLoop.assumeIsolated().execute { self.deliver() }
    }

    /// Delivers what waits. Call it where no call of the node is under way.
    func deliver() {
        while let event = waiting.popFirst() {
            switch event {
            case .connected(let peer, let key, let remote, let isInbound):
                receiver?.peerConnected(peer, key: key, remote: remote, isInbound: isInbound)
            case .disconnected(let peer, let reason):
                receiver?.peerDisconnected(peer, reason: reason)
            case .connectFailed(let endpoint, let reason):
                receiver?.connectFailed(to: endpoint, reason: reason)
            case .refused(let remote, let key, let reason):
                receiver?.inboundRefused(from: remote, key: key, reason: reason)
            }
        }
    }
}

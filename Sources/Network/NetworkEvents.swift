public import Crypto
public import Primitives

/// One live connection. Never used twice in the life of a `PeerNetwork`.
public struct PeerID: Hashable, Comparable, Sendable {
    public let value: UInt64

    public init(value: UInt64) { self.value = value }

    public static func < (left: PeerID, right: PeerID) -> Bool { left.value < right.value }
}

extension PeerID: CustomStringConvertible {
    public var description: String { "peer \(value)" }
}

/// What happens on the network. Everything is called on the network's event loop, one call at a time, and never from
/// inside a call of `PeerNetwork`, so that an actor on that loop may act on each event at once.
public protocol NetworkEvents: AnyObject, Sendable {
    /// `peer` proved to hold `key`. First event of every peer.
    ///
    /// - Parameter remote: Where we connected to, exactly as given to `connect(to:)`; for an inbound peer the
    ///   address and port it came from.
    func peerConnected(_ peer: PeerID, key: NodePublicKey, remote: Endpoint, isInbound: Bool)

    /// A whole frame came, of 1...`frameBytesMax` bytes.
    func received(_ frame: Bytes, from peer: PeerID)

    /// Last event of every peer that connected: once, whoever ended it.
    func peerDisconnected(_ peer: PeerID, reason: DisconnectReason)

    /// A `connect(to:)` came to nothing. Every `connect(to:)` ends in this or in one `peerConnected`.
    func connectFailed(to endpoint: Endpoint, reason: DisconnectReason)

    /// Somebody connected and was turned away. For logs and counters; `key` if it was proved.
    func inboundRefused(from remote: Endpoint, key: NodePublicKey?, reason: DisconnectReason)
}

extension NetworkEvents {
    public func inboundRefused(from remote: Endpoint, key: NodePublicKey?, reason: DisconnectReason) {}
}

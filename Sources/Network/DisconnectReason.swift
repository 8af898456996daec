public import Primitives

/// Why a connection ended, or never came to be.
public enum DisconnectReason: Error, Hashable, Sendable {
    case closedByPeer
    /// A frame announced more bytes than allowed; nothing was allocated for it.
    case frameTooLarge(limit: Int, found: Int)
    case emptyFrame
    /// A frame was begun and not finished in time.
    case frameTimedOut
    /// TLS, certificate or key were not what this network speaks.
    case handshakeFailed(String)
    case handshakeTimedOut
    /// The peer follows another genesis (or protocol version). `found` is what it offered, where it told.
    case wrongChain(expected: Hash32, found: String?)
    /// The key is connected already, as `of` where we are the ones who know.
    case duplicate(of: PeerID?)
    /// The peer holds our own key: it is this node, or a second process with the same key.
    case selfConnection
    case tooManyPeers
    case tooManyFromAddress(limit: Int)
    /// The peer did not read: more than `limit` bytes were waiting for it.
    case slowReader(limit: Int)
    case idle
    /// The node above judged the peer's messages.
    case penalised(String)
    /// The node above has no more use for this peer, without blame.
    case dismissed(String)
    case shuttingDown
    /// A `LinkRule` cuts the link.
    case cutOnPurpose
    case io(String)
}

extension DisconnectReason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closedByPeer: "closed by the peer"
        case .frameTooLarge(let limit, let found): "frame too large: limit \(limit) bytes, announced \(found)"
        case .emptyFrame: "empty frame"
        case .frameTimedOut: "a frame was begun and not finished in time"
        case .handshakeFailed(let why): "handshake failed: \(why)"
        case .handshakeTimedOut: "the handshake was not finished in time"
        case .wrongChain(let expected, let found?): "wrong chain: ours has genesis \(expected), the peer is on \(found)"
        case .wrongChain(let expected, nil): "wrong chain: the peer does not follow our genesis \(expected)"
        case .duplicate(let peer?): "duplicate: this key is connected already as \(peer)"
        case .duplicate(nil): "duplicate: this key is connected already"
        case .selfConnection: "the peer holds our own key: it is this node or another process with the same key"
        case .tooManyPeers: "too many peers"
        case .tooManyFromAddress(let limit): "too many connections from one address: limit \(limit)"
        case .slowReader(let limit): "slow reader: more than \(limit) bytes were waiting"
        case .idle: "idle"
        case .penalised(let why): "penalised: \(why)"
        case .dismissed(let why): "dismissed: \(why)"
        case .shuttingDown: "shutting down"
        case .cutOnPurpose: "the link is cut on purpose"
        case .io(let what): what
        }
    }
}

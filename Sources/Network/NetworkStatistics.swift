/// Counters since the start, and what is open now.
public struct NetworkStatistics: Hashable, Sendable {
    /// Frames and their payload bytes, both ways.
    public internal(set) var framesReceived: UInt64 = 0
    public internal(set) var bytesReceived: UInt64 = 0
    public internal(set) var framesSent: UInt64 = 0
    public internal(set) var bytesSent: UInt64 = 0
    /// Frames that a `LinkRule` lost.
    public internal(set) var framesLostOnPurpose: UInt64 = 0
    /// Inbound connections turned away before or in their handshake.
    public internal(set) var inboundRefused: UInt64 = 0
    /// Calls of `connect(to:)` that failed.
    public internal(set) var connectsFailed: UInt64 = 0
    /// Peers that were connected and are not any more.
    public internal(set) var disconnects: UInt64 = 0

    /// Peers connected now.
    public internal(set) var inbound = 0
    public internal(set) var outbound = 0
    /// Connections that are being made, either way.
    public internal(set) var handshaking = 0
    /// TCP sockets held open, whatever their state.
    public internal(set) var openSockets = 0
}

public import Crypto
public import Primitives

/// What a `PeerNetwork` needs to know before it starts.
public struct NetworkConfiguration: Sendable {
    /// Proves to peers who we are; it is the key of our TLS certificate.
    public var key: NodeKey
    /// The chain: peers of another genesis are refused in the handshake.
    public var genesisHash: Hash32
    /// Where to accept connections; port 0 takes any free one.
    public var listen: Endpoint
    public var limits: NetworkLimits
    /// Whether a key sits in the council, and so may use the reserved slots. Asked on the event loop.
    public var isCouncilKey: @Sendable (NodePublicKey) -> Bool

    public init(
        key: NodeKey, genesisHash: Hash32, listen: Endpoint, limits: NetworkLimits = NetworkLimits(),
        isCouncilKey: @escaping @Sendable (NodePublicKey) -> Bool = { _ in false }
    ) {
        (self.key, self.genesisHash, self.listen, self.limits) = (key, genesisHash, listen, limits)
        self.isCouncilKey = isCouncilKey
    }
}

/// Every bound of the network, by name.
public struct NetworkLimits: Hashable, Sendable {
    /// The longest frame either way, in bytes of payload.
    public var frameBytesMax = 16 << 20
    /// What a peer may send before it has proved who it is. A handshake of ours takes under 2 KiB.
    public var handshakeBytesMax = 32 << 10
    /// Frames that wait for one peer to read, in bytes. A peer that falls behind by more is disconnected.
    public var outboundBufferBytesMax = 64 << 20

    /// Connections that others opened and that are admitted.
    public var inboundMax = 64
    /// Of `inboundMax`, how many only council keys may use.
    public var reservedForCouncil = 22
    /// Connections that we opened or are opening.
    public var outboundMax = 64
    /// Inbound connections that have not proved who they are; one more pushes the oldest out.
    public var handshakingMax = 32
    /// Inbound connections from one IPv4 address or one IPv6 network (64 bits), admitted or not.
    public var perAddressMax = 16
    /// The same for 127.0.0.0/8 and ::1, where a whole testnet lives.
    public var perLoopbackMax = 96

    /// How many connections one address may begin within `addressWindow`, whatever becomes of them: a handshake costs
    /// this node about 1 ms of work.
    public var beginsPerAddressMax = 64
    /// The same for loopback.
    public var beginsPerLoopbackMax = 4096
    /// How long the connections that an address began are remembered.
    public var addressWindow: Duration = .seconds(10)

    /// How long name resolution and TCP may take when we connect.
    public var connectTimeout: Duration = .seconds(3)
    /// How long a peer has, from TCP on, to prove who it is. Also how long after its start a connection counts as
    /// simultaneous with one in the other direction.
    public var handshakeTimeout: Duration = .seconds(5)
    /// How long a frame may take from its first byte to its last.
    public var frameTimeout: Duration = .seconds(60)
    /// A peer that says nothing for this long is disconnected; nil leaves that to the pings of the node.
    public var idleTimeout: Duration?
    /// A connection that said nothing for this long yields to a new one of the same key.
    public var quietAfter: Duration = .seconds(10)

    public init() {}
}

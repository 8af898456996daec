public import Chain
public import Consensus
public import Crypto
public import FaultProofs
public import Primitives
public import Ranger

/// What a node is told before it starts.
public struct NodeSettings: Sendable {
    public let name: String
    public let genesis: Genesis
    public let publicKey: NodePublicKey
    /// Where others reach this node, as host:port.
    public let listen: String
    public let bootstrap: [String]
    /// Time from one block to the next; zero: as fast as it goes.
    public let blockTime: Duration
    /// With a block time of zero: how long to wait for transactions before an empty block is made.
    public let idlePeriod: Duration
    public let timeouts: TimeoutPolicy
    /// Milliseconds of the Unix epoch when `now` was zero.
    public let wallClockStart: UInt64
    public let allowsInjection: Bool
    public let pool: PoolLimits

    public static let idlePeriodDefault = Duration.seconds(1)

    public init(
        name: String, genesis: Genesis, publicKey: NodePublicKey, listen: String, bootstrap: [String],
        blockTime: Duration, idlePeriod: Duration = Self.idlePeriodDefault, timeouts: TimeoutPolicy? = nil,
        wallClockStart: UInt64, allowsInjection: Bool = false, pool: PoolLimits = PoolLimits()
    ) {
        self.name = name
        self.genesis = genesis
        self.publicKey = publicKey
        self.listen = listen
        self.bootstrap = bootstrap
        self.blockTime = blockTime
        self.idlePeriod = idlePeriod
        self.timeouts = timeouts ?? TimeoutPolicy(blockTime: blockTime)
        self.wallClockStart = wallClockStart
        self.allowsInjection = allowsInjection
        self.pool = pool
    }
}

/// The newest sealed block, as far as the next one depends on it.
public struct ChainTail: Sendable, Hashable {
    public let header: Header
    public let `extension`: BlockExtension
    public let hash: Hash32
    /// nil for genesis.
    public let certificate: CommitCertificate?

    public init(block: Block, certificate: CommitCertificate?) {
        header = block.header
        `extension` = block.extension
        hash = block.hash
        self.certificate = certificate
    }

    public init(header: Header, extension: BlockExtension, hash: Hash32, certificate: CommitCertificate?) {
        self.header = header
        self.extension = `extension`
        self.hash = hash
        self.certificate = certificate
    }

    public var height: Height { header.number }
}

/// What a node had when it stopped.
public struct NodeMemory: Sendable {
    public var tail: ChainTail
    /// The vote log, oldest first.
    public var votes: [VoteRecord]
    /// The vote log was lost while the chain was not: no votes through this height (QBFT.md 13).
    public var silentThrough: Height?
    /// Faults proven before, with the height at which a ranger froze, if it did.
    public var faults: [(id: Hash32, fault: ProvenFault)]
    public var frozen: (height: Height, fault: Hash32)?
    /// Proofs of them, oldest first, for new peers; older ones may be left out.
    public var proofs: [(proof: FaultProof, fault: ProvenFault)] = []
    /// The newest sealed block above a frozen head.
    public var followed: CertifiedBlock?
    /// The latest sealed headers, ascending; at most `RecentSeals.heightsMax` count.
    public var seals: [SealedHeader] = []
    /// The forensic archive as it was stored; its signatures are checked again.
    public var archive: [SignedVote] = []

    public init(
        tail: ChainTail, votes: [VoteRecord] = [], silentThrough: Height? = nil,
        faults: [(id: Hash32, fault: ProvenFault)] = [], frozen: (height: Height, fault: Hash32)? = nil
    ) {
        self.tail = tail
        self.votes = votes
        self.silentThrough = silentThrough
        self.faults = faults
        self.frozen = frozen
    }
}

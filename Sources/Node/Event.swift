public import Chain
public import Consensus
public import Crypto
public import FaultProofs
public import Primitives
public import Validation

/// One live connection, numbered by the host; never used twice.
public typealias PeerNumber = UInt64

/// What happens to a node.
public enum Event: Sendable {
    /// The host is up: begin.
    case started
    case peerUp(PeerNumber, key: NodePublicKey, isInbound: Bool)
    case peerDown(PeerNumber)
    case connectFailed(endpoint: String)
    case received(Bytes, from: PeerNumber)
    /// What a frame held, where host and peer are one program: the simulator decodes a frame for all who get it.
    case heard(Message, from: PeerNumber)
    /// Transactions were decoded, their senders recovered and their accounts read; nil for those that failed.
    case admitted([PoolEntry?], from: TransactionSource)
    indirect case validated(ValidationPurpose, block: Hash32, ValidationOutcome)
    /// nil: the block could not be built; the reason is in the host's log.
    indirect case built(ValidatedBlock?, height: Height, round: UInt64)
    case durable([VoteRecord])
    case signed(SignedVote)
    indirect case judged(FaultProof, from: PeerNumber?, ProofOutcome)
    /// nil: nobody can be convicted of what is wrong with the block.
    indirect case proved(block: Hash32, FaultProof?)
    /// A second connection proved a key that is connected already, or our own, and was turned away.
    ///
    /// - Parameter endpoint: Where it came from, or where it listens.
    case keyClash(NodePublicKey, endpoint: String)
    case timer(NodeTimer)
    case inject(Injection)
    /// The disk refuses to take blocks or votes: say nothing more that others would rely on.
    case storageFailed(String)
}

/// Who handed in a transaction.
public enum TransactionSource: Sendable, Hashable {
    /// A client, who waits for the answer under this ticket.
    case client(ticket: UInt64)
    /// Clients, before this node was started again.
    case journal
    case peer(PeerNumber)
}

public enum NodeTimer: Sendable, Hashable, CaseIterable {
    /// The current round has lasted long enough.
    case round
    /// The block period is over.
    case blockDue
    /// Transactions wait to be sent on.
    case gossip
    /// Connections are looked after.
    case maintenance
    /// The access list of a block at fault was waited for long enough.
    case accessList
}

/// Why a block is executed.
public enum ValidationPurpose: Sendable, Hashable {
    /// It was proposed to this validator.
    case candidate
    /// It is sealed, and comes from a peer.
    case sealed(CommitCertificate)
    /// Its signed proposal was refused by somebody.
    case suspect(SignedVote)
}

public enum ValidationOutcome: Sendable {
    case valid(ValidatedBlock)
    /// Provably wrong; with the proof where one was asked for.
    case invalid(BlockFault, FaultProof?)
    /// Our own disk failed us: nobody's fault.
    case unreadable(String)
    /// The head had moved on before it was this block's turn.
    case stale
}

public enum ProofOutcome: Sendable, Hashable {
    case proven(ProvenFault)
    case refused(String)
}

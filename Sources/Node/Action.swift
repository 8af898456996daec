public import Chain
public import Consensus
public import FaultProofs
public import Primitives
public import Ranger
public import Validation

/// What the host does for a node, in the order given.
public enum Action: Sendable {
    /// Encode once, send to each.
    case send(Message, to: [PeerNumber])
    case connect(endpoint: String)
    case disconnect(PeerNumber, because: String)
    /// Decode, recover, read the sender's account; answer with `.admitted`.
    case admit([Bytes], from: PeerNumber)
    case reply(ticket: UInt64, Result<Hash32, PoolRefusal>)
    /// Tell whoever watches that these wait in the pool and could run now; queued ones are told of once they could.
    case announce([PooledTransaction])
    /// Execute on the state of the head; answer with `.validated`.
    indirect case validate(ValidationRequest)
    /// Build on the state of the head; answer with `.built`.
    indirect case build(BuildRequest, round: UInt64, Sabotage?)
    /// Write these and sync; answer with `.durable` afterwards, never before.
    case persist([VoteRecord])
    /// Sign; answer with `.signed`.
    case sign(Vote)
    /// Make this block the head. It is executed before any later `.validate` or `.build`.
    indirect case append(SealedBlock)
    /// Keep this sealed block beside the chain: it lies at or above a block proven wrong.
    indirect case follow(CertifiedBlock)
    /// Send up to `count` sealed blocks from `from` on.
    case serveBlocks(from: Height, count: UInt64, to: PeerNumber)
    /// Check a fault proof; answer with `.judged`.
    indirect case judge(FaultProof, from: PeerNumber?)
    /// Prove what is wrong with a sealed block, on the state of the head; answer with `.proved`.
    indirect case prove(ProofRequest)
    /// Keep these votes for the day on which one of them convicts somebody.
    case archive([SignedVote])
    /// Keep a verified proof, and make it known to whoever asks.
    indirect case record(FaultProof, ProvenFault)
    /// Replace the timer of this kind.
    case setTimer(NodeTimer, after: Duration)
    case cancelTimer(NodeTimer)
    /// Something people want to know.
    indirect case note(Note)
}

public struct ValidationRequest: Sendable {
    public let block: Block
    public let ancestry: Ancestry
    public let bound: RoundBound
    public let purpose: ValidationPurpose
    public let conduct: Conduct
    /// Senders that this node has recovered before, by transaction hash.
    public let senders: [Hash32: Address]
    /// Whether to build a proof if the block is invalid, and who is accused then.
    public let accusation: Accusation?
}

public struct ProofRequest: Sendable {
    public let block: Block
    public let ancestry: Ancestry
    public let accusation: Accusation
    /// What the block's transactions touched, by the list that its extension commits to; nil where nobody had it.
    public let accessList: BlockAccessList?
}

/// What goes to the log, as data: the host chooses words and level.
public enum Note: Sendable, Hashable {
    case sealed(height: Height, round: UInt64, block: Hash32, transactions: Int)
    case roundChanged(height: Height, round: UInt64, why: String)
    case proposalRefused(height: Height, round: UInt64, proposer: Address, why: String)
    case conflict(Conflict)
    case fault(id: Hash32, ProvenFault)
    case proofRefused(id: Hash32, why: String)
    case blockRefused(height: Height, why: String)
    case peerUp(name: String, address: Address)
    case peerDown(name: String)
    case peerPenalised(address: Address, why: String)
    case syncing(from: Height, to: Height)
    case votingSuspended(through: Height)
    case halted(why: String)
    /// The chain itself is at fault: this node trusts nothing above `head`.
    case stopped(at: Height, Standstill)
    /// One node key is used at two addresses: two processes hold it, or somebody moved.
    case keyClash(address: Address, first: String, second: String)
    case injected(Injection)
    /// This node has done its part of an order to misbehave.
    case injectionApplied(Injection, height: Height, round: UInt64)
    /// An order to misbehave has come to nothing.
    case injectionMissed(Injection, why: String)
    /// As a liar it has voted for a second block, and follows the other one.
    case forked(height: Height, second: Hash32, round: UInt64, follows: Hash32)
}

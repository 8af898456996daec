public import Chain
public import FaultProofs
public import Primitives

/// Why the pool does not take a transaction.
///
/// `message` is in geth's words (`nonce too low`, `already known`, …): libraries match on them.
public struct TransactionRefusal: Error, Equatable, Sendable {
    public let code: Int
    public let message: String

    public init(_ message: String, code: Int = -32000) {
        (self.code, self.message) = (code, message)
    }
}

/// A transaction and who signed it.
public struct SentTransaction: Sendable {
    public let transaction: Transaction
    public let sender: Address

    public init(_ transaction: Transaction, sender: Address) {
        (self.transaction, self.sender) = (transaction, sender)
    }
}

/// One connection to another node.
public struct PeerReport: Sendable {
    /// The validator or ranger address that the peer's node key proves.
    public let node: Address
    /// Host and port of the other end.
    public let endpoint: String
    public let isCouncilLink: Bool
    public let isInbound: Bool
    /// The height that the peer last told of, if it did.
    public let headHeight: Height?

    public init(node: Address, endpoint: String, isCouncilLink: Bool, isInbound: Bool, headHeight: Height?) {
        (self.node, self.endpoint, self.isCouncilLink) = (node, endpoint, isCouncilLink)
        (self.isInbound, self.headHeight) = (isInbound, headHeight)
    }
}

/// How far a node that is catching up has come; nil where it is not.
public struct SyncReport: Sendable {
    public let startingHeight: Height
    public let currentHeight: Height
    public let highestHeight: Height

    public init(startingHeight: Height, currentHeight: Height, highestHeight: Height) {
        (self.startingHeight, self.currentHeight) = (startingHeight, currentHeight)
        self.highestHeight = highestHeight
    }
}

/// The running node: what is not in the sealed chain. Asynchronous, since it lives on its own event loop.
///
/// Every answer is a value of one moment; a node that shuts down answers nil or empty. What is told of the pool comes
/// once the chain's readers see the block after which it is so: a sealed transaction is never nowhere.
public protocol NodeService: Sendable {
    /// Gives transactions to the pool, in that order, and tells the fate of each.
    ///
    /// Several at once cost one hop to the node's event loop. Signatures are already checked.
    func submit(_ transactions: [SentTransaction]) async -> [Result<Hash32, TransactionRefusal>]

    /// The nonce after the sender's last executable transaction in the pool; nil if none waits there.
    func pendingNonce(of sender: Address) async -> UInt64?

    /// A transaction that waits in the pool, or nil.
    func pendingTransaction(_ hash: Hash32) async -> SentTransaction?

    /// How many transactions wait in the pool.
    func poolCount() async -> PoolCount

    /// What waits in the pool, in ascending order of sender.
    ///
    /// - Parameter sender: Nil for all of them.
    func poolContent(of sender: Address?) async -> [PoolSenderReport]

    /// What the next block could be made of.
    ///
    /// - Parameters:
    ///   - known: The version of the pool that the caller has this of already.
    ///   - candidatesMax: No more transactions than this.
    func nextBlock(unlessAt known: UInt64?, candidatesMax: Int) async -> NextBlockReport

    /// The peers that are connected now.
    func peers() async -> [PeerReport]

    /// How far we are behind, or nil when we follow the head.
    func syncing() async -> SyncReport?

    /// Who seals the block at `height`, from 1 to the head's successor; nil where that is not known.
    func sealers(at height: Height) async -> Sealers?

    /// What this node saw of the rounds at `height`; nil if it took no part or has forgotten.
    func rounds(at height: Height) async -> RoundSummary?

    /// The faults that this node has proven or accepted, oldest first, at most `limit` from `start` on.
    func faults(from start: Int, limit: Int) async -> [FaultRecord]

    /// One fault with its proof, or nil.
    func fault(_ id: Hash32) async -> ProvenRecord?

    /// What this node found when it executed the block at `height`.
    func verdict(at height: Height) async -> VerdictReport

    /// What a known fault means, in words; nil where there is no such fault.
    func explanation(of id: Hash32) async -> FaultExplanation?

    /// Whether this node goes on, and how the validators do.
    func watchReport() async -> WatchReport

    /// How this node's watching stands.
    func rangerStatus() async -> RangerReport

    /// The last blocks that this node found against the rules, newest first.
    func badBlocks() async -> [BadBlockReport]
}

extension NodeService {
    /// What a node says that judges no blocks.
    public func badBlocks() async -> [BadBlockReport] { [] }
}

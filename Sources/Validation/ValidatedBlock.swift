public import Chain
public import EVM
public import Primitives
public import Trie

/// A block that was executed and found valid, with all that came of it. Only this module makes one.
public struct ValidatedBlock: Sendable {
    public let block: Block
    private let outcome: BlockOutcome

    init(block: Block, outcome: BlockOutcome) {
        self.block = block
        self.outcome = outcome
    }

    /// The same execution under another header: only `Sabotage` declares what is not so.
    func declaring(_ block: Block) -> ValidatedBlock {
        ValidatedBlock(block: block, outcome: outcome)
    }

    public var hash: Hash32 { block.hash }
    public var number: Height { block.number }

    /// One a transaction.
    public var receipts: [Receipt] { outcome.receipts }
    /// The sender of each transaction.
    public var senders: [Address] { outcome.senders }
    public var changes: StateChanges { outcome.changes }
    /// What each transaction read and wrote; its root is in the block's extension.
    public var accessList: BlockAccessList { outcome.accessList }
    /// The account trie's new root, and its changed nodes.
    public var accountTrie: TrieUpdate { outcome.accountTrie }
    /// The changed storage tries, in ascending order of owner: the hash of the account's address.
    public var storageTries: [StorageTrieUpdate] { outcome.storageTries }
    /// The root of the new state. It is the header's, but where a lax council looked away from that.
    public var stateRoot: Hash32 { outcome.stateRoot }
}

/// What changed in the storage trie of one account.
public struct StorageTrieUpdate: Sendable {
    /// keccak(address).
    public let owner: Hash32
    public let update: TrieUpdate

    public init(owner: Hash32, update: TrieUpdate) {
        self.owner = owner
        self.update = update
    }
}

/// A valid block and the certificate that makes it final: what storage appends, and nothing less.
public struct SealedBlock: Sendable {
    public let validated: ValidatedBlock
    public let certificate: CommitCertificate

    /// - Parameter certificate: Its seals have been verified already; here only that it is about this block.
    public init(_ validated: ValidatedBlock, certificate: CommitCertificate) throws(CertificateError) {
        try certificate.check(isFor: validated.hash, at: validated.number)
        self.validated = validated
        self.certificate = certificate
    }

    public var block: Block { validated.block }
    public var hash: Hash32 { validated.hash }
    public var number: Height { validated.number }
}

public import Chain
internal import EVM
public import Primitives
internal import Trie
public import Validation

/// The chain of one node in one SQLite file, and the only way onto disk for blocks.
///
/// Blocks are the log: each is on the medium when `append` returns. The state is a cache of executing them: it is
/// kept in memory, and written some blocks at a time. So after a crash the file's state may lag its blocks by at
/// most `pendingBlocksMax`; the owner executes those again (`reapply`) before it appends.
///
/// Owned by one thread. Other threads read through `reader()`.
public final class ChainStore {
    /// The state is written at the latest after this many blocks: so many are executed again after a crash.
    public static let pendingBlocksMax = 64
    /// The state is written at the latest when so many bytes of changes wait in memory.
    public static let pendingBytesMax = 16 << 20
    /// Trie nodes kept in memory because they were read or written lately, in bytes.
    public static let cachedTrieBytesMax = 6 << 20
    /// Accounts kept in memory because they were read or written lately.
    public static let cachedAccountsMax = 16_384
    /// Words of storage kept in memory because they were read or written lately.
    public static let cachedSlotsMax = 16_384
    /// The most fault proofs that are kept. Every one is checked before it comes here, so this is far away.
    public static let faultsMax = 65_536
    /// The largest fault proof: a block with the trie nodes it reads.
    public static let faultProofBytesMax = 32 << 20

    public let path: String
    /// The last block.
    public private(set) var head: ChainHead
    /// The block whose state is at hand: `head`, except between opening after a crash and the last `reapply`.
    public private(set) var stateHeight: Height
    /// The block whose state is in the file. Everything up to it survives without being executed again.
    public private(set) var flushedHeight: Height
    /// Whether a vote log was ever made beside this chain: if it is gone now, votes may be forgotten.
    public private(set) var hasVoteLog: Bool

    private let lock: File
    let database: Database
    let tables: Tables
    let recent: RecentBlocks
    private var stateRoot: Hash32

    private var accounts: WriteBehind<Address, Account?>
    private var slots: WriteBehind<StorageKey, UInt256>
    private var nodes: WriteBehind<TrieKey, Bytes?>
    /// The memory that `recent` takes.
    private var recentBytes = 0
    /// What a changed account or word takes in `accounts` or `slots`.
    private static let entryBytes = 256
    /// Whether certified blocks above the head may be stored.
    private var mayFollow: Bool

    struct StorageKey: Hashable, Comparable {
        let address: Address
        let slot: UInt256

        static func < (left: StorageKey, right: StorageKey) -> Bool {
            (left.address, left.slot) < (right.address, right.slot)
        }
    }

    /// Opens what `ChainStore.open` has checked.
    init(opened: OpenedChain) {
        path = opened.database.path
        lock = opened.lock
        database = opened.database
        tables = opened.tables
        head = opened.head
        stateHeight = opened.stateHeight
        flushedHeight = opened.stateHeight
        stateRoot = opened.stateRoot
        hasVoteLog = opened.hasVoteLog
        mayFollow = opened.hasFollowed
        recent = RecentBlocks(above: opened.stateHeight)
        accounts = WriteBehind(cleanCostMax: Self.cachedAccountsMax)
        slots = WriteBehind(cleanCostMax: Self.cachedSlotsMax)
        nodes = WriteBehind(cleanCostMax: Self.cachedTrieBytesMax) {
            RecentBlock.nodeOverheadBytes + ($0?.count ?? 0)
        }
    }

    // MARK: Reading

    /// The state at `stateHeight`, for validating the block after it. Good until the next `append` or `reapply`.
    public var ledger: StoredLedger { StoredLedger(store: self, height: stateHeight, stateRoot: stateRoot) }

    /// The chain as the owner sees it, at this moment. Good until the store changes.
    public var view: StoreView {
        StoreView(tables: tables, recent: recent.all, flushedHeight: flushedHeight, headHeight: head.height)
    }

    /// A reader for another thread, with its own connection to the file.
    public func reader() throws(StorageError) -> StoreReader {
        try StoreReader(path: path, recent: recent)
    }

    func account(_ address: Address) throws(StorageError) -> Account? {
        if let known = accounts.value(address) { return known }
        try database.hold()
        let account = try tables.state.account(address)
        accounts.remember(account, for: address)
        return account
    }

    func word(_ address: Address, _ slot: UInt256) throws(StorageError) -> UInt256 {
        let key = StorageKey(address: address, slot: slot)
        if let known = slots.value(key) { return known }
        try database.hold()
        let word = try tables.state.word(address, slot)
        slots.remember(word, for: key)
        return word
    }

    func node(_ hash: Hash32, at key: TrieKey) throws(StorageError) -> Bytes {
        if let known = nodes.value(key) {
            guard let node = known else { throw .malformedNode(hash) }
            return node
        }
        try database.hold()
        let node = try tables.checkedNode(hash, at: key)
        nodes.remember(node, for: key)
        return node
    }

    // MARK: Appending

    /// Puts the next block on the medium, with its certificate and receipts, and takes over its state.
    ///
    /// Either all of it happens or, after an error, nothing. If much state waits to be written, that comes first:
    /// call `flushIfDue` when nobody waits.
    public func append(_ block: SealedBlock) throws(StorageError) {
        guard stateHeight == head.height else {
            throw .behind(stateHeight: stateHeight, headHeight: head.height)
        }
        let header = block.block.header
        guard header.number == head.height + 1, header.parentHash == head.hash else {
            throw .outOfOrder(
                expectedHeight: head.height + 1, expectedParent: head.hash, foundHeight: header.number,
                foundParent: header.parentHash)
        }
        try flushIfDue()
        try database.transaction { () throws(StorageError) in
            try tables.blocks.insert(
                block.block, certificate: block.certificate, receipts: block.validated.receipts,
                senders: block.validated.senders)
            if mayFollow { try tables.reports.forgetFollowed(through: header.number) }
        }
        head = ChainHead(
            header: header, extension: block.block.extension, hash: block.hash, certificate: block.certificate)
        adopt(block.validated)
    }

    /// Takes over the state of a block that is stored already but whose state was lost in a crash.
    ///
    /// - Parameter block: The stored block `stateHeight` + 1, executed again on `ledger`.
    public func reapply(_ block: ValidatedBlock) throws(StorageError) {
        let height = stateHeight + 1
        guard let expected = try tables.blocks.hash(at: height) else {
            throw .unknownHeight(height, head: head.height)
        }
        guard block.number == height, block.hash == expected else {
            throw .otherBlock(height: height, expected: expected, found: block.hash)
        }
        try flushIfDue()
        adopt(block)
    }

    private func adopt(_ block: ValidatedBlock) {
        for change in block.changes.accounts { accounts.change(change.address, to: change.after) }
        for change in block.changes.storage {
            slots.change(StorageKey(address: change.address, slot: change.slot), to: change.after)
        }
        for (path, rlp) in block.accountTrie.nodes { nodes.change(TrieKey(nil, path), to: rlp) }
        for trie in block.storageTries {
            for (path, rlp) in trie.update.nodes { nodes.change(TrieKey(trie.owner, path), to: rlp) }
        }
        stateHeight = block.number
        stateRoot = block.accountTrie.root
        let added = RecentBlock(block)
        recent.add(added)
        recentBytes += added.byteCount
    }

    // MARK: Writing the state behind

    /// Whether so much state waits that the next `append` would write it.
    public var isFlushDue: Bool {
        stateHeight - flushedHeight >= UInt64(Self.pendingBlocksMax) || pendingBytes >= Self.pendingBytesMax
    }

    /// About how much memory the unwritten state takes: each block's changes, for readers, and the latest of each key.
    /// The two share the bytes of trie nodes.
    private var pendingBytes: Int {
        recentBytes + RecentBlock.nodeOverheadBytes * nodes.pending.count
            + Self.entryBytes * (accounts.pending.count + slots.pending.count)
    }

    /// Writes the state if enough has gathered. Good to call when the node is idle, after a block is announced.
    public func flushIfDue() throws(StorageError) {
        if isFlushDue { try flush() }
    }

    /// Writes all state that waits in memory, and folds the write-ahead log into the file.
    public func flush() throws(StorageError) {
        guard flushedHeight < stateHeight else { return }
        let blocks = recent.all
        try database.transaction { () throws(StorageError) in
            try writeState()
            try writeHistory(of: blocks)
            try tables.meta.set(.stateHeight, stateHeight)
            try tables.meta.set(.stateRoot, stateRoot.hex)
        }
        flushedHeight = stateHeight
        accounts.settle()
        slots.settle()
        nodes.settle()
        recent.remove(through: flushedHeight)
        recentBytes = 0
        try database.checkpoint()
    }

    /// Keys ascend, so that rows that lie together are written together: ten times faster than as they come.
    private func writeState() throws(StorageError) {
        for (address, account) in accounts.pending.sorted(by: { $0.key < $1.key }) {
            try tables.state.write(account, at: address)
        }
        for (key, word) in slots.pending.sorted(by: { $0.key < $1.key }) {
            try tables.state.write(word, at: key.address, key.slot)
        }
        let sorted = nodes.pending.map { (columns: $0.key.columns, node: $0.value) }
            .sorted { $0.columns < $1.columns }
        for (columns, node) in sorted { try tables.state.write(node, at: columns) }
    }

    private func writeHistory(of blocks: [RecentBlock]) throws(StorageError) {
        var places: [(prefix: UInt64, height: Height, position: Int)] = []
        for block in blocks {
            for change in block.changes.accounts { try tables.history.write(change, at: block.height) }
            for change in block.changes.storage { try tables.history.write(change, at: block.height) }
            for new in block.changes.code { try tables.state.write(new.code, of: new.hash) }
            places += block.transactions.map { ($0.prefix, block.height, $0.position) }
        }
        // The order of SQLite's signed integers.
        for place in places.sorted(by: { Int64(bitPattern: $0.prefix) < Int64(bitPattern: $1.prefix) }) {
            try tables.state.writeTransaction(
                prefix: place.prefix, height: place.height, position: place.position)
        }
    }

    /// Writes what waits, and ends. Without it nothing is lost: the last blocks are executed again.
    public func close() throws(StorageError) {
        try flush()
    }

    // MARK: Votes and reports

    /// Remembers that a vote log exists beside this chain. To be called after it was made, before the first vote.
    public func rememberVoteLog() throws(StorageError) {
        guard !hasVoteLog else { return }
        try database.transaction { () throws(StorageError) in try tables.meta.set(.voteLog, "made") }
        hasVoteLog = true
    }

    /// Keeps what this node found about a block; a later verdict on the same block replaces it.
    public func store(_ verdict: StoredVerdict) throws(StorageError) {
        try database.transaction { () throws(StorageError) in try tables.reports.insert(verdict) }
    }

    /// Keeps a fault that was proven to this node.
    ///
    /// - Parameter proof: Its encoding, whose keccak is the record's id.
    /// - Returns: Whether it was new.
    public func store(_ fault: StoredFault, proof: Bytes) throws(StorageError) -> Bool {
        guard proof.count <= Self.faultProofBytesMax else {
            throw .tooMany("bytes in a fault proof", countMax: Self.faultProofBytesMax)
        }
        return try database.transaction { () throws(StorageError) in
            guard try tables.reports.faultCount() < Self.faultsMax else {
                throw .tooMany("fault proofs", countMax: Self.faultsMax)
            }
            return try tables.reports.insert(fault, proof: proof)
        }
    }

    /// Keeps signed votes, within the bounds of `VoteTable`. Their signatures are checked already.
    public func archive(_ votes: [SignedVote]) throws(StorageError) {
        try database.transaction { () throws(StorageError) in try tables.votes.insert(votes) }
    }

    /// Keeps a certified block above a head that a fault has frozen, without taking it for valid.
    public func follow(_ block: CertifiedBlock) throws(StorageError) {
        guard block.block.number > head.height else {
            throw .outOfOrder(
                expectedHeight: head.height + 1, expectedParent: head.hash, foundHeight: block.block.number,
                foundParent: block.block.header.parentHash)
        }
        try database.transaction { () throws(StorageError) in try tables.reports.insertFollowed(block) }
        mayFollow = true
    }
}

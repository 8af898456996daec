public import Chain
public import EVM
public import Primitives
internal import Trie

/// All tables over one connection.
final class Tables {
    let meta: MetaTable
    let blocks: BlockTables
    let state: StateTables
    let history: HistoryTables
    let reports: ReportTables
    let votes: VoteTable
    let path: String

    init(_ database: Database) throws(StorageError) {
        path = database.path
        meta = try MetaTable(database)
        blocks = try BlockTables(database)
        state = try StateTables(database)
        history = try HistoryTables(database)
        reports = try ReportTables(database)
        votes = try VoteTable(database)
    }
}

/// The chain at one moment: blocks, any past state, proofs, and what rangers found.
///
/// Nothing that is read is served unchecked: headers, code, trie nodes and proofs against their hashes, the rest
/// against checksums.
public struct StoreView {
    let tables: Tables
    /// The blocks above `flushedHeight`, ascending.
    let recent: [RecentBlock]
    /// The height whose state the state tables hold.
    let flushedHeight: Height
    /// The highest block that can be read.
    public let headHeight: Height
    /// The highest block whose state can be read.
    public let stateHeight: Height

    /// - Parameter headHeight: Nil to see blocks as far as their state is known.
    init(tables: Tables, recent: [RecentBlock], flushedHeight: Height, headHeight: Height? = nil) {
        self.tables = tables
        self.recent = Array(recent.drop { $0.height <= flushedHeight })
        self.flushedHeight = flushedHeight
        stateHeight = self.recent.last?.height ?? flushedHeight
        self.headHeight = headHeight ?? stateHeight
    }

    // MARK: Blocks

    /// The header of block `height`, or nil if there is none yet.
    public func header(at height: Height) throws(StorageError) -> Header? {
        guard let row = try row(at: height) else { return nil }
        return try tables.blocks.header(row, at: height)
    }

    public func hash(at height: Height) throws(StorageError) -> Hash32? {
        height <= headHeight ? try tables.blocks.hash(at: height) : nil
    }

    /// The height of the block with this hash, or nil if it is not in the chain.
    public func height(of hash: Hash32) throws(StorageError) -> Height? {
        guard let height = try tables.blocks.height(of: hash), height <= headHeight else { return nil }
        return height
    }

    /// Header, extension, hash and certificate of block `height`, without its transactions.
    public func head(at height: Height) throws(StorageError) -> ChainHead? {
        guard let row = try row(at: height) else { return nil }
        let header = try tables.blocks.header(row, at: height)
        return ChainHead(
            header: header, extension: try tables.blocks.extension(row, of: header), hash: row.hash,
            certificate: try tables.blocks.certificate(row, at: height))
    }

    /// The certificate of block `height`; nil for genesis, which nobody sealed.
    public func certificate(at height: Height) throws(StorageError) -> CommitCertificate? {
        guard let row = try row(at: height) else { return nil }
        return try tables.blocks.certificate(row, at: height)
    }

    public func block(at height: Height) throws(StorageError) -> Block? {
        guard let head = try head(at: height) else { return nil }
        guard let transactions = try tables.blocks.transactions(at: height) else {
            throw missing("body of block \(height)")
        }
        return Block(header: head.header, transactions: transactions, extension: head.extension)
    }

    /// Block and certificate in the encoding of `CertifiedBlock`, copied as they lie there: what a peer that syncs
    /// is sent. Nil for genesis, which has no certificate and needs no sending, and above the head.
    public func encodedCertifiedBlock(at height: Height) throws(StorageError) -> Bytes? {
        guard let row = try row(at: height), let certificate = row.certificate else { return nil }
        guard let body = try tables.blocks.body(at: height) else { throw missing("body of block \(height)") }
        var encoder = RLPEncoder(capacity: body.count + row.header.count + certificate.count + 256)
        encoder.list { list in
            list.list { block in
                block.appendRaw(row.header)
                block.appendRaw(body)
                block.list { _ in }
                block.list { _ in }
                block.appendRaw(row.extension)
            }
            list.appendRaw(certificate)
        }
        return encoder.bytes
    }

    /// One receipt a transaction of block `height`.
    public func receipts(at height: Height) throws(StorageError) -> [Receipt]? {
        height <= headHeight ? try tables.blocks.receipts(at: height) : nil
    }

    /// Who sent each transaction of block `height`, as was found when it was validated.
    public func senders(at height: Height) throws(StorageError) -> [Address]? {
        height <= headHeight ? try tables.blocks.senders(at: height) : nil
    }

    /// Where the transaction with this hash stands, or nil if it is in no block.
    public func place(ofTransaction hash: Hash32) throws(StorageError) -> TransactionPlace? {
        try transaction(hash)?.place
    }

    /// The transaction with this hash and where it stands, or nil if it is in no block.
    public func transaction(
        _ hash: Hash32
    ) throws(StorageError) -> (transaction: Transaction, place: TransactionPlace)? {
        var candidates = try tables.state.candidates(for: hash)
        for block in recent {
            candidates += block.positions(of: hash).map { (height: block.height, position: $0) }
        }
        for candidate in candidates where candidate.height <= headHeight {
            let found = try tables.blocks.transaction(at: candidate.height, position: candidate.position)
            guard let transaction = found else { throw missing("body of block \(candidate.height)") }
            guard transaction.hash == hash else { continue }
            return (transaction, TransactionPlace(height: candidate.height, position: candidate.position))
        }
        return nil
    }

    private func row(at height: Height) throws(StorageError) -> BlockTables.Row? {
        height <= headHeight ? try tables.blocks.row(at: height) : nil
    }

    func missing(_ what: String) -> StorageError {
        .corrupted(path: tables.path, what: what, expected: "a row", found: "none")
    }

    // MARK: State

    /// The account after block `height`, or nil if there was none.
    public func account(_ address: Address, at height: Height) throws(StorageError) -> Account? {
        try checkState(at: height)
        for block in recent.reversed() where block.height <= height {
            if let change = block.change(of: address) { return change.after }
        }
        if height < flushedHeight, let before = try tables.history.account(address, at: height) { return before }
        return try tables.state.account(address)
    }

    /// The word in `slot` of `address` after block `height`.
    public func storage(
        _ address: Address, _ slot: UInt256, at height: Height
    ) throws(StorageError) -> UInt256 {
        try checkState(at: height)
        for block in recent.reversed() where block.height <= height {
            if let change = block.change(of: address, slot) { return change.after }
        }
        if height < flushedHeight, let before = try tables.history.word(address, slot, at: height) { return before }
        return try tables.state.word(address, slot)
    }

    /// Every slot of `address` that may hold something after block `height`, each once, in no order: those that ever
    /// did.
    ///
    /// - Throws: `.tooMany` where there are more than `countMax`.
    public func slots(of address: Address, at height: Height, countMax: Int) throws(StorageError) -> [UInt256] {
        try checkState(at: height)
        var found = Set(try tables.state.slots(of: address, countMax: countMax + 1))
        if height < flushedHeight {
            found.formUnion(try tables.history.slots(of: address, countMax: countMax + 1))
        }
        for block in recent where block.height <= height { found.formUnion(block.slots(of: address)) }
        guard found.count <= countMax else { throw .tooMany("slots of \(address)", countMax: countMax) }
        return Array(found)
    }

    /// The code with this hash, of any height.
    public func code(_ hash: Hash32) throws(StorageError) -> Bytes {
        if hash == Account.emptyCodeHash { return [] }
        for block in recent { if let code = block.code(hash) { return code } }
        guard let code = try tables.state.code(hash) else { throw .unknownCode(hash) }
        return code
    }

    func checkState(at height: Height) throws(StorageError) {
        guard height <= stateHeight else { throw .unknownHeight(height, head: stateHeight) }
    }

    // MARK: Reports

    /// The most verdicts, or followed blocks, that are read for one height.
    public static let rivalsMax = 16
    /// The most faults that one query gives.
    public static let faultsPerQueryMax = 1_000

    /// What was found about the certified blocks of `height`: one, or several where the council forked.
    public func verdicts(at height: Height) throws(StorageError) -> [StoredVerdict] {
        try tables.reports.verdicts(at: height, countMax: Self.rivalsMax)
    }

    /// The proven faults from `height` up, lowest first.
    public func faults(from height: Height = 0, countMax: Int) throws(StorageError) -> [StoredFault] {
        try tables.reports.faults(from: height, countMax: min(countMax, Self.faultsPerQueryMax))
    }

    public func fault(_ id: Hash32) throws(StorageError) -> StoredFault? {
        try tables.reports.fault(id)
    }

    /// The encoding of the fault proof with this id.
    public func faultProof(_ id: Hash32) throws(StorageError) -> Bytes? {
        try tables.reports.proof(id)
    }

    /// The forensic archive: signed votes of the latest heights, ascending by height and validator.
    public func archivedVotes() throws(StorageError) -> [SignedVote] {
        try tables.votes.all()
    }

    /// The certified blocks of `height` that are above a frozen head: not validated, or found invalid.
    public func followed(at height: Height) throws(StorageError) -> [CertifiedBlock] {
        try tables.reports.followed(at: height, countMax: Self.rivalsMax)
    }

    /// The highest followed block, or nil where the head is not frozen.
    public func followedHeight() throws(StorageError) -> Height? {
        try tables.reports.followedHeight()
    }
}

/// The end of the chain, or any block of it, without its transactions.
public struct ChainHead: Hashable, Sendable {
    public let header: Header
    public let `extension`: BlockExtension
    public let hash: Hash32
    /// Who sealed it; nil for genesis.
    public let certificate: CommitCertificate?

    public var height: Height { header.number }
}

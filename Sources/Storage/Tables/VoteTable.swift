internal import Chain
internal import Crypto
internal import Primitives

/// The forensic archive on disk: signed votes of the latest heights, within the bounds of the one in memory.
final class VoteTable {
    /// Votes this far below the highest one are forgotten: 64 heights below the head, and 16 that votes may be ahead.
    static let heightsMax: Height = 80
    /// Votes of one validator at one height.
    static let votesPerValidatorMax = 256
    /// Votes in all: beyond it, whoever has most loses those of the highest rounds.
    static let votesMax = 1 << 15
    /// So many at once.
    static let evictedAtOnce = 256

    private let insert, countVotes, readVotes, forget, evict: Statement
    /// How many rows there are at most; nil before the first look.
    private var count: Int?

    private static let columns = """
        height, validator, round, kind, block, prepared_round, content, justification, signature
        """

    init(_ database: Database) throws(StorageError) {
        insert = try database.prepare(
            """
            INSERT OR IGNORE INTO votes(\(Self.columns))
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
            WHERE (SELECT count(*) FROM votes WHERE height = ?1 AND validator = ?2) < \(Self.votesPerValidatorMax)
            RETURNING 1
            """)
        countVotes = try database.prepare("SELECT count(*) FROM votes")
        readVotes = try database.prepare(
            "SELECT \(Self.columns) FROM votes ORDER BY height, validator, round, kind, signature LIMIT ?1")
        forget = try database.prepare(
            "DELETE FROM votes WHERE height <= (SELECT max(height) FROM votes) - \(Self.heightsMax)")
        evict = try database.prepare(
            """
            DELETE FROM votes WHERE (height, validator, round, kind, signature) IN (
                SELECT height, validator, round, kind, signature FROM votes
                WHERE validator = (SELECT validator FROM votes GROUP BY validator ORDER BY count(*) DESC LIMIT 1)
                ORDER BY round DESC, height DESC LIMIT \(Self.evictedAtOnce))
            """)
    }

    /// Keeps votes, and forgets what is beyond the bounds.
    func insert(_ votes: [SignedVote]) throws(StorageError) {
        var total = if let count { count } else { try counted() }
        for signed in votes { if try insert(signed) { total += 1 } }
        // Counted again only where that may matter: it takes a look at every row.
        count = total
        try forget.run()
        guard total > Self.votesMax else { return }
        total = try counted()
        while total > Self.votesMax {
            try evict.run()
            total = try counted()
        }
        count = total
    }

    private func insert(_ signed: SignedVote) throws(StorageError) -> Bool {
        let vote = signed.vote
        insert.bind(1, vote.height).bind(2, signed.validator).bind(3, vote.round).bind(4, vote.kind.name)
        insert.bind(5, vote.block).bind(9, signed.signature.bytes)
        if let round = vote.preparedRound { insert.bind(6, round) } else { insert.bindNull(6) }
        if let content = vote.content { insert.bind(7, content) } else { insert.bindNull(7) }
        if let justification = vote.justification { insert.bind(8, justification) } else { insert.bindNull(8) }
        return try insert.first { (_) throws(StorageError) in true } ?? false
    }

    private func counted() throws(StorageError) -> Int {
        try countVotes.first { (row) throws(StorageError) in Int(row.int64(0)) } ?? 0
    }

    /// All votes, ascending by height and validator.
    func all() throws(StorageError) -> [SignedVote] {
        var found: [SignedVote] = []
        readVotes.bind(1, Int64(Self.votesMax))
        try readVotes.rows { (row) throws(StorageError) in
            found.append(try vote(in: row))
            return true
        }
        return found
    }

    private func vote(in row: Statement) throws(StorageError) -> SignedVote {
        guard let kind = VoteKind.allCases.first(where: { $0.name == row.text(3) }) else {
            throw row.damaged(3, row.text(3))
        }
        let signature: NodeSignature
        do { signature = try NodeSignature(checking: row.bytes(8)) } catch { throw row.damaged(8, "\(error)") }
        return SignedVote(
            vote: Vote(
                kind: kind, height: row.uint64(0), round: row.uint64(2), block: try row.hash(4),
                preparedRound: row.isNull(5) ? nil : row.uint64(5), content: row.isNull(6) ? nil : try row.hash(6),
                justification: row.isNull(7) ? nil : try row.hash(7)),
            validator: try row.address(1), signature: signature)
    }
}

extension VoteKind {
    /// As it stands in the column `kind`.
    fileprivate var name: String {
        switch self {
        case .proposal: "proposal"
        case .prepare: "prepare"
        case .commit: "commit"
        case .roundChange: "roundChange"
        }
    }
}

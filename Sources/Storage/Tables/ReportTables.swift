internal import Chain
internal import Crypto
internal import Primitives

/// What rangers found: verdicts, faults, and the certified blocks above a head that a fault has frozen.
final class ReportTables {
    private let path: String
    private let insertVerdict, readVerdicts: Statement
    private let insertFault, countFaults, readFault, readFaults, readProof: Statement
    private let insertFollowed, readFollowed, lastFollowed, forgetFollowed: Statement

    private static let faultColumns = """
        id, kind, rule, height, round, block, guilty, expected, found, origin, first_seen_ms
        """

    init(_ database: Database) throws(StorageError) {
        path = database.path
        insertVerdict = try database.prepare(
            """
            INSERT OR REPLACE INTO verdicts(height, hash, valid, rule, expected, found, judged_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        readVerdicts = try database.prepare(
            """
            SELECT hash, valid, rule, expected, found, judged_ms FROM verdicts WHERE height = ?1
            ORDER BY hash LIMIT ?2
            """)
        insertFault = try database.prepare(
            """
            INSERT OR IGNORE INTO faults(\(Self.faultColumns), proof)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) RETURNING 1
            """)
        countFaults = try database.prepare("SELECT count(*) FROM faults")
        readFault = try database.prepare("SELECT \(Self.faultColumns) FROM faults WHERE id = ?1")
        readFaults = try database.prepare(
            "SELECT \(Self.faultColumns) FROM faults WHERE height >= ?1 ORDER BY height, id LIMIT ?2")
        readProof = try database.prepare("SELECT proof FROM faults WHERE id = ?1")
        insertFollowed = try database.prepare(
            "INSERT OR REPLACE INTO followed(height, hash, block, crc) VALUES (?1, ?2, ?3, ?4)")
        readFollowed = try database.prepare(
            "SELECT block, crc FROM followed WHERE height = ?1 ORDER BY hash LIMIT ?2")
        lastFollowed = try database.prepare("SELECT height FROM followed ORDER BY height DESC LIMIT 1")
        forgetFollowed = try database.prepare("DELETE FROM followed WHERE height <= ?1")
    }

    // MARK: Verdicts

    func insert(_ verdict: StoredVerdict) throws(StorageError) {
        insertVerdict.bind(1, verdict.height).bind(2, verdict.block)
        insertVerdict.bind(3, Int64(verdict.fault == nil ? 1 : 0)).bind(7, verdict.judgedMilliseconds)
        if let fault = verdict.fault {
            insertVerdict.bind(4, fault.rule).bind(5, fault.expected).bind(6, fault.found)
        } else {
            insertVerdict.bindNull(4).bindNull(5).bindNull(6)
        }
        try insertVerdict.run()
    }

    func verdicts(at height: Height, countMax: Int) throws(StorageError) -> [StoredVerdict] {
        var found: [StoredVerdict] = []
        readVerdicts.bind(1, height).bind(2, Int64(countMax))
        try readVerdicts.rows { (row) throws(StorageError) in
            let fault =
                row.int64(1) == 1
                ? nil : StoredVerdict.Fault(rule: row.text(2), expected: row.text(3), found: row.text(4))
            found.append(
                StoredVerdict(
                    height: height, block: try row.hash(0), fault: fault, judgedMilliseconds: row.uint64(5)))
            return true
        }
        return found
    }

    // MARK: Faults

    /// Whether the fault was new.
    func insert(_ fault: StoredFault, proof: Bytes) throws(StorageError) -> Bool {
        insertFault.bind(1, fault.id).bind(2, fault.kind).bind(3, fault.rule).bind(4, fault.height)
        if let round = fault.round { insertFault.bind(5, round) } else { insertFault.bindNull(5) }
        insertFault.bind(6, fault.block).bind(7, fault.guilty.flatMap(\.bytes))
        insertFault.bind(8, fault.expected).bind(9, fault.found).bind(10, fault.origin)
        insertFault.bind(11, fault.firstSeenMilliseconds).bind(12, proof)
        return try insertFault.first { (_) throws(StorageError) in true } ?? false
    }

    func faultCount() throws(StorageError) -> Int {
        try countFaults.first { (row) throws(StorageError) in Int(row.int64(0)) } ?? 0
    }

    func fault(_ id: Hash32) throws(StorageError) -> StoredFault? {
        readFault.bind(1, id)
        return try readFault.first { (row) throws(StorageError) in try fault(in: row) }
    }

    /// The faults from `height` up, lowest first.
    func faults(from height: Height, countMax: Int) throws(StorageError) -> [StoredFault] {
        var found: [StoredFault] = []
        readFaults.bind(1, height).bind(2, Int64(countMax))
        try readFaults.rows { (row) throws(StorageError) in
            found.append(try fault(in: row))
            return true
        }
        return found
    }

    func proof(_ id: Hash32) throws(StorageError) -> Bytes? {
        readProof.bind(1, id)
        guard let proof = try readProof.first({ (row) throws(StorageError) in row.bytes(0) }) else { return nil }
        guard keccak256(proof) == id else {
            throw .corrupted(path: path, what: "fault proof", expected: id.hex, found: keccak256(proof).hex)
        }
        return proof
    }

    private func fault(in row: Statement) throws(StorageError) -> StoredFault {
        let guilty = row.bytes(6)
        guard guilty.count.isMultiple(of: 20) else { throw row.damaged(6, "\(guilty.count) bytes") }
        return StoredFault(
            id: try row.hash(0), kind: row.text(1), rule: row.text(2), height: row.uint64(3),
            round: row.isNull(4) ? nil : row.uint64(4), block: try row.hash(5),
            guilty: stride(from: 0, to: guilty.count, by: 20).map { Address(guilty[$0..<$0 + 20]) },
            expected: row.text(7), found: row.text(8), origin: row.text(9), firstSeenMilliseconds: row.uint64(10))
    }

    // MARK: Followed blocks

    func insertFollowed(_ block: CertifiedBlock) throws(StorageError) {
        let encoded = block.rlp
        insertFollowed.bind(1, block.block.number).bind(2, block.block.hash)
        try insertFollowed.bind(3, encoded).bind(4, UInt64(Checksum.of(encoded))).run()
    }

    func followed(at height: Height, countMax: Int) throws(StorageError) -> [CertifiedBlock] {
        var found: [CertifiedBlock] = []
        readFollowed.bind(1, height).bind(2, Int64(countMax))
        try readFollowed.rows { (row) throws(StorageError) in
            let bytes = row.bytes(0)
            guard row.uint64(1) == UInt64(Checksum.of(bytes)) else { throw row.damaged(0, "another checksum") }
            do throws(RLPError) { found.append(try CertifiedBlock(rlp: bytes)) } catch {
                throw row.damaged(0, "\(error)")
            }
            return true
        }
        return found
    }

    func followedHeight() throws(StorageError) -> Height? {
        try lastFollowed.first { (row) throws(StorageError) in row.uint64(0) }
    }

    func forgetFollowed(through height: Height) throws(StorageError) {
        try forgetFollowed.bind(1, height).run()
    }
}

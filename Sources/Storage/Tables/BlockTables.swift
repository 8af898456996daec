internal import Chain
internal import Crypto
internal import Primitives

/// Blocks, bodies and receipts: the log that everything else follows from.
///
/// Whatever is read is checked first: headers and extensions against their hashes, the rest against its checksum.
final class BlockTables {
    private let path: String
    private let insertBlock, insertBody, insertReceipts: Statement
    private let lastHeight, heightByHash, readBlock, readHash, readBody, readReceipts: Statement

    init(_ database: Database) throws(StorageError) {
        path = database.path
        insertBlock = try database.prepare(
            """
            INSERT INTO blocks(height, hash, timestamp_ms, transaction_count, gas_used, header, extension,
                certificate, crc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """)
        insertBody = try database.prepare("INSERT INTO bodies(height, transactions, crc) VALUES (?1, ?2, ?3)")
        insertReceipts = try database.prepare(
            "INSERT INTO receipts(height, receipts, senders, crc) VALUES (?1, ?2, ?3, ?4)")
        lastHeight = try database.prepare("SELECT height FROM blocks ORDER BY height DESC LIMIT 1")
        heightByHash = try database.prepare("SELECT height FROM blocks WHERE hash = ?1")
        readBlock = try database.prepare(
            "SELECT hash, header, extension, certificate, crc FROM blocks WHERE height = ?1")
        readHash = try database.prepare("SELECT hash FROM blocks WHERE height = ?1")
        readBody = try database.prepare("SELECT transactions, crc FROM bodies WHERE height = ?1")
        readReceipts = try database.prepare("SELECT receipts, senders, crc FROM receipts WHERE height = ?1")
    }

    /// What a row of `blocks` holds, checked and still encoded.
    struct Row {
        var hash: Hash32
        var header: Bytes
        var `extension`: Bytes
        var certificate: Bytes?
    }

    // MARK: Writing

    func insert(
        _ block: Block, certificate: CommitCertificate?, receipts: [Receipt], senders: [Address]
    ) throws(StorageError) {
        insertBlock.bind(1, block.number).bind(2, block.hash)
        insertBlock.bind(3, block.extension.timestampMilliseconds)
        insertBlock.bind(4, UInt64(block.transactions.count)).bind(5, block.header.gasUsed)
        insertBlock.bind(6, block.header.rlp).bind(7, block.extension.rlp)
        if let certificate {
            let encoded = certificate.rlp
            insertBlock.bind(8, encoded).bind(9, UInt64(Checksum.of(encoded)))
        } else {
            insertBlock.bindNull(8).bind(9, UInt64(Checksum.of([])))
        }
        try insertBlock.run()
        let body = list(of: block.transactions, bytesEach: 128)
        try insertBody.bind(1, block.number).bind(2, body).bind(3, UInt64(Checksum.of(body))).run()
        let outcome = Outcome(
            receipts: list(of: receipts.map(StoredReceipt.init), bytesEach: 8), senders: senders.flatMap(\.bytes))
        insertReceipts.bind(1, block.number).bind(2, outcome.receipts).bind(3, outcome.senders)
        try insertReceipts.bind(4, outcome.checksum).run()
    }

    /// What a row of `receipts` holds.
    private struct Outcome {
        var receipts: Bytes
        var senders: Bytes

        var checksum: UInt64 {
            var checksum = Checksum()
            checksum.add(receipts)
            checksum.add(senders)
            return UInt64(checksum.value)
        }
    }

    private func list(of values: [some RLPEncodable], bytesEach: Int) -> Bytes {
        var encoder = RLPEncoder(capacity: 16 + bytesEach * values.count)
        encoder.append(list: values)
        return encoder.bytes
    }

    // MARK: Reading

    func headHeight() throws(StorageError) -> Height? {
        try lastHeight.first { (row) throws(StorageError) in row.uint64(0) }
    }

    func height(of hash: Hash32) throws(StorageError) -> Height? {
        heightByHash.bind(1, hash)
        return try heightByHash.first { (row) throws(StorageError) in row.uint64(0) }
    }

    func hash(at height: Height) throws(StorageError) -> Hash32? {
        readHash.bind(1, height)
        return try readHash.first { (row) throws(StorageError) in try row.hash(0) }
    }

    func row(at height: Height) throws(StorageError) -> Row? {
        readBlock.bind(1, height)
        let found = try readBlock.first { (row) throws(StorageError) in
            let found = Row(
                hash: try row.hash(0), header: row.bytes(1), extension: row.bytes(2),
                certificate: row.isNull(3) ? nil : row.bytes(3))
            try check(found.certificate ?? [], against: row.uint64(4), "certificate of block \(height)")
            return found
        }
        guard let found else { return nil }
        let hash = keccak256(found.header)
        guard hash == found.hash else {
            throw damaged("header of block \(height)", expected: found.hash.hex, found: hash.hex)
        }
        return found
    }

    func header(_ row: Row, at height: Height) throws(StorageError) -> Header {
        let header: Header = try decode(row.header, "header of block \(height)")
        guard header.number == height else {
            throw damaged("header of block \(height)", expected: "number \(height)", found: "\(header.number)")
        }
        return header
    }

    func `extension`(_ row: Row, of header: Header) throws(StorageError) -> BlockExtension {
        let hash = keccak256(row.extension)
        guard hash.bytes == header.extraData else {
            throw damaged("extension of block \(header.number)", expected: header.extraData.hex, found: hash.hex)
        }
        return try decode(row.extension, "extension of block \(header.number)")
    }

    func certificate(_ row: Row, at height: Height) throws(StorageError) -> CommitCertificate? {
        guard let certificate = row.certificate else { return nil }
        return try decode(certificate, "certificate of block \(height)")
    }

    /// The RLP list of the transactions of a block.
    func body(at height: Height) throws(StorageError) -> Bytes? {
        readBody.bind(1, height)
        return try readBody.first { (row) throws(StorageError) in
            let bytes = row.bytes(0)
            try check(bytes, against: row.uint64(1), "body of block \(height)")
            return bytes
        }
    }

    func transactions(at height: Height) throws(StorageError) -> [Transaction]? {
        guard let body = try body(at: height) else { return nil }
        return try decodeList(body, max: Block.transactionsMax, "body of block \(height)")
    }

    /// The transaction at `position` of a block, without decoding the others.
    func transaction(at height: Height, position: Int) throws(StorageError) -> Transaction? {
        guard let body = try body(at: height) else { return nil }
        do throws(RLPError) {
            var decoder = RLPDecoder(body)
            var list = try decoder.list()
            for _ in 0..<position where !list.isAtEnd { try list.skip() }
            return list.isAtEnd ? nil : try Transaction(from: &list)
        } catch {
            throw damaged("body of block \(height)", expected: "its RLP", found: "\(error)")
        }
    }

    func receipts(at height: Height) throws(StorageError) -> [Receipt]? {
        guard let outcome = try outcome(at: height) else { return nil }
        let stored: [StoredReceipt] = try decodeList(
            outcome.receipts, max: Block.transactionsMax, "receipts of block \(height)")
        return stored.map(\.receipt)
    }

    func senders(at height: Height) throws(StorageError) -> [Address]? {
        guard let senders = try outcome(at: height)?.senders else { return nil }
        return stride(from: 0, to: senders.count - senders.count % 20, by: 20).map { Address(senders[$0..<$0 + 20]) }
    }

    private func outcome(at height: Height) throws(StorageError) -> Outcome? {
        readReceipts.bind(1, height)
        return try readReceipts.first { (row) throws(StorageError) in
            let outcome = Outcome(receipts: row.bytes(0), senders: row.bytes(1))
            guard outcome.checksum == row.uint64(2) else {
                throw damaged(
                    "receipts of block \(height)", expected: "checksum \(row.uint64(2))", found: "\(outcome.checksum)")
            }
            return outcome
        }
    }

    private func check(_ bytes: Bytes, against stored: UInt64, _ what: String) throws(StorageError) {
        let checksum = UInt64(Checksum.of(bytes))
        guard checksum == stored else {
            throw damaged(what, expected: "checksum \(stored)", found: "\(checksum)")
        }
    }

    private func decode<Value: RLPDecodable>(_ bytes: Bytes, _ what: String) throws(StorageError) -> Value {
        do { return try Value(rlp: bytes) } catch { throw damaged(what, expected: "its RLP", found: "\(error)") }
    }

    private func decodeList<Value: RLPDecodable>(
        _ bytes: Bytes, max: Int, _ what: String
    ) throws(StorageError) -> [Value] {
        do throws(RLPError) {
            var decoder = RLPDecoder(bytes)
            let values = try decoder.array(of: Value.self, max: max)
            try decoder.finish()
            return values
        } catch {
            throw damaged(what, expected: "its RLP", found: "\(error)")
        }
    }

    private func damaged(_ what: String, expected: String, found: String) -> StorageError {
        .corrupted(path: path, what: what, expected: expected, found: found)
    }
}

/// A receipt as it is stored: without the 256 bytes of bloom, which follow from the logs.
private struct StoredReceipt: RLPEncodable, RLPDecodable {
    let receipt: Receipt

    init(_ receipt: Receipt) {
        self.receipt = receipt
    }

    func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(UInt64(receipt.kind.rawValue))
            list.append(receipt.succeeded)
            list.append(receipt.cumulativeGasUsed)
            list.append(list: receipt.logs)
        }
    }

    init(from decoder: inout RLPDecoder) throws(RLPError) {
        let position = decoder.position
        var list = try decoder.list()
        let number = try list.uint64()
        guard let kind = UInt8(exactly: number).flatMap(Transaction.Kind.init(rawValue:)) else {
            throw .invalidValue(at: position, "receipt type \(number)")
        }
        let succeeded = try list.bool()
        let cumulativeGasUsed = try list.uint64()
        let logs = try list.array(of: Log.self, max: Receipt.logsMax)
        try list.finish()
        receipt = Receipt(
            kind: kind, succeeded: succeeded, cumulativeGasUsed: cumulativeGasUsed, logs: logs)
    }
}

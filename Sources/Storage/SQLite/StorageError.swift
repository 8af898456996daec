internal import CSQLite
public import Primitives
public import Validation

/// Why the chain on disk could not be read or written. Every text names the file and what to do.
public enum StorageError: LedgerFailure, Hashable, CustomStringConvertible {
    /// The file is a database, but not one of ours, or not a database at all.
    case notAChain(path: String, reason: String)
    /// The file belongs to a chain with another genesis block or chain id.
    case otherChain(path: String, expected: String, found: String)
    /// The file was written by a version that lays its tables out differently.
    case otherVersion(path: String, expected: Int, found: String)
    /// Another process has the chain open.
    case inUse(path: String)
    /// A row does not hash or check to what was written: the disk lost it. Nothing of it is served.
    case corrupted(path: String, what: String, expected: String, found: String)
    /// No space is left. Reads still answer; nothing of the failed write is kept.
    case diskFull(path: String)
    /// SQLite refused, with its result code and message.
    case refused(path: String, sql: String, code: Int32, message: String)
    /// A file operation beside SQLite failed.
    case file(FileError)
    /// The block does not follow the one the store stands at.
    case outOfOrder(expectedHeight: Height, expectedParent: Hash32, foundHeight: Height, foundParent: Hash32)
    /// The block executed again is not the block that is stored at its height.
    case otherBlock(height: Height, expected: Hash32, found: Hash32)
    /// The state lags the blocks: execute those above `stateHeight` again before appending (see `reapply`).
    case behind(stateHeight: Height, headHeight: Height)
    /// A ledger was read after the chain had moved on from the block it was made for.
    case staleLedger(height: Height, head: Height)
    /// There is no such block, or its state is not known yet.
    case unknownHeight(Height, head: Height)
    /// The trie lacks this node, or holds something else in its place.
    case malformedNode(Hash32)
    /// No code with this hash is stored.
    case unknownCode(Hash32)
    /// More of this than the limit allows.
    case tooMany(String, countMax: Int)

    public var description: String {
        switch self {
        case .notAChain(let path, let reason):
            "\(path) is not a chain of this node: \(reason). Choose another data directory, or move the file away."
        case .otherChain(let path, let expected, let found):
            "\(path) holds another chain: expected \(expected), found \(found). "
                + "Use the genesis file it was made with, or another data directory."
        case .otherVersion(let path, let expected, let found):
            "\(path) has schema version \(found), this node reads version \(expected). "
                + "Use the matching node, or move the file away and sync again."
        case .inUse(let path):
            "\(path) is open in another process. Stop that node first: two nodes with one key would contradict "
                + "each other."
        case .corrupted(let path, let what, let expected, let found):
            "\(path) is damaged: \(what): expected \(expected), found \(found). "
                + "Check the disk, then move the file away and sync again."
        case .diskFull(let path):
            "\(path) cannot grow: the disk is full. Free some space; the node answers reads until then."
        case .refused(let path, let sql, let code, let message):
            "\(path): SQLite error \(code) (\(message)) in: \(sql.prefix(200))"
        case .file(let error):
            error.description
        case .outOfOrder(let expectedHeight, let expectedParent, let foundHeight, let foundParent):
            "expected block \(expectedHeight) on parent \(expectedParent.short), "
                + "found block \(foundHeight) on parent \(foundParent.short)"
        case .otherBlock(let height, let expected, let found):
            "block \(height): expected \(expected.short), found \(found.short)"
        case .behind(let stateHeight, let headHeight):
            "the state is at block \(stateHeight) of \(headHeight): execute the blocks above it again first"
        case .staleLedger(let height, let head):
            "the ledger of block \(height) was read after the chain had moved to block \(head)"
        case .unknownHeight(let height, let head):
            "block \(height) is not known, the head is \(head)"
        case .malformedNode(let hash):
            "the trie is damaged at node \(hash.hex): move the chain's file away and sync again"
        case .unknownCode(let hash):
            "no code with hash \(hash.hex)"
        case .tooMany(let what, let countMax):
            "more than \(countMax) \(what)"
        }
    }

    /// Sorts SQLite's result codes into what the node must do about them.
    init(code: Int32, message: String, during sql: String, path: String) {
        switch code & 0xff {
        case SQLITE_FULL:
            self = .diskFull(path: path)
        case SQLITE_NOTADB:
            self = .notAChain(path: path, reason: "it is no SQLite file")
        case SQLITE_CORRUPT:
            self = .corrupted(path: path, what: "in: \(sql.prefix(80))", expected: "a whole page", found: message)
        default:
            self = .refused(path: path, sql: sql, code: code, message: message)
        }
    }
}

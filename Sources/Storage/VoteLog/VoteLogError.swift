/// Why the vote log cannot be used. Any of these stops the validator from voting.
public enum VoteLogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bytes that were once written whole have changed. Votes may be lost, so nothing is guessed.
    case damaged(path: String, offset: Int, reason: String)
    /// The log belongs to another chain or another validator.
    case otherOwner(path: String, expected: String, found: String)
    /// The file is a log of a version this node does not read, or no vote log at all.
    case notAVoteLog(path: String)
    /// Another process has the log open: two voters with one key would contradict each other.
    case inUse(path: String)
    /// No space is left. The record is not in the log, and the vote must not be sent.
    case diskFull(path: String)
    /// A record is larger than the log accepts.
    case recordTooLarge(bytes: Int, bytesMax: Int)
    /// The log would outgrow its limit; records of finalised heights were not discarded.
    case full(path: String, bytesMax: Int)
    /// An earlier write or sync failed, and what is on the medium is no longer known.
    case broken(path: String)
    /// A file operation failed.
    case file(FileError)

    public var description: String {
        switch self {
        case .damaged(let path, let offset, let reason):
            "\(path) is damaged at byte \(offset): \(reason). This validator must not vote from it. Check the disk, "
                + "then move the file away: the node then stays silent until the height after its head has passed."
        case .otherOwner(let path, let expected, let found):
            "\(path) is the vote log of another chain or validator: expected \(expected), found \(found). "
                + "Use the matching data directory."
        case .notAVoteLog(let path):
            "\(path) is no vote log that this version reads. Use the matching node, or move the file away."
        case .inUse(let path):
            "\(path) is open in another process. Stop that node first: two nodes with one key would contradict "
                + "each other."
        case .diskFull(let path):
            "\(path) cannot grow: the disk is full. The validator does not vote until there is space."
        case .recordTooLarge(let bytes, let bytesMax):
            "a vote record of \(bytes) bytes is larger than \(bytesMax)"
        case .full(let path, let bytesMax):
            "\(path) has reached \(bytesMax) bytes without a finalised height to discard"
        case .broken(let path):
            "\(path) failed earlier; restart the node to read what the medium holds"
        case .file(let error):
            error.description
        }
    }

    init(_ error: FileError) {
        self = error.isDiskFull ? .diskFull(path: error.path) : .file(error)
    }
}

import Primitives

/// Why a chain cannot be imported.
enum ImportProblem: Error, CustomStringConvertible {
    case unreadable(file: String, reason: String)
    case tooLarge(file: String, bytes: Int, limit: Int)
    /// The file is no genesis, snapshot or chain.
    case malformed(file: String, reason: String)
    case noParent(height: Height, expected: Hash32, found: Hash32)
    case otherNumber(expected: Height, found: Height)
    /// A block that our rules refuse.
    case invalidBlock(height: Height, reason: String)
    /// The root of the snapshot is that of no block of the chain.
    case strangeState(root: Hash32)
    case unknownFork(name: String)

    var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
        case .tooLarge(let file, let bytes, let limit): "\(file) has \(bytes) bytes, expected at most \(limit)"
        case .malformed(let file, let reason): "\(file): \(reason)"
        case .noParent(let height, let expected, let found):
            "block \(height) names the parent \(found), expected \(expected)"
        case .otherNumber(let expected, let found): "expected block \(expected), found block \(found)"
        case .invalidBlock(let height, let reason): "block \(height) is invalid: \(reason)"
        case .strangeState(let root): "the state with root \(root) is that of no block of the chain"
        case .unknownFork(let name): "the genesis names the fork \(name), whose rules this program does not have"
        }
    }
}

/// Limits of an import. All that is imported is held in memory.
enum ImportLimits {
    /// Bytes of the file with the chain.
    static let chainBytesMax = 1 << 30
    /// Bytes of a genesis or a state in JSON.
    static let documentBytesMax = 256 << 20
    /// Values in such a document.
    static let documentValuesMax = 16 << 20
}

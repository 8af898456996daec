/// What is wrong with a file of settings, said so that a reader can fix it: file, key, expected, found.
public enum ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operating system refused to read or write `file`.
    case inaccessible(file: String, reason: String)
    /// `file` is not JSON.
    case malformed(file: String, reason: String)
    /// The key at `keyPath` is absent and has no default.
    case missing(file: String, keyPath: String, expected: String)
    /// The value at `keyPath` is not what belongs there.
    case wrong(file: String, keyPath: String, expected: String, found: String)
    /// A key nobody reads, most often a typing error.
    case unknownKey(file: String, keyPath: String, known: [String])
    /// Each value may stand where it does, and together they mean nothing.
    case senseless(file: String, reason: String)
    /// A secret that others on this machine may read. `mode` holds the permission bits.
    case exposedSecret(file: String, mode: String)

    public var description: String {
        switch self {
        case .inaccessible(let file, let reason): "\(file): \(reason)"
        case .malformed(let file, let reason): "\(file): not valid JSON: \(reason)"
        case .missing(let file, let keyPath, let expected): "\(file): \(keyPath) is missing: expected \(expected)"
        case .wrong(let file, let keyPath, let expected, let found):
            "\(file): \(keyPath.isEmpty ? "the document" : keyPath): expected \(expected), found \(found)"
        case .unknownKey(let file, let keyPath, let known):
            "\(file): unknown key \(keyPath): expected one of \(known.joined(separator: ", "))"
        case .senseless(let file, let reason): "\(file): \(reason)"
        case .exposedSecret(let file, let mode):
            "\(file): a secret key that others can read (mode \(mode)): expected mode 600; run chmod 600 \(file)"
        }
    }
}

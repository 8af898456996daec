/// Why a `PeerNetwork` did not start.
public enum NetworkFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address cannot be listened on: taken, foreign or not permitted.
    case cannotListen(Endpoint, String)
    /// OpenSSL refused to make something of ours.
    case openSSL(String, String)
    /// `start` was called twice, or after `shutdown`.
    case notStartable

    public var description: String {
        switch self {
        case .cannotListen(let endpoint, let why): "cannot listen on \(endpoint): \(why)"
        case .openSSL(let what, let why): "cannot make \(what): \(why)"
        case .notStartable: "a network starts once"
        }
    }
}

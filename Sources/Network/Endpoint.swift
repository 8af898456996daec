/// Where a node listens: a host (name or IP address) and a TCP port.
public struct Endpoint: Hashable, Comparable, Sendable {
    /// A host name, or an IP address without brackets.
    public let host: String
    /// 0...65535; 0 asks the system for a free port when listening.
    public let port: Int

    /// - Precondition: `port` is in 0...65535. Text from outside goes through `init(parsing:)`.
    public init(host: String, port: Int) {
        precondition((0...65535).contains(port), "a TCP port is in 0...65535")
        (self.host, self.port) = (host, port)
    }

    /// Reads `host:port`, or `[address]:port` for IPv6.
    public init(parsing text: String) throws(EndpointError) {
        guard let colon = text.lastIndex(of: ":") else { throw .missingPort(text) }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = Int(digits), port <= 65535
        else { throw .badPort(text) }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .unbracketedAddress(text)
        }
        guard !host.isEmpty, host.utf8.count <= Self.hostBytesMax,
            host.utf8.allSatisfy({ (33...126).contains($0) && $0 != 91 && $0 != 93 })
        else { throw .badHost(text) }
        self.init(host: String(host), port: port)
    }

    /// The longest name that the domain name system allows (RFC 1035).
    static let hostBytesMax = 253

    public static func < (left: Endpoint, right: Endpoint) -> Bool {
        (left.host, left.port) < (right.host, right.port)
    }
}

extension Endpoint: CustomStringConvertible {
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Why a text is not an `Endpoint`.
public enum EndpointError: Error, Equatable, Sendable, CustomStringConvertible {
    case missingPort(String)
    case badPort(String)
    case badHost(String)
    case unbracketedAddress(String)

    public var description: String {
        switch self {
        case .missingPort(let text): "expected host:port, found '\(text.prefix(80))'"
        case .badPort(let text): "the port must be a number from 0 to 65535, found '\(text.prefix(80))'"
        case .badHost(let text): "expected a host before the port, found '\(text.prefix(80))'"
        case .unbracketedAddress(let text): "an IPv6 address needs brackets, [::1]:8545, found '\(text.prefix(80))'"
        }
    }
}

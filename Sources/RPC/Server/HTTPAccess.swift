import NIOHTTP1

/// Which names and origins may talk to the server: what keeps a web page that somebody visits from
/// reaching a node on the same machine.
struct HTTPAccess: Sendable {
    /// Host names beyond localhost and IP addresses; "*" allows every name.
    let hostNames: [String]
    /// Origins beyond those on loopback; "*" allows every origin.
    let origins: [String]

    init(hostNames: [String], origins: [String]) {
        self.hostNames = hostNames.map { $0.lowercased() }
        self.origins = origins.map { $0.lowercased() }
    }

    /// Whether the Host header names us. A page that rebinds its own DNS name to 127.0.0.1 still sends
    /// that name; an IP address or "localhost" cannot be rebound. No Host at all is no browser.
    func allows(host: String?) -> Bool {
        guard let host, !host.isEmpty else { return true }
        guard let name = hostName(host.lowercased()) else { return false }
        return isLocal(name) || isAddress(name) || hostNames.contains(name) || hostNames.contains("*")
    }

    /// Whether pages of that origin may read our answers.
    func allows(origin: String) -> Bool {
        let origin = origin.lowercased()
        if origins.contains(origin) || origins.contains("*") { return true }
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            guard let name = hostName(String(origin.dropFirst(scheme.count))) else { return false }
            return isLocal(name) || name == "[::1]" || (isAddress(name) && name.hasPrefix("127."))
        }
        return false
    }

    /// `host` without its port, or nil where it is no host: brackets of IPv6 stay.
    private func hostName(_ host: String) -> String? {
        let units = Array(host.utf8)
        var end = units.count
        if units.first == UInt8(ascii: "[") {
            guard let bracket = units.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = bracket + 1
        } else if let colon = units.firstIndex(of: UInt8(ascii: ":")) {
            end = colon
        }
        let port = units[end...]
        let isPort = port.isEmpty || (port.first == UInt8(ascii: ":") && port.dropFirst().allSatisfy { 48...57 ~= $0 })
        guard end > 0, isPort else { return nil }
        return String(decoding: units[..<end], as: UTF8.self)
    }

    private func isLocal(_ name: String) -> Bool {
        name == "localhost" || name.hasSuffix(".localhost")
    }

    /// A literal of IPv4 or, in brackets, IPv6.
    private func isAddress(_ name: String) -> Bool {
        if name.hasPrefix("["), name.hasSuffix("]") {
            let inside = name.utf8.dropFirst().dropLast()
            return inside.contains(UInt8(ascii: ":"))
                && inside.allSatisfy { 48...57 ~= $0 || 97...102 ~= $0 || $0 == 58 || $0 == 46 }
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && $0.utf8.allSatisfy { 48...57 ~= $0 } }
    }
}

internal import Configuration
internal import Primitives

/// What commands print of a network.
public enum Reports {
    /// The table that `up` ends with: role, address, URL and log of each node.
    public static func nodes(_ network: LocalNetwork) -> [String] {
        var table = Table("NODE", "ROLE", "ADDRESS", "JSON-RPC", "WEBSOCKET", "LOG")
        for node in network.record.nodes {
            table.add(
                node.name, node.role.rawValue, node.address.hex, node.url, node.webSocketURL ?? "-",
                network.folder.logPath(of: node.name))
        }
        return table.lines
    }

    /// The funded accounts with their keys.
    public static func accounts(_ network: LocalNetwork) -> [String] {
        guard let first = network.record.accounts.first else { return [] }
        var table = Table("ACCOUNT", "ADDRESS", "PRIVATE KEY")
        for (index, account) in network.record.accounts.enumerated() {
            table.add("\(index)", account.address.hex, account.secret.hex)
        }
        return ["\(klay(first.balance)) KLAY each, mnemonic \"\(network.record.mnemonic)\":"] + table.lines
    }

    public static func status(_ statuses: [NodeStatus]) -> [String] {
        var table = Table("NODE", "STATE", "PID", "HEIGHT", "ROUND", "HEAD", "PEERS", "VALIDATED", "FAULTS", "JSON-RPC")
        for status in statuses {
            func text<Number: BinaryInteger>(_ number: Number?) -> String { number.map { "\($0)" } ?? "-" }
            table.add(
                status.node.name, WatchFrame.cut(status.stateText, 120), text(status.processID),
                text(status.height), text(status.round), status.headHash.map { String($0.prefix(10)) } ?? "-",
                text(status.peers), text(status.ranger?.validatedHeight), text(status.ranger?.faults),
                status.node.url)
        }
        let troubles = statuses.compactMap { status in
            status.trouble.map { "\(status.node.name): \($0)\n\(LogTail(path: status.logPath))" }
        }
        return table.lines + troubles + notices(statuses)
    }

    /// What people should not miss: a chain that nodes do not trust any more, and keys in two places.
    private static func notices(_ statuses: [NodeStatus]) -> [String] {
        var notices: [String] = []
        for stopped in statuses.compactMap(\.stopped) {
            let proof = stopped.fault.map { " Explained by: testnet faults show \($0.prefix(18))" } ?? ""
            let notice = WatchFrame.cut(stopped.advice, 600) + proof
            if !notices.contains(notice) { notices.append(notice) }
        }
        for address in statuses.flatMap(\.keyClashes) {
            let name = statuses.first { $0.node.address.hex == address.lowercased() }?.node.name ?? address
            let notice = "same key at two addresses: \(WatchFrame.cut(name, 60))"
            if !notices.contains(notice) { notices.append(notice) }
        }
        return notices.isEmpty ? [] : [""] + notices
    }

    /// An explanation for people, with names in the place of validators' addresses.
    public static func explanation(_ text: [String], _ network: LocalNetwork) -> [String] {
        text.map { line in
            var named = line
            for node in network.record.nodes {
                named = named.replacing(node.address.hex, with: node.name)
            }
            return WatchFrame.cut(named, 1_000)
        }
    }

    /// One line a flag, with the id that `faults save` takes.
    public static func flags(_ flags: [FaultLab.Flag], _ network: LocalNetwork) -> [String] {
        guard !flags.isEmpty else { return ["no ranger has flagged anything"] }
        var table = Table("RANGER", "ID", "FAULT")
        for flag in flags {
            let line = flag.line(network.record.name(of:))
            table.add(flag.ranger, String(flag.id.prefix(18)), WatchFrame.cut(line, 400))
        }
        return table.lines
    }

    public static func faultKinds(_ kinds: [FaultLab.Kind]) -> [String] {
        var table = Table("FAULT", "LEVELS", "WHAT HAPPENS")
        for kind in kinds {
            table.add(kind.name, kind.levels.isEmpty ? "-" : kind.levels.joined(separator: ", "), kind.summary)
        }
        return table.lines
    }

    /// Whole KLAY, or with as many decimals as it takes.
    static func klay(_ peb: UInt256) -> String {
        let unit: UInt256 = 1_000_000_000_000_000_000
        let (whole, rest) = peb.quotientAndRemainder(dividingBy: unit)
        guard rest != .zero else { return whole.description }
        var digits = rest.description
        digits = String(repeating: "0", count: 18 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}

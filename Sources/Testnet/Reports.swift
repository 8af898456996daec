internal import Configuration
internal import Primitives

/// What commands print of a network.
public enum Reports {
    /// The table that `up` ends with: role, address, URL and log of each node.
    public static func nodes(_ network: LocalNetwork) -> [String] {
        var table = Table("NODE", "ROLE", "ADDRESS", "JSON-RPC", "LOG")
        for node in network.record.nodes {
            table.add(
                node.name, node.role.rawValue, node.address.hex, node.url, network.folder.logPath(of: node.name))
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
                status.node.name, status.trouble == nil ? status.state.rawValue : "silent", text(status.processID),
                text(status.height), text(status.round), status.headHash.map { String($0.prefix(10)) } ?? "-",
                text(status.peers), text(status.ranger?.validatedHeight), text(status.ranger?.faults),
                status.node.url)
        }
        let troubles = statuses.compactMap { status in
            status.trouble.map { "\(status.node.name): \($0)\n\(LogTail(path: status.logPath))" }
        }
        return table.lines + troubles
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

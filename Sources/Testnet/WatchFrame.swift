internal import Configuration
internal import Primitives

/// What `watch` shows at one moment, as text. Knows no terminal.
struct WatchFrame {
    let record: NetworkRecord
    let statuses: [NodeStatus]
    /// Oldest first.
    let flags: [FaultLab.Flag]

    /// The status of the node that is furthest.
    var leader: NodeStatus? {
        statuses.filter { $0.height != nil }.max { ($0.height ?? 0) < ($1.height ?? 0) }
    }

    /// "block 12 in round 0 by cn1, sealed by cn1 cn2 cn3".
    var headLine: String {
        guard let leader, let height = leader.height else { return "no node answers" }
        let round = leader.round.map { " in round \($0)" } ?? ""
        let proposer = proposerName(leader).map { " by \($0)" } ?? ""
        let sealers = leader.sealers.map(record.name(of:))
        return "block \(height)\(round)\(proposer)"
            + (sealers.isEmpty ? "" : ", sealed by \(sealers.joined(separator: " "))")
    }

    private func proposerName(_ status: NodeStatus) -> String? {
        guard let beneficiary = status.beneficiary else { return nil }
        return record.nodes.first { $0.rewardAddress?.hex == beneficiary.lowercased() }?.name
    }

    /// "deciding 13, round 1: cn2 proposes; only 2 of 3 prepares arrived".
    var decidingLine: String? {
        let deciding = statuses.compactMap(\.deciding).max { ($0.height, $0.round) < ($1.height, $1.round) }
        guard let deciding else { return nil }
        return "deciding \(deciding.height), round \(deciding.round): \(record.name(of: deciding.proposer)) proposes"
            + (deciding.verdict.map { "; \($0)" } ?? "")
    }

    func flagLine(_ flag: FaultLab.Flag) -> String {
        "\(flag.ranger)  \(flag.line(record.name(of:)))"
    }

    /// The frame in at most `rows` lines of at most `columns` characters, with ANSI colours.
    func lines(columns: Int, rows: Int) -> [String] {
        var lines = [
            Self.cut("firetower  chain \(record.chainID)  block time \(record.blockTime.text)", columns, .bold),
            Self.cut(headLine, columns),
            Self.cut(decidingLine ?? "", columns),
            "",
        ]
        for (index, row) in table.enumerated() {
            let style: Style? =
                switch index == 0 ? nil : statuses[index - 1] {
                case nil: .bold
                case .some(let status) where (status.ranger?.faults ?? 0) > 0: .red
                case .some(let status) where status.state != .running || status.trouble != nil: .yellow
                case .some: nil
                }
            lines.append(Self.cut(row, columns, style))
        }
        lines += ["", Self.cut("flags: \(flags.count)", columns, flags.isEmpty ? nil : .red)]
        let room = max(0, rows - lines.count - 1)
        lines += flags.suffix(room).map { Self.cut(flagLine($0), columns, .red) }
        return Array(lines.prefix(max(1, rows - 1)))
    }

    private var table: [String] {
        var table = Table("NODE", "STATE", "HEIGHT", "ROUND", "PEERS", "VALIDATED", "FLAGS", "HEAD")
        for status in statuses {
            func text<Number: BinaryInteger>(_ number: Number?) -> String { number.map { "\($0)" } ?? "-" }
            table.add(
                status.node.name, Self.cut(status.stateText, 48), text(status.height),
                text(status.round), text(status.peers), text(status.ranger?.validatedHeight),
                text(status.ranger?.faults), status.headHash.map { String($0.prefix(18)) } ?? "-")
        }
        return table.lines
    }

    enum Style: String {
        case bold = "1"
        case red = "1;31"
        case yellow = "33"
    }

    /// `text` cut to `columns` characters, without control characters, in `style`.
    ///
    /// Some of it comes from nodes that may lie: nothing in it may reach the terminal as a command.
    static func cut(_ text: String, _ columns: Int, _ style: Style? = nil) -> String {
        let plain = String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
        let short = plain.count > columns ? String(plain.prefix(max(0, columns - 1))) + "…" : plain
        return style.map { "\u{1B}[\($0.rawValue)m\(short)\u{1B}[0m" } ?? short
    }
}

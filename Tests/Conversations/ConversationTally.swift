/// What came of the conversations about one chain.
struct ConversationTally {
    struct Finding {
        let text: String
        /// Why it is meant to be so, where that is known.
        let reason: String?
    }

    private var identical = 0
    private var different: [(name: String, findings: [Finding])] = []

    mutating func add(_ name: String, _ findings: [Finding]) {
        if findings.isEmpty { identical += 1 } else { different.append((name, findings)) }
    }

    private var count: Int { identical + different.count }

    /// Files without a difference, or whose differences only come from the older form that they were recorded in.
    private var explained: Int { different.count { $0.findings.allSatisfy { $0.reason != nil } } }

    var isGood: Bool {
        count > 0 && explained == different.count
            && (identical + explained) * 100 >= ConversationsCommand.shareMin * count
    }

    func text(of chain: RecordedChain, differencesPrinted: Int) -> String {
        let share = count == 0 ? 0 : Double((identical + explained) * 1_000 / count) / 10
        var lines = [
            "\(chain.name): \(identical) of \(count) identical, \(explained) different for known reasons, "
                + "\(different.count - explained) otherwise (\(share) %)"
        ]
        for (name, findings) in different {
            lines.append("  \(name)")
            for finding in findings.prefix(differencesPrinted) {
                lines.append("    \(finding.text)")
                lines.append("      reason: \(finding.reason ?? "NOT KNOWN")")
            }
            if findings.count > differencesPrinted {
                lines.append("    and \(findings.count - differencesPrinted) more")
            }
        }
        return lines.joined(separator: "\n")
    }
}

import Primitives

// What must hold for as long as the span, and flags.
extension Court {
    func nothingFlagged(from effect: Duration, for span: Duration) -> Answer {
        if let flag = seen.flags.first {
            return Answer(.failed("\(flag.node) flags \(flag.kind) \(flag.rule)"))
        }
        let witnesses = names(in: .everyRanger)
        guard !witnesses.isEmpty else { return Answer(.failed("there is nobody to flag anything")) }
        guard witnesses.allSatisfy({ isRead(.flags, at: $0, since: effect + span) }) else {
            return Answer(.open("not watched for \(span.lab)"))
        }
        return Answer(.met)
    }

    func standstill(by scope: Expectation.Scope, from effect: Duration, for span: Duration) -> Answer {
        let names = names(in: scope)
        guard !names.isEmpty else { return Answer(.failed("there is nobody to stand still")) }
        // What was on its way may still arrive.
        let (begin, end) = (effect + scenario.blockTime, effect + scenario.blockTime + span)
        for name in names {
            if let block = seen.blocks.first(where: { $0.node == name && $0.at > begin && $0.at <= end }) {
                return Answer(.failed("\(name) got block \(block.height) after \((block.at - effect).lab)"))
            }
        }
        guard names.allSatisfy({ isRead(.blocks, at: $0, since: end) }) else {
            return Answer(.open("not watched for \(span.lab)"))
        }
        return Answer(.met, names.map { Finding.Detection(by: $0, after: scenario.blockTime) })
    }

    func alive(_ node: String, _ growthMax: UInt64, from effect: Duration, for span: Duration) -> Answer {
        let end = effect + span
        guard isRead(.memory, at: node, since: end), isRead(.blocks, at: node, since: end) else {
            let why = "\(node) was not asked after \(span.lab), or did not answer"
            // The reading of the end comes a little after the end.
            return Answer(seen.now < end + Self.readingGrace ? .open(why) : .failed(why))
        }
        let measured = seen.memory.filter { $0.node == node }
        guard let before = measured.last(where: { $0.at <= effect }) else {
            return Answer(.failed("the memory of \(node) was not measured before the deed"))
        }
        let peak = measured.map(\.bytes).max() ?? before.bytes
        guard peak <= before.bytes + growthMax else {
            return Answer(.failed("\(node) grew by \((peak - before.bytes) >> 20) MiB"))
        }
        return Answer(.met)
    }

    /// A node has so long to answer after what must hold has held.
    static let readingGrace = Duration.seconds(5)

    // MARK: Flags

    func flagged(
        _ flagging: Expectation.Flagging, _ act: Observations.Act, from effect: Duration, within span: Duration
    ) -> Answer {
        var origin = effect
        if flagging.isSinceFork {
            guard let fork = firstFork else { return late("no fork was seen", from: effect, within: span) }
            origin = fork.at
        }
        var used: [Hash32] = []
        var answer = awaited(by: .everyRanger, from: origin, within: span) { name in
            let (sight, flags) = sight(of: flagging, act, by: name)
            used += flags
            return sight
        }
        answer.flags = unique(used)
        return answer
    }

    private func sight(
        of flagging: Expectation.Flagging, _ act: Observations.Act, by name: String
    ) -> (Sight, [Hash32]) {
        let matching = seen.flags.filter {
            $0.node == name && flagging.kinds.contains($0.kind)
                && (flagging.rules.isEmpty || flagging.rules.contains($0.rule))
                && $0.height == act.height ?? $0.height && $0.at >= act.at
        }
        let wanted = flagging.kinds.joined(separator: " or ")
        guard let first = matching.first else { return (.notYet("\(name) flagged no \(wanted)"), []) }
        if let most = flagging.bytesMax {
            for flag in matching {
                guard let proof = seen.proofs.first(where: { $0.id == flag.id }) else { continue }
                guard proof.byteCount > most else { continue }
                return (.wrong("a proof takes \(proof.byteCount) bytes, expected at most \(most)"), [])
            }
        }
        if case .together(let count) = flagging.guilty {
            var (guilty, ids) = ([Address](), [Hash32]())
            for flag in matching {
                guilty += flag.guilty
                ids.append(flag.id)
                if unique(guilty).count >= count { return (.at(flag.at), ids) }
            }
            return (.notYet("\(name) convicts \(unique(guilty).count), expected \(count)"), ids)
        }
        // Whoever is accused wrongly is found by the oracle that is always on.
        if let right = matching.first(where: { isRight($0, flagging.guilty, act) }) {
            return (.at(right.at), [right.id])
        }
        let named = first.guilty.map { seen.name(of: $0) ?? "\($0)" }.joined(separator: ", ")
        return (.notYet("\(name) names \(named) for \(wanted), expected \(flagging.guilty)"), [])
    }

    private func isRight(
        _ flag: Observations.Flag, _ guilty: Expectation.Guilty, _ act: Observations.Act
    ) -> Bool {
        let (found, culprits) = (unique(flag.guilty).sorted(), act.culprits.compactMap(seen.address))
        return switch guilty {
        case .culprits: found == unique(culprits).sorted() && !found.isEmpty
        case .proposer: culprits.first.map { found == [$0] } ?? false
        // Certificates of one block may hold different seals: it must be those of one that somebody has.
        case .sealers:
            seen.blocks.contains { $0.hash == flag.block && !$0.sealers.isEmpty && $0.sealers.sorted() == found }
        case .atLeast(let count): found.count >= count && found.allSatisfy(culprits.contains)
        case .together: false
        }
    }
}

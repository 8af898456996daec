internal import Configuration
internal import Lab
internal import Primitives

/// Asks the nodes of a network over and over what they see, and tells it to the notebook. Judges nothing.
struct LabWatch: Sendable {
    let network: LocalNetwork
    let scenario: Scenario
    let notebook: LabNotebook

    /// Between two questions about blocks and flags: no time that is measured can be finer.
    static let interval = Duration.milliseconds(10)
    /// Memory, scores and log are read every so many rounds.
    private static let slowEvery = 8
    /// A node that is silent for longer has nothing to say this time.
    private static let patience = Duration.seconds(2)
    /// Blocks that are asked for with one request.
    private static let blocksMax: Height = 32

    /// Watches every node until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for node in network.record.nodes { group.addTask { await self.watch(node) } }
        }
    }

    /// What was read of a node so far.
    private struct Known {
        var head: Height = 0
        var faults: UInt64 = 0
        var logOffset: UInt64 = 0
        var partialLine = Bytes()
    }

    private func watch(_ node: NodeRecord) async {
        let client = RPCClient(node.rpc, timeout: Self.patience)
        defer { client.close() }
        var known = Known()
        var round = 0
        while !Task.isCancelled {
            let begin = ContinuousClock.now
            do throws(RPCClientError) {
                try await readChain(node, client, &known)
                if round % Self.slowEvery == 0 { try await readCounts(node, client) }
            } catch {
                // It does not answer: then nothing was read, which the judge holds against the run.
                if case .refused(let refusal) = error { notebook.tell { $0.trouble("\(node.name): \(refusal)") } }
            }
            if round % Self.slowEvery == 0 {
                readLog(node, &known)
                readProcess(node)
            }
            round += 1
            let rest = Self.interval - (ContinuousClock.now - begin)
            if rest > .zero { await pause(rest) }
        }
    }

    // MARK: Blocks and flags

    private func readChain(_ node: NodeRecord, _ client: RPCClient, _ known: inout Known) async throws(RPCClientError) {
        var calls = [RPCCall("eth_blockNumber"), RPCCall("ranger_getFaults", .string(known.faults.quantity))]
        let awaited = node.role == .council ? notebook.awaited.compactMap(\.height).min() : nil
        if let awaited { calls.append(RPCCall("council_roundSummary", .string(awaited.quantity))) }
        let answers = try await client.batch(calls)
        if let awaited, let summary = try? answers[2].get() { readRounds(summary, at: awaited) }
        if let faults = try answers[1].value().items {
            tellFaults(faults, node)
            known.faults += UInt64(faults.count)
        }
        if let head = try answers[0].value().unsigned {
            while known.head < head {
                let last = min(head, known.head + Self.blocksMax)
                try await readBlocks(known.head + 1...last, node, client)
                known.head = last
            }
            notebook.tell { $0.tellReading(of: .blocks, at: node.name) }
        }
    }

    /// A round has begun for whoever has its proposal or has left the one before.
    private func readRounds(_ summary: JSONValue, at height: Height) {
        let rounds = summary["rounds"]?.items ?? []
        let proposed = rounds.filter { $0["proposal"].map { !$0.isNull } ?? false }.compactMap { $0["round"]?.unsigned }
        let current = summary["currentRound"]?.unsigned ?? 0
        guard current > 0 || !proposed.isEmpty else { return }
        notebook.reached(height, round: max(current, proposed.max() ?? 0), isOver: summary["sealed"] == .bool(true))
    }

    private func tellFaults(_ faults: [JSONValue], _ node: NodeRecord) {
        notebook.tell { seen in
            for fault in faults {
                guard let id = fault["id"]?.hash, let height = fault["height"]?.unsigned else {
                    seen.trouble("\(node.name) lists a fault without id or height")
                    continue
                }
                seen.tell(
                    Observations.Flag(
                        node: node.name, at: seen.now, id: id, kind: fault["kind"]?.text ?? "?",
                        rule: fault["rule"]?.text ?? "?", height: height, block: fault["block"]?.hash ?? .zero,
                        guilty: (fault["guilty"]?.items ?? []).compactMap(\.address)))
            }
            seen.tellReading(of: .flags, at: node.name)
        }
    }

    private func readBlocks(
        _ heights: ClosedRange<Height>, _ node: NodeRecord, _ client: RPCClient
    ) async throws(RPCClientError) {
        let answers = try await client.batch(
            heights.flatMap { height in
                [
                    RPCCall("eth_getBlockByNumber", .string(height.quantity), false),
                    RPCCall("council_certificate", .string(height.quantity)),
                ]
            })
        for (index, height) in heights.enumerated() {
            let (block, certificate) = (try answers[2 * index].value(), try answers[2 * index + 1].value())
            guard let hash = block["hash"]?.hash else { continue }
            notebook.tell { seen in
                seen.tell(
                    Observations.Block(
                        node: node.name, at: seen.now, height: height, hash: hash,
                        round: certificate["round"]?.unsigned ?? 0,
                        sealers: (certificate["seals"]?.items ?? []).compactMap { $0["validator"]?.address }))
            }
            notebook.reached(height, round: 0, isOver: true)
        }
    }

    // MARK: Counts

    private func readCounts(_ node: NodeRecord, _ client: RPCClient) async throws(RPCClientError) {
        let answers = try await client.batch([
            RPCCall("ranger_status"), RPCCall("council_scores"), RPCCall("testnet_injections"),
        ])
        for order in try answers[2].value().items ?? [] {
            let status = order["status"]?.text
            guard let fault = order["fault"]?.text, status == "applied" || status == "missed" else { continue }
            notebook.heard(
                ofOrder: fault, applied: status == "applied",
                missed: order["reason"]?.text.map { "\(node.name): \($0)" }, scenario)
        }
        let status = try answers[0].value()
        notebook.tell { seen in
            if let reports = status["rejectedReports"]?.unsigned, let peers = status["penalisedPeers"]?.unsigned {
                seen.tell(Observations.Rejections(node: node.name, at: seen.now, reports: reports, peers: peers))
                seen.tellReading(of: .rejections, at: node.name)
            }
        }
        // A node of an earlier version keeps no scores: then there is no reading of them.
        guard let scores = try? answers[1].get() else { return }
        tellScores(scores, node)
    }

    private func tellScores(_ scores: JSONValue, _ node: NodeRecord) {
        let entries = scores["validators"]?.items ?? scores["scores"]?.items ?? scores.items ?? []
        notebook.tell { seen in
            for entry in entries {
                let subject = (entry["validator"] ?? entry["address"])?.address
                guard let subject else { continue }
                for (key, score) in [
                    ("sealsMissed", Expectation.Score.missingSeals), ("unheard", .unheard),
                    ("proposalsMissed", .missedProposals),
                ] {
                    guard let count = entry[key]?.unsigned else { continue }
                    seen.tell(
                        Observations.Score(node: node.name, at: seen.now, score: score, about: subject, count: count))
                }
            }
            seen.tellReading(of: .scores, at: node.name)
        }
    }

    // MARK: Log and process

    /// Words by which a node's log says what `Expectation.Notice` means.
    static let words: [(notice: Expectation.Notice, text: String)] = [
        (.keyClash, "same key"), (.keyClash, "our own key"), (.voteLogRepaired, "vote log tail repaired"),
        (.stoppedFollowing, "STOPPED at block"), (.proposalRefused, "refused the proposal"),
        (.tooFewSeals, "of 3 seals"),
    ]

    private func readLog(_ node: NodeRecord, _ known: inout Known) {
        let path = network.folder.logPath(of: node.name)
        var lines: [Substring] = []
        var text = ""
        while true {
            let piece = LogReader.read(path, from: known.logOffset, max: LogTail.bytesMax)
            known.logOffset += UInt64(piece.count)
            known.partialLine += piece
            guard piece.count == LogTail.bytesMax else { break }
        }
        if let end = known.partialLine.lastIndex(of: 10) {
            text = String(decoding: known.partialLine[..<end], as: UTF8.self)
            known.partialLine.removeFirst(end + 1)
            lines = text.split(separator: "\n")
        }
        notebook.tell { seen in
            for line in lines {
                for (notice, word) in Self.words where line.contains(word) {
                    let about = seen.nodes.first { line.contains($0.address.hex) || line.contains($0.address.short) }
                    seen.tell(
                        Observations.Notice(node: node.name, at: seen.now, notice: notice, about: about?.address))
                }
            }
            seen.tellReading(of: .notices, at: node.name)
        }
    }

    private func readProcess(_ node: NodeRecord) {
        guard let identity = network.process(node).identity, identity.state != .stopped else {
            guard !notebook.isResting(node.name) else { return }
            let last = LogTail(path: network.folder.logPath(of: node.name), lines: 1).lines.first ?? "no log"
            // Between the look at the process and the question whether it rests, a deed may have ended it.
            return notebook.tell { $0.trouble("\(node.name) ended by itself: \(last)") }
        }
        guard let memory = ProcessMemory(of: identity.id) else { return }
        notebook.tell { seen in
            seen.tell(Observations.Memory(node: node.name, at: seen.now, bytes: memory.resident))
            seen.tellReading(of: .memory, at: node.name)
        }
    }
}

extension Result<JSONValue, RPCRefusal> {
    func value() throws(RPCClientError) -> JSONValue {
        switch self {
        case .success(let value): return value
        case .failure(let refusal): throw .refused(refusal)
        }
    }
}

extension JSONValue {
    var hash: Hash32? { text.flatMap { try? Hash32(hex: $0) } }
    var address: Address? { text.flatMap { try? Address(hex: $0) } }
}

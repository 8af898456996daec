import NIOCore
import NIOHTTP1

/// What the server says of the node to people and machines that look after it: not JSON-RPC.
enum Report: String, Sendable {
    case page = "/"
    case health = "/health"
    case ready = "/ready"
    case metrics = "/metrics"
}

/// Writes the reports. Asks the node, so on a worker.
struct Reporter: Sendable {
    let context: RPCContext
    let dispatcher: Dispatcher
    /// Where WebSocket answers; nil where it does not.
    let webSocketPort: Int?
    /// What the event loop knows of its connections.
    let load: @Sendable () async -> ServerLoad

    func answer(_ report: Report, host: String?) async -> HTTPAnswer {
        switch report {
        case .page: page(host: host)
        case .health: await health()
        case .ready: await ready()
        case .metrics: await metrics()
        }
    }

    private func page(host: String?) -> HTTPAnswer {
        let text = humanPage(
            HumanPage(
                clientVersion: context.clientVersion, chainID: context.profile.chainID,
                headHeight: context.chain.headHeight, host: host ?? "localhost", webSocketPort: webSocketPort,
                methods: dispatcher.table))
        return HTTPAnswer(status: .ok, contentType: "text/html; charset=utf-8", body: ByteBuffer(string: text))
    }

    /// The node answers: that is all that health means. A node that hangs runs into the time limit.
    private func health() async -> HTTPAnswer {
        let watch = await context.node.watchReport()
        return state(.ok, "ok", head: watch.headHeight, reasons: [])
    }

    /// Whether clients should be sent here: the node follows the chain and goes on.
    private func ready() async -> HTTPAnswer {
        let watch = await context.node.watchReport()
        var reasons: [String] = []
        if let stopped = watch.stopped { reasons.append("stopped at \(stopped.lastGoodHeight): \(stopped.reason)") }
        if let halted = watch.haltedBecause { reasons.append("halted: \(halted)") }
        if let sync = await context.node.syncing() {
            reasons.append("catching up: at \(sync.currentHeight) of \(sync.highestHeight)")
        }
        return state(
            reasons.isEmpty ? .ok : .serviceUnavailable, reasons.isEmpty ? "ready" : "not ready",
            head: watch.headHeight, reasons: reasons)
    }

    private func state(_ status: HTTPResponseStatus, _ word: String, head: UInt64, reasons: [String]) -> HTTPAnswer {
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("status")
            writer.string(word)
            writer.name("headHeight")
            writer.quantity(head)
            writer.name("reasons")
            writer.array(reasons) { writer, reason in writer.string(reason) }
        }
        return .json(status, writer.finish())
    }

    private func metrics() async -> HTTPAnswer {
        var text = MetricsText()
        await node(&text)
        await server(&text)
        requests(&text)
        return HTTPAnswer(
            status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: ByteBuffer(string: text.text))
    }

    private func node(_ text: inout MetricsText) async {
        let head = context.chain.headHeight
        let watch = await context.node.watchReport()
        let ranger = await context.node.rangerStatus()
        let peers = await context.node.peers()
        text.gauge("firetower_head_height", "Height of the last sealed block.", head)
        text.gauge("firetower_validated_height", "Height up to which this node has executed.", ranger.validatedHeight)
        text.gauge("firetower_followed_height", "Height of the last sealed header seen.", ranger.followedHeight)
        if let rounds = await context.node.rounds(at: head + 1) {
            text.gauge("firetower_round", "Round of the height that is being sealed.", rounds.currentRound)
        }
        text.metric("firetower_peers", "gauge", "Connected nodes, by kind of link.")
        text.sample("firetower_peers", [("link", "council")], UInt64(peers.count(where: \.isCouncilLink)))
        text.sample("firetower_peers", [("link", "other")], UInt64(peers.count { !$0.isCouncilLink }))
        text.gauge("firetower_syncing", "1 while the node catches up.", await context.node.syncing() == nil ? 0 : 1)
        text.gauge("firetower_stopped", "1 where the chain is at fault.", watch.stopped == nil ? 0 : 1)
        text.gauge("firetower_halted", "1 where the node itself cannot go on.", watch.haltedBecause == nil ? 0 : 1)
        text.gauge("firetower_faults", "Proven faults.", UInt64(ranger.faultCount))
        text.counter("firetower_rejected_reports_total", "Reports that did not verify.", UInt64(ranger.rejectedReports))
        text.counter("firetower_penalised_peers_total", "Peers cut off for misconduct.", UInt64(ranger.penalisedPeers))
    }

    private func server(_ text: inout MetricsText) async {
        let load = await load()
        let pool = await context.node.poolCount()
        text.metric("firetower_pool_transactions", "gauge", "Transactions that wait for a block.")
        text.sample("firetower_pool_transactions", [("state", "pending")], UInt64(pool.pending))
        text.sample("firetower_pool_transactions", [("state", "queued")], UInt64(pool.queued))
        text.counter(
            "firetower_pool_entered_total", "Transactions that the pool has taken in.", context.events.nextTransaction)
        text.metric("firetower_rpc_connections", "gauge", "Open connections of clients.")
        text.sample("firetower_rpc_connections", [("protocol", "http")], UInt64(load.connections))
        text.sample("firetower_rpc_connections", [("protocol", "websocket")], UInt64(load.webSockets))
        text.gauge(
            "firetower_rpc_waiting", "Requests that workers have and that are not answered.", UInt64(load.waiting))
        text.counter(
            "firetower_rpc_dropped_readers_total", "WebSocket clients cut off because they did not read.",
            UInt64(load.droppedReaders))
    }

    private func requests(_ text: inout MetricsText) {
        let (rows, invalid) = dispatcher.metrics.snapshot
        let names = dispatcher.table.map(\.name) + ["unknown"]
        let used = zip(names, rows).filter { $0.1.calls > 0 }
        text.counter("firetower_rpc_invalid_total", "Requests answered with an error before there was a call.", invalid)
        text.metric("firetower_rpc_requests_total", "counter", "Calls answered, by method.")
        for (name, row) in used { text.sample("firetower_rpc_requests_total", [("method", name)], row.calls) }
        text.metric("firetower_rpc_errors_total", "counter", "Calls answered with an error, by method.")
        for (name, row) in used { text.sample("firetower_rpc_errors_total", [("method", name)], row.errors) }
        let duration = "firetower_rpc_duration_seconds"
        text.metric(duration, "histogram", "Time from a call's beginning to its answer, by method.")
        for (name, row) in used {
            var count: UInt64 = 0
            for (bound, latency) in zip(RequestMetrics.latencyBounds, row.latencies) {
                count += latency
                let end = String(Double(bound) / 1e6)
                text.sample("\(duration)_bucket", [("method", name), ("le", end)], count)
            }
            text.sample("\(duration)_bucket", [("method", name), ("le", "+Inf")], row.calls)
            text.sample("\(duration)_sum", [("method", name)], String(Double(row.microseconds) / 1e6))
            text.sample("\(duration)_count", [("method", name)], row.calls)
        }
    }
}

/// What the event loop knows of its connections, at one moment.
struct ServerLoad: Sendable {
    var connections = 0
    var webSockets = 0
    var waiting = 0
    var droppedReaders = 0
}

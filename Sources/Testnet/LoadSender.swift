internal import Configuration
internal import Primitives

/// Transactions of several senders in the order of their nonces, to be sent to one node.
struct LoadQueue: Sendable {
    /// Indexes into the load's transactions, one list a sender, ascending nonces.
    private let lists: [[Int]]
    private var next: [Int]
    private var turn = 0
    private(set) var remaining: Int

    init(_ lists: [[Int]]) {
        self.lists = lists
        next = [Int](repeating: 0, count: lists.count)
        remaining = lists.reduce(0) { $0 + $1.count }
    }

    struct Item: Sendable {
        let index: Int
        let list: Int
        let position: Int
    }

    /// Up to `count` transactions, taken from the senders in turn.
    mutating func take(_ count: Int) -> [Item] {
        var items: [Item] = []
        var idle = 0
        while items.count < count, remaining > 0, idle < lists.count {
            let list = turn
            turn = (turn + 1) % lists.count
            guard next[list] < lists[list].count else {
                idle += 1
                continue
            }
            idle = 0
            items.append(Item(index: lists[list][next[list]], list: list, position: next[list]))
            next[list] += 1
            remaining -= 1
        }
        return items
    }

    /// Goes back to a transaction that was not taken, and with it to all later ones of its sender.
    mutating func putBack(_ item: Item) {
        guard item.position < next[item.list] else { return }
        remaining += next[item.list] - item.position
        next[item.list] = item.position
    }

    /// Gives up a sender: what follows a lost nonce can never run.
    mutating func drop(_ list: Int) {
        remaining -= lists[list].count - next[list]
        next[list] = lists[list].count
    }
}

/// Sends one node's share of a load over one connection, one request after another.
struct LoadSender: Sendable {
    let client: RPCClient
    let envelopes: [Bytes]
    let ledger: LoadLedger
    /// For this node; nil sends while fewer than `LoadOptions.outstandingMax` of the whole load are outstanding.
    let transfersPerSecond: Double?

    /// After a refusal for want of room, and while enough is outstanding.
    private static let breath = Duration.milliseconds(10)

    func run(_ queue: LoadQueue, from start: ContinuousClock.Instant, until end: ContinuousClock.Instant) async {
        var queue = queue
        let clock = ContinuousClock()
        var taken = 0
        while queue.remaining > 0, clock.now < end, !Task.isCancelled {
            let due = dueCount(taken, clock.now - start)
            guard due > 0 else {
                await pause(transfersPerSecond == nil ? Self.breath : .milliseconds(2))
                continue
            }
            let items = queue.take(min(due, LoadOptions.batchMax))
            taken += items.count
            ledger.sent(items.map(\.index), at: clock.now)
            let returned = await send(items, &queue)
            taken -= returned
            if returned > 0 { await pause(Self.breath) }
        }
    }

    private func dueCount(_ taken: Int, _ elapsed: Duration) -> Int {
        guard let transfersPerSecond else {
            return LoadOptions.outstandingMax - ledger.outstanding
        }
        return Int(elapsed.inSeconds * transfersPerSecond) - taken
    }

    /// - Returns: How many of `items` have to be sent again.
    private func send(_ items: [LoadQueue.Item], _ queue: inout LoadQueue) async -> Int {
        let before = queue.remaining
        do throws(RPCClientError) {
            let refusals = try await refusals(items)
            for (position, refusal) in refusals {
                let text = refusal.message
                if text.contains("already known") || text.contains("nonce too low") { continue }
                ledger.refused(text)
                if Self.isForNow(refusal) {
                    queue.putBack(items[position])
                } else {
                    queue.drop(items[position].list)
                }
            }
        } catch {
            // Nobody knows which of them arrived: those that did will be "already known".
            ledger.failed(error.description)
            for item in items { queue.putBack(item) }
        }
        return max(0, queue.remaining - before)
    }

    /// Whether the same transaction may be taken later: the pool is full, or it waits for an earlier nonce.
    private static func isForNow(_ refusal: RPCRefusal) -> Bool {
        refusal.code == -32005
            || ["full", "limit", "too many", "nonce too high", "busy"].contains { refusal.message.contains($0) }
    }

    /// What the node refused, by position in `items`.
    private func refusals(_ items: [LoadQueue.Item]) async throws(RPCClientError) -> [(Int, RPCRefusal)] {
        var body = Bytes()
        body.reserveCapacity(items.count * 400)
        for (position, item) in items.enumerated() {
            body += Array((position == 0 ? "[" : ",").utf8)
            body += Array("{\"jsonrpc\":\"2.0\",\"id\":\(position),\"method\":\"eth_sendRawTransaction\"".utf8)
            body += Array(",\"params\":[\"\(envelopes[item.index].hex)\"]}".utf8)
        }
        body.append(UInt8(ascii: "]"))
        let answer = try await client.post(body)
        // An answer without this word refuses nothing; reading thousands of hashes would only cost the nodes' time.
        guard Self.contains(answer, Array("\"error\"".utf8)) else { return [] }
        let document: JSONValue
        do throws(ConfigurationError) {
            document = try JSONValue(parsing: answer, file: client.endpoint.description)
        } catch {
            throw .malformed(client.endpoint, reason: error.description)
        }
        return (document.items ?? [document]).compactMap { item in
            guard let error = item["error"] else { return nil }
            let code: Int64 = if case .integer(let code)? = error["code"] { code } else { 0 }
            let position = item["id"]?.unsigned.map { Int(clamping: $0) } ?? 0
            guard position < items.count else { return nil }
            return (position, RPCRefusal(code: code, message: error["message"]?.text ?? "no message"))
        }
    }

    private static func contains(_ text: Bytes, _ word: Bytes) -> Bool {
        guard text.count >= word.count else { return false }
        return (0...text.count - word.count).contains { start in
            text[start] == word[0] && text[start..<start + word.count].elementsEqual(word)
        }
    }
}

import Chain
import Consensus
import Crypto
import FaultProofs
import Logging
import NIOCore
import Network
import Node
import Primitives
import RPC
import Ranger
import Storage
import Validation

/// Carries out what a `Node` decides: the one place of a process where decisions meet sockets, disk and clock.
///
/// Lives on one event loop (DESIGN D10), shared with the links to other nodes, and never awaits inside a decision.
/// Execution and SQLite belong to the `LedgerWorker`, the vote log to the `VoteLogWorker`; they answer with events.
actor Host {
    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.executor.asUnownedSerialExecutor() }

    private(set) var node: Node<P256>
    private let key: NodeKey
    let ledger: LedgerWorker
    private let votes: VoteLogWorker?
    private let journal: JournalWorker?
    private let crew: Crew
    let log: Logger
    private(set) var network: PeerNetwork?
    private let started = ContinuousClock.now

    /// Events that came while another was being handled, or before the start.
    private var events: [Event] = []
    private var isHandling = false
    /// Peers may connect as soon as the network listens: what they say waits for the start, up to so many events.
    private static let earlyEventsMax = 4_096
    private var timers: [NodeTimer: Scheduled<Void>] = [:]
    /// The pool's answers to clients that are being served right now.
    private var replies: [UInt64: [Result<Hash32, PoolRefusal>]] = [:]
    private var nextTicket: UInt64 = 0
    private var isStopped = false
    /// Told of whatever people may watch, in the order of events.
    let board: Board
    /// Whether clients were last told that this node is catching up.
    var isSaidToSync = false

    init(
        loop: any EventLoop, node: Node<P256>, key: NodeKey, ledger: LedgerWorker, votes: VoteLogWorker?,
        journal: JournalWorker?, crew: Crew, board: Board, log: Logger
    ) {
        self.loop = loop
        self.node = node
        self.key = key
        self.ledger = ledger
        self.votes = votes
        self.journal = journal
        self.crew = crew
        self.board = board
        self.log = log
    }

    /// Begins: `network` is listening.
    func start(on network: PeerNetwork) {
        self.network = network
        let early = events
        events = []
        handle(.started)
        for event in early { handle(event) }
    }

    /// Says nothing more.
    func stop() {
        isStopped = true
        for timer in timers.values { timer.cancel() }
        timers = [:]
    }

    /// Applies one event and everything that follows from it at once.
    func handle(_ event: Event) {
        guard !isStopped, network != nil || events.count < Self.earlyEventsMax else { return }
        events.append(event)
        // Without the network no answer could be sent: a peer would wait for our hello for ever.
        guard !isHandling, network != nil else { return }
        isHandling = true
        defer { isHandling = false }
        var next = 0
        while next < events.count {
            let actions = node.handle(events[next], at: ContinuousClock.now - started)
            next += 1
            for action in actions { perform(action) }
        }
        events.removeAll(keepingCapacity: events.count < 1_024)
    }

    nonisolated var publicKey: NodePublicKey { key.publicKey }

    /// Hands an event over from any thread.
    nonisolated func post(_ event: Event) {
        loop.execute { self.assumeIsolated { $0.handle(event) } }
    }

    // MARK: Actions

    private func perform(_ action: Action) {
        switch action {
        case .send(let message, let numbers):
            send(message.encoded, to: numbers)
        case .connect(let endpoint): connect(endpoint)
        case .disconnect(let number, let reason):
            network?.disconnect(PeerID(value: number), because: .penalised(reason))
        case .admit(let envelopes, let number): admit(envelopes, from: number)
        case .reply(let ticket, let outcome): replies[ticket]?.append(outcome)
        case .announce(let ready): announce(ready)
        case .validate(let request): validate(request)
        case .build(let request, let round, let sabotage): build(request, round: round, sabotage)
        case .persist(let records): persist(records)
        case .sign(let vote): sign(vote)
        case .append(let block): append(block)
        case .follow(let block): ledger.follow(block) { self.post(.storageFailed($0)) }
        case .serveBlocks(let from, let count, let number): serve(from: from, count: count, to: number)
        case .judge(let proof, let number): judge(proof, from: number)
        case .prove(let request): prove(request)
        case .archive(let votes): ledger.archive(votes) { self.post(.storageFailed($0)) }
        case .record(let proof, let fault): record(proof, fault)
        case .setTimer(let timer, let after): set(timer, after: after)
        case .cancelTimer(let timer): timers.removeValue(forKey: timer)?.cancel()
        case .note(let note):
            log.write(note)
            board.add(note)
            announce(note)
        }
    }

    private static let frameBytesMax = NetworkLimits().frameBytesMax

    private func send(_ frame: Bytes, to numbers: [PeerNumber]) {
        // A fault proof with the witness of a very large block may not fit: better one message lost than the node.
        guard frame.count <= Self.frameBytesMax else {
            return log.error("a message of \(frame.count) bytes is too large to send")
        }
        network?.broadcast(frame, to: numbers.map { PeerID(value: $0) })
    }

    private func connect(_ text: String) {
        do {
            network?.connect(to: try Endpoint(parsing: text))
        } catch {
            log.debug("a peer told of an unusable endpoint: \(error)")
            handle(.connectFailed(endpoint: text))
        }
    }

    private func set(_ timer: NodeTimer, after: Duration) {
        timers.removeValue(forKey: timer)?.cancel()
        timers[timer] = loop.scheduleTask(in: TimeAmount(after)) {
            self.assumeIsolated { host in
                host.timers[timer] = nil
                host.handle(.timer(timer))
            }
        }
    }

    private func sign(_ vote: Vote) {
        let signature = key.sign(vote.digest(chain: board.genesis.identity))
        handle(.signed(SignedVote(vote: vote, validator: key.publicKey.address, signature: signature)))
    }

    private func persist(_ records: [VoteRecord]) {
        guard let votes else { return handle(.storageFailed("a ranger has no vote log")) }
        votes.append(records) { failure in
            self.post(failure.map { .storageFailed($0) } ?? .durable(records))
        }
    }

    private func validate(_ request: ValidationRequest) {
        ledger.validate(request) { outcome in
            self.post(.validated(request.purpose, block: request.block.hash, outcome))
        }
    }

    private func build(_ request: BuildRequest, round: UInt64, _ sabotage: Sabotage?) {
        let height = request.ancestry.height
        ledger.build(request, sabotage) { result in
            switch result {
            case .success(let block): self.post(.built(block, height: height, round: round))
            case .failure(let failure):
                self.log.error("block \(height) could not be built: \(failure)")
                self.post(.built(nil, height: height, round: round))
            }
        }
    }

    private func append(_ block: SealedBlock) {
        ledger.append(block) { failure in
            if let failure { self.post(.storageFailed(failure)) }
        }
    }

    private func serve(from: Height, count: UInt64, to number: PeerNumber) {
        // Behind the appends that were ordered before: what this node has announced it must be able to show.
        let crew = crew
        ledger.afterAppends {
            crew.read { reader in
                let frame = reader.sealedBlocks(from: from, count: count)
                self.loop.execute { self.assumeIsolated { $0.send(frame, to: [number]) } }
            }
        }
    }

    private func judge(_ proof: FaultProof, from number: PeerNumber?) {
        let genesis = board.genesis
        crew.run {
            do {
                self.post(.judged(proof, from: number, .proven(try verify(proof, genesis: genesis, scheme: P256()))))
            } catch {
                self.post(.judged(proof, from: number, .refused("\(error)")))
            }
        }
    }

    private func prove(_ request: ProofRequest) {
        let block = request.block.hash
        ledger.prove(request) { self.post(.proved(block: block, $0)) }
    }

    private func record(_ proof: FaultProof, _ fault: ProvenFault) {
        let record = ProvenRecord(proof: proof, fault: fault, firstSeenMilliseconds: WallClock.milliseconds)
        board.add(record)
        board.events.publish(.fault(record.record))
        ledger.record(record) { self.post(.storageFailed($0)) }
    }

    // MARK: Transactions

    private func admit(_ envelopes: [Bytes], from number: PeerNumber) {
        crew.read { reader in
            self.post(.admitted(envelopes.map { reader.entry(for: $0) }, from: .peer(number)))
        }
    }

    /// Gives a client's transactions to the pool, in order, and tells what became of each.
    func submit(_ entries: [PoolEntry]) -> [Result<Hash32, PoolRefusal>] {
        guard !isStopped else { return entries.map { _ in .failure(.syncing) } }
        nextTicket += 1
        replies[nextTicket] = []
        handle(.admitted(entries, from: .client(ticket: nextTicket)))
        let outcomes = replies.removeValue(forKey: nextTicket) ?? []
        noteInJournal(zip(entries, outcomes).filter { (try? $1.get()) != nil }.map(\.0.transaction))
        return outcomes
    }

    private func noteInJournal(_ transactions: [Transaction]) {
        guard let journal, !transactions.isEmpty else { return }
        journal.note(transactions) { self.loop.execute { self.assumeIsolated { $0.rewriteJournal() } } }
    }

    private func rewriteJournal() {
        journal?.rewrite(node.pool)
    }

    /// Transactions of the journal that are looked at before others have a turn.
    private static let recalledAtOnce = 512

    /// Takes in what clients sent before this node was started again.
    func recall(_ envelopes: [Bytes]) {
        crew.read { reader in
            for start in stride(from: 0, to: envelopes.count, by: Self.recalledAtOnce) {
                let chunk = envelopes[start..<min(start + Self.recalledAtOnce, envelopes.count)]
                self.post(.admitted(chunk.map { reader.entry(for: $0) }, from: .journal))
            }
            // Behind the last of these events: what a block has included meanwhile is let go of.
            self.loop.execute { self.assumeIsolated { $0.rewriteJournal() } }
        }
    }
}

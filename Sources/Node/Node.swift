import Chain
public import Consensus
public import Crypto
import EVM
import FaultProofs
import Primitives
public import Ranger
import Validation

/// One node without sockets, disk and clock: events in, actions out (DESIGN §3, sentence 1).
///
/// A validator if its key is in the council, else a ranger. The host and the simulator run this same value.
/// Signatures are checked here, at the edge; `QBFT` sees only verified statements.
public struct Node<Scheme: SignatureScheme>: Sendable {
    /// Messages of the next height that wait until this one is sealed, for each validator.
    static var waitingPerValidatorMax: Int { 8 }
    /// Injections that wait for their height.
    static var injectionsMax: Int { 64 }
    /// Proposals refused by somebody that wait until this ranger has the block below them.
    static var suspectsMax: Int { 8 }

    let settings: NodeSettings
    let scheme: Scheme
    let address: Address
    public let isRanger: Bool

    public internal(set) var tail: ChainTail
    public internal(set) var consensus: QBFT
    public internal(set) var pool: TransactionPool
    public internal(set) var ranger: RangerState
    var table: PeerTable
    var sync = SyncState()
    var waiting: [ConsensusMessage] = []
    /// Executed blocks of the current height.
    var candidates: [Hash32: ValidatedBlock] = [:]
    /// The proposals of the current height, by block, in case one has to be shown to rangers.
    var proposals: [Hash32: Proposal] = [:]
    var suspects: [Proposal] = []
    /// Those of them that are being executed.
    var judged: [Proposal] = []
    public internal(set) var badBlocks = BadBlocks()
    /// Votes that this event has put into the archive, and whether they are our own.
    var fresh: [(vote: SignedVote, isOwn: Bool)] = []
    /// Votes that are not on disk yet: until the next maintenance, or there are many.
    var unstored: [SignedVote] = []
    static var unstoredMax: Int { 1_024 }
    var forks: [Fork] = []
    var searches: [RivalSearch] = []
    /// A forked height of which new votes have come.
    var forkToRevise: Height?
    /// Whether it was said that this node goes no further.
    var hasStopped = false
    /// The sealed block that is being proven wrong.
    var indictment: Indictment?
    var accessLists = AccessListCache()
    var keyBook = KeyBook()
    /// A decided block of the current height whose body is not here yet.
    var decided: CommitCertificate?
    /// Transactions to send on at the next gossip tick, and who sent each.
    var gossip: [(envelope: Bytes, from: PeerNumber?)] = []
    public internal(set) var injections: [Injection] = []
    var misconduct = Misconduct()
    /// Why this node takes no part any more: its disk fails, or the sealed chain is not valid.
    public internal(set) var halted: String?
    /// The latest rounds of the latest heights, for whoever asks why one failed.
    public internal(set) var rounds: [RoundSummary] = []
    static var roundsMax: Int { 64 }

    /// Proofs that are told again to each new peer.
    var retold = RetoldProofs()

    /// The accounts that the latest blocks changed, newest last: a look-up that was under way may be older.
    var changedAccounts: [[Address: Account?]] = []
    static var changedBlocksMax: Int { 8 }
    /// When clients' transactions are told again, and when queued ones are looked through.
    var reminderDue = Self.reminderPeriod
    var expiryDue = Self.expiryPeriod

    var now: Duration = .zero
    var out: [Action] = []

    public init(settings: NodeSettings, scheme: Scheme, memory: NodeMemory) {
        self.settings = settings
        self.scheme = scheme
        address = settings.publicKey.address
        tail = memory.tail
        let council = settings.genesis.council
        let isMember = council.members.contains { $0.address == settings.publicKey.address }
        isRanger = !isMember
        let rules = settings.genesis.rules
        consensus = QBFT(
            identity: isMember ? settings.publicKey.address : nil,
            committee: council.committee(
                at: memory.tail.height + 1, parent: memory.tail.hash, sizeMax: rules.committeeSizeMax),
            chain: settings.genesis.identity, timeouts: settings.timeouts, restored: memory.votes,
            suspendedThrough: memory.silentThrough)
        pool = TransactionPool(rules: rules, limits: settings.pool)
        ranger = RangerState(desk: FaultDesk(known: memory.faults), seals: RecentSeals(memory.seals))
        table = PeerTable(bootstrap: settings.bootstrap)
        if let followed = memory.followed { ranger.follow(followed) }
        recallStandstill(memory)
        for (proof, fault) in memory.proofs { retold.keep(proof, showing: fault) }
        archiveGenuine(memory.archive)
        fresh = []
        if let height = memory.silentThrough, height > memory.tail.height, isMember {
            out = [.note(.votingSuspended(through: height))]
        }
    }

    /// Applies `event` and returns what the host must do, in this order.
    ///
    /// - Parameter now: Time since start. Nothing in here reads a clock.
    public mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        self.now = max(self.now, now)
        var source: PeerNumber?
        switch event {
        case .started: start()
        case .peerUp(let number, let key, let isInbound): peerUp(number, key: key, isInbound: isInbound)
        case .peerDown(let number): peerDown(number)
        case .connectFailed(let endpoint): table.failed(endpoint, at: now)
        case .received(let frame, let number):
            source = number
            receive(frame, from: number)
        case .heard(let message, let number):
            source = number
            receive(message, from: number)
        case .admitted(let entries, let source): admitted(entries, from: source)
        case .validated(let purpose, let block, let outcome): validated(purpose, block: block, outcome)
        case .built(let block, let height, let round): built(block, height: height, round: round)
        case .durable(let records): perform(consensus.durable(records))
        case .signed(let vote): signed(vote)
        case .judged(let proof, let peer, let outcome): judged(proof, from: peer, outcome)
        case .proved(let block, let proof): proved(block, proof)
        case .keyClash(let key, let endpoint): keyClashed(key, at: endpoint)
        case .timer(let timer): fired(timer)
        case .inject(let injection):
            inject(injection)
            resumeIfLax()
        case .storageFailed(let reason): halt(because: reason)
        }
        handOnVotes(except: source)
        defer { out = [] }
        return out
    }

    private mutating func start() {
        out.append(.setTimer(.maintenance, after: .zero))
        stopIfFrozen()
        beginHeight()
    }

    private mutating func fired(_ timer: NodeTimer) {
        switch timer {
        case .round: roundTimedOut()
        case .blockDue where !takesPart: break
        case .blockDue:
            buildUnasked()
            perform(consensus.blockIsDue(restartTimer: false))
        case .gossip: flushGossip()
        case .maintenance: maintain()
        case .accessList: prove(with: nil)
        }
    }

    // MARK: What everything else needs

    var genesis: Genesis { settings.genesis }
    var rules: ChainRules { settings.genesis.rules }

    /// Unix milliseconds now, as far as this node knows.
    var wallClock: UInt64 { settings.wallClockStart + UInt64(max(0, now.milliseconds)) }

    func committee(at height: Height, parent: Hash32) -> Committee {
        genesis.council.committee(at: height, parent: parent, sizeMax: rules.committeeSizeMax)
    }

    /// What the block after the head is checked against.
    var ancestry: Ancestry {
        Ancestry(
            parent: tail.header, parentExtension: tail.extension, council: genesis.council,
            committee: committee(at: tail.height + 1, parent: tail.hash))
    }

    mutating func note(_ note: Note) {
        out.append(.note(note))
    }

    mutating func send(_ message: Message, to numbers: [PeerNumber]) {
        let numbers = hearers(of: message, among: numbers)
        guard !numbers.isEmpty else { return }
        out.append(.send(message, to: numbers))
    }

    mutating func halt(because reason: String) {
        guard halted == nil else { return }
        halted = reason
        note(.halted(why: reason))
        out.append(.cancelTimer(.round))
        out.append(.cancelTimer(.blockDue))
    }

    func senders(of block: Block) -> [Hash32: Address] {
        var known: [Hash32: Address] = [:]
        for transaction in block.transactions {
            if let sender = pool.sender(of: transaction.hash) { known[transaction.hash] = sender }
        }
        return known
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}

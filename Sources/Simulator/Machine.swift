public import Chain
import Consensus
public import Crypto
import FaultProofs
public import Node
public import Primitives
import Ranger
import Validation

/// One computer of the simulated network: its disk outlives the node that runs on it.
public struct Machine: Sendable {
    /// What the chain store held at some moment.
    struct Store: Sendable {
        var ledger: MemoryLedger
        var tail: ChainTail
        var blockCount = 0
    }

    struct Disk: Sendable {
        var store: Store
        var blocks: [CertifiedBlock] = []
        /// Blocks above the validated head that a ranger follows.
        var followed: [CertifiedBlock] = []
        /// What would be left of the store after a power cut, by the time from which on it is safe; oldest first.
        var safe: [(from: Duration, store: Store)] = []
        var votes: [VoteRecord] = []
        var faults: [(id: Hash32, fault: ProvenFault)] = []
        var proofs: [(proof: FaultProof, fault: ProvenFault)] = []
        /// The forensic archive of a ranger.
        var archive: [SignedVote] = []
        /// The archive is swept when it has grown to so many votes.
        var archiveSweepAt = 4_096

        init(_ origin: SimulatedNetwork.Origin) {
            store = Store(ledger: origin.ledger, tail: ChainTail(block: origin.block, certificate: nil))
            safe = [(.zero, store)]
        }
    }

    public let index: Int
    public let publicKey: NodePublicKey
    let settings: NodeSettings
    var disk: Disk
    /// nil while it is off.
    public internal(set) var node: Node<SimulatedScheme>?
    /// How often it was started: what was meant for an earlier life does not arrive.
    var life = 0
    var timers: [NodeTimer: Int] = [:]
    var timerGeneration = 0
    /// When the thread for execution and the one for the vote log have done all they were asked for.
    var ledgerFree = Duration.zero
    var voteLogFree = Duration.zero

    init(index: Int, publicKey: NodePublicKey, settings: NodeSettings, disk: Disk) {
        self.index = index
        self.publicKey = publicKey
        self.settings = settings
        self.disk = disk
    }

    public var name: String { settings.name }
    public var address: Address { publicKey.address }
    /// The sealed blocks on its disk, from height 1 on.
    public var chain: [CertifiedBlock] { disk.blocks }
    /// The identifiers of the fault proofs on its disk.
    public var recordedFaults: [Hash32] { disk.faults.map(\.id) }

    var isOn: Bool { node != nil }

    mutating func boot() {
        life += 1
        timers = [:]
        var memory = NodeMemory(
            tail: disk.store.tail, votes: disk.votes, faults: disk.faults, frozen: disk.frozen)
        memory.followed = disk.followed.last
        memory.archive = disk.archive
        memory.proofs = disk.proofs
        memory.seals = disk.seals
        node = Node(settings: settings, scheme: SimulatedScheme(), memory: memory)
    }

    mutating func crash() {
        life += 1
        node = nil
    }
}

extension Machine.Disk {
    /// What the host reads after a restart: a proof about the sealed block right above the head freezes it.
    var frozen: (height: Height, fault: Hash32)? {
        let next = store.tail.height + 1
        return faults.first { $0.fault.height == next && $0.fault.isSealed }.map { (next, $0.id) }
    }

    /// The latest sealed headers, those that are only followed last.
    var seals: [SealedHeader] {
        (blocks + followed).suffix(RecentSeals.heightsMax).map {
            SealedHeader($0.block.header, hash: $0.block.hash, certificate: $0.certificate)
        }
    }

    /// As many heights of the archive as the store keeps.
    static let archiveHeights: Height = 80

    mutating func archive(_ votes: [SignedVote]) {
        archive += votes
        guard archive.count > archiveSweepAt else { return }
        defer { archiveSweepAt = 2 * archive.count }
        let newest = archive.map(\.vote.height).max() ?? 0
        archive.removeAll { newest - $0.vote.height >= Self.archiveHeights }
    }

    /// How many heights of votes are kept below the head, as the host keeps them.
    static let voteHeightsKept: Height = 64
    static let votesBeforeSweeping = 1_024

    mutating func append(_ block: CertifiedBlock, leading to: MemoryLedger, safeFrom: Duration) {
        store.ledger = to
        store.tail = ChainTail(block: block.block, certificate: block.certificate)
        blocks.append(block)
        store.blockCount = blocks.count
        safe.append((safeFrom, store))
        // As votes are kept by the file, they go by many at once.
        if store.tail.height > Self.voteHeightsKept, votes.count > Self.votesBeforeSweeping {
            let lowest = store.tail.height - Self.voteHeightsKept
            votes.removeAll { $0.height < lowest }
        }
    }

    /// Up to `count` sealed blocks from `height` on, in order and without a gap, as the store reads them.
    func run(from height: Height, count: UInt64) -> [CertifiedBlock] {
        guard height >= 1 else { return [] }
        var run: [CertifiedBlock] = []
        for number in height..<height + min(count, UInt64(Message.blocksMax)) {
            if number <= Height(blocks.count) {
                run.append(blocks[Int(number) - 1])
            } else if let block = followed.first(where: { $0.block.number == number }) {
                run.append(block)
            } else {
                break
            }
        }
        return run
    }

    /// Forgets what is needed no more: of all that is safe by `now`, the newest is what a power cut leaves.
    mutating func settle(at now: Duration) {
        while safe.count > 1, safe[1].from <= now { safe.removeFirst() }
    }

    /// Takes the blocks along that were not safe yet.
    mutating func losePower(at now: Duration) {
        settle(at: now)
        guard let left = safe.first else { return }
        store = left.store
        safe = [left]
        blocks.removeSubrange(left.store.blockCount...)
        followed = []
    }
}

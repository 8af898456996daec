import Chain
import Configuration
import Consensus
import Crypto
import FaultProofs
import Logging
import Node
import Primitives
import RPC
import Ranger
import Storage
import Validation

/// What a node finds in its data folder.
struct NodeDisk {
    let store: ChainStore
    let voteLog: VoteLog?
    let memory: NodeMemory
    let faults: [ProvenRecord]
    /// nil where the disk refuses one.
    let journal: TransactionJournal?
    /// What the journal holds.
    let recalled: [Bytes]

    /// Opens chain and vote log, executes again the blocks whose state was not written before a crash.
    static func open(
        _ settings: NodeConfiguration, genesis: Genesis, key: NodeKey, log: Logger
    ) throws -> NodeDisk {
        let store = try ChainStore.open(path: settings.dataDirectory + "/chain.sqlite", genesis: genesis)
        try replay(store, genesis: genesis, log: log)
        let stored = try store.view.faults(countMax: FaultLimits.loadedMax)
        var memory = NodeMemory(tail: ChainTail(store.head))
        var faults: [ProvenRecord] = []
        for fault in stored {
            guard let encoded = try store.view.faultProof(fault.id) else { continue }
            faults.append(ProvenRecord(fault, proof: encoded))
            // Proofs were verified before they were stored; verifying again tells what they show.
            let proof = try FaultProof(checking: encoded)
            let proven = try verify(proof, genesis: genesis, scheme: P256())
            memory.faults.append((fault.id, proven))
            memory.proofs.append((proof, proven))
        }
        memory.frozen = frozenHead(store, memory)
        memory.followed = try followed(store)
        memory.seals = try recentSeals(store)
        if settings.role == .ranger { memory.archive = try store.view.archivedVotes() }
        var voteLog: VoteLog?
        if settings.role == .council {
            voteLog = try openVoteLog(settings, store, genesis, key, log, into: &memory)
        }
        let journal = openJournal(settings, log)
        return NodeDisk(
            store: store, voteLog: voteLog, memory: memory, faults: faults, journal: journal?.journal,
            recalled: journal?.envelopes ?? [])
    }

    /// The node goes without a journal rather than not at all.
    private static func openJournal(_ settings: NodeConfiguration, _ log: Logger) -> TransactionJournal.Opening? {
        do {
            let opening = try TransactionJournal.open(path: settings.dataDirectory + "/transactions.log")
            if opening.bytesCut > 0 {
                log.warning("the journal of transactions was damaged at its end, \(opening.bytesCut) bytes are lost")
            }
            return opening
        } catch {
            log.warning("clients' transactions will not outlive a restart: \(error)")
            return nil
        }
    }

    private static func replay(_ store: ChainStore, genesis: Genesis, log: Logger) throws {
        guard store.stateHeight < store.head.height else { return }
        log.notice("executing blocks \(store.stateHeight + 1) to \(store.head.height) again after a crash")
        while store.stateHeight < store.head.height {
            let height = store.stateHeight + 1
            guard let parent = try store.view.block(at: height - 1), let block = try store.view.block(at: height),
                let certificate = try store.view.certificate(at: height)
            else { throw StartError.replay(height: height, reason: "it is not whole") }
            let validated: ValidatedBlock
            do {
                validated = try validate(
                    block, after: Ancestry(after: parent, council: genesis.council, under: genesis.rules),
                    reading: store.ledger, under: genesis.rules, round: .sealed(certificate.round))
            } catch {
                throw StartError.replay(height: height, reason: "\(error)")
            }
            try store.reapply(validated)
        }
    }

    /// A ranger is frozen by the proof about a sealed block right above its head.
    private static func frozenHead(_ store: ChainStore, _ memory: NodeMemory) -> (height: Height, fault: Hash32)? {
        let next = store.head.height + 1
        return memory.faults.first { $0.fault.height == next && $0.fault.isSealed }.map { (next, $0.id) }
    }

    /// The latest sealed headers, followed ones included: what forks are noticed by and scores are counted from.
    private static func recentSeals(_ store: ChainStore) throws -> [SealedHeader] {
        let (view, head) = (store.view, store.head.height)
        let reach = Height(RecentSeals.heightsMax)
        var seals: [SealedHeader] = []
        for height in stride(from: head > reach ? head - reach + 1 : 1, through: head, by: 1) {
            guard let block = try view.head(at: height), let certificate = block.certificate else { continue }
            seals.append(SealedHeader(block.header, hash: block.hash, certificate: certificate))
        }
        for height in stride(from: head + 1, through: try view.followedHeight() ?? head, by: 1) {
            for followed in try view.followed(at: height).prefix(1) {
                seals.append(
                    SealedHeader(followed.block.header, hash: followed.block.hash, certificate: followed.certificate))
            }
        }
        return seals
    }

    private static func followed(_ store: ChainStore) throws -> CertifiedBlock? {
        guard let height = try store.view.followedHeight() else { return nil }
        return try store.view.followed(at: height).first
    }

    private static func openVoteLog(
        _ settings: NodeConfiguration, _ store: ChainStore, _ genesis: Genesis, _ key: NodeKey, _ log: Logger,
        into memory: inout NodeMemory
    ) throws -> VoteLog {
        let path = settings.dataDirectory + "/votes.log"
        let opening = try VoteLog.open(
            path: path, genesis: genesis.hash, validator: key.publicKey.address,
            expectedAtHead: store.hasVoteLog ? store.head.height : nil)
        try store.rememberVoteLog()
        if opening.bytesCut > 0 { log.warning("vote log tail repaired, \(opening.bytesCut) bytes") }
        do {
            memory.votes = try opening.records.map { try VoteRecord(rlp: $0.payload) }
        } catch {
            throw StartError.badRecord(path: path, reason: "\(error)")
        }
        memory.silentThrough = opening.log.silentThrough
        return opening.log
    }
}

enum FaultLimits {
    /// Faults that are read from disk at start.
    static let loadedMax = 1_000
}

extension ChainTail {
    init(_ head: ChainHead) {
        self.init(header: head.header, extension: head.extension, hash: head.hash, certificate: head.certificate)
    }
}

import Chain
import Consensus
import Crypto
import FaultProofs
public import Node
import Primitives
import Validation

/// One computer of the simulated network: its disk outlives the node that runs on it.
public struct Machine: Sendable {
    struct Disk: Sendable {
        var ledger: MemoryLedger
        var tail: ChainTail
        var blocks: [CertifiedBlock] = []
        var votes: [VoteRecord] = []
        var faults: [(id: Hash32, fault: ProvenFault)] = []
        var frozen: (height: Height, fault: Hash32)?

        init(genesis: Genesis) {
            ledger = MemoryLedger(genesis)
            tail = ChainTail(block: genesis.block(), certificate: nil)
        }
    }

    public let index: Int
    let publicKey: NodePublicKey
    let settings: NodeSettings
    var disk: Disk
    /// nil while it is off.
    public internal(set) var node: Node<SimulatedScheme>?
    /// How often it was started: what was meant for an earlier life does not arrive.
    var life = 0
    var timers: [NodeTimer: Int] = [:]
    var timerGeneration = 0

    init(index: Int, publicKey: NodePublicKey, settings: NodeSettings, disk: Disk) {
        self.index = index
        self.publicKey = publicKey
        self.settings = settings
        self.disk = disk
    }

    mutating func boot() {
        life += 1
        timers = [:]
        node = Node(
            settings: settings, scheme: SimulatedScheme(),
            memory: NodeMemory(tail: disk.tail, votes: disk.votes, faults: disk.faults, frozen: disk.frozen))
    }

    mutating func crash() {
        life += 1
        node = nil
    }
}

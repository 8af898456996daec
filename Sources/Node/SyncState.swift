import Chain
import Primitives

/// What a node knows of blocks that others have and it lacks.
struct SyncState: Sendable {
    /// Sealed blocks that wait to be executed.
    static let queueMax = 128
    /// A peer that has not answered after this long is asked no more; another one is.
    static let patience = Duration.seconds(5)

    struct Request: Sendable {
        let peer: PeerNumber
        let from: Height
        let deadline: Duration
    }

    /// In the order of heights, without gaps, the first right above the head.
    private(set) var queue: [CertifiedBlock] = []
    var request: Request?
    /// The block at the head of the queue is being executed.
    var isValidating = false
    /// Peers that did not answer or had nothing, while there are others to ask.
    var avoided: [PeerNumber] = []

    var next: CertifiedBlock? { queue.first }
    var isFull: Bool { queue.count + Message.blocksMax > Self.queueMax }

    /// The height that should be asked for next, given the head.
    func wanted(after head: Height) -> Height {
        (queue.last?.block.header.number ?? head) + 1
    }

    /// Takes `block` if it is the next one wanted.
    mutating func enqueue(_ block: CertifiedBlock, after head: Height) -> Bool {
        guard queue.count < Self.queueMax, block.block.header.number == wanted(after: head) else { return false }
        queue.append(block)
        return true
    }

    mutating func headMoved(to head: Height) {
        queue.removeAll { $0.block.header.number <= head }
        isValidating = false
    }

    /// Forgets the queue: its first block was refused, so the rest is worth nothing.
    mutating func drop() {
        queue = []
        isValidating = false
    }
}

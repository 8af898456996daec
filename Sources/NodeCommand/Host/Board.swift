import Chain
import Node
import Primitives
import RPC
import Synchronization

/// What readers on other threads may look at without asking the host: the head, and the faults with their proofs.
final class Board: Sendable {
    let genesis: Genesis
    /// Where clients hear of what happens.
    let events = EventHub()

    private struct State {
        var head: Height
        var faults: [ProvenRecord] = []
        var penalisedPeers = 0
    }

    private let state: Mutex<State>

    init(genesis: Genesis, head: Height, faults: [ProvenRecord]) {
        self.genesis = genesis
        state = Mutex(State(head: head, faults: faults))
    }

    /// The newest block that can be read from disk.
    var head: Height { state.withLock { $0.head } }

    func moved(to head: Height) {
        let isNew = state.withLock { state in
            defer { state.head = max(state.head, head) }
            return head > state.head
        }
        if isNew { events.publish(.head(head)) }
    }

    var faults: [ProvenRecord] { state.withLock { $0.faults } }

    func fault(_ id: Hash32) -> ProvenRecord? {
        state.withLock { $0.faults.first { $0.record.id == id } }
    }

    var penalisedPeers: Int { state.withLock { $0.penalisedPeers } }

    func add(_ note: Note) {
        guard case .peerPenalised = note else { return }
        state.withLock { $0.penalisedPeers += 1 }
    }

    func add(_ record: ProvenRecord) {
        state.withLock { $0.faults.append(record) }
    }
}

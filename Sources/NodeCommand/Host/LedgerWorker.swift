import Chain
import Crypto
import EVM
import FaultProofs
import NIOCore
import Node
import Primitives
import RPC
import Storage
import Validation

/// Execution and SQLite on one thread of their own, in the order in which the node asked (DESIGN D10).
///
/// Every answer comes back through a closure, from this thread.
actor LedgerWorker {
    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.executor.asUnownedSerialExecutor() }

    private let store: ChainStore
    private let genesis: Genesis
    private let board: Board

    init(store: sending ChainStore, genesis: Genesis, board: Board, loop: any EventLoop) {
        self.store = store
        self.genesis = genesis
        self.board = board
        self.loop = loop
    }

    private nonisolated func enqueue(_ work: @escaping @Sendable (isolated LedgerWorker) -> Void) {
        loop.execute { self.assumeIsolated { work($0) } }
    }

    nonisolated func validate(
        _ request: ValidationRequest, then answer: @escaping @Sendable (ValidationOutcome) -> Void
    ) {
        enqueue { answer($0.outcome(of: request)) }
    }

    nonisolated func build(
        _ request: BuildRequest, _ sabotage: Sabotage?,
        then answer: @escaping @Sendable (Result<ValidatedBlock, BuildFailure>) -> Void
    ) {
        enqueue { answer($0.built(request, sabotage)) }
    }

    /// Makes the block the head; `answer` gets the reason if the disk refuses.
    nonisolated func append(_ block: SealedBlock, then answer: @escaping @Sendable (String?) -> Void) {
        enqueue { worker in
            answer(
                worker.attempt {
                    try worker.store.append(block)
                    if worker.laxBlocks.contains(block.hash) { try worker.store.flush() }
                })
            worker.board.moved(to: worker.store.head.height)
            // Behind everything that waits already: state is written while nobody needs the answer.
            worker.enqueue { worker in
                if let reason = worker.attempt({ try worker.store.flushIfDue() }) { answer(reason) }
            }
        }
    }

    /// Runs `work` once every block that was appended before is on disk.
    nonisolated func afterAppends(_ work: @escaping @Sendable () -> Void) {
        enqueue { _ in work() }
    }

    nonisolated func follow(_ block: CertifiedBlock, orElse fail: @escaping @Sendable (String) -> Void) {
        enqueue { worker in
            if let reason = worker.attempt({ try worker.store.follow(block) }) { fail(reason) }
        }
    }

    nonisolated func record(_ record: ProvenRecord, orElse fail: @escaping @Sendable (String) -> Void) {
        enqueue { worker in
            let reason = worker.attempt { _ = try worker.store.store(StoredFault(record.record), proof: record.proof) }
            if let reason { fail(reason) }
        }
    }

    /// Builds the proof against whoever sealed a wrong block, or nil where nobody can be convicted.
    nonisolated func prove(_ request: ProofRequest, then answer: @escaping @Sendable (FaultProof?) -> Void) {
        enqueue { worker in
            answer(
                proveInvalid(
                    request.block, by: request.accusation, after: request.ancestry, reading: worker.store.ledger,
                    genesis: worker.genesis, accessList: request.accessList))
        }
    }

    nonisolated func archive(_ votes: [SignedVote], orElse fail: @escaping @Sendable (String) -> Void) {
        enqueue { worker in
            if let reason = worker.attempt({ try worker.store.archive(votes) }) { fail(reason) }
        }
    }

    /// Remembers which fault froze this ranger, so that it stays frozen after a restart.
    nonisolated func record(_ verdict: StoredVerdict, orElse fail: @escaping @Sendable (String) -> Void) {
        enqueue { worker in
            if let reason = worker.attempt({ try worker.store.store(verdict) }) { fail(reason) }
        }
    }

    /// Writes what waits in memory.
    func close() throws {
        try store.close()
    }

    private func attempt(_ work: () throws -> Void) -> String? {
        do {
            try work()
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Blocks that break rules on purpose cannot be executed again after a crash: their state is written at once.
    private var laxBlocks: [Hash32] = []

    private func outcome(of request: ValidationRequest) -> ValidationOutcome {
        guard request.ancestry.parentHash == store.head.hash else { return .stale }
        if request.conduct != .honest { laxBlocks.append(request.block.hash) }
        do {
            return .valid(
                try Validation.validate(
                    request.block, after: request.ancestry, reading: store.ledger, under: genesis.rules,
                    round: request.bound, senders: request.senders, conduct: request.conduct))
        } catch .invalid(let fault) {
            let proof = request.accusation.flatMap {
                proveInvalid(
                    request.block, by: $0, after: request.ancestry, reading: store.ledger, genesis: genesis)
            }
            return .invalid(fault, proof)
        } catch {
            return .unreadable("\(error)")
        }
    }

    private func built(_ request: BuildRequest, _ sabotage: Sabotage?) -> Result<ValidatedBlock, BuildFailure> {
        guard request.ancestry.parentHash == store.head.hash else {
            return .failure(BuildFailure(reason: "the head has moved on"))
        }
        do {
            guard let sabotage else {
                return .success(try Validation.build(request, reading: store.ledger, under: genesis.rules))
            }
            let block = try sabotage.build(request, reading: store.ledger, under: genesis.rules)
            laxBlocks.append(block.hash)
            return .success(block)
        } catch {
            return .failure(BuildFailure(reason: "\(error)"))
        }
    }
}

/// Why a block could not be built: a matter for the operator, not for the protocol.
struct BuildFailure: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}

import Chain
import Logging
import NIOCore
import Node
import Storage

/// The journal of clients' transactions on a thread of its own: the disk may be slow, and nothing waits for it.
actor JournalWorker {
    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.executor.asUnownedSerialExecutor() }

    private let journal: TransactionJournal
    private let log: Logger
    /// Whether the log says already that the journal does not take everything.
    private var hasComplained = false
    /// Whether `rewrite` was asked for and has not come yet.
    private var isAsking = false

    init(journal: sending TransactionJournal, log: Logger, loop: any EventLoop) {
        self.journal = journal
        self.log = log
        self.loop = loop
    }

    /// Notes `transactions`, in the order of calls.
    ///
    /// - Parameter isDue: Called once where it is time to `rewrite` the journal.
    nonisolated func note(_ transactions: [Transaction], whenDue isDue: @escaping @Sendable () -> Void) {
        loop.execute {
            self.assumeIsolated { worker in
                worker.attempt { try worker.journal.append(transactions.map(\.envelope)) }
                guard worker.journal.isDue, !worker.isAsking else { return }
                worker.isAsking = true
                isDue()
            }
        }
    }

    /// Lets go of everything but what clients sent and still waits in `pool`, a copy that is newer than all notes.
    nonisolated func rewrite(_ pool: TransactionPool) {
        loop.execute {
            self.assumeIsolated { worker in
                worker.isAsking = false
                worker.attempt { try worker.journal.replace(with: pool.localTransactions().map(\.envelope)) }
            }
        }
    }

    /// Without a journal the node goes on all the same: nobody relies on it but for convenience.
    private func attempt(_ work: () throws -> Int) {
        do {
            let left = try work()
            guard left > 0 else { return }
            complain("it is full, and \(left) transactions were not noted")
        } catch {
            complain("\(error)")
        }
    }

    private func complain(_ reason: String) {
        guard !hasComplained else { return }
        hasComplained = true
        log.warning("the journal \(journal.path) does not take all transactions that clients send: \(reason)")
    }
}

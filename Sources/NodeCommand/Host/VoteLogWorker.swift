import Consensus
import NIOCore
import Primitives
import Storage

/// The vote log on a thread of its own: a sync takes milliseconds, and nothing else may wait for it.
actor VoteLogWorker {
    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.executor.asUnownedSerialExecutor() }

    private let log: VoteLog
    /// Votes of sealed heights are kept for this many heights more, in case the last blocks are lost with the power.
    static let heightsKept: Height = 64

    init(log: sending VoteLog, loop: any EventLoop) {
        self.log = log
        self.loop = loop
    }

    /// Writes and syncs `records`, in the order of calls; then answers, with the reason if it failed.
    nonisolated func append(_ records: [VoteRecord], then answer: @escaping @Sendable (String?) -> Void) {
        loop.execute { self.assumeIsolated { $0.write(records, then: answer) } }
    }

    private func write(_ records: [VoteRecord], then answer: (String?) -> Void) {
        do {
            guard let height = records.first?.height else { return answer(nil) }
            try log.append(records.map { VoteLog.Record(height: $0.height, payload: $0.rlp) })
            if height > Self.heightsKept { try log.discard(through: height - Self.heightsKept) }
            answer(nil)
        } catch {
            answer("the vote log cannot be written: \(error)")
        }
    }
}

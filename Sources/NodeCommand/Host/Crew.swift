import Chain
import EVM
import NIOPosix
import Node
import Primitives
import Storage

/// A few threads for work that needs neither the host nor the ledger: signatures, proofs, reading the disk.
final class Crew: Sendable {
    /// Two: a machine of two cores has no use for more.
    static let threadCount = 2

    private let pool: NIOThreadPool
    private let reader: StoreReaderPool

    init(reader: StoreReaderPool) {
        pool = NIOThreadPool(numberOfThreads: Self.threadCount)
        self.reader = reader
        pool.start()
    }

    func run(_ work: @escaping @Sendable () -> Void) {
        pool.submit { state in if case .active = state { work() } }
    }

    func read(_ work: @escaping @Sendable (StoreReaderPool) -> Void) {
        let reader = reader
        run { work(reader) }
    }

    func stop() async throws {
        try await pool.shutdownGracefully()
    }
}

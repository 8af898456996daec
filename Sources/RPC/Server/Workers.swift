import NIOPosix

/// The threads on which method bodies run.
///
/// A task executor, so that an `async` body blocks its worker while it reads the disk, gives it up
/// while it waits for the node, and comes back to a worker: Swift's shared pool is never blocked.
final class Workers: TaskExecutor {
    private let pool: NIOThreadPool

    init(threads: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // A job that the closing pool gives back runs all the same: its task holds what others wait for.
        pool.submit { _ in unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    func stop() async throws {
        try await pool.shutdownGracefully()
    }
}

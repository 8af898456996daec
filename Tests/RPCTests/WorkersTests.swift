import Testing

@testable import RPC

/// The threads of methods, when the server stops while some still run.
@Suite(.timeLimit(.minutes(5))) struct WorkersTests {
    private actor Counter {
        private(set) var count = 0
        func add() { count += 1 }
    }

    @Test func `a task that a stopped pool still has comes to its end, however often it waits`() async throws {
        let workers = Workers(threads: 1)
        let counter = Counter()
        try await workers.stop()
        await Task(executorPreference: workers) { for _ in 0..<100_000 { await counter.add() } }.value
        #expect(await counter.count == 100_000)
    }
}

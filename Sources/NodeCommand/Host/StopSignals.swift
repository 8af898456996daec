@unsafe @preconcurrency import Dispatch

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// SIGINT and SIGTERM as something to wait for.
final class StopSignals: Sendable {
    private let names: AsyncStream<String>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (names, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(1))
        self.names = names
        sources = [(SIGINT, "interrupted"), (SIGTERM, "terminated")].map { number, name in
            // The default action would end the process before anything is written.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(name) }
            source.resume()
            return source
        }
    }

    /// Waits for the first signal.
    func first() async -> String {
        for await name in names { return name }
        return "ended"
    }
}

import Testing

/// Waits until `condition` holds, and records an issue if it does not within `limit`.
func wait(
    _ what: String, within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation,
    until condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while true {
        // The time first: whoever was not scheduled for long still looks once more.
        let isLast = ContinuousClock.now >= end
        if try await condition() { return }
        if isLast { break }
        try await Task.sleep(for: .milliseconds(2))
    }
    Issue.record("waited \(limit) for: \(what)", sourceLocation: sourceLocation)
    throw WaitedTooLong(what: what)
}

struct WaitedTooLong: Error {
    let what: String
}

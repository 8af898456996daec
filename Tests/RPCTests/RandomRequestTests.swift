import RPCCases
import Testing

/// A few of the requests that `scripts/test fuzz --kind rpc` makes for minutes.
@Suite(.timeLimit(.minutes(5))) struct RandomRequestTests {
    private static let casesPerSeed: UInt64 = 60

    @Test(arguments: [1, 1_000, 2_000, 3_000] as [UInt64])
    func `any request, right or wrong, is answered with valid JSON-RPC`(seed: UInt64) async throws {
        let cases = try await RPCCases()
        // As many methods as the node documents of itself.
        #expect(cases.methodCount > 100)
        for number in seed..<(seed + Self.casesPerSeed) {
            let finding = await cases.run(seed: number)
            #expect(finding.fault == nil, "seed \(number): \(finding.name)")
        }
    }
}

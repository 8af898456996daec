import Primitives
import Testing

@testable import EVM

@Suite
struct `The count of functions called` {
    /// Stores a selector and ten zeros, and calls with them: 0xbb twice, the identity contract once, 0xbb with less.
    private static let program = """
        0x11223344 224 SHL 0 MSTORE 0 0 14 0 0 0xbb GAS CALL 0 0 14 0 0xbb GAS STATICCALL 0 0 14 0 4 GAS STATICCALL
        0 0 3 0 0xbb GAS STATICCALL 4 0 0 CREATE STOP
        """

    @Test
    func `functions are told apart by selector and size, and precompiled contracts have none`() throws {
        var tracer = SelectorTracer()
        try run(&tracer)
        let found = tracer.selectors
        #expect(found.map(\.selector.function) == [0x0102_0304, 0x1122_3344])
        #expect(found.map(\.selector.argumentBytes) == [1, 10])
        #expect(found.map(\.calls) == [1, 2])
        #expect(!tracer.isTruncated)
    }

    @Test
    func `it ends at its limit and says so`() throws {
        var tracer = SelectorTracer(selectorsMax: 1)
        try run(&tracer)
        #expect(tracer.selectors.map(\.calls) == [1])
        #expect(tracer.isTruncated)
    }

    private func run(_ tracer: inout SelectorTracer) throws {
        var state = TableState()
        state.set(.numbered(0xaa), nonce: 1, code: try assemble(Self.program))
        state.set(.numbered(0xbb), nonce: 1, code: try assemble("STOP"))
        var journal = Journal(state)
        let message = Message(
            caller: .numbered(0xee), target: .call(.numbered(0xaa)), input: [1, 2, 3, 4, 5], gas: 1_000_000)
        let outcome = journal.run(
            message, in: Environment(block: .sample(), origin: .numbered(0xee)), on: Machine(), tracer: &tracer)
        #expect(outcome.succeeded)
    }
}

import Primitives
import Testing

@testable import EVM

@Suite
struct `The tree of calls` {
    @Test
    func `every kind of call stands under the one that made it, in order`() throws {
        let tree = try trace(
            """
            0 0 0 0 7 0xbb GAS CALL 0 0 0 0 0 0xbb GAS CALLCODE 0 0 0 0 0xbb GAS DELEGATECALL
            0 0 0 0 0xbb GAS STATICCALL 0 0 5 CREATE 9 0 0 0 CREATE2 STOP
            """)
        #expect(tree.kind == .call)
        #expect(tree.from == .numbered(0xee))
        #expect(tree.to == .numbered(0xaa))
        #expect(tree.input == [1, 2, 3])
        #expect(tree.calls.map(\.kind) == [.call, .callCode, .delegateCall, .staticCall, .create, .create2])
        #expect(tree.calls.allSatisfy { $0.from == .numbered(0xaa) && $0.status == .success })
        #expect(tree.calls.prefix(4).allSatisfy { $0.to == .numbered(0xbb) })
        // A delegate call goes on with the value that its caller was given.
        #expect(tree.calls.map(\.value) == [7, 0, 40, 0, 5, 0])
        #expect(tree.calls[4].to != tree.calls[5].to)
    }

    @Test
    func `a delegate call comes from the contract that made it, whoever called that`() throws {
        let tree = try trace(
            "0 0 0 0 0xbb GAS DELEGATECALL STOP", callee: "0 0 0 0 0xcc GAS DELEGATECALL 0 0 0 0 0 0xcc GAS CALL STOP")
        let inner = try #require(tree.calls.first)
        // The inner code runs in the place of the outer contract too.
        #expect(inner.calls.map(\.from) == [.numbered(0xaa), .numbered(0xaa)])
        #expect(inner.calls.map(\.to) == [.numbered(0xcc), .numbered(0xcc)])
    }

    @Test
    func `a call has its input, output and the gas it was given and used`() throws {
        let tree = try trace("0x2a 0 MSTORE 0 0 2 30 0 0xbb 5000 CALL STOP", callee: "0xaabb 0 MSTORE 4 28 RETURN")
        let call = try #require(tree.calls.first)
        #expect(call.input == [0, 0x2a])
        #expect(call.output == [0, 0, 0xaa, 0xbb])
        #expect(call.gas == 5000)
        #expect(call.gasUsed == 3 + 2 + 6 + 3 + 3)
    }

    @Test
    func `a precompiled contract and an heir are called too`() throws {
        let tree = try trace("0 0 0 0 2 GAS STATICCALL 0xdd SELFDESTRUCT")
        #expect(tree.calls.map(\.kind) == [.staticCall, .selfDestruct])
        #expect(tree.calls[0].to == .numbered(2))
        #expect(tree.calls[0].gasUsed == 60)
        #expect(tree.calls[1].to == .numbered(0xdd))
        #expect(tree.calls[1].value == 1040)
    }

    @Test
    func `a call that fails says how`() throws {
        let tree = try trace("0 0 0 0 0 0xbb 5000 CALL 0 0 0 0 5000000 0xbb GAS CALL STOP", callee: "INVALID")
        #expect(tree.calls.map(\.status) == [.halted(.undefinedOpcode), .halted(.insufficientBalance)])
        #expect(tree.calls.map(\.gasUsed) == [5000, 0])
        #expect(tree.calls[0].haltPoint?.opcode == 0xfe)
        #expect(tree.calls[1].haltPoint == nil)
        #expect(tree.haltPoint == nil)
    }

    @Test
    func `a call that was refused has its input too`() throws {
        let tree = try trace("0x2a 0 MSTORE 0 0 2 30 5000000 0xbb GAS CALL 3 29 5000000 CREATE STOP")
        #expect(tree.calls.map(\.status) == Array(repeating: .halted(.insufficientBalance), count: 2))
        #expect(tree.calls.map(\.input) == [[0, 0x2a], [0, 0, 0x2a]])
    }

    @Test
    func `a creation tells whether its code ran or could not be kept`() throws {
        // PUSH2 0x6001, PUSH0, RETURN: 24,577 bytes of code.
        let tree = try trace("0x616001 0 MSTORE 0x5ff3 240 SHL 32 MSTORE 5 29 0 CREATE STOP")
        #expect(tree.calls.first?.status == .halted(.outOfGas))
        #expect(tree.calls.first?.haltPoint?.isDeposit == true)
        let poor = try trace("0x62ffffff 0 MSTORE 0x5ff3 240 SHL 32 MSTORE 6 28 0 CREATE STOP")
        #expect(poor.calls.first?.status == .halted(.outOfGas))
        #expect(poor.calls.first?.haltPoint?.isDeposit == false)
    }

    @Test
    func `a revert has its reason`() throws {
        let zeros = String(repeating: "0", count: 56)
        let reverting = """
            0x08c379a0\(zeros) 0 MSTORE 32 4 MSTORE 3 36 MSTORE 0x6e6f2100\(zeros) 68 MSTORE 100 0 REVERT
            """
        let tree = try trace("0 0 0 0 0 0xbb GAS CALL STOP", callee: reverting)
        #expect(tree.revertReason == nil)
        #expect(tree.calls.first?.status == .reverted)
        #expect(tree.calls.first?.revertReason == .message("no!"))
    }

    @Test
    func `logs stand between the calls, but not those of a call that failed`() throws {
        let program = """
            7 1 31 LOG1 0 0 0 0 0 0xbb GAS CALL 0xff 0 MSTORE8 9 8 1 0 LOG2 0 0 0 0 0 0xcc GAS CALL STOP
            """
        let tree = try trace(
            program, callee: "0 0 LOG0 0 0 0 0 0 0xcc GAS CALL STOP", third: "0 0 LOG0 0 0 REVERT",
            options: CallTracer.Options(logs: true))
        #expect(tree.logs.map(\.position) == [0, 1])
        #expect(tree.logs.map(\.record.topics) == [[UInt256(7).hash], [UInt256(8).hash, UInt256(9).hash]])
        // The first data lies beyond the memory that there was.
        #expect(tree.logs.map(\.record.data) == [[0], [0xff]])
        #expect(tree.calls[0].logs.count == 1)
        #expect(tree.calls[0].calls[0].logs.isEmpty)
        #expect(tree.calls[1].logs.isEmpty)
        let failing = try trace(
            "0 0 LOG0 0 0 0 0 0 0xbb GAS CALL INVALID", callee: "0 0 LOG0 STOP",
            options: CallTracer.Options(logs: true))
        #expect(failing.logs.isEmpty)
        #expect(failing.calls.map(\.logs.count) == [0])
        #expect(try trace(program).logs.isEmpty)
    }

    @Test
    func `a log without the gas for it is none`() throws {
        let tree = try trace(
            "0 0 0 0 0 0xbb 500 CALL STOP", callee: "30 0 LOG0 STOP", options: CallTracer.Options(logs: true))
        #expect(tree.calls.first?.status == .halted(.outOfGas))
        #expect(tree.calls.first?.logs.isEmpty == true)
    }

    @Test
    func `only the outermost call if no more is wanted`() throws {
        let tree = try trace(
            "0 0 0 0 0 0xbb GAS CALL 0 0 LOG0 STOP", callee: "0 0 0 0 0 0xcc GAS CALL STOP",
            options: CallTracer.Options(logs: true, onlyOutermost: true))
        #expect(tree.calls.isEmpty)
        #expect(tree.logs.count == 1)
    }

    @Test
    func `the tree ends at its limits and says so`() throws {
        let program = "0 0 0 0 0 0xbb GAS CALL 0 0 0 0 0 0xbb GAS CALL STOP"
        let callee = "0 0 0 0 0 0xcc GAS CALL 64 0 RETURN"
        var tracer = CallTracer(limits: CallTracer.Limits(callsMax: 3))
        try run(program, callee: callee, third: "STOP", &tracer)
        #expect(tracer.isTruncated)
        #expect(tracer.outermost?.calls.map(\.calls.count) == [1])
        #expect(tracer.outermost?.gasUsed ?? 0 > 0)
        for (bytes, isTruncated) in [(3 + 64 + 64, false), (3 + 64 + 63, true)] {
            tracer = CallTracer(limits: CallTracer.Limits(bytesMax: bytes))
            try run(program, callee: callee, third: "STOP", &tracer)
            #expect(tracer.isTruncated == isTruncated)
        }
    }

    private func trace(
        _ program: String, callee: String = "", third: String = "", options: CallTracer.Options = .init()
    ) throws -> CallTracer.Call {
        var tracer = CallTracer(options)
        try run(program, callee: callee, third: third, &tracer)
        #expect(!tracer.isTruncated)
        return try #require(tracer.outermost)
    }

    /// Calls a contract with this program, input 1 2 3 and 40 peb; others stand at 0xbb and 0xcc.
    private func run(_ program: String, callee: String, third: String, _ tracer: inout CallTracer) throws {
        var state = TableState()
        state.set(.numbered(0xee), balance: 100_000)
        state.set(.numbered(0xaa), nonce: 1, balance: 1000, code: try assemble(program))
        state.set(.numbered(0xbb), nonce: 1, code: try assemble(callee))
        state.set(.numbered(0xcc), nonce: 1, code: try assemble(third))
        var journal = Journal(state)
        let message = Message(
            caller: .numbered(0xee), target: .call(.numbered(0xaa)), value: 40, input: [1, 2, 3], gas: 1_000_000)
        let outcome = journal.run(
            message, in: Environment(block: .sample(), origin: .numbered(0xee)), on: Machine(), tracer: &tracer)
        #expect(tracer.outermost?.status == outcome.status)
    }
}

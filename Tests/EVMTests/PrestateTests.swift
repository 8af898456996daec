import Primitives
import Testing

@testable import EVM

@Suite
struct `The state before a transaction` {
    @Test
    func `it has what opcodes name and the transaction does, in order`() throws {
        let touched = try trace("4 SLOAD POP 8 3 SSTORE 0 5 SSTORE 0xdd BALANCE POP STOP")
        #expect(touched.map(\.address) == [0xaa, 0xc0, 0xdd, 0xee].map(Address.numbered))
        let contract = touched[0]
        #expect(contract.before?.balance == 1000)
        #expect(contract.after?.balance == 1040)
        #expect(contract.slots.map(\.slot) == [3, 4, 5])
        #expect(contract.slots.map(\.before) == [0, 44, 55])
        #expect(contract.slots.map(\.after) == [8, 44, 0])
        #expect(contract.codeBefore.count > 10)
        #expect(touched[2].before == nil && touched[2].after == nil)
        #expect(touched[3].before?.balance == 100_000)
        #expect(touched[3].after?.balance == 99_960)
    }

    @Test
    func `what a failed call looked at counts, what it could not begin does not`() throws {
        let failed = try trace("8 3 SSTORE 0xdd BALANCE INVALID")
        #expect(failed.map(\.address) == [0xaa, 0xc0, 0xdd, 0xee].map(Address.numbered))
        #expect(failed[0].slots.map(\.after) == [0])
        // 2,600 gas are needed for the balance.
        let poor = try trace("3 SLOAD 0xdd BALANCE", gas: 3_000)
        #expect(poor.map(\.address) == [0xaa, 0xc0, 0xee].map(Address.numbered))
        #expect(poor[0].slots.map(\.slot) == [3])
    }

    @Test
    func `who is called counts, and whose code stands there for it`() throws {
        let touched = try trace("0 0 0 0 0xdd GAS STATICCALL 0 0 0 0 1 0xde GAS CALL STOP")
        #expect(touched.map(\.address) == [0xaa, 0xbb, 0xc0, 0xdd, 0xde, 0xee].map(Address.numbered))
        #expect(touched[4].before == nil)
        #expect(touched[4].after?.balance == 1)
    }

    @Test
    func `a contract that came and went is marked`() throws {
        // Initcode that destroys itself in favour of 0xdf: PUSH1 0xdf, SELFDESTRUCT.
        let touched = try trace("0x60dfff 0 MSTORE 3 29 0 CREATE 0xdd SELFDESTRUCT")
        #expect(touched.count { $0.isDestroyed } == 1)
        let gone = try #require(touched.first { $0.isDestroyed })
        #expect(gone.before == nil && gone.after == nil)
        #expect(touched.contains { $0.address == .numbered(0xdf) })
        #expect(touched.contains { $0.address == .numbered(0xdd) && $0.after?.balance == 1040 })
    }

    @Test
    func `it ends at its limits and says so`() throws {
        let program = "1 SLOAD 2 SLOAD 0xdd BALANCE 0xde BALANCE STOP"
        for (limits, isTruncated) in [
            (PrestateTracer.Limits(accountsMax: 2, slotsMax: 2), false),
            (PrestateTracer.Limits(accountsMax: 1, slotsMax: 2), true),
            (PrestateTracer.Limits(accountsMax: 2, slotsMax: 1), true),
        ] {
            var tracer = PrestateTracer(limits: limits)
            let touched = try run(program, gas: 1_000_000, &tracer)
            #expect(tracer.isTruncated == isTruncated)
            #expect(touched[0].slots.count == limits.slotsMax)
        }
    }

    private func trace(_ program: String, gas: Gas = 1_000_000) throws -> [TouchedAccount] {
        var tracer = PrestateTracer()
        let touched = try run(program, gas: gas, &tracer)
        #expect(!tracer.isTruncated)
        return touched
    }

    /// What a call of a contract with this program and 40 peb looks at. The code of 0xdd is that of 0xbb (EIP-7702).
    private func run(_ program: String, gas: Gas, _ tracer: inout PrestateTracer) throws -> [TouchedAccount] {
        var state = TableState()
        state.set(.numbered(0xee), balance: 100_000)
        state.set(.numbered(0xaa), nonce: 1, balance: 1000, code: try assemble(program), storage: [4: 44, 5: 55, 6: 6])
        state.set(.numbered(0xbb), nonce: 1, code: try assemble("STOP"))
        if program.contains("0xdd GAS") {
            state.set(.numbered(0xdd), nonce: 1, code: [0xef, 1, 0] + Address.numbered(0xbb).bytes)
        }
        var journal = Journal(state)
        _ = journal.account(.numbered(0xee))
        let message = Message(caller: .numbered(0xee), target: .call(.numbered(0xaa)), value: 40, gas: gas)
        _ = journal.run(
            message, in: Environment(block: .sample(), origin: .numbered(0xee)), on: Machine(), tracer: &tracer)
        let effects = journal.closeTransaction()
        return tracer.touched(
            [.numbered(0xee), .numbered(0xc0)], recipient: .numbered(0xaa), effects, in: &journal)
    }
}

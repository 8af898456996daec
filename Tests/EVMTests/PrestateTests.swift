import Primitives
import Testing

@testable import EVM

@Suite
struct `The state before a transaction` {
    @Test
    func `it has what was read or written, as it was, in order`() throws {
        let prestate = Prestate(try effects("4 SLOAD POP 8 3 SSTORE 0 5 SSTORE 0xdd BALANCE POP STOP"))
        #expect(prestate.entries.map(\.address) == [.numbered(0xaa), .numbered(0xdd), .numbered(0xee)])
        let contract = prestate.entries[0]
        #expect(contract.account?.balance == 1000)
        #expect(contract.storage.map(\.slot) == [3, 4, 5])
        #expect(contract.storage.map(\.word) == [0, 44, 55])
        #expect(prestate.entries[1].account == nil)
        #expect(prestate.entries[2].account?.balance == 100_000)
    }

    @Test
    func `the difference has what was changed only, before and after`() throws {
        let (before, after) = Prestate.difference(
            try effects("4 SLOAD POP 8 3 SSTORE 0 5 SSTORE 66 6 SSTORE 0xdd BALANCE 0 0 0 0 1 0xde GAS CALL STOP"))
        #expect(before.entries.map(\.address) == [.numbered(0xaa), .numbered(0xee)])
        #expect(before.entries[0].storage.map(\.slot) == [5, 6])
        #expect(before.entries[0].storage.map(\.word) == [55, 6])
        #expect(after.entries.map(\.address) == [.numbered(0xaa), .numbered(0xde), .numbered(0xee)])
        #expect(after.entries[0].storage.map(\.slot) == [3, 6])
        #expect(after.entries[0].storage.map(\.word) == [8, 66])
        #expect(after.entries.map { $0.account?.balance } == [1039, 1, 99_960])
    }

    @Test
    func `what a failed call did is read, not changed`() throws {
        let effects = try effects("8 3 SSTORE INVALID")
        let (before, after) = Prestate.difference(effects)
        #expect(before.entries.isEmpty)
        #expect(after.entries.isEmpty)
        #expect(Prestate(effects).entries.first?.storage == [Prestate.Slot(slot: 3, word: 0)])
    }

    /// What a call of a contract with this program and 40 peb does.
    private func effects(_ program: String) throws -> TransactionEffects {
        var state = TableState()
        state.set(.numbered(0xee), balance: 100_000)
        state.set(.numbered(0xaa), nonce: 1, balance: 1000, code: try assemble(program), storage: [4: 44, 5: 55, 6: 6])
        var journal = Journal(state)
        _ = journal.account(.numbered(0xee))
        let message = Message(caller: .numbered(0xee), target: .call(.numbered(0xaa)), value: 40, gas: 1_000_000)
        _ = journal.run(message, in: Environment(block: .sample(), origin: .numbered(0xee)), on: Machine())
        return journal.closeTransaction()
    }
}

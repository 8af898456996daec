import Primitives
import Testing

@testable import EVM

@Suite
struct `The log of opcodes` {
    @Test
    func `each opcode stands there with its place, gas, cost and stack`() throws {
        let log = try trace("1 2 ADD 0 MSTORE 32 0 RETURN", gas: 100)
        #expect(
            log.entries.map(\.mnemonic) == ["PUSH1", "PUSH1", "ADD", "PUSH0", "MSTORE", "PUSH1", "PUSH0", "RETURN"])
        #expect(log.entries.map(\.position) == [0, 2, 4, 5, 6, 7, 9, 10])
        #expect(log.entries.map(\.gas) == [100, 97, 94, 91, 89, 83, 80, 78])
        #expect(log.entries.map(\.gasCost) == [3, 3, 3, 2, 6, 3, 2, 0])
        #expect(log.entries[2].stack == [1, 2])
        #expect(log.entries[4].stack == [3, 0])
        #expect(log.entries.allSatisfy { $0.error == nil && $0.memory == nil && $0.storage == nil && $0.depth == 0 })
        #expect(log.result?.gasUsed == 22)
        #expect(!log.isTruncated)
    }

    @Test
    func `memory, return data and refund are those before the opcode`() throws {
        let options = StructLogger.Options(stack: false, memory: true, returnData: true)
        let log = try trace(
            "7 0 MSTORE8 1 8 1 0 4 GAS STATICCALL POP 0 5 SSTORE STOP", options: options, storage: [5: 9])
        let call = try #require(log.entries.first { $0.mnemonic == "STATICCALL" })
        let after = try #require(log.entries.first { $0.mnemonic == "POP" })
        #expect(log.entries.first?.memory == [])
        #expect(call.memory == [7] + Bytes(repeating: 0, count: 31))
        #expect(call.returnData == [])
        // The identity contract returned the first byte, asked to put it to the eighth.
        #expect(after.returnData == [7])
        #expect(after.memory == [7, 0, 0, 0, 0, 0, 0, 0, 7] + Bytes(repeating: 0, count: 23))
        #expect(after.stack == nil)
        #expect(log.entries.last?.refund == 4800)
    }

    @Test
    func `storage shows all slots that the contract has named, with the words they now hold`() throws {
        let log = try trace("9 SLOAD POP 4 3 SSTORE 3 SLOAD POP 0 9 SSTORE STOP", storage: [9: 77])
        #expect(
            log.entries.compactMap(\.storage) == [
                [slot(9, 77)], [slot(3, 4), slot(9, 77)], [slot(3, 4), slot(9, 77)], [slot(3, 4), slot(9, 0)],
            ])
        let accesses = log.entries.filter { $0.storage != nil }
        #expect(accesses.map(\.mnemonic) == ["SLOAD", "SSTORE", "SLOAD", "SSTORE"])
        #expect(accesses.map(\.gasCost) == [2100, 22100, 100, 2900])
    }

    @Test
    func `a call costs what it hands over too, without the stipend`() throws {
        // 500 gas for a call that stops at once and pays back all of them, and the stipend too.
        let log = try trace("0 0 0 0 1 0xbb 500 CALL STOP", callee: "STOP", gas: 100_000)
        let call = try #require(log.entries.first { $0.mnemonic == "CALL" })
        #expect(call.gasCost == 2600 + 9000 + 500)
        #expect(log.entries.map(\.depth) == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0])
        let inner = try #require(log.entries.first { $0.depth == 1 })
        #expect(inner.gas == 2800)
        #expect(log.entries.last?.gas == call.gas - 2600 - 9000 + 2300)
    }

    @Test
    func `a creation costs nothing of what its code spends`() throws {
        // The initcode is empty.
        let log = try trace("0 0 0 CREATE STOP")
        #expect(log.entries.map(\.gasCost) == [2, 2, 2, 32000, 0])
        // It is one JUMPDEST, and the two words of code behind it cost 4.
        let busy = try trace("0x5b 0 MSTORE8 1 0 0 CREATE STOP")
        let create = try #require(busy.entries.first { $0.mnemonic == "CREATE" })
        #expect(create.gasCost == 32002)
        #expect(busy.entries.filter { $0.depth == 1 }.map(\.mnemonic) == ["JUMPDEST", "STOP"])
    }

    @Test
    func `what fails says why, on its last opcode`() throws {
        let log = try trace("0 0 0 0 0xbb GAS STATICCALL STOP", callee: "1 1 SSTORE", gas: 100_000)
        let failed = try #require(log.entries.first { $0.error != nil })
        #expect(failed.mnemonic == "SSTORE")
        #expect(failed.error == .staticViolation)
        #expect(log.entries.last?.error == nil)
        #expect(try trace("ADD").entries.map(\.error) == [.stackUnderflow])
        #expect(try trace("#0c").entries.map(\.mnemonic) == ["opcode 0xc not defined"])
        #expect(try trace("ADD").entries.map(\.haltPoint.stackCountNeeded) == [2])
        let poor = try trace("1 2 MUL", gas: 10)
        #expect(poor.entries.map(\.error) == [nil, nil, .outOfGas])
        #expect(poor.entries.map(\.gasCost) == [3, 3, 5])
    }

    @Test(arguments: ["INVALID", "#0c", "0 JUMP", "1 0 0 RETURNDATACOPY"])
    func `an opcode that fails while it runs shows no error`(program: String) throws {
        let log = try trace(program)
        #expect(log.result?.status != .success)
        #expect(log.entries.allSatisfy { $0.error == nil })
    }

    @Test
    func `a slot that could not be written is shown all the same`() throws {
        let log = try trace("7 3 SSTORE", gas: 3_000)
        let last = try #require(log.entries.last)
        #expect(last.error == .outOfGas)
        #expect(last.storage == [slot(3, 7)])
    }

    @Test
    func `a creation whose code cannot be kept has returned`() throws {
        // 24,577 bytes of code are too many, and at 200 gas a byte too dear.
        for gas in [1_000_000, 100_000] as [Gas] {
            let log = try trace(
                "0x616001 0 MSTORE 0x61 29 MSTORE8 0x5ff3 240 SHL 32 MSTORE 37 29 0 CREATE STOP", gas: gas)
            let creation = log.entries.filter { $0.depth == 1 }
            #expect(creation.map(\.mnemonic) == ["PUSH2", "PUSH0", "RETURN"])
            #expect(creation.last?.error == nil)
            #expect(creation.last?.gasCost == 3 * 769 + 769 * 769 / 512)
        }
    }

    @Test
    func `the log ends where it is wanted to, and nothing is missing then`() throws {
        let log = try trace("1 2 ADD STOP", options: StructLogger.Options(entriesWanted: 2))
        #expect(log.entries.map(\.gasCost) == [3, 3])
        #expect(!log.isTruncated)
    }

    @Test
    func `an account without code runs nothing`() throws {
        #expect(try trace("").entries.isEmpty)
        #expect(try trace("").result?.status == .success)
    }

    @Test
    func `the log ends at its limits and says so, while the run goes on`() throws {
        let loop = "JUMPDEST 0 JUMP"
        let short = try trace(loop, gas: 10_000, limits: StructLogger.Limits(entriesMax: 50))
        #expect(short.entries.count == 50)
        #expect(short.isTruncated)
        #expect(short.result?.status == .halted(.outOfGas))
        let small = try trace(loop, gas: 10_000, limits: StructLogger.Limits(bytesMax: 320))
        // Of three opcodes one has a word on the stack before it.
        #expect(small.entries.compactMap(\.stack).joined().count == 10)
        #expect(small.isTruncated)
        let full = try trace("1 1 SSTORE STOP", limits: StructLogger.Limits(bytesMax: 32 + 64 + 64))
        #expect(!full.isTruncated)
        #expect(try trace("1 1 SSTORE STOP", limits: StructLogger.Limits(bytesMax: 32 + 64 + 63)).isTruncated)
    }

    @Test
    func `what is taken on the way is the whole log, and counts for its length alone`() throws {
        var state = TableState()
        let program = "7 3 SSTORE 0 0 0 0 0xbb 500 STATICCALL 3 SLOAD STOP"
        state.set(.numbered(0xaa), code: try assemble(program))
        state.set(.numbered(0xbb), code: try assemble("1 POP STOP"))
        let message = Message(caller: .numbered(0xee), target: .call(.numbered(0xaa)), gas: 100_000)
        let environment = Environment(block: .sample(), origin: .numbered(0xee))
        let whole = try trace(program, callee: "1 POP STOP", gas: 100_000)
        #expect(whole.entries.count == 16 && !whole.isTruncated)
        for entriesMax in [16, 15] {
            // The longest stack has six words; a store shows a word, its slot and two words of stack.
            let limits = StructLogger.Limits(entriesMax: entriesMax, bytesMax: 6 * 32)
            var tracer = TakingTracer(logger: StructLogger(limits: limits))
            var journal = Journal(state)
            _ = journal.run(message, in: environment, on: Machine(), tracer: &tracer)
            #expect(tracer.taken == Array(whole.entries.prefix(entriesMax)))
            #expect(tracer.logger.isTruncated == (entriesMax == 15))
            #expect(tracer.logger.entries.isEmpty)
        }
    }

    /// Takes each entry as soon as it is there.
    private struct TakingTracer: Tracer {
        var logger: StructLogger
        var taken: [StructLogger.Entry] = []

        mutating func begin(_ call: TracedCall) {
            logger.begin(call)
            taken += logger.takeEntries()
        }

        mutating func step(_ step: borrowing TracedStep) {
            logger.step(step)
            taken += logger.takeEntries()
        }

        mutating func end(_ result: TracedResult) {
            logger.end(result)
            taken += logger.takeEntries()
        }
    }

    private func slot(_ slot: UInt256, _ word: UInt256) -> StructLogger.Slot {
        StructLogger.Slot(slot: slot, word: word)
    }

    /// Calls a contract with this program; another one stands at 0xbb.
    private func trace(
        _ program: String, callee: String = "", gas: Gas = 1_000_000, options: StructLogger.Options = .init(),
        limits: StructLogger.Limits = .init(), storage: [UInt256: UInt256] = [:]
    ) throws -> StructLogger {
        var state = TableState()
        state.set(.numbered(0xaa), balance: 1000, code: try assemble(program), storage: storage)
        state.set(.numbered(0xbb), code: try assemble(callee))
        var journal = Journal(state)
        var logger = StructLogger(options, limits: limits)
        let message = Message(caller: .numbered(0xee), target: .call(.numbered(0xaa)), gas: gas)
        let outcome = journal.run(
            message, in: Environment(block: .sample(), origin: .numbered(0xee)), on: Machine(), tracer: &logger)
        #expect(logger.result?.status == outcome.status)
        return logger
    }
}

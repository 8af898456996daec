import EVM
import Primitives
import Testing

@testable import SystemContracts

/// Bytecode that calls a native contract, as contracts of users will.
struct `Bytecode` {
    static let caller = Address(Bytes(repeating: 0xcc, count: 20))

    /// Passes its own data on to the notebook by the call of `opcode`, then returns or reverts with what came back.
    private func passingOn(by opcode: UInt8) -> Bytes {
        let hasValue = opcode == 0xf1 || opcode == 0xf2
        // CALLDATACOPY(0, 0, CALLDATASIZE); the call with all gas; RETURNDATACOPY(0, 0, RETURNDATASIZE)
        let copy: Bytes = [0x36, 0x5f, 0x5f, 0x37]
        let arguments: Bytes = [0x5f, 0x5f, 0x36, 0x5f] + (hasValue ? [0x5f] : [])
        let call = arguments + [0x73] + Notebook.address.bytes + [0x5a, opcode]
        let back: Bytes = [0x3d, 0x5f, 0x5f, 0x3e]
        let body = copy + call + back
        // JUMPI over REVERT to RETURN, both of the whole memory that came back.
        let success = UInt8(body.count + 3 + 3)
        return body + [0x60, success, 0x57, 0x3d, 0x5f, 0xfd, 0x5b, 0x3d, 0x5f, 0xf3]
    }

    private func journal(_ opcode: UInt8) -> Journal<PlainState> {
        var state = PlainState()
        state.put(Self.caller, code: passingOn(by: opcode))
        state.put(Notebook.address, code: [0xfe])
        state.words[Notebook.address] = [5: 77]
        return Journal(state)
    }

    @Test(arguments: [0xf1, 0xfa] as [UInt8])
    func `reads through a call and a static call`(opcode: UInt8) throws {
        var journal = journal(opcode)
        let ending = try journal.call(Self.caller, Notebook.data("read(uint256)", [.uint(5)]))
        #expect(ending.status == .success)
        #expect(ending.output == ABIValue.encode([.uint(77)]))
    }

    @Test
    func `is the caller that a native contract sees`() throws {
        var journal = journal(0xf1)
        let data = Notebook.data("note(string,uint256,bytes)", [.string("t"), .uint(1), .bytes([])])
        #expect(try journal.call(Self.caller, data).status == .success)
        let logs = journal.closeTransaction().logs
        #expect(logs.map(\.address) == [Notebook.address])
        #expect(logs.first?.topics[1] == UInt256(Self.caller).hash)
    }

    @Test
    func `gets the reason of a revert, and the state from before the call`() throws {
        var journal = journal(0xf1)
        let ending = try journal.call(Self.caller, Notebook.data("writeAndFail(uint256)", [.uint(5)]))
        #expect(ending.status == .reverted)
        #expect(RevertReason(ending.output) == .error("Notebook: on purpose"))
        #expect(journal.closeTransaction().logs.isEmpty)
        #expect(journal.changes().isEmpty)
    }

    @Test
    func `cannot write by a static call`() throws {
        var journal = journal(0xfa)
        let data = Notebook.data("write(uint256,uint256[])", [.uint(5), .array([.uint(1)])])
        #expect(try journal.call(Self.caller, data).status == .reverted)
        _ = journal.closeTransaction()
        #expect(journal.changes().isEmpty)
    }

    @Test(arguments: [0xf2, 0xf4] as [UInt8])
    func `cannot run a native contract on its own storage`(opcode: UInt8) throws {
        var journal = journal(opcode)
        let data = Notebook.data("write(uint256,uint256[])", [.uint(5), .array([.uint(1)])])
        let ending = try journal.call(Self.caller, data)
        #expect(ending.status == .reverted)
        #expect(RevertReason(ending.output) == .error("Notebook: it must be called at its own address"))
        _ = journal.closeTransaction()
        #expect(journal.changes().isEmpty)
    }
}

import Crypto
import Primitives
import Testing

@testable import EVM

/// Runs `code` at 0xaa, called by 0xee with `gas`.
private func run(
    _ code: String, input: Bytes = [], gas: Gas = 1_000_000, balance: UInt256 = 0, machine: Machine = Machine()
) throws -> (outcome: Outcome, output: Bytes) {
    var state = TableState()
    state.set(.numbered(0xaa), nonce: 1, balance: balance, code: try assemble(code))
    var journal = Journal(state)
    let message = Message(caller: .numbered(0xee), target: .call(.numbered(0xaa)), input: input, gas: gas)
    let environment = Environment(block: .sample(), origin: .numbered(0xee))
    let outcome = journal.run(message, in: environment, on: machine)
    return (outcome, machine.output)
}

private let returnTop = " 0 MSTORE 32 0 RETURN"

@Suite
struct `Limits of the machine` {
    @Test
    func `a stack holds 1024 words and not one more`() throws {
        let pushes = String(repeating: "PC ", count: 1_024)
        #expect(try run(pushes + "STOP").outcome.succeeded)
        #expect(try run(pushes + "PC").outcome.status == .halted(.stackOverflow))
        #expect(try run(pushes + "DUP1").outcome.status == .halted(.stackOverflow))
        #expect(try run(pushes + "SWAP16 POP PC STOP").outcome.succeeded)
    }

    @Test
    func `an opcode that finds too few words fails`() throws {
        for (code, words) in [("ADD", 2), ("SWAP16", 17), ("DUP16", 16), ("LOG4", 6), ("CALL", 7)] {
            let pushes = String(repeating: "PC ", count: words - 1)
            #expect(try run(pushes + code).outcome.status == .halted(.stackUnderflow), "\(code)")
        }
    }

    @Test
    func `calls nest 1024 deep, and the one beyond fails without a cost`() throws {
        // Calls itself with all gas, and counts the depth in what it returns: its own level plus its callee's.
        let recursion = "32 0 0 0 0 0xaa GAS CALL POP 0 MLOAD 1 ADD" + returnTop
        let (outcome, output) = try run(recursion, gas: 1 << 60)
        #expect(outcome.succeeded)
        // The outermost call is depth 0, so there are 1025 of them.
        #expect(UInt256(bigEndian: output) == 1_025)
    }

    @Test
    func `memory that no gas can pay for is out of gas`() throws {
        let far = "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        let nearEnd = "0x0100000000"
        for offset in [far, nearEnd] {
            for code in ["\(offset) MLOAD", "1 \(offset) MSTORE", "\(offset) 1 KECCAK256", "1 \(offset) RETURN"] {
                let status = try run(code, gas: 1 << 40).outcome.status
                #expect(status == .halted(.outOfGas), "\(code)")
            }
        }
        #expect(MachineLimits.memoryBytesMax == 0x1_0000_0000)
    }

    @Test
    func `a range of no bytes reaches nowhere, wherever it starts`() throws {
        let far = "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        let (outcome, output) = try run("0 \(far) KECCAK256 0 \(far) LOG0 MSIZE" + returnTop)
        #expect(outcome.succeeded)
        #expect(UInt256(bigEndian: output) == 0)
    }

    @Test
    func `memory that an unusual message took is given back`() throws {
        let machine = Machine()
        let offset = MachineLimits.memoryBytesKept
        #expect(try run("1 \(offset) MSTORE", gas: 1 << 40, machine: machine).outcome.succeeded)
        #expect(machine.stack.memory.capacity > MachineLimits.memoryBytesKept)
        #expect(try run("1 0 MSTORE", machine: machine).outcome.succeeded)
        #expect(machine.stack.memory.capacity <= MachineLimits.memoryBytesKept)
    }

    @Test
    func `memory of an earlier call is not seen by a later one`() throws {
        let machine = Machine()
        #expect(try run("0x\(String(repeating: "ff", count: 32)) 64 MSTORE", machine: machine).outcome.succeeded)
        let (_, output) = try run("64 MLOAD" + returnTop, machine: machine)
        #expect(UInt256(bigEndian: output) == 0)
    }

    @Test(arguments: [(24_576, true), (24_577, false)])
    func `a contract has at most 24576 bytes of code`(size: Int, fits: Bool) throws {
        // Returns `size` zero bytes as the code of the contract that is created.
        let initCode = try assemble("\(size) 0 RETURN")
        let word = UInt256(bigEndian: initCode) << (256 - 8 * initCode.count)
        let create = "\(word.hash.hex) 0 MSTORE \(initCode.count) 0 0 CREATE" + returnTop
        let (outcome, output) = try run(create, gas: 30_000_000)
        #expect(outcome.succeeded)
        #expect(UInt256(bigEndian: output).isZero != fits)
    }

    @Test(arguments: [(49_152, true), (49_153, false)])
    func `initcode has at most 49152 bytes`(size: Int, fits: Bool) throws {
        let status = try run("\(size) 0 0 CREATE STOP", gas: 30_000_000).outcome.status
        #expect(status == (fits ? .success : .halted(.initCodeTooLarge)))
    }

    @Test
    func `a shelf of code that is full forgets what it can read again`() throws {
        var overlay = Overlay()
        let size = 1 << 16
        let count = 17
        overlay.codes = CodeShelf(bytesMax: size * (count - 1))
        for number in 0..<count {
            let code = Bytes(repeating: UInt8(number), count: size)
            let hash = keccak256(code)
            let index = overlay.number(of: .numbered(UInt64(number)))
            overlay.load(index, Account(nonce: 1, codeHash: hash))
            #expect(overlay.code(of: index) == nil)
            overlay.loadCode(code, hash: hash)
            #expect(overlay.code(of: index)?.count == size)
        }
        #expect(overlay.code(of: overlay.number(of: .numbered(0))) == nil, "the first had to go")
        #expect(overlay.code(of: overlay.number(of: .numbered(UInt64(count - 1))))?.count == size)
    }
}

@Suite
struct `Opcodes as bytes` {
    @Test
    func `every byte is the instruction that stands at its place`() {
        for byte in UInt8.min...UInt8.max { #expect(Instruction(byte).rawValue == byte) }
    }

    @Test
    func `a byte without a meaning ends the call`() throws {
        for byte in UInt8.min...UInt8.max where Opcode.mnemonic(byte) == nil {
            let pushes = String(repeating: "PC ", count: 20)
            let status = try run(pushes + "#" + String([byte].hex.dropFirst(2))).outcome.status
            #expect(status == .halted(.undefinedOpcode), "\([byte].hex)")
        }
    }
}

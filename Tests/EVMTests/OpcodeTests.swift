import Primitives
import Testing

@testable import EVM

@Suite
struct `Names of opcodes` {
    @Test
    func `an opcode has a name exactly where it has a rule`() {
        for opcode in UInt8.min...UInt8.max {
            let isDefined = unsafe OpcodeRules.of(.osaka).rules[Int(opcode)].needed != OpcodeRule.undefined.needed
            // 0xfe has a name because it shall never have a rule (EIP-141).
            #expect((Opcode.mnemonic(opcode) != nil) == (isDefined || opcode == 0xfe), "\([opcode].hex)")
        }
    }

    @Test
    func `no two have the same`() {
        let names = (UInt8.min...UInt8.max).compactMap(Opcode.mnemonic)
        #expect(names.count == 150)
        #expect(Set(names).count == names.count)
    }

    @Test
    func `those that end a run of names are at their place`() {
        let places: [(UInt8, String)] = [
            (0x0b, "SIGNEXTEND"), (0x1e, "CLZ"), (0x20, "KECCAK256"), (0x4a, "BLOBBASEFEE"), (0x5e, "MCOPY"),
            (0x5f, "PUSH0"), (0x7f, "PUSH32"), (0x8f, "DUP16"), (0x9f, "SWAP16"), (0xa4, "LOG4"), (0xfa, "STATICCALL"),
            (0xff, "SELFDESTRUCT"),
        ]
        for (opcode, name) in places { #expect(Opcode.mnemonic(opcode) == name) }
    }
}

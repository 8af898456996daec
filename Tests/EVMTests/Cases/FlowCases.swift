// What happens with jumps, stack and arithmetic. See `MachineCase` for where the figures come from.

let flowCases: [MachineCase] = [
    MachineCase(
        "a jump to a JUMPDEST", program: "4 JUMP INVALID JUMPDEST STOP", gasUsed: 12),
    MachineCase(
        "a jump into a PUSH", program: "4 JUMP #61 #5b5b STOP", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "a jump past the end", program: "200 JUMP", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "a jump beyond 64 bits", program: "0x010000000000000000 JUMP", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "a jump that is not taken needs no destination", program: "0 200 JUMPI STOP", gasUsed: 15),
    MachineCase(
        "a jump on any bit",
        program: """
            0x8000000000000000000000000000000000000000000000000000000000000000 37 JUMPI INVALID JUMPDEST
            STOP
            """,
        gasUsed: 17),
    MachineCase(
        "a PUSH that the code cuts off", program: "#7f #aa", gasUsed: 3),
    MachineCase(
        "no stack", program: "POP", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "DUP16 of 15", program: "1^15 DUP16", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "SWAP16 of 16", program: "1^16 SWAP16", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "1,024 words", program: "1^1024 STOP", gasUsed: 3_072),
    MachineCase(
        "1,025 words", program: "1^1025 STOP", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "DUP1 with 1,024 words", program: "1^1024 DUP1", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "an opcode that is none", program: "#0c", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "INVALID", program: "INVALID", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "the last gas for a PUSH0", program: "0", gas: 2, gasUsed: 2),
    MachineCase(
        "no gas for a PUSH0", program: "0", gas: 1, end: .halted, gasUsed: 1),
    MachineCase(
        "no gas at all", program: "STOP", gas: 0, gasUsed: 0),
    MachineCase(
        "PC is that of the opcode", program: "1 POP PC 0 MSTORE 32 0 RETURN", gasUsed: 20, output: "0x3"),
    MachineCase(
        "EXP to the power of 0 costs 50 a byte",
        program: """
            GAS 0x0000000000000000000000000000000000000000000000000000000000000000 3 EXP POP GAS SWAP1
            SUB 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 41, output: "0x14"),
    MachineCase(
        "EXP to the power of 1 costs 50 a byte",
        program: """
            GAS 0x0000000000000000000000000000000000000000000000000000000000000001 3 EXP POP GAS SWAP1
            SUB 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 91, output: "0x46"),
    MachineCase(
        "EXP to the power of 255 costs 50 a byte",
        program: """
            GAS 0x00000000000000000000000000000000000000000000000000000000000000ff 3 EXP POP GAS SWAP1
            SUB 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 91, output: "0x46"),
    MachineCase(
        "EXP to the power of 256 costs 50 a byte",
        program: """
            GAS 0x0000000000000000000000000000000000000000000000000000000000000100 3 EXP POP GAS SWAP1
            SUB 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 141, output: "0x78"),
    MachineCase(
        "EXP to the power of 65535 costs 50 a byte",
        program: """
            GAS 0x000000000000000000000000000000000000000000000000000000000000ffff 3 EXP POP GAS SWAP1
            SUB 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 141, output: "0x78"),
    MachineCase(
        "EXP to the power of 65536 costs 50 a byte",
        program: """
            GAS 0x0000000000000000000000000000000000000000000000000000000000010000 3 EXP POP GAS SWAP1
            SUB 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 191, output: "0xaa"),
    MachineCase(
        "EXP to the power of 2^255 costs 50 a byte",
        program: """
            GAS 0x8000000000000000000000000000000000000000000000000000000000000000 3 EXP POP GAS SWAP1
            SUB 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 1_641, output: "0x654"),
    MachineCase(
        "CLZ of 0",
        program: "0x0000000000000000000000000000000000000000000000000000000000000000 CLZ 0 MSTORE 32 0 RETURN",
        gasUsed: 21, output: "0x100"),
    MachineCase(
        "CLZ of 1",
        program: "0x0000000000000000000000000000000000000000000000000000000000000001 CLZ 0 MSTORE 32 0 RETURN",
        gasUsed: 21, output: "0xff"),
    MachineCase(
        "CLZ of 2^255",
        program: "0x8000000000000000000000000000000000000000000000000000000000000000 CLZ 0 MSTORE 32 0 RETURN",
        gasUsed: 21, output: "0x0"),
    MachineCase(
        "CLZ of 2^128",
        program: "0x0000000000000000000000000000000100000000000000000000000000000000 CLZ 0 MSTORE 32 0 RETURN",
        gasUsed: 21, output: "0x7f"),
    MachineCase(
        "CLZ of 2^64 - 1",
        program: "0x000000000000000000000000000000000000000000000000ffffffffffffffff CLZ 0 MSTORE 32 0 RETURN",
        gasUsed: 21, output: "0xc0"),
    MachineCase(
        "SDIV of 2^255 and -1",
        program: """
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0x8000000000000000000000000000000000000000000000000000000000000000 SDIV 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 24, output: "0x8000000000000000000000000000000000000000000000000000000000000000"),
    MachineCase(
        "SDIV of 7 and 0",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000000
            0x0000000000000000000000000000000000000000000000000000000000000007 SDIV 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 24, output: "0x0"),
    MachineCase(
        "SDIV of -7 and 2",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000002
            0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9 SDIV 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 24, output: "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd"),
    MachineCase(
        "SMOD of 2^255 and -1",
        program: """
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0x8000000000000000000000000000000000000000000000000000000000000000 SMOD 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 24, output: "0x0"),
    MachineCase(
        "SMOD of -7 and 3",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000003
            0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9 SMOD 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 24, output: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
    MachineCase(
        "SMOD of 7 and -3",
        program: """
            0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd
            0x0000000000000000000000000000000000000000000000000000000000000007 SMOD 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 24, output: "0x1"),
    MachineCase(
        "SMOD of 7 and 0",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000000
            0x0000000000000000000000000000000000000000000000000000000000000007 SMOD 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 24, output: "0x0"),
    MachineCase(
        "SIGNEXTEND of 0 and 128",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000080
            0x0000000000000000000000000000000000000000000000000000000000000000 SIGNEXTEND 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 24, output: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff80"),
    MachineCase(
        "SIGNEXTEND of 0 and 127",
        program: """
            0x000000000000000000000000000000000000000000000000000000000000007f
            0x0000000000000000000000000000000000000000000000000000000000000000 SIGNEXTEND 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 24, output: "0x7f"),
    MachineCase(
        "SIGNEXTEND of 31 and 65408",
        program: """
            0x000000000000000000000000000000000000000000000000000000000000ff80
            0x000000000000000000000000000000000000000000000000000000000000001f SIGNEXTEND 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 24, output: "0xff80"),
    MachineCase(
        "SIGNEXTEND of 2^200 and 128",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000080
            0x0000000000000100000000000000000000000000000000000000000000000000 SIGNEXTEND 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 24, output: "0x80"),
    MachineCase(
        "BYTE of 31 and 4660",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000001234
            0x000000000000000000000000000000000000000000000000000000000000001f BYTE 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x34"),
    MachineCase(
        "BYTE of 30 and 4660",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000001234
            0x000000000000000000000000000000000000000000000000000000000000001e BYTE 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x12"),
    MachineCase(
        "BYTE of 32 and 4660",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000001234
            0x0000000000000000000000000000000000000000000000000000000000000020 BYTE 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x0"),
    MachineCase(
        "BYTE of 2^100 and -1",
        program: """
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0x0000000000000000000000000000000000000010000000000000000000000000 BYTE 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x0"),
    MachineCase(
        "SAR of 255 and 2^255",
        program: """
            0x8000000000000000000000000000000000000000000000000000000000000000
            0x00000000000000000000000000000000000000000000000000000000000000ff SAR 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
    MachineCase(
        "SAR of 256 and 2^255",
        program: """
            0x8000000000000000000000000000000000000000000000000000000000000000
            0x0000000000000000000000000000000000000000000000000000000000000100 SAR 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
    MachineCase(
        "SAR of 2^90 and 2^255",
        program: """
            0x8000000000000000000000000000000000000000000000000000000000000000
            0x0000000000000000000000000000000000000000040000000000000000000000 SAR 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
    MachineCase(
        "SAR of 1 and -1",
        program: """
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0x0000000000000000000000000000000000000000000000000000000000000001 SAR 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
    MachineCase(
        "SAR of 256 and 2^254",
        program: """
            0x4000000000000000000000000000000000000000000000000000000000000000
            0x0000000000000000000000000000000000000000000000000000000000000100 SAR 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x0"),
    MachineCase(
        "SHL of 255 and 1",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000001
            0x00000000000000000000000000000000000000000000000000000000000000ff SHL 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x8000000000000000000000000000000000000000000000000000000000000000"),
    MachineCase(
        "SHL of 256 and 1",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000001
            0x0000000000000000000000000000000000000000000000000000000000000100 SHL 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x0"),
    MachineCase(
        "SHL of 2^70 and 1",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000001
            0x0000000000000000000000000000000000000000000000400000000000000000 SHL 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x0"),
    MachineCase(
        "SHR of 255 and -1",
        program: """
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0x00000000000000000000000000000000000000000000000000000000000000ff SHR 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x1"),
    MachineCase(
        "SHR of 256 and -1",
        program: """
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0x0000000000000000000000000000000000000000000000000000000000000100 SHR 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x0"),
    MachineCase(
        "SHR of 2^70 and -1",
        program: """
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0x0000000000000000000000000000000000000000000000400000000000000000 SHR 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x0"),
    MachineCase(
        "SLT of 0 and -1",
        program: """
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0x0000000000000000000000000000000000000000000000000000000000000000 SLT 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x0"),
    MachineCase(
        "SLT of 2^255 and 0",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000000
            0x8000000000000000000000000000000000000000000000000000000000000000 SLT 0 MSTORE 32 0 RETURN
            """,
        gasUsed: 22, output: "0x1"),
    MachineCase(
        "ADDMOD and MULMOD of -1, -1 modulo 0",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000000
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff ADDMOD 0 MSTORE
            0x0000000000000000000000000000000000000000000000000000000000000000
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff MULMOD 32 MSTORE 64 0
            RETURN
            """,
        gasUsed: 56, output: "0x0 0x0"),
    MachineCase(
        "ADDMOD and MULMOD of -1, -1 modulo -1",
        program: """
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff ADDMOD 0 MSTORE
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff MULMOD 32 MSTORE 64 0
            RETURN
            """,
        gasUsed: 56, output: "0x0 0x0"),
    MachineCase(
        "ADDMOD and MULMOD of -1, 2 modulo 5",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000005
            0x0000000000000000000000000000000000000000000000000000000000000002
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff ADDMOD 0 MSTORE
            0x0000000000000000000000000000000000000000000000000000000000000005
            0x0000000000000000000000000000000000000000000000000000000000000002
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff MULMOD 32 MSTORE 64 0
            RETURN
            """,
        gasUsed: 56, output: "0x2 0x0"),
    MachineCase(
        "ADDMOD and MULMOD of -1, 1 modulo 1",
        program: """
            0x0000000000000000000000000000000000000000000000000000000000000001
            0x0000000000000000000000000000000000000000000000000000000000000001
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff ADDMOD 0 MSTORE
            0x0000000000000000000000000000000000000000000000000000000000000001
            0x0000000000000000000000000000000000000000000000000000000000000001
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff MULMOD 32 MSTORE 64 0
            RETURN
            """,
        gasUsed: 56, output: "0x0 0x0"),
]

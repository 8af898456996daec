// What happens with creations. See `MachineCase` for where the figures come from.

let creationCases: [MachineCase] = [
    MachineCase(
        "CREATE's address comes of the creator's nonce",
        program: "0 0 0 CREATE 0 MSTORE 0 0 0 CREATE 32 MSTORE 64 0 RETURN", gasUsed: 64_034,
        output: "0xccec344d9d8246c8d06d99ccefc856bfa17e0526 0xe8d292ce18c7d301d8e17405c0ebf4c2e3e9af2e",
        changes: """
            aa.nonce=3 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1
            e8d292ce18c7d301d8e17405c0ebf4c2e3e9af2e.nonce=1
            """),
    MachineCase(
        "CREATE2's address comes of salt and initcode",
        program: """
            0 0 0 0 CREATE2 0 MSTORE 5 0 0 0 CREATE2 32 MSTORE 0xfe 64 MSTORE8 0 1 64 0 CREATE2 64
            MSTORE 96 0 RETURN
            """,
        gasUsed: 985_887,
        output: "0xc5e866aa5f7acc1da7ec1c121524c2e591f36d4e 0x9760a725d3b6ab36d8ccec05ec416db529021500 0x0",
        changes: """
            aa.nonce=4 9760a725d3b6ab36d8ccec05ec416db529021500.nonce=1
            c5e866aa5f7acc1da7ec1c121524c2e591f36d4e.nonce=1
            """),
    MachineCase(
        "CREATE2 at an address that is taken fails, and the nonce is raised all the same",
        program: "7 0 0 0 CREATE2 POP 7 0 0 0 CREATE2 0 MSTORE 0 0 0 CREATE 32 MSTORE 64 0 RETURN", gas: 10_000_000,
        gasUsed: 9_876_779, output: "0x0 0x548d62a47b54659a6a49d6a6a8a367c5e2cb4476",
        changes: """
            aa.nonce=4 2a6630b3a658f6c131b4a6b11b108ac52476dab8.nonce=1
            548d62a47b54659a6a49d6a6a8a367c5e2cb4476.nonce=1
            """),
    MachineCase(
        "the cost of CREATE with two words of initcode",
        program: "GAS 40 0 0 CREATE POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 32_039, output: "0x7d15",
        changes: "aa.nonce=2 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1"),
    MachineCase(
        "the cost of CREATE2 with two words of initcode",
        program: "GAS 0 40 0 0 CREATE2 POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 32_053, output: "0x7d23",
        changes: "aa.nonce=2 4e4d0a887cd8eeb5609fff36b748273d6043202e.nonce=1"),
    MachineCase(
        "deployed code costs 200 a byte",
        program: "GAS 0x600a6000f3 0 MSTORE 5 27 0 CREATE POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 34_052,
        output: "0x84f2",
        changes: """
            aa.nonce=2 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1
            ccec344d9d8246c8d06d99ccefc856bfa17e0526.code=00000000000000000000
            """),
    MachineCase(
        "the new contract has nonce 1 and its code",
        program: """
            0x60016000526001601ff3 0 MSTORE 10 22 0 CREATE DUP1 EXTCODESIZE 0 MSTORE DUP1 32 0 32 DUP4
            EXTCODECOPY POP 64 0 RETURN
            """,
        gasUsed: 32_474, output: "0x1 0x100000000000000000000000000000000000000000000000000000000000000",
        changes: """
            aa.nonce=2 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1
            ccec344d9d8246c8d06d99ccefc856bfa17e0526.code=01
            """),
    MachineCase(
        "code that starts with 0xef is refused",
        program: "0x60ef60005360016000f3 0 MSTORE 10 22 0 CREATE 0 MSTORE 32 0 RETURN", gasUsed: 984_886,
        output: "0x0", changes: "aa.nonce=2"),
    MachineCase(
        "code without gas for it is refused", program: "0 0 0 0 0 0xbb 60000 CALL POP 32 0 RETURN",
        callee: "0x6110006000f3 0 MSTORE 6 26 0 CREATE 0 MSTORE 32 0 RETURN", gasUsed: 62_199, output: "0x0",
        changes: "bb.nonce=2"),
    MachineCase(
        "24,576 bytes of code", program: "0x6160006000f3 0 MSTORE 6 26 0 CREATE EXTCODESIZE 0 MSTORE 32 0 RETURN",
        gas: 10_000_000, gasUsed: 4_950_793, output: "0x6000",
        changes: """
            aa.nonce=2 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1
            ccec344d9d8246c8d06d99ccefc856bfa17e0526.code=24576 bytes
            """),
    MachineCase(
        "24,577 bytes of code are refused", program: "0x6160016000f3 0 MSTORE 6 26 0 CREATE 0 MSTORE 32 0 RETURN",
        gas: 10_000_000, gasUsed: 9_844_261, output: "0x0", changes: "aa.nonce=2"),
    MachineCase(
        "49,152 bytes of initcode", program: "49152 0 0 CREATE ISZERO 0 MSTORE 32 0 RETURN", gas: 10_000_000,
        gasUsed: 44_308, output: "0x0", changes: "aa.nonce=2 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1"),
    MachineCase(
        "49,153 bytes of initcode halt", program: "49153 0 0 CREATE ISZERO 0 MSTORE 32 0 RETURN", gas: 10_000_000,
        end: .halted, gasUsed: 10_000_000),
    MachineCase(
        "49,153 bytes of initcode halt CREATE2", program: "0 49153 0 0 CREATE2 ISZERO 0 MSTORE 32 0 RETURN",
        gas: 10_000_000, end: .halted, gasUsed: 10_000_000),
    MachineCase(
        "a creation with more value than there is fails and keeps the nonce",
        program: "0 0 5000 CREATE 0 MSTORE 0 0 0 CREATE 32 MSTORE 64 0 RETURN", gasUsed: 64_035,
        output: "0x0 0xccec344d9d8246c8d06d99ccefc856bfa17e0526",
        changes: "aa.nonce=2 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1"),
    MachineCase(
        "a creation that reverts gives value back and keeps the raised nonce",
        program: """
            0x60006000fd 0 MSTORE 5 27 9 CREATE 0 MSTORE SELFBALANCE 32 MSTORE 0 0 0 CREATE 64 MSTORE 96
            0 RETURN
            """,
        gasUsed: 64_067, output: "0x0 0x3e8 0xe8d292ce18c7d301d8e17405c0ebf4c2e3e9af2e",
        changes: "aa.nonce=3 e8d292ce18c7d301d8e17405c0ebf4c2e3e9af2e.nonce=1"),
    MachineCase(
        "a creation that halts takes a 64th less than all",
        program: "GAS 0xfe 0 MSTORE8 1 0 0 CREATE POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gas: 100_000,
        gasUsed: 98_958, output: "0x1827c", changes: "aa.nonce=2"),
    MachineCase(
        "initcode sees no input, its own address and the value",
        program: """
            0x36600052306020523460405260606000fd 0 MSTORE 17 15 9 CREATE POP 96 0 0 RETURNDATACOPY 96 0
            RETURN
            """,
        gasUsed: 32_093, output: "0x0 0xccec344d9d8246c8d06d99ccefc856bfa17e0526 0x9", changes: "aa.nonce=2"),
    MachineCase(
        "the code of a contract under creation is empty to itself",
        program: "0x303b60005260206000fd 0 MSTORE 10 22 0 CREATE POP 32 0 0 RETURNDATACOPY 32 0 RETURN",
        gasUsed: 32_158, output: "0x0", changes: "aa.nonce=2"),
    MachineCase(
        "an address that a creation was tried at is warm",
        program: """
            0xfe 0 MSTORE8 0 1 0 0 CREATE2 POP 0xdd POP GAS 0x00000000000000000000000000000000000000dd
            BALANCE POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN
            """,
        gas: 2_000_000, gasUsed: 1_971_883, output: "0xa2f", changes: "aa.nonce=2"),
    MachineCase(
        "a creation may pay an account that exists",
        program: "0 0 0 0 1 0xbb 0 CALL POP 0 0 9 CREATE BALANCE 0 MSTORE 32 0 RETURN", gasUsed: 41_438,
        output: "0x9",
        changes: """
            aa.nonce=2 aa.balance=990 bb.balance=501 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1
            ccec344d9d8246c8d06d99ccefc856bfa17e0526.balance=9
            """),
]

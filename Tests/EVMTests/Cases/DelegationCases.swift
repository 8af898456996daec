// What happens with delegated accounts (EIP-7702). See `MachineCase` for where the figures come from.

let delegationCases: [MachineCase] = [
    MachineCase(
        "CALL of an account delegated to a contract",
        program: """
            GAS 0 0 0 0 0 0xd7 20000 CALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE 96 0
            RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 5_274, output: "0x147d 0x1 0x20"),
    MachineCase(
        "DELEGATECALL of an account delegated to a contract",
        program: """
            GAS 0 0 0 0 0xd7 20000 DELEGATECALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64
            MSTORE 96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 5_272, output: "0x147b 0x1 0x20"),
    MachineCase(
        "STATICCALL of an account delegated to a contract",
        program: """
            GAS 0 0 0 0 0xd7 20000 STATICCALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE
            96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 5_272, output: "0x147b 0x1 0x20"),
    MachineCase(
        "CALLCODE of an account delegated to a contract",
        program: """
            GAS 0 0 0 0 0 0xd7 20000 CALLCODE 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE
            96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 5_274, output: "0x147d 0x1 0x20"),
    MachineCase(
        "CALL of an account delegated to an absent account",
        program: """
            GAS 0 0 0 0 0 0xd8 20000 CALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE 96 0
            RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 5_259, output: "0x146e 0x1 0x0"),
    MachineCase(
        "DELEGATECALL of an account delegated to an absent account",
        program: """
            GAS 0 0 0 0 0xd8 20000 DELEGATECALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64
            MSTORE 96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 5_257, output: "0x146c 0x1 0x0"),
    MachineCase(
        "STATICCALL of an account delegated to an absent account",
        program: """
            GAS 0 0 0 0 0xd8 20000 STATICCALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE
            96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 5_257, output: "0x146c 0x1 0x0"),
    MachineCase(
        "CALLCODE of an account delegated to an absent account",
        program: """
            GAS 0 0 0 0 0 0xd8 20000 CALLCODE 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE
            96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 5_259, output: "0x146e 0x1 0x0"),
    MachineCase(
        "CALL of an account delegated to a precompile",
        program: """
            GAS 0 0 0 0 0 0xd9 20000 CALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE 96 0
            RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 2_759, output: "0xaaa 0x1 0x0"),
    MachineCase(
        "DELEGATECALL of an account delegated to a precompile",
        program: """
            GAS 0 0 0 0 0xd9 20000 DELEGATECALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64
            MSTORE 96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 2_757, output: "0xaa8 0x1 0x0"),
    MachineCase(
        "STATICCALL of an account delegated to a precompile",
        program: """
            GAS 0 0 0 0 0xd9 20000 STATICCALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE
            96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 2_757, output: "0xaa8 0x1 0x0"),
    MachineCase(
        "CALLCODE of an account delegated to a precompile",
        program: """
            GAS 0 0 0 0 0 0xd9 20000 CALLCODE 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE
            96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 2_759, output: "0xaaa 0x1 0x0"),
    MachineCase(
        "CALL of an account delegated to a delegated account",
        program: """
            GAS 0 0 0 0 0 0xda 20000 CALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE 96 0
            RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 25_259, output: "0x628e 0x0 0x0"),
    MachineCase(
        "DELEGATECALL of an account delegated to a delegated account",
        program: """
            GAS 0 0 0 0 0xda 20000 DELEGATECALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64
            MSTORE 96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 25_257, output: "0x628c 0x0 0x0"),
    MachineCase(
        "STATICCALL of an account delegated to a delegated account",
        program: """
            GAS 0 0 0 0 0xda 20000 STATICCALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE
            96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 25_257, output: "0x628c 0x0 0x0"),
    MachineCase(
        "CALLCODE of an account delegated to a delegated account",
        program: """
            GAS 0 0 0 0 0 0xda 20000 CALLCODE 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE
            96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 25_259, output: "0x628e 0x0 0x0"),
    MachineCase(
        "CALL of an account delegated to itself",
        program: """
            GAS 0 0 0 0 0 0xdb 20000 CALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE 96 0
            RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 22_759, output: "0x58ca 0x0 0x0"),
    MachineCase(
        "DELEGATECALL of an account delegated to itself",
        program: """
            GAS 0 0 0 0 0xdb 20000 DELEGATECALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64
            MSTORE 96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 22_757, output: "0x58c8 0x0 0x0"),
    MachineCase(
        "STATICCALL of an account delegated to itself",
        program: """
            GAS 0 0 0 0 0xdb 20000 STATICCALL 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE
            96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 22_757, output: "0x58c8 0x0 0x0"),
    MachineCase(
        "CALLCODE of an account delegated to itself",
        program: """
            GAS 0 0 0 0 0 0xdb 20000 CALLCODE 32 MSTORE GAS SWAP1 SUB 0 MSTORE RETURNDATASIZE 64 MSTORE
            96 0 RETURN
            """,
        callee: "ADDRESS 0 MSTORE 32 0 RETURN", gasUsed: 22_759, output: "0x58ca 0x0 0x0"),
    MachineCase(
        "both accounts are warm after a call",
        program: """
            GAS 0 0 0 0 0xd7 20000 STATICCALL 0xd7 BALANCE 0xbb BALANCE POP POP POP GAS SWAP1 SUB 0
            MSTORE 32 0 RETURN
            """,
        gasUsed: 5_449, output: "0x1534"),
    MachineCase(
        "looking at a delegated account does not warm the other",
        program: "GAS 0xd7 EXTCODESIZE 0xbb BALANCE POP POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 5_233,
        output: "0x145c"),
    MachineCase(
        "EXTCODECOPY of a delegated account copies the designator", program: "32 0 0 0xd7 EXTCODECOPY 32 0 RETURN",
        gasUsed: 2_621, output: "0xef010000000000000000000000000000000000000000bb000000000000000000"),
    MachineCase(
        "CODESIZE within delegated code is that of the code", program: "32 0 0 0 0 0xd7 GAS CALL POP 32 0 RETURN",
        callee: "CODESIZE 0 MSTORE 32 0 RETURN", gasUsed: 5_241, output: "0x7"),
    MachineCase(
        "delegated code stores in the account that delegated", program: "0 0 0 0 0 0xd7 GAS CALL STOP",
        callee: "9 3 SSTORE", gasUsed: 27_321, changes: "d7[3]=0x9"),
    MachineCase(
        "a call without gas for the delegate halts", program: "0 0 0 0 0 0xd7 0 CALL STOP", gas: 5_217,
        gasUsed: 5_215),
    MachineCase(
        "a call with just the gas for both", program: "0 0 0 0 0 0xd7 0 CALL STOP", gas: 5_213, end: .halted,
        gasUsed: 5_213),
]

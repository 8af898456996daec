// What happens with storage. See `MachineCase` for where the figures come from.

let storageCases: [MachineCase] = [
    MachineCase(
        "a slot that holds 0 is set to 0, then to 0", program: "0 5 SSTORE 0 5 SSTORE", gasUsed: 2_310),
    MachineCase(
        "a slot that holds 0 is set to 0, then to 1", program: "0 5 SSTORE 1 5 SSTORE", gasUsed: 22_211,
        changes: "aa[5]=0x1"),
    MachineCase(
        "a slot that holds 0 is set to 0, then to 2", program: "0 5 SSTORE 2 5 SSTORE", gasUsed: 22_211,
        changes: "aa[5]=0x2"),
    MachineCase(
        "a slot that holds 0 is set to 1, then to 0", program: "1 5 SSTORE 0 5 SSTORE", gasUsed: 22_211,
        refund: 19_900),
    MachineCase(
        "a slot that holds 0 is set to 1, then to 1", program: "1 5 SSTORE 1 5 SSTORE", gasUsed: 22_212,
        changes: "aa[5]=0x1"),
    MachineCase(
        "a slot that holds 0 is set to 1, then to 2", program: "1 5 SSTORE 2 5 SSTORE", gasUsed: 22_212,
        changes: "aa[5]=0x2"),
    MachineCase(
        "a slot that holds 0 is set to 2, then to 0", program: "2 5 SSTORE 0 5 SSTORE", gasUsed: 22_211,
        refund: 19_900),
    MachineCase(
        "a slot that holds 0 is set to 2, then to 1", program: "2 5 SSTORE 1 5 SSTORE", gasUsed: 22_212,
        changes: "aa[5]=0x1"),
    MachineCase(
        "a slot that holds 0 is set to 2, then to 2", program: "2 5 SSTORE 2 5 SSTORE", gasUsed: 22_212,
        changes: "aa[5]=0x2"),
    MachineCase(
        "a slot that holds 1 is set to 0, then to 0", program: "0 1 SSTORE 0 1 SSTORE", gasUsed: 5_110,
        refund: 4_800, changes: "aa[1]=0x0"),
    MachineCase(
        "a slot that holds 1 is set to 0, then to 1", program: "0 1 SSTORE 1 1 SSTORE", gasUsed: 5_111,
        refund: 2_800),
    MachineCase(
        "a slot that holds 1 is set to 0, then to 2", program: "0 1 SSTORE 2 1 SSTORE", gasUsed: 5_111,
        changes: "aa[1]=0x2"),
    MachineCase(
        "a slot that holds 1 is set to 1, then to 0", program: "1 1 SSTORE 0 1 SSTORE", gasUsed: 5_111,
        refund: 4_800, changes: "aa[1]=0x0"),
    MachineCase(
        "a slot that holds 1 is set to 1, then to 1", program: "1 1 SSTORE 1 1 SSTORE", gasUsed: 2_312),
    MachineCase(
        "a slot that holds 1 is set to 1, then to 2", program: "1 1 SSTORE 2 1 SSTORE", gasUsed: 5_112,
        changes: "aa[1]=0x2"),
    MachineCase(
        "a slot that holds 1 is set to 2, then to 0", program: "2 1 SSTORE 0 1 SSTORE", gasUsed: 5_111,
        refund: 4_800, changes: "aa[1]=0x0"),
    MachineCase(
        "a slot that holds 1 is set to 2, then to 1", program: "2 1 SSTORE 1 1 SSTORE", gasUsed: 5_112,
        refund: 2_800),
    MachineCase(
        "a slot that holds 1 is set to 2, then to 2", program: "2 1 SSTORE 2 1 SSTORE", gasUsed: 5_112,
        changes: "aa[1]=0x2"),
    MachineCase(
        "a slot that holds 1 is set to 0, 1 and 0", program: "0 1 SSTORE 1 1 SSTORE 0 1 SSTORE", gasUsed: 8_016,
        refund: 7_600, changes: "aa[1]=0x0"),
    MachineCase(
        "a slot that holds 1 is set to 1, 0 and 1", program: "1 1 SSTORE 0 1 SSTORE 1 1 SSTORE", gasUsed: 5_217,
        refund: 2_800),
    MachineCase(
        "a slot that holds 1 is set to 2, 0 and 2", program: "2 1 SSTORE 0 1 SSTORE 2 1 SSTORE", gasUsed: 5_217,
        changes: "aa[1]=0x2"),
    MachineCase(
        "a slot that holds 1 is set to 0, 2 and 1", program: "0 1 SSTORE 2 1 SSTORE 1 1 SSTORE", gasUsed: 5_217,
        refund: 2_800),
    MachineCase(
        "a slot that was loaded before is warm", program: "1 SLOAD POP 7 1 SSTORE", gasUsed: 5_011,
        changes: "aa[1]=0x7"),
    MachineCase(
        "loading twice costs 2,100 and 100",
        program: "GAS 1 SLOAD 1 SLOAD POP POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 2_233, output: "0x8a4"),
    MachineCase(
        "SSTORE needs more than 2,300 gas left", program: "1 1 SSTORE", gas: 2_306, end: .halted, gasUsed: 2_306),
    MachineCase(
        "SSTORE runs with 2,301 gas left if that is enough", program: "1 SLOAD POP 1 1 SSTORE", gas: 4_412,
        gasUsed: 2_211),
    MachineCase(
        "what a failed call loaded is cold again",
        program: "GAS 0 0 0 0 0xbb GAS DELEGATECALL 1 SLOAD POP POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN",
        callee: "1 SLOAD INVALID", gas: 100_000, end: .halted, gasUsed: 100_000),
    MachineCase(
        "what a reverted call loaded is cold again",
        program: "GAS 0 0 0 0 0xbb GAS DELEGATECALL 1 SLOAD POP POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN",
        callee: "1 SLOAD 0 0 REVERT", gas: 100_000, gasUsed: 6_850, output: "0x1aad"),
    MachineCase(
        "what a call loaded is warm after it",
        program: "GAS 0 0 0 0 0xbb GAS DELEGATECALL 1 SLOAD POP POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN",
        callee: "1 SLOAD STOP", gas: 100_000, gasUsed: 4_846, output: "0x12d9"),
    MachineCase(
        "the refund of a reverted call is gone", program: "0 0 0 0 0xbb GAS DELEGATECALL STOP",
        callee: "0 1 SSTORE 0 0 REVERT", gasUsed: 7_622),
    MachineCase(
        "the refund of a call that clears a slot stays", program: "0 0 0 0 0xbb GAS DELEGATECALL STOP",
        callee: "0 1 SSTORE STOP", gasUsed: 7_618, refund: 4_800, changes: "aa[1]=0x0"),
    MachineCase(
        "a cleared slot set again in a call takes the refund back",
        program: "0 1 SSTORE 0 0 0 0 0xbb GAS DELEGATECALL STOP", callee: "3 1 SSTORE STOP", gasUsed: 7_724,
        changes: "aa[1]=0x3"),
    MachineCase(
        "transient storage lasts as long as the transaction and is per contract",
        program: """
            5 1 TSTORE 0 0 0 0 0 0xbb GAS CALL POP 1 TLOAD 0 MSTORE 0 0 0 0 0xbb GAS DELEGATECALL POP 1
            TLOAD 32 MSTORE 64 0 RETURN
            """,
        callee: "1 TLOAD 1 ADD 1 TSTORE STOP", gasUsed: 3_490, output: "0x5 0x6"),
    MachineCase(
        "transient storage of a failed call is as before",
        program: "5 1 TSTORE 0 0 0 0 0xbb 50000 DELEGATECALL POP 1 TLOAD 0 MSTORE 32 0 RETURN",
        callee: "9 1 TSTORE INVALID", gasUsed: 52_838, output: "0x5"),
    MachineCase(
        "transient loads and stores cost 100",
        program: "GAS 5 1 TSTORE 1 TLOAD 2 TLOAD POP POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 339,
        output: "0x13e"),
    MachineCase(
        "a static call may load from transient storage, not store to it",
        program: "0 0 0 0 0xbb 9000 STATICCALL 0 MSTORE 0 0 0 0 0xcc 9000 STATICCALL 32 MSTORE 64 0 RETURN",
        callee: "1 TLOAD STOP", third: "1 1 TSTORE STOP", gasUsed: 14_353, output: "0x1 0x0"),
]

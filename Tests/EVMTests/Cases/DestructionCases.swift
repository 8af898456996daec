// What happens with SELFDESTRUCT. See `MachineCase` for where the figures come from.

let destructionCases: [MachineCase] = [
    MachineCase(
        "a contract of an earlier transaction stays and pays all it has",
        program: """
            0 0 0 0 0 0xbb GAS CALL POP 0xbb BALANCE 0 MSTORE 0xde BALANCE 32 MSTORE 0xbb EXTCODESIZE 64
            MSTORE 96 0 RETURN
            """,
        callee: "0xde SELFDESTRUCT", gasUsed: 10_560, output: "0x0 0x1f9 0x3",
        changes: "bb.balance=0 de.balance=505"),
    MachineCase(
        "a contract of an earlier transaction that names itself keeps all",
        program: "0 0 0 0 0 0xbb GAS CALL POP 0xbb BALANCE 0 MSTORE 32 0 RETURN", callee: "ADDRESS SELFDESTRUCT",
        gasUsed: 7_735, output: "0x1f4"),
    MachineCase(
        "a contract of this transaction goes at its end",
        program: """
            0x60de60005360016000f3 POP 0x30ff 0 MSTORE 2 30 9 CREATE DUP1 BALANCE 0 MSTORE EXTCODESIZE
            32 MSTORE 64 0 RETURN
            """,
        gasUsed: 37_251, output: "0x0 0x0", changes: "aa.nonce=2 aa.balance=991"),
    MachineCase(
        "a contract of this transaction pays its heir",
        program: "0x60deff 0 MSTORE 3 29 9 CREATE BALANCE 0 MSTORE 0xde BALANCE 32 MSTORE 64 0 RETURN",
        gasUsed: 39_847, output: "0x0 0xe", changes: "aa.nonce=2 aa.balance=991 de.balance=14"),
    MachineCase(
        "a contract of this transaction keeps code and storage until the end",
        program: """
            0x61deff6000526002601ef3 POP 0x6230ff0060e81b60005260036000f3 0 MSTORE 15 17 9 CREATE DUP1
            EXTCODESIZE 0 MSTORE DUP1 0 0 0 0 0 5 DUP7 GAS CALL 32 MSTORE DUP1 EXTCODESIZE 64 MSTORE 96
            0 RETURN
            """,
        gasUsed: 47_208, output: "0x3 0x1 0x0", changes: "aa.nonce=2 aa.balance=986"),
    MachineCase(
        "the cost with an heir that is warm",
        program: "GAS 0xde BALANCE 0 0 0 0 0 0xbb GAS CALL POP POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN",
        callee: "0xde SELFDESTRUCT", gasUsed: 10_248, output: "0x27f3", changes: "bb.balance=0 de.balance=505"),
    MachineCase(
        "the cost with an heir that is cold",
        program: "GAS 0 0 0 0 0 0xbb GAS CALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", callee: "0xde SELFDESTRUCT",
        gasUsed: 10_243, output: "0x27ee", changes: "bb.balance=0 de.balance=505"),
    MachineCase(
        "the cost with an heir that is not there",
        program: "GAS 0 0 0 0 0 0xbb GAS CALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", callee: "0xdd SELFDESTRUCT",
        gasUsed: 35_243, output: "0x8996", changes: "bb.balance=0 dd.balance=500"),
    MachineCase(
        "the cost with an heir that is not there, and nothing to leave",
        program: "GAS 0 0 0 0 0 0xcc GAS CALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", third: "0xdd SELFDESTRUCT",
        gasUsed: 10_243, output: "0x27ee"),
    MachineCase(
        "nothing is refunded", program: "0xde SELFDESTRUCT", gasUsed: 7_603,
        changes: "aa.balance=0 de.balance=1005"),
    MachineCase(
        "a delegate call destroys in the place of its caller",
        program: "0 0 0 0 0xbb GAS DELEGATECALL POP SELFBALANCE 0 MSTORE 32 0 RETURN", callee: "0xde SELFDESTRUCT",
        gasUsed: 10_236, output: "0x0", changes: "aa.balance=0 de.balance=1005"),
    MachineCase(
        "what a reverted call destroyed stays",
        program: "0 0 0 0 0 0xbb GAS CALL POP 0xbb BALANCE 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 0xcc GAS DELEGATECALL 0 0 REVERT", third: "0xde SELFDESTRUCT", gasUsed: 12_953,
        output: "0x1f4"),
    MachineCase(
        "a contract may be destroyed twice",
        program: "0 0 0 0 3 0xbb GAS CALL POP 0 0 0 0 4 0xbb GAS CALL POP 0xde BALANCE 0 MSTORE 32 0 RETURN",
        callee: "0xde SELFDESTRUCT", gasUsed: 28_858, output: "0x200",
        changes: "aa.balance=993 bb.balance=0 de.balance=512"),
]

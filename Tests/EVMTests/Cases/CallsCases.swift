// What happens with calls. See `MachineCase` for where the figures come from.

let callsCases: [MachineCase] = [
    MachineCase(
        "CALL hands over all but a 64th",
        program: "32 0 0 0 0 0xbb GAS CALL POP 0 MLOAD 32 MSTORE GAS 64 MSTORE 96 0 RETURN",
        callee: "GAS 0 MSTORE 32 0 RETURN", gas: 100_000, gasUsed: 2_666, output: "0x17672 0x17672 0x17c44"),
    MachineCase(
        "CALL of a number of gas hands over no more",
        program: "32 0 0 0 0 0xbb 5000 CALL POP 0 MLOAD 32 MSTORE GAS 64 MSTORE 96 0 RETURN",
        callee: "GAS 0 MSTORE 32 0 RETURN", gas: 100_000, gasUsed: 2_667, output: "0x1386 0x1386 0x17c43"),
    MachineCase(
        "CALL of a cold and of a warm account",
        program: "GAS 0 0 0 0 0 0xbb 0 CALL 0 0 0 0 0 0xbb 0 CALL POP POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN",
        gas: 100_000, gasUsed: 2_757, output: "0xab0"),
    MachineCase(
        "CALL of an absent account", program: "GAS 0 0 0 0 0 0xdd 0 CALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN",
        gas: 100_000, gasUsed: 2_640, output: "0xa3b"),
    MachineCase(
        "CALL pays for the memory of input and output",
        program: "GAS 64 96 32 1 0 0xbb 0 CALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gas: 100_000,
        gasUsed: 2_656, output: "0xa4e"),
    MachineCase(
        "CALL with more memory than gas", program: "1 4000000000 0 0 0 0xbb 0 CALL", gas: 100_000, end: .halted,
        gasUsed: 100_000),
    MachineCase(
        "CALL of an empty range far away needs no memory",
        program: """
            GAS 0 0xffffffffffffffffffffffff 0 0xffffffffffffffffffffffff 0 0xbb 0 CALL POP GAS SWAP1
            SUB 0 MSTORE 32 0 RETURN
            """,
        gas: 100_000, gasUsed: 2_642, output: "0xa3d"),
    MachineCase(
        "CALL keeps caller, address and value straight", program: "96 0 0 0 3 0xbb GAS CALL POP 96 0 RETURN",
        callee: "CALLER 0 MSTORE ADDRESS 32 MSTORE CALLVALUE 64 MSTORE 96 0 RETURN", value: 40, gasUsed: 9_370,
        output: "0xaa 0xbb 0x3", changes: "aa.balance=1037 bb.balance=503 ee.balance=999999999999999960"),
    MachineCase(
        "CALLCODE hands over all but a 64th",
        program: "32 0 0 0 0 0xbb GAS CALLCODE POP 0 MLOAD 32 MSTORE GAS 64 MSTORE 96 0 RETURN",
        callee: "GAS 0 MSTORE 32 0 RETURN", gas: 100_000, gasUsed: 2_666, output: "0x17672 0x17672 0x17c44"),
    MachineCase(
        "CALLCODE of a number of gas hands over no more",
        program: "32 0 0 0 0 0xbb 5000 CALLCODE POP 0 MLOAD 32 MSTORE GAS 64 MSTORE 96 0 RETURN",
        callee: "GAS 0 MSTORE 32 0 RETURN", gas: 100_000, gasUsed: 2_667, output: "0x1386 0x1386 0x17c43"),
    MachineCase(
        "CALLCODE of a cold and of a warm account",
        program: """
            GAS 0 0 0 0 0 0xbb 0 CALLCODE 0 0 0 0 0 0xbb 0 CALLCODE POP POP GAS SWAP1 SUB 0 MSTORE 32 0
            RETURN
            """,
        gas: 100_000, gasUsed: 2_757, output: "0xab0"),
    MachineCase(
        "CALLCODE of an absent account",
        program: "GAS 0 0 0 0 0 0xdd 0 CALLCODE POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gas: 100_000,
        gasUsed: 2_640, output: "0xa3b"),
    MachineCase(
        "CALLCODE pays for the memory of input and output",
        program: "GAS 64 96 32 1 0 0xbb 0 CALLCODE POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gas: 100_000,
        gasUsed: 2_656, output: "0xa4e"),
    MachineCase(
        "CALLCODE with more memory than gas", program: "1 4000000000 0 0 0 0xbb 0 CALLCODE", gas: 100_000,
        end: .halted, gasUsed: 100_000),
    MachineCase(
        "CALLCODE of an empty range far away needs no memory",
        program: """
            GAS 0 0xffffffffffffffffffffffff 0 0xffffffffffffffffffffffff 0 0xbb 0 CALLCODE POP GAS
            SWAP1 SUB 0 MSTORE 32 0 RETURN
            """,
        gas: 100_000, gasUsed: 2_642, output: "0xa3d"),
    MachineCase(
        "CALLCODE keeps caller, address and value straight",
        program: "96 0 0 0 3 0xbb GAS CALLCODE POP 96 0 RETURN",
        callee: "CALLER 0 MSTORE ADDRESS 32 MSTORE CALLVALUE 64 MSTORE 96 0 RETURN", value: 40, gasUsed: 9_370,
        output: "0xaa 0xaa 0x3", changes: "aa.balance=1040 ee.balance=999999999999999960"),
    MachineCase(
        "DELEGATECALL hands over all but a 64th",
        program: "32 0 0 0 0xbb GAS DELEGATECALL POP 0 MLOAD 32 MSTORE GAS 64 MSTORE 96 0 RETURN",
        callee: "GAS 0 MSTORE 32 0 RETURN", gas: 100_000, gasUsed: 2_664, output: "0x17674 0x17674 0x17c46"),
    MachineCase(
        "DELEGATECALL of a number of gas hands over no more",
        program: "32 0 0 0 0xbb 5000 DELEGATECALL POP 0 MLOAD 32 MSTORE GAS 64 MSTORE 96 0 RETURN",
        callee: "GAS 0 MSTORE 32 0 RETURN", gas: 100_000, gasUsed: 2_665, output: "0x1386 0x1386 0x17c45"),
    MachineCase(
        "DELEGATECALL of a cold and of a warm account",
        program: """
            GAS 0 0 0 0 0xbb 0 DELEGATECALL 0 0 0 0 0xbb 0 DELEGATECALL POP POP GAS SWAP1 SUB 0 MSTORE
            32 0 RETURN
            """,
        gas: 100_000, gasUsed: 2_753, output: "0xaac"),
    MachineCase(
        "DELEGATECALL of an absent account",
        program: "GAS 0 0 0 0 0xdd 0 DELEGATECALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gas: 100_000,
        gasUsed: 2_638, output: "0xa39"),
    MachineCase(
        "DELEGATECALL pays for the memory of input and output",
        program: "GAS 64 96 32 1 0xbb 0 DELEGATECALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gas: 100_000,
        gasUsed: 2_654, output: "0xa4c"),
    MachineCase(
        "DELEGATECALL with more memory than gas", program: "1 4000000000 0 0 0xbb 0 DELEGATECALL", gas: 100_000,
        end: .halted, gasUsed: 100_000),
    MachineCase(
        "DELEGATECALL of an empty range far away needs no memory",
        program: """
            GAS 0 0xffffffffffffffffffffffff 0 0xffffffffffffffffffffffff 0xbb 0 DELEGATECALL POP GAS
            SWAP1 SUB 0 MSTORE 32 0 RETURN
            """,
        gas: 100_000, gasUsed: 2_640, output: "0xa3b"),
    MachineCase(
        "DELEGATECALL keeps caller, address and value straight",
        program: "96 0 0 0 0xbb GAS DELEGATECALL POP 96 0 RETURN",
        callee: "CALLER 0 MSTORE ADDRESS 32 MSTORE CALLVALUE 64 MSTORE 96 0 RETURN", value: 40, gasUsed: 2_667,
        output: "0xee 0xaa 0x28", changes: "aa.balance=1040 ee.balance=999999999999999960"),
    MachineCase(
        "STATICCALL hands over all but a 64th",
        program: "32 0 0 0 0xbb GAS STATICCALL POP 0 MLOAD 32 MSTORE GAS 64 MSTORE 96 0 RETURN",
        callee: "GAS 0 MSTORE 32 0 RETURN", gas: 100_000, gasUsed: 2_664, output: "0x17674 0x17674 0x17c46"),
    MachineCase(
        "STATICCALL of a number of gas hands over no more",
        program: "32 0 0 0 0xbb 5000 STATICCALL POP 0 MLOAD 32 MSTORE GAS 64 MSTORE 96 0 RETURN",
        callee: "GAS 0 MSTORE 32 0 RETURN", gas: 100_000, gasUsed: 2_665, output: "0x1386 0x1386 0x17c45"),
    MachineCase(
        "STATICCALL of a cold and of a warm account",
        program: """
            GAS 0 0 0 0 0xbb 0 STATICCALL 0 0 0 0 0xbb 0 STATICCALL POP POP GAS SWAP1 SUB 0 MSTORE 32 0
            RETURN
            """,
        gas: 100_000, gasUsed: 2_753, output: "0xaac"),
    MachineCase(
        "STATICCALL of an absent account",
        program: "GAS 0 0 0 0 0xdd 0 STATICCALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gas: 100_000,
        gasUsed: 2_638, output: "0xa39"),
    MachineCase(
        "STATICCALL pays for the memory of input and output",
        program: "GAS 64 96 32 1 0xbb 0 STATICCALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gas: 100_000,
        gasUsed: 2_654, output: "0xa4c"),
    MachineCase(
        "STATICCALL with more memory than gas", program: "1 4000000000 0 0 0xbb 0 STATICCALL", gas: 100_000,
        end: .halted, gasUsed: 100_000),
    MachineCase(
        "STATICCALL of an empty range far away needs no memory",
        program: """
            GAS 0 0xffffffffffffffffffffffff 0 0xffffffffffffffffffffffff 0xbb 0 STATICCALL POP GAS
            SWAP1 SUB 0 MSTORE 32 0 RETURN
            """,
        gas: 100_000, gasUsed: 2_640, output: "0xa3b"),
    MachineCase(
        "STATICCALL keeps caller, address and value straight",
        program: "96 0 0 0 0xbb GAS STATICCALL POP 96 0 RETURN",
        callee: "CALLER 0 MSTORE ADDRESS 32 MSTORE CALLVALUE 64 MSTORE 96 0 RETURN", value: 40, gasUsed: 2_667,
        output: "0xaa 0xbb 0x0", changes: "aa.balance=1040 ee.balance=999999999999999960"),
    MachineCase(
        "a call with value gets a stipend of 2,300",
        program: "32 0 0 0 1 0xbb 0 CALL POP 0 MLOAD 0 MSTORE 32 0 RETURN", callee: "GAS 0 MSTORE 32 0 RETURN",
        gasUsed: 9_352, output: "0x8fa", changes: "aa.balance=999 bb.balance=501"),
    MachineCase(
        "a call with value to an account that exists",
        program: "GAS 0 0 0 0 1 0xde 0 CALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 9_341,
        output: "0x2468", changes: "aa.balance=999 de.balance=6"),
    MachineCase(
        "a call with value to an absent account makes it for 25,000 gas",
        program: "GAS 0 0 0 0 1 0xdd 0 CALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 34_341,
        output: "0x8610", changes: "aa.balance=999 dd.balance=1"),
    MachineCase(
        "CALLCODE with value makes no account",
        program: "GAS 0 0 0 0 1 0xdd 0 CALLCODE POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 9_341,
        output: "0x2468"),
    MachineCase(
        "a call without value touches an absent account for free and leaves none",
        program: "GAS 0 0 0 0 0 0xdd 0 CALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 2_640,
        output: "0xa3b"),
    MachineCase(
        "a call with more value than there is fails, gives the stipend back and leaves no return data",
        program: """
            GAS 0 0 0 0 0 0xbb GAS CALL POP 0 0 0 0 5000 0xbb 0 CALL RETURNDATASIZE ADD POP GAS SWAP1
            SUB 0 MSTORE 32 0 RETURN
            """,
        callee: "32 0 RETURN", gasUsed: 9_471, output: "0x24ea"),
    MachineCase(
        "CALLCODE with more value than there is fails",
        program: "0 0 0 0 5000 0xbb 0 CALLCODE 0 MSTORE 32 0 RETURN", gasUsed: 9_329, output: "0x0"),
    MachineCase(
        "a static call may not pay", program: "0 0 0 0 0xbb 50000 STATICCALL 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 1 0xcc 0 CALL STOP", gasUsed: 52_627, output: "0x0"),
    MachineCase(
        "a static call may CALLCODE with value", program: "0 0 0 0 0xbb 50000 STATICCALL 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 1 0xcc 0 CALLCODE STOP", gasUsed: 11_943, output: "0x1"),
    MachineCase(
        "a static call refuses SSTORE", program: "0 0 0 0 0xbb 90000 STATICCALL 0 MSTORE 32 0 RETURN",
        callee: "1 1 SSTORE STOP", gasUsed: 92_627, output: "0x0"),
    MachineCase(
        "a call within a static call refuses SSTORE too",
        program: "0 0 0 0 0xbb 90000 STATICCALL POP 0 MLOAD 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 0 0xcc GAS CALL 0 MSTORE 32 0 RETURN", third: "1 1 SSTORE STOP", gasUsed: 91_282,
        output: "0x0"),
    MachineCase(
        "a static call refuses LOG0", program: "0 0 0 0 0xbb 90000 STATICCALL 0 MSTORE 32 0 RETURN",
        callee: "0 0 LOG0 STOP", gasUsed: 92_627, output: "0x0"),
    MachineCase(
        "a call within a static call refuses LOG0 too",
        program: "0 0 0 0 0xbb 90000 STATICCALL POP 0 MLOAD 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 0 0xcc GAS CALL 0 MSTORE 32 0 RETURN", third: "0 0 LOG0 STOP", gasUsed: 91_282,
        output: "0x0"),
    MachineCase(
        "a static call refuses LOG4", program: "0 0 0 0 0xbb 90000 STATICCALL 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 0 0 LOG4 STOP", gasUsed: 92_627, output: "0x0"),
    MachineCase(
        "a call within a static call refuses LOG4 too",
        program: "0 0 0 0 0xbb 90000 STATICCALL POP 0 MLOAD 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 0 0xcc GAS CALL 0 MSTORE 32 0 RETURN", third: "0 0 0 0 0 0 LOG4 STOP", gasUsed: 91_282,
        output: "0x0"),
    MachineCase(
        "a static call refuses CREATE", program: "0 0 0 0 0xbb 90000 STATICCALL 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 CREATE STOP", gasUsed: 92_627, output: "0x0"),
    MachineCase(
        "a call within a static call refuses CREATE too",
        program: "0 0 0 0 0xbb 90000 STATICCALL POP 0 MLOAD 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 0 0xcc GAS CALL 0 MSTORE 32 0 RETURN", third: "0 0 0 CREATE STOP", gasUsed: 91_282,
        output: "0x0"),
    MachineCase(
        "a static call refuses CREATE2", program: "0 0 0 0 0xbb 90000 STATICCALL 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 CREATE2 STOP", gasUsed: 92_627, output: "0x0"),
    MachineCase(
        "a call within a static call refuses CREATE2 too",
        program: "0 0 0 0 0xbb 90000 STATICCALL POP 0 MLOAD 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 0 0xcc GAS CALL 0 MSTORE 32 0 RETURN", third: "0 0 0 0 CREATE2 STOP", gasUsed: 91_282,
        output: "0x0"),
    MachineCase(
        "a static call refuses SELFDESTRUCT", program: "0 0 0 0 0xbb 90000 STATICCALL 0 MSTORE 32 0 RETURN",
        callee: "0xde SELFDESTRUCT STOP", gasUsed: 92_627, output: "0x0"),
    MachineCase(
        "a call within a static call refuses SELFDESTRUCT too",
        program: "0 0 0 0 0xbb 90000 STATICCALL POP 0 MLOAD 0 MSTORE 32 0 RETURN",
        callee: "0 0 0 0 0 0xcc GAS CALL 0 MSTORE 32 0 RETURN", third: "0xde SELFDESTRUCT STOP", gasUsed: 91_282,
        output: "0x0"),
    MachineCase(
        "a call that runs out of gas takes all it was given",
        program: "GAS 0 0 0 0 0 0xbb 5000 CALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", callee: "JUMPDEST 0 JUMP",
        gasUsed: 7_641, output: "0x1dc4"),
    MachineCase(
        "a call that reverts gives its gas and data back",
        program: "1 0 0 0 0 0xbb GAS CALL 32 MSTORE RETURNDATASIZE 64 MSTORE 96 0 RETURN",
        callee: "0xab 0 MSTORE8 3 0 REVERT", gasUsed: 2_660,
        output: "0xab00000000000000000000000000000000000000000000000000000000000000 0x0 0x3"),
    MachineCase(
        "output shorter than wanted leaves the rest of memory alone",
        program: """
            0x1111111111111111111111111111111111111111111111111111111111111111 0 MSTORE 32 0 0 0 0 0xbb
            GAS CALL POP 32 0 RETURN
            """,
        callee: "0xaabb 0 MSTORE 2 30 RETURN", gasUsed: 2_651,
        output: "0xaabb111111111111111111111111111111111111111111111111111111111111"),
    MachineCase(
        "output longer than wanted is cut",
        program: "1 0 0 0 0 0xbb GAS CALL POP RETURNDATASIZE 32 MSTORE 64 0 RETURN",
        callee: "0xaabb 0 MSTORE 2 30 RETURN", gasUsed: 2_654,
        output: "0xaa00000000000000000000000000000000000000000000000000000000000000 0x2"),
    MachineCase(
        "a call that halts leaves no return data",
        program: "0 0 0 0 0 0xcc GAS CALL POP 0 0 0 0 0 0xbb 5000 CALL RETURNDATASIZE ADD 0 MSTORE 32 0 RETURN",
        callee: "INVALID", third: "64 0 RETURN", gasUsed: 10_262, output: "0x0"),
    MachineCase(
        "input beyond the memory is zero", program: "32 0 8 28 0 0xbb GAS CALL POP 32 0 RETURN",
        callee: "CALLDATASIZE 0 CALLDATALOAD OR 0 MSTORE 32 0 RETURN", gasUsed: 2_654, output: "0x8"),
    MachineCase(
        "1,024 calls within calls and no more",
        program: "0 SLOAD 1 ADD 0 SSTORE 0 0 0 0 0 ADDRESS GAS CALL POP STOP", gas: 1_000_000_000_000_000,
        gasUsed: 356_050, changes: "aa[0]=0x401"),
    MachineCase(
        "the deepest call is refused without a cost but that of the opcode",
        program: "GAS 0 0 0 0 ADDRESS GAS STATICCALL POP 32 0 RETURN", gas: 1_000_000_000_000_000, gasUsed: 127_100,
        output: "0x0"),
    MachineCase(
        "a precompile's failure takes the gas",
        program: "GAS 0 0 1 0 9 5000 STATICCALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 5_140,
        output: "0x1402"),
    MachineCase(
        "a precompile gets value and keeps it",
        program: "GAS 0 0 0 0 1 4 0 CALL POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 31_856, output: "0x7c5b",
        changes: "4.balance=1 aa.balance=999"),
    MachineCase(
        "a precompile is warm",
        program: "GAS 0 0 0 0 4 100 STATICCALL 256 BALANCE POP POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN",
        gasUsed: 259, output: "0xee"),
    MachineCase(
        "identity copies through return data",
        program: "0xabcdef 0 MSTORE 32 32 32 0 4 GAS STATICCALL POP 32 32 RETURN", gasUsed: 156, output: "0xabcdef"),
    MachineCase(
        "P256VERIFY refuses with nothing and success",
        program: "0 0 160 0 256 GAS STATICCALL 0 MSTORE RETURNDATASIZE 32 MSTORE 64 0 RETURN", gasUsed: 7_047,
        output: "0x1 0x0"),
]

// What happens with memory and copies. See `MachineCase` for where the figures come from.

let memoryCases: [MachineCase] = [
    MachineCase(
        "MCOPY of 32 bytes from 32 to 0",
        program: """
            0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 0 MSTORE
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 32 MSTORE 32 32 0 MCOPY
            MSIZE 96 MSTORE 128 0 RETURN
            """,
        gasUsed: 56,
        output: """
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 0x0 0x40
            """),
    MachineCase(
        "MCOPY of 32 bytes from 0 to 32",
        program: """
            0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 0 MSTORE
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 32 MSTORE 32 0 32 MCOPY
            MSIZE 96 MSTORE 128 0 RETURN
            """,
        gasUsed: 56,
        output: """
            0x102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20
            0x102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 0x0 0x40
            """),
    MachineCase(
        "MCOPY of 40 bytes from 0 to 1",
        program: """
            0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 0 MSTORE
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 32 MSTORE 40 0 1 MCOPY
            MSIZE 96 MSTORE 128 0 RETURN
            """,
        gasUsed: 59,
        output: """
            0x10102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
            0x2021222324252627282a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 0x0 0x40
            """),
    MachineCase(
        "MCOPY of 40 bytes from 1 to 0",
        program: """
            0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 0 MSTORE
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 32 MSTORE 40 1 0 MCOPY
            MSIZE 96 MSTORE 128 0 RETURN
            """,
        gasUsed: 59,
        output: """
            0x2030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021
            0x2223242526272829292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 0x0 0x40
            """),
    MachineCase(
        "MCOPY of 64 bytes from 0 to 0",
        program: """
            0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 0 MSTORE
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 32 MSTORE 64 0 0 MCOPY
            MSIZE 96 MSTORE 128 0 RETURN
            """,
        gasUsed: 58,
        output: """
            0x102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 0x0 0x40
            """),
    MachineCase(
        "MCOPY of 7 bytes from 64 to 5",
        program: """
            0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 0 MSTORE
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 32 MSTORE 7 64 5 MCOPY
            MSIZE 96 MSTORE 128 0 RETURN
            """,
        gasUsed: 57,
        output: """
            0x102030405000000000000000d0e0f101112131415161718191a1b1c1d1e1f20
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 0x0 0x60
            """),
    MachineCase(
        "MCOPY of 1 bytes from 0 to 200",
        program: """
            0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 0 MSTORE
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 32 MSTORE 1 0 200 MCOPY
            MSIZE 96 MSTORE 128 0 RETURN
            """,
        gasUsed: 65,
        output: """
            0x102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 0x0 0xe0
            """),
    MachineCase(
        "MCOPY of 1 bytes from 200 to 0",
        program: """
            0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 0 MSTORE
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 32 MSTORE 1 200 0 MCOPY
            MSIZE 96 MSTORE 128 0 RETURN
            """,
        gasUsed: 65,
        output: """
            0x2030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 0x0 0xe0
            """),
    MachineCase(
        "MCOPY of 0 bytes from 0 to 0",
        program: """
            0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 0 MSTORE
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 32 MSTORE 0 0 0 MCOPY
            MSIZE 96 MSTORE 128 0 RETURN
            """,
        gasUsed: 51,
        output: """
            0x102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20
            0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40 0x0 0x40
            """),
    MachineCase(
        "MCOPY of nothing far away is free",
        program: """
            GAS 0 0xffffffffffffffffffffffff 0xffffffffffffffffffffffff MCOPY GAS SWAP1 SUB 0 MSTORE 32
            0 RETURN
            """,
        gasUsed: 34, output: "0xd"),
    MachineCase(
        "MCOPY pays for the further end and per word",
        program: "GAS 33 64 0 MCOPY GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 49, output: "0x1f"),
    MachineCase(
        "MCOPY beyond all gas", program: "1 0xffffffffffffffff 0 MCOPY", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "RETURNDATACOPY of 4 from 0 of 4", program: "0 0 0 0 0 0xbb GAS CALL POP 4 0 0 RETURNDATACOPY 32 0 RETURN",
        callee: "0xaabbccdd 0 MSTORE 4 28 RETURN", gasUsed: 2_655,
        output: "0xaabbccdd00000000000000000000000000000000000000000000000000000000"),
    MachineCase(
        "RETURNDATACOPY of 3 from 1 of 4", program: "0 0 0 0 0 0xbb GAS CALL POP 3 1 0 RETURNDATACOPY 32 0 RETURN",
        callee: "0xaabbccdd 0 MSTORE 4 28 RETURN", gasUsed: 2_656,
        output: "0xbbccdd0000000000000000000000000000000000000000000000000000000000"),
    MachineCase(
        "RETURNDATACOPY of 0 from 4 of 4", program: "0 0 0 0 0 0xbb GAS CALL POP 0 4 0 RETURNDATACOPY 32 0 RETURN",
        callee: "0xaabbccdd 0 MSTORE 4 28 RETURN", gasUsed: 2_652, output: "0x0"),
    MachineCase(
        "RETURNDATACOPY of 2 from 2 of 4", program: "0 0 0 0 0 0xbb GAS CALL POP 2 2 0 RETURNDATACOPY 32 0 RETURN",
        callee: "0xaabbccdd 0 MSTORE 4 28 RETURN", gasUsed: 2_656,
        output: "0xccdd000000000000000000000000000000000000000000000000000000000000"),
    MachineCase(
        "RETURNDATACOPY of 5 from 0 of 4 halts",
        program: "0 0 0 0 0 0xbb GAS CALL POP 5 0 0 RETURNDATACOPY 32 0 RETURN",
        callee: "0xaabbccdd 0 MSTORE 4 28 RETURN", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "RETURNDATACOPY of 1 from 4 of 4 halts",
        program: "0 0 0 0 0 0xbb GAS CALL POP 1 4 0 RETURNDATACOPY 32 0 RETURN",
        callee: "0xaabbccdd 0 MSTORE 4 28 RETURN", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "RETURNDATACOPY of 0 from 5 of 4 halts",
        program: "0 0 0 0 0 0xbb GAS CALL POP 0 5 0 RETURNDATACOPY 32 0 RETURN",
        callee: "0xaabbccdd 0 MSTORE 4 28 RETURN", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "RETURNDATACOPY of 4 from 1 of 4 halts",
        program: "0 0 0 0 0 0xbb GAS CALL POP 4 1 0 RETURNDATACOPY 32 0 RETURN",
        callee: "0xaabbccdd 0 MSTORE 4 28 RETURN", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "RETURNDATACOPY whose end overflows halts",
        program: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff 1 0 RETURNDATACOPY STOP",
        end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "RETURNDATACOPY of nothing before any call",
        program: "GAS 0 0 0 RETURNDATACOPY GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 32, output: "0xb"),
    MachineCase(
        "the return data of a creation that succeeds is empty",
        program: """
            0x6020600060003560005260206000f3 0 MSTORE 15 17 0 CREATE POP RETURNDATASIZE 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 38_462, output: "0x0",
        changes: """
            aa.nonce=2 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1
            ccec344d9d8246c8d06d99ccefc856bfa17e0526.code=32 bytes
            """),
    MachineCase(
        "the return data of a creation that reverts is what it reverted with",
        program: """
            0x60aa60005260206000fd 0 MSTORE 10 22 0 CREATE POP RETURNDATASIZE 0 MSTORE 32 0 32
            RETURNDATACOPY 64 0 RETURN
            """,
        gasUsed: 32_070, output: "0x20 0xaa", changes: "aa.nonce=2"),
    MachineCase(
        "CALLDATACOPY of 8 from 0 of 8",
        program: """
            0x1111111111111111111111111111111111111111111111111111111111111111 0 MSTORE 8 0 4
            CALLDATACOPY 32 0 RETURN
            """,
        input: "0x0102030405060708", gasUsed: 30,
        output: "0x1111111101020304050607081111111111111111111111111111111111111111"),
    MachineCase(
        "CALLDATACOPY of 8 from 6 of 8",
        program: """
            0x1111111111111111111111111111111111111111111111111111111111111111 0 MSTORE 8 6 4
            CALLDATACOPY 32 0 RETURN
            """,
        input: "0x0102030405060708", gasUsed: 31,
        output: "0x1111111107080000000000001111111111111111111111111111111111111111"),
    MachineCase(
        "CALLDATACOPY of 8 from 8 of 8",
        program: """
            0x1111111111111111111111111111111111111111111111111111111111111111 0 MSTORE 8 8 4
            CALLDATACOPY 32 0 RETURN
            """,
        input: "0x0102030405060708", gasUsed: 31,
        output: "0x1111111100000000000000001111111111111111111111111111111111111111"),
    MachineCase(
        "CALLDATACOPY of 3 from 281474976710655 of 8",
        program: """
            0x1111111111111111111111111111111111111111111111111111111111111111 0 MSTORE 3
            281474976710655 4 CALLDATACOPY 32 0 RETURN
            """,
        input: "0x0102030405060708", gasUsed: 31,
        output: "0x1111111100000011111111111111111111111111111111111111111111111111"),
    MachineCase(
        "CALLDATACOPY from beyond 64 bits",
        program: """
            0x1111111111111111111111111111111111111111111111111111111111111111 0 MSTORE 8
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff 4 CALLDATACOPY 32 0
            RETURN
            """,
        input: "0x0102030405060708", gasUsed: 31,
        output: "0x1111111100000000000000001111111111111111111111111111111111111111"),
    MachineCase(
        "CALLDATALOAD at 0 of 8", program: "0 CALLDATALOAD 0 MSTORE 32 0 RETURN", input: "0x0102030405060708",
        gasUsed: 18, output: "0x102030405060708000000000000000000000000000000000000000000000000"),
    MachineCase(
        "CALLDATALOAD at 1 of 8", program: "1 CALLDATALOAD 0 MSTORE 32 0 RETURN", input: "0x0102030405060708",
        gasUsed: 19, output: "0x203040506070800000000000000000000000000000000000000000000000000"),
    MachineCase(
        "CALLDATALOAD at 7 of 8", program: "7 CALLDATALOAD 0 MSTORE 32 0 RETURN", input: "0x0102030405060708",
        gasUsed: 19, output: "0x800000000000000000000000000000000000000000000000000000000000000"),
    MachineCase(
        "CALLDATALOAD at 8 of 8", program: "8 CALLDATALOAD 0 MSTORE 32 0 RETURN", input: "0x0102030405060708",
        gasUsed: 19, output: "0x0"),
    MachineCase(
        "CALLDATALOAD at 31 of 8", program: "31 CALLDATALOAD 0 MSTORE 32 0 RETURN", input: "0x0102030405060708",
        gasUsed: 19, output: "0x0"),
    MachineCase(
        "CALLDATALOAD at 32 of 8", program: "32 CALLDATALOAD 0 MSTORE 32 0 RETURN", input: "0x0102030405060708",
        gasUsed: 19, output: "0x0"),
    MachineCase(
        "CALLDATALOAD at 4294967295 of 8", program: "4294967295 CALLDATALOAD 0 MSTORE 32 0 RETURN",
        input: "0x0102030405060708", gasUsed: 19, output: "0x0"),
    MachineCase(
        "CALLDATALOAD beyond 64 bits",
        program: """
            0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff CALLDATALOAD 0 MSTORE 32
            0 RETURN
            """,
        input: "0x0102030405060708", gasUsed: 19, output: "0x0"),
    MachineCase(
        "CODECOPY beyond the end is zero", program: "32 2 0 CODECOPY 32 0 RETURN", gasUsed: 22,
        output: "0x60025f3960205ff3000000000000000000000000000000000000000000000000"),
    MachineCase(
        "EXTCODECOPY of a contract and beyond", program: "40 1 0 0xbb EXTCODECOPY 64 0 RETURN",
        callee: "0xaabb 0 MSTORE 2 30 RETURN", gasUsed: 2_628,
        output: "0xaabb5f526002601ef30000000000000000000000000000000000000000000000 0x0"),
    MachineCase(
        "EXTCODECOPY of an absent account writes zeros",
        program: "0xff 0 MSTORE 32 0 0 0xdd EXTCODECOPY 32 0 RETURN", gasUsed: 2_629, output: "0x0"),
    MachineCase(
        "copies cost 3 a begun word",
        program: """
            GAS 33 0 0 CALLDATACOPY 1 0 0 CODECOPY 65 0 0 0xbb EXTCODECOPY GAS SWAP1 SUB 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 2_677, output: "0xa63"),
    MachineCase(
        "memory costs more than linearly",
        program: "GAS 10000 MLOAD 100000 MLOAD POP POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN", gasUsed: 28_499,
        output: "0x6f41"),
    MachineCase(
        "MSIZE counts words",
        program: "MSIZE 1 MLOAD POP MSIZE 33 MLOAD POP MSIZE 0 MSTORE 32 MSTORE 64 MSTORE 96 0 RETURN", gasUsed: 53,
        output: "0x60 0x40 0x0"),
    MachineCase(
        "memory at 2 ** 32 cannot be paid", program: "4294967296 MLOAD", gas: 1_000_000_000, end: .halted,
        gasUsed: 1_000_000_000),
    MachineCase(
        "memory at 2 ** 64 cannot be paid", program: "18446744073709551616 MLOAD", gas: 1_000_000_000, end: .halted,
        gasUsed: 1_000_000_000),
    MachineCase(
        "KECCAK256 of nothing far away", program: "0 0xffffffffffffffffffff KECCAK256 0 MSTORE 32 0 RETURN",
        gasUsed: 48, output: "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    MachineCase(
        "KECCAK256 costs 6 a begun word", program: "GAS 33 0 KECCAK256 POP GAS SWAP1 SUB 0 MSTORE 32 0 RETURN",
        gasUsed: 75, output: "0x39"),
    MachineCase(
        "MSTORE8 takes the lowest byte", program: "0xabcd 3 MSTORE8 32 0 RETURN", gasUsed: 17,
        output: "0xcd00000000000000000000000000000000000000000000000000000000"),
    MachineCase(
        "LOG pays for bytes, topics and memory", program: "GAS 1 2 40 0 LOG2 GAS SWAP1 SUB 0 MSTORE 32 0 RETURN",
        gasUsed: 1_482, output: "0x5b8"),
    MachineCase(
        "LOG with a size without end", program: "0xffffffffffffffff 0 LOG0", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "RETURN of nothing far away", program: "0 0xffffffffffffffffffff RETURN", gasUsed: 5),
    MachineCase(
        "RETURN beyond all gas", program: "0xffffffffff 0 RETURN", end: .halted, gasUsed: 1_000_000),
    MachineCase(
        "REVERT beyond all gas halts", program: "0xffffffffff 0 REVERT", end: .halted, gasUsed: 1_000_000),
]

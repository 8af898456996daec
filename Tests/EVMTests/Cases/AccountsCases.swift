// What happens with accounts and blocks. See `MachineCase` for where the figures come from.

let accountsCases: [MachineCase] = [
    MachineCase(
        "EXTCODEHASH of a contract", program: "0xbb EXTCODEHASH 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 2_616, output: "0xc5ec096756386ce74881e5291930aa6f550b697d105fb209046df03e42443d7d"),
    MachineCase(
        "EXTCODESIZE of a contract", program: "0xbb EXTCODESIZE 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 2_616, output: "0x3"),
    MachineCase(
        "BALANCE of a contract", program: "0xbb BALANCE 0 MSTORE 32 0 RETURN", callee: "1 STOP", gasUsed: 2_616,
        output: "0x1f4"),
    MachineCase(
        "the cost of looking at a contract, twice and by other means",
        program: """
            GAS 0xbb EXTCODEHASH 0xbb BALANCE 0xbb EXTCODESIZE POP POP POP GAS SWAP1 SUB 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 2_838, output: "0xb01"),
    MachineCase(
        "EXTCODEHASH of an account without code", program: "0xde EXTCODEHASH 0 MSTORE 32 0 RETURN",
        callee: "1 STOP", gasUsed: 2_616,
        output: "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    MachineCase(
        "EXTCODESIZE of an account without code", program: "0xde EXTCODESIZE 0 MSTORE 32 0 RETURN",
        callee: "1 STOP", gasUsed: 2_616, output: "0x0"),
    MachineCase(
        "BALANCE of an account without code", program: "0xde BALANCE 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 2_616, output: "0x5"),
    MachineCase(
        "the cost of looking at an account without code, twice and by other means",
        program: """
            GAS 0xde EXTCODEHASH 0xde BALANCE 0xde EXTCODESIZE POP POP POP GAS SWAP1 SUB 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 2_838, output: "0xb01"),
    MachineCase(
        "EXTCODEHASH of an absent account", program: "0xdd EXTCODEHASH 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 2_616, output: "0x0"),
    MachineCase(
        "EXTCODESIZE of an absent account", program: "0xdd EXTCODESIZE 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 2_616, output: "0x0"),
    MachineCase(
        "BALANCE of an absent account", program: "0xdd BALANCE 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 2_616, output: "0x0"),
    MachineCase(
        "the cost of looking at an absent account, twice and by other means",
        program: """
            GAS 0xdd EXTCODEHASH 0xdd BALANCE 0xdd EXTCODESIZE POP POP POP GAS SWAP1 SUB 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 2_838, output: "0xb01"),
    MachineCase(
        "EXTCODEHASH of a precompile", program: "0x04 EXTCODEHASH 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 116, output: "0x0"),
    MachineCase(
        "EXTCODESIZE of a precompile", program: "0x04 EXTCODESIZE 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 116, output: "0x0"),
    MachineCase(
        "BALANCE of a precompile", program: "0x04 BALANCE 0 MSTORE 32 0 RETURN", callee: "1 STOP", gasUsed: 116,
        output: "0x0"),
    MachineCase(
        "the cost of looking at a precompile, twice and by other means",
        program: """
            GAS 0x04 EXTCODEHASH 0x04 BALANCE 0x04 EXTCODESIZE POP POP POP GAS SWAP1 SUB 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 338, output: "0x13d"),
    MachineCase(
        "EXTCODEHASH of itself", program: "ADDRESS EXTCODEHASH 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 115, output: "0x4453f525a7a2ea7c428cfdbcbd26b037f05a1379ef4bf1cc32387e194b4d6dfc"),
    MachineCase(
        "EXTCODESIZE of itself", program: "ADDRESS EXTCODESIZE 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 115, output: "0x8"),
    MachineCase(
        "BALANCE of itself", program: "ADDRESS BALANCE 0 MSTORE 32 0 RETURN", callee: "1 STOP", gasUsed: 115,
        output: "0x3e8"),
    MachineCase(
        "the cost of looking at itself, twice and by other means",
        program: """
            GAS ADDRESS EXTCODEHASH ADDRESS BALANCE ADDRESS EXTCODESIZE POP POP POP GAS SWAP1 SUB 0
            MSTORE 32 0 RETURN
            """,
        gasUsed: 335, output: "0x13a"),
    MachineCase(
        "EXTCODEHASH of a delegated account", program: "0xd7 EXTCODEHASH 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 2_616, output: "0x26611a65af978a9a0908a27e3c548b165c9a270ff5727228a2f2969f49c1f830"),
    MachineCase(
        "EXTCODESIZE of a delegated account", program: "0xd7 EXTCODESIZE 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 2_616, output: "0x17"),
    MachineCase(
        "BALANCE of a delegated account", program: "0xd7 BALANCE 0 MSTORE 32 0 RETURN", callee: "1 STOP",
        gasUsed: 2_616, output: "0x1"),
    MachineCase(
        "the cost of looking at a delegated account, twice and by other means",
        program: """
            GAS 0xd7 EXTCODEHASH 0xd7 BALANCE 0xd7 EXTCODESIZE POP POP POP GAS SWAP1 SUB 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 2_838, output: "0xb01"),
    MachineCase(
        "EXTCODEHASH of an account delegated to a precompile", program: "0xd9 EXTCODEHASH 0 MSTORE 32 0 RETURN",
        callee: "1 STOP", gasUsed: 2_616,
        output: "0xdbc8b5574b2326a26358bfb485df18174d090d673f7208815f1f66d894e6aef5"),
    MachineCase(
        "EXTCODESIZE of an account delegated to a precompile", program: "0xd9 EXTCODESIZE 0 MSTORE 32 0 RETURN",
        callee: "1 STOP", gasUsed: 2_616, output: "0x17"),
    MachineCase(
        "BALANCE of an account delegated to a precompile", program: "0xd9 BALANCE 0 MSTORE 32 0 RETURN",
        callee: "1 STOP", gasUsed: 2_616, output: "0x1"),
    MachineCase(
        "the cost of looking at an account delegated to a precompile, twice and by other means",
        program: """
            GAS 0xd9 EXTCODEHASH 0xd9 BALANCE 0xd9 EXTCODESIZE POP POP POP GAS SWAP1 SUB 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 2_838, output: "0xb01"),
    MachineCase(
        "EXTCODEHASH of an account that a call touched only",
        program: "0 0 0 0 0 0xdd GAS CALL POP 0xdd EXTCODEHASH 0 MSTORE 32 0 RETURN", gasUsed: 2_733, output: "0x0"),
    MachineCase(
        "EXTCODEHASH of an account that has just been paid",
        program: "0 0 0 0 1 0xdd GAS CALL POP 0xdd EXTCODEHASH 0 MSTORE 32 0 RETURN", gasUsed: 34_434,
        output: "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
        changes: "aa.balance=999 dd.balance=1"),
    MachineCase(
        "EXTCODEHASH of a new contract without code", program: "0 0 0 CREATE EXTCODEHASH 0 MSTORE 32 0 RETURN",
        gasUsed: 32_119, output: "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
        changes: "aa.nonce=2 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1"),
    MachineCase(
        "EXTCODEHASH of a contract within its own creation",
        program: "0x303f60005260206000f3 0 MSTORE 10 22 0 CREATE EXTCODESIZE 0 MSTORE 32 0 RETURN", gasUsed: 38_648,
        output: "0x20",
        changes: """
            aa.nonce=2 ccec344d9d8246c8d06d99ccefc856bfa17e0526.nonce=1
            ccec344d9d8246c8d06d99ccefc856bfa17e0526.code=32 bytes
            """),
    MachineCase(
        "the coinbase, the caller and the origin are warm",
        program: """
            GAS COINBASE BALANCE CALLER BALANCE ORIGIN BALANCE POP POP POP GAS SWAP1 SUB 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 335, output: "0x13a"),
    MachineCase(
        "upper bytes of an address on the stack do not count",
        program: """
            0xffffffffffffffffffffffff00000000000000000000000000000000000000de BALANCE 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 2_616, output: "0x5"),
    MachineCase(
        "SELFBALANCE counts what was just paid",
        program: "SELFBALANCE 0 MSTORE 0 0 0 0 7 0xde 0 CALL POP SELFBALANCE 32 MSTORE 64 0 RETURN", value: 40,
        gasUsed: 9_350, output: "0x410 0x409",
        changes: "aa.balance=1033 de.balance=12 ee.balance=999999999999999960"),
    MachineCase(
        "BLOCKHASH of 743 at 1000", program: "743 BLOCKHASH 0 MSTORE 32 0 RETURN", gasUsed: 36, output: "0x0"),
    MachineCase(
        "BLOCKHASH of 744 at 1000", program: "744 BLOCKHASH 0 MSTORE 32 0 RETURN", gasUsed: 36,
        output: "0x7468eddb0720a03646876d25045fa535478c57a57b912a197efd90e8d667279c"),
    MachineCase(
        "BLOCKHASH of 999 at 1000", program: "999 BLOCKHASH 0 MSTORE 32 0 RETURN", gasUsed: 36,
        output: "0xf0222e4555f079f2fdbf570707db75ee508caa46321baeff622a993218303d10"),
    MachineCase(
        "BLOCKHASH of 1000 at 1000", program: "1000 BLOCKHASH 0 MSTORE 32 0 RETURN", gasUsed: 36, output: "0x0"),
    MachineCase(
        "BLOCKHASH of 1001 at 1000", program: "1001 BLOCKHASH 0 MSTORE 32 0 RETURN", gasUsed: 36, output: "0x0"),
    MachineCase(
        "BLOCKHASH beyond 64 bits",
        program: """
            0x0100000000000000000000000000000000000000000000000000000000000000 BLOCKHASH 0 MSTORE 32 0
            RETURN
            """,
        gasUsed: 36, output: "0x0"),
    MachineCase(
        "BLOBHASH without blobs", program: "0 BLOBHASH 0 MSTORE 32 0 RETURN", gasUsed: 18, output: "0x0"),
]

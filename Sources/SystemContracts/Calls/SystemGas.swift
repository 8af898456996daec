import Primitives

/// What native contracts pay. Where bytecode does the same by an opcode, the price is the opcode's.
enum SystemGas {
    /// To find the function and to carry arguments and results. A call of a view takes 5 µs (release, Zen 3 at
    /// 2.45 GHz), so that contracts do 100 Mgas/s at the least; the precompiled ECRECOVER does 60.
    static let dispatch: Gas = 500
    /// Each begun 32 bytes of a call's data, read and checked, and of what it returns.
    static let word: Gas = 12

    /// An account or a slot that the transaction has accessed before (EIP-2929).
    static let warmAccess: Gas = 100
    /// An account that it has not (EIP-2929).
    static let coldAccount: Gas = 2_600
    /// A slot that it has not (EIP-2929).
    static let coldSlot: Gas = 2_100

    /// A slot is written only with more gas than this left (EIP-2200).
    static let storeSentry: Gas = 2_300
    /// A slot that was zero at the start of the transaction (EIP-2200).
    static let storeNew: Gas = 20_000
    /// A slot that was not (EIP-2200, less EIP-2929's cold access).
    static let storeChanged: Gas = 2_900
    /// Back for a slot that becomes zero (EIP-3529).
    static let clearRefund: Int64 = 4_800

    /// Moving or making peb (Yellow Paper, G_callvalue). There is no stipend: the recipient's code does not run.
    static let value: Gas = 9_000
    /// Giving peb to an account that does not exist (Yellow Paper, G_newaccount; EIP-161).
    static let newAccount: Gas = 25_000

    /// A log, each of its topics, each byte of its data (Yellow Paper, G_log, G_logtopic, G_logdata).
    static let log: Gas = 375
    static let logTopic: Gas = 375
    static let logByte: Gas = 8

    /// What a call by the chain itself may use. It does not count against the block (EIP-4788).
    static let systemCall: Gas = 30_000_000

    static func words(_ bytes: Int) -> Gas { Gas((bytes + 31) / 32) * word }
}

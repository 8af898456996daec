public import Primitives

/// What the EVM knows of an account. Its storage is read slot by slot; no trie root is in sight here.
public struct Account: Hashable, Sendable, BitwiseCopyable {
    /// The number of transactions sent, and contracts created, by this account.
    public var nonce: UInt64
    /// Peb.
    public var balance: UInt256
    /// keccak(code); `emptyCodeHash` where there is none.
    public var codeHash: Hash32

    public init(nonce: UInt64 = 0, balance: UInt256 = 0, codeHash: Hash32 = Account.emptyCodeHash) {
        self.nonce = nonce
        self.balance = balance
        self.codeHash = codeHash
    }

    /// keccak of no bytes.
    public static let emptyCodeHash = Hash32(
        0xc5d2_4601_86f7_233c, 0x927e_7db2_dcc7_03c0, 0xe500_b653_ca82_273b, 0x7bfa_d804_5d85_a470)

    /// Whether the account may not exist as such: no nonce, no balance, no code (EIP-161).
    public var isEmpty: Bool { nonce == 0 && balance.isZero && !hasCode }

    public var hasCode: Bool { codeHash != Account.emptyCodeHash }
}

public import Primitives

/// The value of an account in the state trie (Yellow Paper, section 4.1), under the hash of its address.
public struct AccountLeaf: Hashable, Sendable {
    public var nonce: UInt64
    /// Peb.
    public var balance: UInt256
    public var storageRoot: Hash32
    public var codeHash: Hash32

    /// keccak of no code.
    public static let emptyCodeHash = Hash32(
        0xc5d2_4601_86f7_233c, 0x927e_7db2_dcc7_03c0, 0xe500_b653_ca82_273b, 0x7bfa_d804_5d85_a470)

    public init(
        nonce: UInt64, balance: UInt256, storageRoot: Hash32 = Header.emptyTrieRoot,
        codeHash: Hash32 = AccountLeaf.emptyCodeHash
    ) {
        self.nonce = nonce
        self.balance = balance
        self.storageRoot = storageRoot
        self.codeHash = codeHash
    }
}

extension AccountLeaf: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(nonce)
            list.append(balance)
            list.append(storageRoot)
            list.append(codeHash)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        nonce = try list.uint64()
        balance = try list.uint256()
        storageRoot = try list.hash()
        codeHash = try list.hash()
        try list.finish()
    }
}

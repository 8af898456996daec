/// The first accounts of a mnemonic (BIP-39, m/44'/60'/0'/0/i) that a test network's nodes sign for.
///
/// The words stand in a file that anybody may read, and whoever reaches the node's JSON-RPC may spend what the
/// accounts own: they must never own more than play money.
public struct DevelopmentWallet: Hashable, Sendable {
    public var mnemonic: String
    /// How many accounts, from 1 to `accountsMax`.
    public var accounts: Int

    /// Each costs a node some of its start.
    public static let accountsMax = 1000

    public init(mnemonic: String, accounts: Int) {
        self.mnemonic = mnemonic
        self.accounts = accounts
    }

    var json: JSONValue {
        .object(["mnemonic": .string(mnemonic), "accounts": .integer(Int64(accounts))])
    }
}

extension JSONField {
    func developmentWallet() throws(ConfigurationError) -> DevelopmentWallet {
        try object(["mnemonic", "accounts"])
        return DevelopmentWallet(
            mnemonic: try self["mnemonic"].string(),
            accounts: try self["accounts"].integer(1...DevelopmentWallet.accountsMax))
    }
}

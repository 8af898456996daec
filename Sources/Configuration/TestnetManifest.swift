public import Chain
public import Primitives

/// What a test network shall look like: `configs/*.json`, given to `testnet up --manifest`.
///
/// Every key is optional; without a file the defaults below are the network.
public struct TestnetManifest: Hashable, Sendable {
    /// Consensus nodes, cn1….
    public var council = 4
    /// Rangers, rn1….
    public var rangers = 2
    /// The least time between two blocks; zero is as fast as the council can agree.
    public var blockTime = Duration.seconds(1)
    /// How long an empty pool delays the next block. nil: the block time, but at least a second.
    public var idlePeriod: Duration?
    /// JSON-RPC of the k-th node is at `basePort` + k − 1.
    public var basePort = 8545
    /// Where JSON-RPC listens. Anything but loopback is open to whoever can reach it: for containers.
    public var rpcHost = "127.0.0.1"
    /// Host names by which clients reach the nodes, beyond localhost and IP addresses; "*" for any.
    public var rpcHostNames: [String] = []
    /// Web origins whose pages may call, beyond those on loopback; "*" for any.
    public var rpcOrigins: [String] = []
    /// 1337 is what wallets expect of "Localhost 8545".
    public var chainID: UInt64 = 1337
    public var gasLimit: Gas = 60_000_000
    /// In peb. nil: the chain's default.
    public var baseFeePerGas: UInt256?
    /// Words of the development accounts (BIP-39).
    public var mnemonic = "test test test test test test test test test test test junk"
    /// So many accounts of the mnemonic are funded.
    public var accounts = 10
    /// Each with so much, in peb: 10,000 KLAY.
    public var accountBalance = UInt256(10_000) * UInt256(1_000_000_000_000_000_000)
    /// Whether nodes sign for the development accounts: eth_accounts, eth_sendTransaction.
    public var unlockAccounts = true
    /// Further balances in peb, sorted by address.
    public var alloc: [Allocation] = []
    /// Minted with each block, in peb. nil: the chain's default, 9.6 KLAY.
    public var blockReward: UInt256?
    public var rewardSplit = RewardSplit()
    /// A larger council draws a committee of this size for each height. nil: the chain's default.
    public var committeeSizeMax: Int?
    public var logLevel = LogLevel.info
    /// Whether `testnet inject` may make nodes misbehave.
    public var allowFaultInjection = true
    /// Whether nodes take transactions without replay protection (before EIP-155), with which tools deploy the
    /// contracts that have the same address on every chain.
    public var allowUnprotected = true
    /// Limits of every node that differ from what is usual; a time in milliseconds.
    public var limits: [NodeLimit: UInt64] = [:]

    /// A balance at genesis.
    public struct Allocation: Hashable, Sendable {
        public var address: Address
        /// In peb.
        public var balance: UInt256

        public init(address: Address, balance: UInt256) {
            (self.address, self.balance) = (address, balance)
        }
    }

    public init() {}

    /// The council's hard limit.
    public static let councilMax = 100
    public static let rangersMax = 100
    public static let accountsMax = DevelopmentWallet.accountsMax
    public static let allocMax = 100_000
    /// Ports reach from the base port to 2,000 plus the number of nodes above it.
    public static let basePortMax = 65_535 - 2000 - councilMax - rangersMax

    private static let keys = [
        "council", "rangers", "blockTime", "idlePeriod", "basePort", "chainId", "gasLimit", "baseFeePerGas",
        "mnemonic", "accounts", "accountBalance", "alloc", "blockReward", "rewardSplit", "committeeSizeMax",
        "logLevel", "allowFaultInjection", "limits", "rpcHost", "rpcHostNames", "rpcOrigins", "unlockAccounts",
        "allowUnprotected",
    ]

    /// Reads `file` over the defaults.
    public init(file: String) throws(ConfigurationError) {
        try self.init(document: try JSONValue(parsing: try SettingsFile.read(file), file: file), file: file)
    }

    /// Reads a parsed document; `file` names it in errors.
    public init(document: JSONValue, file: String) throws(ConfigurationError) {
        self.init()
        let root = JSONField(document, file: file)
        try root.object(Self.keys)
        council = try root["council"].present?.integer(1...Self.councilMax) ?? council
        rangers = try root["rangers"].present?.integer(0...Self.rangersMax) ?? rangers
        blockTime = try root["blockTime"].present?.duration() ?? blockTime
        idlePeriod = try root["idlePeriod"].present?.duration()
        if let idlePeriod, idlePeriod < blockTime || idlePeriod == .zero {
            throw root["idlePeriod"].fault("a duration above 0 and of at least the block time, \(blockTime.text)")
        }
        basePort = try root["basePort"].present?.integer(1024...Self.basePortMax) ?? basePort
        rpcHost = try root["rpcHost"].present?.string() ?? rpcHost
        rpcHostNames = try root["rpcHostNames"].present?.accessNames() ?? []
        rpcOrigins = try root["rpcOrigins"].present?.accessNames() ?? []
        chainID = try root["chainId"].present?.unsigned(1...(1 << 53)) ?? chainID
        try readEconomy(root)
        logLevel = try root["logLevel"].present?.choice(LogLevel.self) ?? logLevel
        allowFaultInjection = try root["allowFaultInjection"].present?.bool() ?? allowFaultInjection
        allowUnprotected = try root["allowUnprotected"].present?.bool() ?? allowUnprotected
        limits = try root["limits"].present?.nodeLimits() ?? [:]
    }

    private mutating func readEconomy(_ root: JSONField) throws(ConfigurationError) {
        gasLimit = try root["gasLimit"].present?.unsigned(5000...(1 << 53)) ?? gasLimit
        baseFeePerGas = try root["baseFeePerGas"].present?.amount()
        mnemonic = try root["mnemonic"].present?.string() ?? mnemonic
        accounts = try root["accounts"].present?.integer(1...Self.accountsMax) ?? accounts
        unlockAccounts = try root["unlockAccounts"].present?.bool() ?? unlockAccounts
        accountBalance = try root["accountBalance"].present?.amount() ?? accountBalance
        blockReward = try root["blockReward"].present?.amount()
        rewardSplit = try root["rewardSplit"].present?.rewardSplit() ?? rewardSplit
        committeeSizeMax = try root["committeeSizeMax"].present?.integer(1...Self.councilMax)
        guard root["alloc"].value != nil else { return }
        let entries = try root["alloc"].members()
        guard entries.count <= Self.allocMax else {
            throw root["alloc"].fault("at most \(Self.allocMax) addresses")
        }
        for (text, field) in entries {
            alloc.append(Allocation(address: try field.addressKey(text), balance: try field.amount()))
        }
        alloc.sort { $0.address < $1.address }
    }

    /// The idle period that nodes get.
    public var effectiveIdlePeriod: Duration { idlePeriod ?? max(blockTime, .seconds(1)) }
}

extension JSONField {
    /// `text`, the key under which this field stands, as an address.
    func addressKey(_ text: String) throws(ConfigurationError) -> Address {
        guard let address = try? Address(hex: text) else {
            throw .wrong(
                file: file, keyPath: keyPath, expected: "an address as key: 0x and 40 hex digits",
                found: JSONValue.string(text).summary)
        }
        return address
    }

    func rewardSplit() throws(ConfigurationError) -> RewardSplit {
        try object(["proposer", "pocFund", "kirFund"])
        let split = RewardSplit(
            proposer: try self["proposer"].unsigned(0...100), poc: try self["pocFund"].unsigned(0...100),
            kir: try self["kirFund"].unsigned(0...100))
        guard split.isWhole else {
            throw .wrong(
                file: file, keyPath: keyPath, expected: "shares that add up to 100",
                found: "\(split.proposer) + \(split.poc) + \(split.kir)")
        }
        return split
    }
}

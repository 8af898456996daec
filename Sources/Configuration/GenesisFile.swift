public import Chain
internal import Crypto
internal import Primitives

/// A genesis as a JSON document.
///
///     {
///       "chainId": 1337,
///       "timestampMilliseconds": 1760000000000,
///       "gasLimit": 60000000,
///       "baseFeePerGas": "1000000000",
///       "rules": { "blockReward": "9600000000000000000", "pocFund": "0x…", "kirFund": "0x…", … },
///       "council": [ { "publicKey": "0x… (64 bytes)", "rewardAddress": "0x…" } ],
///       "alloc": { "0x…": { "balance": "10000000000000000000000" } }
///     }
///
/// Amounts are decimal digits or 0x quantities in strings. Keys under `rules` other than the two funds, and
/// `gasLimit` and `baseFeePerGas`, have the chain's defaults. An account may have `nonce`, `code` and `storage`.
public struct GenesisFile: Sendable {
    public let genesis: Genesis

    public init(_ genesis: Genesis) {
        self.genesis = genesis
    }

    /// Reads the genesis in `file`.
    public init(file: String) throws(ConfigurationError) {
        try self.init(document: try JSONValue(parsing: try SettingsFile.read(file), file: file), file: file)
    }

    /// Reads a parsed document; `file` names it in errors.
    public init(document: JSONValue, file: String) throws(ConfigurationError) {
        let root = JSONField(document, file: file)
        try root.object([
            "chainId", "timestampMilliseconds", "gasLimit", "baseFeePerGas", "rules", "council", "alloc",
        ])
        let members = try root["council"].councilMembers()
        let rules = try root["rules"].chainRules(chainID: try root["chainId"].unsigned(1...Transaction.chainIDMax))
        let accounts = try root["alloc"].genesisAccounts()
        let timestamp = try root["timestampMilliseconds"].unsigned()
        let gasLimit = try root["gasLimit"].present?.unsigned() ?? 60_000_000
        let baseFee = try root["baseFeePerGas"].present?.amount() ?? 1_000_000_000
        let council: Council
        do throws(CouncilError) {
            council = try Council(members)
        } catch {
            throw .wrong(file: file, keyPath: "council", expected: "a council", found: "\(error)")
        }
        do throws(GenesisError) {
            genesis = try Genesis(
                rules: rules, council: council, timestampMilliseconds: timestamp, gasLimit: gasLimit,
                baseFeePerGas: baseFee, accounts: accounts)
        } catch {
            throw .wrong(file: file, keyPath: "", expected: "a genesis", found: "\(error)")
        }
    }

    public func write(to file: String) throws(ConfigurationError) {
        try SettingsFile.write(json.json(pretty: true), to: file)
    }

    /// The document that `init(document:file:)` reads.
    public var json: JSONValue {
        let rules = genesis.rules
        return [
            "chainId": .integer(Int64(clamping: rules.chainID)),
            "timestampMilliseconds": .integer(Int64(clamping: genesis.timestampMilliseconds)),
            "gasLimit": .integer(Int64(clamping: genesis.gasLimit)),
            "baseFeePerGas": .string(genesis.baseFeePerGas.description),
            "rules": [
                "transactionGasMax": .integer(Int64(clamping: rules.transactionGasMax)),
                "blockReward": .string(rules.blockReward.description),
                "rewardSplit": [
                    "proposer": .integer(Int64(clamping: rules.rewardSplit.proposer)),
                    "pocFund": .integer(Int64(clamping: rules.rewardSplit.poc)),
                    "kirFund": .integer(Int64(clamping: rules.rewardSplit.kir)),
                ],
                "pocFund": .string(rules.pocFund.hex),
                "kirFund": .string(rules.kirFund.hex),
                "committeeSizeMax": .integer(Int64(rules.committeeSizeMax)),
                "timestampDriftMilliseconds": .integer(Int64(clamping: rules.timestampDriftMilliseconds)),
                "elasticity": .integer(Int64(clamping: rules.elasticity)),
                "baseFeeChangeDenominator": .integer(Int64(clamping: rules.baseFeeChangeDenominator)),
                "gasLimitBoundDivisor": .integer(Int64(clamping: rules.gasLimitBoundDivisor)),
                "gasLimitMin": .integer(Int64(clamping: rules.gasLimitMin)),
            ],
            "council": .array(
                genesis.council.members.map { member in
                    [
                        "publicKey": .string(member.publicKey.bytes.hex),
                        "rewardAddress": .string(member.rewardAddress.hex),
                    ]
                }),
            "alloc": .object(
                [String: JSONValue](
                    genesis.accounts.map { ($0.address.hex, Self.json($0)) }, uniquingKeysWith: { first, _ in first })),
        ]
    }

    private static func json(_ account: GenesisAccount) -> JSONValue {
        var members: [String: JSONValue] = ["balance": .string(account.balance.description)]
        if account.nonce > 0 { members["nonce"] = .string(account.nonce.quantity) }
        if !account.code.isEmpty { members["code"] = .string(account.code.hex) }
        if !account.storage.isEmpty {
            members["storage"] = .object(
                [String: JSONValue](
                    account.storage.map { ($0.slot.quantity, .string($0.value.quantity)) },
                    uniquingKeysWith: { first, _ in first }))
        }
        return .object(members)
    }
}

extension JSONField {
    fileprivate func councilMembers() throws(ConfigurationError) -> [CouncilMember] {
        var members: [CouncilMember] = []
        for field in try array(max: Council.memberMax) {
            try field.object(["publicKey", "rewardAddress"])
            members.append(
                CouncilMember(
                    publicKey: try field["publicKey"].nodePublicKey(),
                    rewardAddress: try field["rewardAddress"].address()))
        }
        return members
    }

    fileprivate func chainRules(chainID: UInt64) throws(ConfigurationError) -> ChainRules {
        try object([
            "transactionGasMax", "blockReward", "rewardSplit", "pocFund", "kirFund", "committeeSizeMax",
            "timestampDriftMilliseconds", "elasticity", "baseFeeChangeDenominator", "gasLimitBoundDivisor",
            "gasLimitMin",
        ])
        var rules = ChainRules(
            chainID: chainID, pocFund: try self["pocFund"].address(), kirFund: try self["kirFund"].address())
        func read(_ key: String, _ current: UInt64) throws(ConfigurationError) -> UInt64 {
            try self[key].present?.unsigned() ?? current
        }
        rules.transactionGasMax = try read("transactionGasMax", rules.transactionGasMax)
        rules.blockReward = try self["blockReward"].present?.amount() ?? rules.blockReward
        rules.rewardSplit = try self["rewardSplit"].present?.rewardSplit() ?? rules.rewardSplit
        rules.committeeSizeMax =
            try self["committeeSizeMax"].present?.integer(1...Council.memberMax) ?? rules.committeeSizeMax
        rules.timestampDriftMilliseconds = try read("timestampDriftMilliseconds", rules.timestampDriftMilliseconds)
        rules.elasticity = try read("elasticity", rules.elasticity)
        rules.baseFeeChangeDenominator = try read("baseFeeChangeDenominator", rules.baseFeeChangeDenominator)
        rules.gasLimitBoundDivisor = try read("gasLimitBoundDivisor", rules.gasLimitBoundDivisor)
        rules.gasLimitMin = try read("gasLimitMin", rules.gasLimitMin)
        return rules
    }

    fileprivate func genesisAccounts() throws(ConfigurationError) -> [GenesisAccount] {
        var accounts: [GenesisAccount] = []
        for (text, field) in try members() {
            try field.object(["balance", "nonce", "code", "storage"])
            var account = GenesisAccount(
                address: try field.addressKey(text), balance: try field["balance"].amount())
            account.nonce = try field["nonce"].present?.unsigned() ?? 0
            account.code = try field["code"].present?.data() ?? []
            if field["storage"].value != nil {
                for (slot, value) in try field["storage"].members() {
                    account.storage.append(
                        GenesisAccount.StorageSlot(slot: try value.slotKey(slot), value: try value.amount()))
                }
            }
            accounts.append(account)
        }
        return accounts
    }

    /// `text`, the key under which this field stands, as a storage slot.
    private func slotKey(_ text: String) throws(ConfigurationError) -> UInt256 {
        guard let slot = try? UInt256(hex: text) else {
            throw .wrong(
                file: file, keyPath: keyPath, expected: "a storage slot as key: a 0x quantity",
                found: JSONValue.string(text).summary)
        }
        return slot
    }
}

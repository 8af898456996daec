public import Primitives

extension Genesis: RLPEncodable, RLPDecodable {
    /// The most accounts, and the most slots of one of them, that the encoded form may have.
    public static let encodedEntriesMax = 1 << 16
    /// The longest code of an account in the encoded form (EIP-170).
    public static let encodedCodeBytesMax = 24_576

    /// [rules, council, timestamp in milliseconds, gas limit, base fee, accounts]: all that block 0 is made of.
    ///
    /// Whoever reads it computes the same hash, so it cannot be changed unnoticed by anybody who knows that hash.
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(rules)
            list.append(council)
            list.append(timestampMilliseconds)
            list.append(gasLimit)
            list.append(baseFeePerGas)
            list.append(list: accounts)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        var list = try decoder.list()
        let rules = try ChainRules(from: &list)
        let council = try Council(from: &list)
        let timestampMilliseconds = try list.uint64()
        let gasLimit = try list.uint64()
        let baseFeePerGas = try list.uint256()
        let accounts = try list.array(of: GenesisAccount.self, max: Genesis.encodedEntriesMax)
        try list.finish()
        do throws(GenesisError) {
            try self.init(
                rules: rules, council: council, timestampMilliseconds: timestampMilliseconds, gasLimit: gasLimit,
                baseFeePerGas: baseFeePerGas, accounts: accounts)
        } catch {
            throw .invalidValue(at: start, error.description)
        }
        guard self.accounts == accounts else {
            throw .invalidValue(at: start, "genesis accounts out of order, with empty slots or without predeploys")
        }
    }
}

extension GenesisAccount: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(address)
            list.append(nonce)
            list.append(balance)
            list.append(code)
            list.append(list: storage)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        let address = try list.address()
        let nonce = try list.uint64()
        let balance = try list.uint256()
        let code = try list.bytes(max: Genesis.encodedCodeBytesMax)
        let storage = try list.array(of: StorageSlot.self, max: Genesis.encodedEntriesMax)
        try list.finish()
        self.init(address: address, nonce: nonce, balance: balance, code: code, storage: storage)
    }
}

extension GenesisAccount.StorageSlot: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(slot)
            list.append(value)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        let slot = try list.uint256()
        let value = try list.uint256()
        try list.finish()
        self.init(slot: slot, value: value)
    }
}

extension ChainRules: RLPDecodable {
    /// Refuses rules of another version: their fields mean something else.
    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        var list = try decoder.list()
        let version = try list.uint64()
        guard version == ChainRules.version else {
            throw .invalidValue(at: start, "chain rules of version \(version), expected \(ChainRules.version)")
        }
        chainID = try list.uint64()
        transactionGasMax = try list.uint64()
        blockReward = try list.uint256()
        rewardSplit = RewardSplit(proposer: try list.uint64(), poc: try list.uint64(), kir: try list.uint64())
        pocFund = try list.address()
        kirFund = try list.address()
        let committeeSizeMax = try list.uint64()
        guard let size = Int(exactly: committeeSizeMax) else {
            throw .invalidValue(at: start, "a committee of \(committeeSizeMax)")
        }
        self.committeeSizeMax = size
        timestampDriftMilliseconds = try list.uint64()
        elasticity = try list.uint64()
        baseFeeChangeDenominator = try list.uint64()
        gasLimitBoundDivisor = try list.uint64()
        gasLimitMin = try list.uint64()
        try list.finish()
    }
}

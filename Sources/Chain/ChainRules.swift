import Crypto
public import Primitives

/// How a block reward is divided, in hundredths.
public struct RewardSplit: Hashable, Sendable {
    public var proposer: UInt64
    /// The fund for those who bring the chain users and services (Klaytn's Proof of Contribution).
    public var poc: UInt64
    /// The fund for improving the chain itself (Klaytn Improvement Reserve).
    public var kir: UInt64

    /// Klaytn's split at its start: 34, 54, 12.
    public init(proposer: UInt64 = 34, poc: UInt64 = 54, kir: UInt64 = 12) {
        self.proposer = proposer
        self.poc = poc
        self.kir = kir
    }

    /// Whether the shares make up the whole.
    public var isWhole: Bool {
        proposer <= 100 && poc <= 100 && kir <= 100 && proposer + poc + kir == 100
    }
}

/// What every node of one chain must agree on, fixed at genesis.
public struct ChainRules: Hashable, Sendable {
    /// At most `Transaction.chainIDMax`.
    public var chainID: UInt64
    /// The most gas one transaction may ask for (EIP-7825).
    public var transactionGasMax: Gas
    /// Peb newly made in each block.
    public var blockReward: UInt256
    public var rewardSplit: RewardSplit
    public var pocFund: Address
    public var kirFund: Address
    /// A greater council draws this many members by lot for each height.
    public var committeeSizeMax: Int
    /// How far a proposal may be ahead of a validator's clock.
    public var timestampDriftMilliseconds: UInt64
    /// The gas limit over the gas target (EIP-1559).
    public var elasticity: UInt64
    /// The base fee moves by at most one part in this many (EIP-1559).
    public var baseFeeChangeDenominator: UInt64
    /// The gas limit moves by less than one part in this many (Yellow Paper, section 4.3.4).
    public var gasLimitBoundDivisor: UInt64
    /// The gas limit never falls below this (Yellow Paper, section 4.3.4).
    public var gasLimitMin: Gas

    public init(
        chainID: UInt64,
        transactionGasMax: Gas = 1 << 24,
        blockReward: UInt256 = 9_600_000_000_000_000_000,
        rewardSplit: RewardSplit = RewardSplit(),
        pocFund: Address,
        kirFund: Address,
        committeeSizeMax: Int = 22,
        timestampDriftMilliseconds: UInt64 = 2_000,
        elasticity: UInt64 = 2,
        baseFeeChangeDenominator: UInt64 = 8,
        gasLimitBoundDivisor: UInt64 = 1_024,
        gasLimitMin: Gas = 5_000
    ) {
        self.chainID = chainID
        self.transactionGasMax = transactionGasMax
        self.blockReward = blockReward
        self.rewardSplit = rewardSplit
        self.pocFund = pocFund
        self.kirFund = kirFund
        self.committeeSizeMax = committeeSizeMax
        self.timestampDriftMilliseconds = timestampDriftMilliseconds
        self.elasticity = elasticity
        self.baseFeeChangeDenominator = baseFeeChangeDenominator
        self.gasLimitBoundDivisor = gasLimitBoundDivisor
        self.gasLimitMin = gasLimitMin
    }

    /// keccak(rlp(rules)): the genesis block carries it, so that chains with other rules have another genesis.
    public var hash: Hash32 { keccak256(rlp) }

    /// The meaning of the fields and of all that is not a field: the fork, the formats. Part of the hash.
    static let version: UInt64 = 2
}

extension ChainRules: RLPEncodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(ChainRules.version)
            list.append(chainID)
            list.append(transactionGasMax)
            list.append(blockReward)
            list.append(rewardSplit.proposer)
            list.append(rewardSplit.poc)
            list.append(rewardSplit.kir)
            list.append(pocFund)
            list.append(kirFund)
            list.append(UInt64(committeeSizeMax))
            list.append(timestampDriftMilliseconds)
            list.append(elasticity)
            list.append(baseFeeChangeDenominator)
            list.append(gasLimitBoundDivisor)
            list.append(gasLimitMin)
        }
    }
}

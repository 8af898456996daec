public import EVM
public import Primitives

/// The rules of an Ethereum chain, fork by fork. Seals and fork choice are no part of it.
public struct EthereumRules: Hashable, Sendable {
    /// A fork from the moment that it is active.
    public struct Phase: Hashable, Sendable {
        /// Seconds since 1970; the first block at or above it keeps these rules.
        public let activation: UInt64
        public let fork: Fork
        public let blobs: BlobSchedule

        public init(activation: UInt64, fork: Fork, blobs: BlobSchedule) {
            self.activation = activation
            self.fork = fork
            self.blobs = blobs
        }
    }

    /// A fork from before the merge, which begins at a height.
    public struct EarlyFork: Hashable, Sendable {
        /// The first block that keeps these rules.
        public let activation: Height
        public let fork: Fork

        public init(activation: Height, fork: Fork) {
            (self.activation, self.fork) = (activation, fork)
        }
    }

    public let chainID: UInt64
    /// Forks that begin at a height, in ascending order: all before the first phase.
    public let earlyForks: [EarlyFork]
    /// Forks that begin at a time, in ascending order of activation.
    public let phases: [Phase]
    /// Where deposits to the beacon chain are made (EIP-6110).
    public var depositContract = ExecutionRequests.depositContract
    /// What EIP-2124 sums up of all forks: the heights and times at which they begin, those of the genesis left out.
    public var forkHeights: [Height] = []
    public var forkTimes: [UInt64] = []

    /// - Precondition: There is a phase, activations rise, and the first phase or the first early fork starts at 0.
    public init(chainID: UInt64, phases: [Phase], earlyForks: [EarlyFork] = []) {
        precondition(!phases.isEmpty, "there is a phase")
        precondition((earlyForks.first?.activation ?? phases[0].activation) == 0, "the first fork starts at 0")
        precondition(
            zip(phases, phases.dropFirst()).allSatisfy { $0.activation < $1.activation }
                && zip(earlyForks, earlyForks.dropFirst()).allSatisfy { $0.activation < $1.activation },
            "activations rise")
        self.chainID = chainID
        self.phases = phases
        self.earlyForks = earlyForks
    }

    /// The rules of a block with this timestamp; those of the first phase for an earlier one.
    public func phase(at timestamp: UInt64) -> Phase {
        phases.last { $0.activation <= timestamp } ?? phases[0]
    }

    /// The rules of the block that `header` begins.
    ///
    /// A block from before the first phase is of the merge where it has no difficulty: that is taken on trust.
    public func phase(of header: EthereumHeader) -> Phase {
        if let phase = phases.last(where: { $0.activation <= header.timestamp }) { return phase }
        let early = earlyForks.last { $0.activation <= header.number }?.fork ?? phases[0].fork
        let isMerged = header.difficulty.isZero && header.number > 0
        return Phase(activation: 0, fork: isMerged ? .paris : early, blobs: .none)
    }

    /// The base fee of the child of `parent`, in wei per gas: none before London, and a fixed one in its first block
    /// (EIP-1559).
    public func baseFee(after parent: EthereumHeader) -> UInt256 {
        if parent.baseFeePerGas != nil { return EthereumChain.baseFee(after: parent) }
        let next = earlyForks.last { $0.activation <= parent.number + 1 }?.fork ?? phases[0].fork
        return next >= .london ? Self.initialBaseFee : 0
    }

    /// INITIAL_BASE_FEE (EIP-1559)
    public static let initialBaseFee: UInt256 = 1_000_000_000
    /// The longest encoding of a block from Osaka on: 10 MiB without the 2 MiB that are the beacon block's (EIP-7934).
    public static let blockBytesMax = 8 << 20
    /// The longest extra data of a header (Yellow Paper, section 4.3).
    public static let extraDataBytesMax = 32
    /// The least gas limit of a block (Yellow Paper, equation 47).
    public static let gasLimitMin: Gas = 5_000
    /// The gas limit moves by less than one part in so many (Yellow Paper, equation 47).
    public static let gasLimitBoundDivisor: Gas = 1_024
    /// The gas limit is so many times the target (EIP-1559).
    public static let elasticity: Gas = 2
    /// The base fee moves by one part in so many at most (EIP-1559).
    public static let baseFeeChangeDenominator: UInt256 = 8
}

/// How many blobs a block may and should have (EIP-7840), and how fast their price follows.
public struct BlobSchedule: Hashable, Sendable {
    /// Blobs a block, in the long run.
    public let target: UInt64
    /// Blobs a block, at most.
    public let max: UInt64
    /// BLOB_BASE_FEE_UPDATE_FRACTION
    public let baseFeeUpdateFraction: UInt64

    public init(target: UInt64, max: UInt64, baseFeeUpdateFraction: UInt64) {
        self.target = target
        self.max = max
        self.baseFeeUpdateFraction = baseFeeUpdateFraction
    }

    /// Before Cancun there are no blobs.
    public static let none = BlobSchedule(target: 0, max: 0, baseFeeUpdateFraction: 1)
    /// EIP-4844
    public static let cancun = BlobSchedule(target: 3, max: 6, baseFeeUpdateFraction: 3_338_477)
    /// EIP-7691; Osaka keeps it.
    public static let prague = BlobSchedule(target: 6, max: 9, baseFeeUpdateFraction: 5_007_716)
    /// EIP-7892, the first of the forks that change this schedule alone.
    public static let firstBlobFork = BlobSchedule(target: 10, max: 15, baseFeeUpdateFraction: 8_346_193)
    /// EIP-7892, the second one.
    public static let secondBlobFork = BlobSchedule(target: 14, max: 21, baseFeeUpdateFraction: 11_684_671)
}

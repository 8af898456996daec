public import EVM
public import Primitives

/// The rules of an Ethereum chain after the merge, fork by fork. Seals and fork choice are the beacon chain's affair
/// and no part of it.
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

    public let chainID: UInt64
    /// In ascending order of activation.
    public let phases: [Phase]

    /// - Precondition: There is a phase, the first starts at 0, and activations rise.
    public init(chainID: UInt64, phases: [Phase]) {
        precondition(phases.first?.activation == 0, "the first phase starts at 0")
        precondition(
            zip(phases, phases.dropFirst()).allSatisfy { $0.activation < $1.activation }, "activations rise")
        self.chainID = chainID
        self.phases = phases
    }

    /// The rules of a block with this timestamp.
    public func phase(at timestamp: UInt64) -> Phase {
        phases.last { $0.activation <= timestamp } ?? phases[0]
    }

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

    /// EIP-4844
    public static let cancun = BlobSchedule(target: 3, max: 6, baseFeeUpdateFraction: 3_338_477)
    /// EIP-7691; Osaka keeps it.
    public static let prague = BlobSchedule(target: 6, max: 9, baseFeeUpdateFraction: 5_007_716)
    /// EIP-7892, the first of the forks that change this schedule alone.
    public static let firstBlobFork = BlobSchedule(target: 10, max: 15, baseFeeUpdateFraction: 8_346_193)
    /// EIP-7892, the second one.
    public static let secondBlobFork = BlobSchedule(target: 14, max: 21, baseFeeUpdateFraction: 11_684_671)
}

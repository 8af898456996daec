public import Primitives

/// What code can see of the block it runs in.
public struct BlockEnvironment: Hashable, Sendable {
    public var fork: Fork
    public var chainID: UInt64
    public var number: Height
    /// Seconds since 1970.
    public var timestamp: UInt64
    /// The account that is paid the tips (COINBASE).
    public var beneficiary: Address
    public var gasLimit: Gas
    /// Peb per gas.
    public var baseFeePerGas: UInt256
    /// EIP-4399
    public var prevRandao: Hash32
    /// Peb per blob gas (EIP-7516). It is 1 where there are no blobs.
    public var blobBaseFee: UInt256

    public init(
        fork: Fork = .osaka, chainID: UInt64, number: Height, timestamp: UInt64, beneficiary: Address, gasLimit: Gas,
        baseFeePerGas: UInt256, prevRandao: Hash32, blobBaseFee: UInt256 = 1
    ) {
        self.fork = fork
        self.chainID = chainID
        self.number = number
        self.timestamp = timestamp
        self.beneficiary = beneficiary
        self.gasLimit = gasLimit
        self.baseFeePerGas = baseFeePerGas
        self.prevRandao = prevRandao
        self.blobBaseFee = blobBaseFee
    }
}

/// All that code can see beside the state: the block, the transaction, and the native contracts of the chain.
public struct Environment: Sendable {
    public var block: BlockEnvironment
    /// Who signed the transaction (ORIGIN).
    public var origin: Address
    /// Peb per gas that the sender pays (GASPRICE).
    public var gasPrice: UInt256
    /// EIP-4844
    public var blobHashes: [Hash32]
    public var natives: NativeContracts
    /// Precompiled contracts that stand elsewhere than the fork says.
    public var precompileMoves: PrecompileMoves
    /// Whether every transfer of value leaves a log (`LogRecord.isTransfer`), which no block has.
    public var logsTransfers: Bool

    public init(
        block: BlockEnvironment, origin: Address, gasPrice: UInt256 = 0, blobHashes: [Hash32] = [],
        natives: NativeContracts = .none, precompileMoves: PrecompileMoves = .none, logsTransfers: Bool = false
    ) {
        self.block = block
        self.origin = origin
        self.gasPrice = gasPrice
        self.blobHashes = blobHashes
        self.natives = natives
        self.precompileMoves = precompileMoves
        self.logsTransfers = logsTransfers
    }
}

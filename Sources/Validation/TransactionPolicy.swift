public import Chain
public import EVM
public import Primitives

/// Which transactions a chain takes, beyond what the fork of a block says.
public struct TransactionPolicy: Hashable, Sendable {
    /// The most gas that one transaction may ask for (EIP-7825); nil where only the block's limit bounds it.
    public var gasMax: Gas?
    /// The most blobs of one transaction (EIP-4844, EIP-7594); zero where blob transactions are refused.
    public var blobsMax: Int

    public init(gasMax: Gas?, blobsMax: Int) {
        self.gasMax = gasMax
        self.blobsMax = blobsMax
    }

    /// What a chain with `rules` takes: there are no blobs on it.
    public init(_ rules: ChainRules) {
        self.init(gasMax: rules.transactionGasMax, blobsMax: 0)
    }

    /// What Ethereum takes at `fork`: for other people's tests.
    public static func ethereum(_ fork: Fork) -> TransactionPolicy {
        switch fork {
        case ..<Fork.cancun: TransactionPolicy(gasMax: nil, blobsMax: 0)
        // EIP-4844 has six blobs a block, EIP-7691 nine; neither limits a transaction further.
        case .cancun: TransactionPolicy(gasMax: nil, blobsMax: 6)
        case .prague: TransactionPolicy(gasMax: nil, blobsMax: 9)
        // EIP-7825, EIP-7594
        default: TransactionPolicy(gasMax: 1 << 24, blobsMax: 6)
        }
    }
}

extension BlockEnvironment {
    /// What code sees in a block of this chain with `header`.
    public init(_ header: Header, under rules: ChainRules) {
        self.init(
            chainID: rules.chainID, number: header.number, timestamp: header.timestamp,
            beneficiary: header.beneficiary, gasLimit: header.gasLimit, baseFeePerGas: header.baseFeePerGas,
            prevRandao: header.prevRandao)
    }
}

extension Transaction {
    /// What the transaction is charged at least by its data (EIP-7623, from Prague on).
    func floorGas(at fork: Fork) -> Gas { fork >= .prague ? floorGas : 0 }

    /// What the gas limit must cover at least.
    func leastGas(at fork: Fork) -> Gas { max(intrinsicGas(at: fork), floorGas(at: fork)) }

    /// What the transaction costs before its first opcode, by the rules of `fork`.
    public func intrinsicGas(at fork: Fork) -> Gas {
        var gas = intrinsicGas
        if fork < .istanbul {
            // EIP-2028: a byte that is not zero cost 68 instead of 16.
            for byte in data where byte != 0 { gas += 68 - 16 }
        }
        // EIP-3860
        if fork < .shanghai, isCreation { gas -= Gas((data.count + 31) / 32) * GasSchedule.initCodeWord }
        return gas
    }

    /// The gas that its blobs take, which is counted apart from other gas (EIP-4844).
    var blobGas: Gas { Gas(blobVersionedHashes.count) * GasSchedule.blob }
}

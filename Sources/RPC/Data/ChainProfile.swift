public import Chain
public import EVM
public import EthereumChain
public import Primitives
import SystemContracts
public import Validation

/// What blocks of the served chain mean: which code, transactions and prices its rules give to a header.
///
/// The same methods serve this project's own chain and any Ethereum chain; what differs between them is in here.
public struct ChainProfile: Sendable {
    /// Whose rules the chain keeps.
    public enum Rules: Sendable {
        /// This project's own.
        case own(ChainRules)
        case ethereum(EthereumRules)
    }

    public let rules: Rules
    /// The contracts written in Swift that calls may meet.
    public let natives: NativeContracts

    /// This project's own chain.
    public init(_ rules: ChainRules) {
        self.rules = .own(rules)
        natives = SystemContracts.contracts(under: rules)
    }

    /// An Ethereum chain.
    public init(_ rules: EthereumRules) {
        self.rules = .ethereum(rules)
        natives = .none
    }

    public var chainID: UInt64 {
        switch rules {
        case .own(let rules): rules.chainID
        case .ethereum(let rules): rules.chainID
        }
    }

    /// What code sees in the block that `header` begins.
    public func environment(of header: EthereumHeader) -> BlockEnvironment {
        switch rules {
        case .own:
            BlockEnvironment(
                chainID: chainID, number: header.number, timestamp: header.timestamp, beneficiary: header.beneficiary,
                gasLimit: header.gasLimit, baseFeePerGas: header.baseFee, prevRandao: header.prevRandao)
        case .ethereum(let rules): BlockEnvironment(header, under: rules)
        }
    }

    /// Which transactions a block with `header` takes.
    public func policy(of header: EthereumHeader) -> TransactionPolicy {
        switch rules {
        case .own(let rules): TransactionPolicy(rules)
        case .ethereum(let rules): .ethereum(rules.phase(of: header).fork)
        }
    }

    /// The rules that code runs by in the block of `header`.
    public func fork(of header: EthereumHeader) -> Fork {
        switch rules {
        case .own: .osaka
        case .ethereum(let rules): rules.phase(of: header).fork
        }
    }

    /// The base fee of the block after `parent`, in the smallest unit per gas (EIP-1559).
    public func baseFee(after parent: EthereumHeader) -> UInt256 {
        switch rules {
        case .own(let rules):
            Validation.baseFee(
                after: parent.baseFee, gasUsed: parent.gasUsed, gasLimit: parent.gasLimit, under: rules)
        case .ethereum(let rules): rules.baseFee(after: parent)
        }
    }

    /// What one blob gas costs in the block of `header` (EIP-4844): 1, the least there is, on a chain without blobs,
    /// and nothing before Cancun.
    public func blobBaseFee(of header: EthereumHeader) -> UInt256 {
        guard let excess = header.excessBlobGas else { return 0 }
        return blobBaseFee(excess, at: header.timestamp)
    }

    /// What one blob gas costs in the block after `parent`.
    ///
    /// - Parameter timestamp: Of that block, in seconds since 1970; it may begin a fork.
    public func blobBaseFee(after parent: EthereumHeader, at timestamp: UInt64) -> UInt256 {
        guard parent.excessBlobGas != nil else { return 0 }
        guard case .ethereum(let rules) = rules else { return 1 }
        let phase = rules.phase(at: timestamp)
        return blobBaseFee(excessBlobGas(after: parent, under: phase), at: timestamp)
    }

    private func blobBaseFee(_ excess: Gas, at timestamp: UInt64) -> UInt256 {
        guard case .ethereum(let rules) = rules else { return 1 }
        return EthereumChain.blobBaseFee(excessBlobGas: excess, under: rules.phase(at: timestamp).blobs)
    }

    /// The most blob gas of a block with this timestamp (EIP-4844); zero where there are no blobs.
    public func blobGasMax(at timestamp: UInt64) -> Gas {
        switch rules {
        case .own: 0
        case .ethereum(let rules): rules.phase(at: timestamp).blobs.max * GasSchedule.blob
        }
    }

    /// Decodes a transaction that is sent to the pool.
    func pooledTransaction(_ envelope: Bytes) throws(TransactionError) -> Transaction {
        switch rules {
        case .own: try Transaction(envelope: envelope)
        case .ethereum: try Transaction(pooled: envelope)
        }
    }

    /// Checks what needs no state of a transaction for the block after `head`.
    public func check(_ transaction: Transaction, after head: EthereumHeader) throws(TransactionError) {
        switch rules {
        case .own(let rules): try transaction.check(under: rules)
        case .ethereum(let rules): try transaction.check(under: rules, at: head.timestamp)
        }
    }
}

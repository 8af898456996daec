public import Chain
import EVM
import Primitives
import Validation

extension Transaction {
    /// Checks all that needs no state, as a pool does with a transaction for the next block.
    ///
    /// The signature is not checked here, for that costs a hundred times more: `recoverSender` does.
    ///
    /// - Parameter timestamp: Of the block whose rules it must keep, in seconds since 1970.
    /// - Throws: A case of `TransactionError`'s third group, the first that applies.
    public func check(under rules: EthereumRules, at timestamp: UInt64) throws(TransactionError) {
        let fork = rules.phase(at: timestamp).fork
        let policy = TransactionPolicy.ethereum(fork)
        guard kind != .setCode || fork >= .prague else { throw .kindNotAllowed(kind) }
        // Everything but the blobs is checked by the rules of this project's chain, which are those of Osaka.
        var asOwn = ChainRules(chainID: rules.chainID, pocFund: .zero, kirFund: .zero)
        asOwn.transactionGasMax = policy.gasMax ?? .max
        guard kind == .blob else { return try check(under: asOwn) }
        var content = content
        (content.kind, content.blobVersionedHashes, content.maxFeePerBlobGas) = (.dynamicFee, [], 0)
        try Transaction(content, signature: signature).check(under: asOwn)
    }
}

public import Primitives

extension Transaction {
    /// Checks all that needs no state: what holds of this transaction on this chain holds in every block.
    ///
    /// The signature is not checked here, for that costs a hundred times more: `recoverSender` does.
    ///
    /// - Throws: A case of `TransactionError`'s third group, the first that applies in their order.
    public func check(under rules: ChainRules) throws(TransactionError) {
        // There are no blobs on this chain (OSAKA.md): such a transaction decodes, and ends here.
        guard kind != .blob else { throw .kindNotAllowed(kind) }
        if let chainID, chainID != rules.chainID { throw .wrongChain(expected: rules.chainID, found: chainID) }
        guard gasLimit <= rules.transactionGasMax else {
            throw .gasLimitTooHigh(limit: rules.transactionGasMax, found: gasLimit)
        }
        guard nonce <= Transaction.nonceMax else { throw .nonceTooHigh }
        if isCreation, data.count > Transaction.initCodeBytesMax {
            throw .initCodeTooLarge(limit: Transaction.initCodeBytesMax, found: data.count)
        }
        let intrinsicGas = intrinsicGas
        guard gasLimit >= intrinsicGas else { throw .intrinsicGas(required: intrinsicGas, limit: gasLimit) }
        let floorGas = floorGas
        guard gasLimit >= floorGas else { throw .floorGas(required: floorGas, limit: gasLimit) }
        guard maxPriorityFeePerGas <= maxFeePerGas else {
            throw .tipAboveFeeCap(tip: maxPriorityFeePerGas, feeCap: maxFeePerGas)
        }
        guard !maxFeePerGas.multipliedReportingOverflow(by: UInt256(gasLimit)).overflow else {
            throw .costOverflow
        }
        guard kind != .setCode || !authorizations.isEmpty else { throw .noAuthorizations }
    }

    /// What the sender must own for the transaction to run: all gas and blob gas at the highest price, and the value.
    /// Nil if that does not fit 256 bits, which no balance reaches.
    public var costMax: UInt256? {
        let gas = maxFeePerGas.multipliedReportingOverflow(by: UInt256(gasLimit))
        var cost = gas.partialValue.addingReportingOverflow(value)
        guard !gas.overflow, !cost.overflow else { return nil }
        if kind == .blob {
            let blobGas = UInt256(Gas(blobVersionedHashes.count) * GasSchedule.blob)
            let blobs = maxFeePerBlobGas.multipliedReportingOverflow(by: blobGas)
            cost = cost.partialValue.addingReportingOverflow(blobs.partialValue)
            guard !blobs.overflow, !cost.overflow else { return nil }
        }
        return cost.partialValue
    }
}
